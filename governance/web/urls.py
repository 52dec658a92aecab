"""Addresses of the pages that belong to no domain."""

from django.urls import path

from governance.web.views import MyWork, ThemeChoice

app_name = "web"
urlpatterns = [
    path("", MyWork.as_view(), name="my_work"),
    path("preferences/theme/", ThemeChoice.as_view(), name="theme"),
]
