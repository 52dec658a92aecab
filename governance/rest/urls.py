"""Addresses of the API's own: its description, its pages, and the end of it."""

from __future__ import annotations

from django.urls import path, re_path

from governance.rest.checks import METHODS
from governance.rest.description import Description, DocumentationPage
from governance.rest.views import Nowhere

urlpatterns = [
    path("api/v1/schema/", Description.as_view({"get": "retrieve"}), name="api-schema"),
    path("api/docs/", DocumentationPage.as_view(), name="api-docs"),
]

# Hung after everything else.
end_of_api = [re_path(r"^api/", Nowhere.as_view(dict.fromkeys(METHODS, "nowhere")), name="api-nowhere")]
