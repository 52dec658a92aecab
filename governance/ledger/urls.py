"""Addresses of the ledger's pages."""

from django.urls import path

from governance.ledger.views import EventList

app_name = "ledger"
urlpatterns = [path("ledger/", EventList.as_view(), name="event_list")]
