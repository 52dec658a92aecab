"""Webhooks in the governance team's window: looked at there; managed on their own page, which shows a secret once."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from governance.access.vocabulary import Permission
from governance.notify.models import Endpoint
from governance.web.office import Records, office


@admin.register(Endpoint, site=office)
class EndpointRecords(Records):
    """Webhooks, without their addresses: for chat services those are secrets."""

    permission = Permission.WEBHOOK_CHANGE
    list_display = ("name", "host", "form", "created_by", "created_at", "ended_at")
    list_select_related = ("created_by",)
    list_filter = ("form",)
    search_fields = ("name", "host")
    fields = ("name", "host", "form", "topics", "created_by", "created_at", "secret_renewed_at", "ended_at")
    links: ClassVar = (("Manage webhooks", "notify:endpoint_list"),)
