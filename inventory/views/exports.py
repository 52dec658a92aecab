"""The list of systems as a file: exactly the rows the filters leave, for exactly this person."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from inventory.exports import SYSTEM_COLUMNS, Column, columns_for, systems_csv, systems_json, systems_xlsx
from inventory.views.systems import SystemList
from inventory.workbooks import MEDIA_TYPE


class SystemExport(SystemList):
    """CSV of the filtered rows, in the order of the list."""

    permission = Permission.SYSTEM_VIEW
    ending = "csv"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Write them through the one writer that neutralises formulas."""
        response = self.file()
        response["Content-Disposition"] = f'attachment; filename="systems-{portal_now():%Y-%m-%d}.{self.ending}"'
        return response

    def wanted(self) -> Any:
        """The filtered rows in the order of the list."""
        return self.rows().order_by(*self.orders[self.order])

    def kept(self) -> tuple[Column, ...]:
        """The columns that were chosen in the list; all there are where none were."""
        chosen = self.filters.cleaned_data.get("columns")
        return columns_for(chosen) if chosen else SYSTEM_COLUMNS

    def file(self) -> HttpResponseBase:
        """The rows as this format has them."""
        return StreamingHttpResponse(systems_csv(self.wanted(), self.kept()), content_type="text/csv; charset=utf-8")


class SystemExportWorkbook(SystemExport):
    """The same as a workbook."""

    permission = Permission.SYSTEM_VIEW
    ending = "xlsx"

    def file(self) -> HttpResponseBase:
        """A sheet of text cells."""
        return FileResponse(systems_xlsx(self.wanted(), self.kept()), content_type=MEDIA_TYPE)


class SystemExportJson(SystemExport):
    """The same as JSON."""

    permission = Permission.SYSTEM_VIEW
    ending = "json"

    def file(self) -> HttpResponseBase:
        """A list of objects, nothing marked."""
        return StreamingHttpResponse(systems_json(self.wanted(), self.kept()), content_type="application/json")
