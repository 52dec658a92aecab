"""Addresses of the committee pack."""

from django.urls import path

from governance.committee import views

app_name = "committee"
urlpatterns = [
    path("committee/", views.CommitteePack.as_view(), name="pack"),
    path("committee/pack.pdf", views.CommitteePdf.as_view(), name="pdf"),
]
