"""Addresses of the API's own: its description, its pages, and the end of it."""

from __future__ import annotations

from django.urls import path, re_path

from governance.rest.checks import METHODS
from governance.rest.description import Description
from governance.rest.pages import ChapterPage, ManualPage
from governance.rest.views import Nowhere

urlpatterns = [
    path("api/v1/schema/", Description.as_view({"get": "retrieve"}), name="api-schema"),
    path("api/docs/", ManualPage.as_view(), name="api-docs"),
    path("api/docs/<slug:name>/", ChapterPage.as_view(), name="api-chapter"),
]

# Hung after everything else.
end_of_api = [re_path(r"^api/", Nowhere.as_view(dict.fromkeys(METHODS, "nowhere")), name="api-nowhere")]
