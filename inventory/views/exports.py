"""The list of systems as a file: exactly the rows the filters leave, for exactly this person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from inventory.exports import systems_csv
from inventory.views.systems import SystemList


class SystemExport(SystemList):
    """CSV of the filtered rows, in the order of the list."""

    permission = Permission.SYSTEM_VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Stream them through the one writer that neutralises formulas."""
        rows = self.rows().order_by(*self.orders[self.order])
        response = StreamingHttpResponse(systems_csv(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="systems-{portal_now():%Y-%m-%d}.csv"'
        return response
