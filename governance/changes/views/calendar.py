"""Planned windows of changes as a month on a page and as a calendar file."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.changes import queries
from governance.changes.models import Change
from governance.changes.planning import clashes
from governance.database.clock import portal_now
from governance.policy.sections import Freeze
from governance.web.pages import ListPage

MOST = 500
YEAR = timedelta(days=365)
FIRST_YEAR, LAST_YEAR = 1901, 9997
TENTATIVE = frozenset({Change.State.DRAFT, Change.State.IN_APPROVAL})
AHEAD = TENTATIVE | {Change.State.APPROVED}  # what is done already clashes with nothing


class MonthFilter(forms.Form):
    """Which month, and of which system."""

    month = forms.RegexField(
        r"^\d{4}-(0[1-9]|1[0-2])$", required=False, widget=forms.DateInput(attrs={"type": "month"}),
        error_messages={"invalid": "Give a month like 2026-11."},
    )  # fmt: skip
    system = forms.CharField(required=False, max_length=120, label="System (its slug)")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean_month(self) -> date | None:
        """The first day of the month."""
        text = self.cleaned_data["month"]
        if not text:
            return None
        year = int(text[:4])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise forms.ValidationError("There is no such month.")
        return date(year, int(text[5:]), 1)


class Planned(ListPage[Change], abstract=True):
    """Planned changes a person may see."""

    permission = Permission.SYSTEM_VIEW
    filter_class = MonthFilter
    orders = {"planned": ("planned_from", "id")}
    default_order = "planned"

    def objects(self) -> QuerySet[Change]:
        """Changes with a window that are not off the table."""
        over = (Change.State.REJECTED, Change.State.WITHDRAWN)
        return queries.planned().exclude(state__in=over)

    def narrow(self, rows: QuerySet[Change], wanted: Mapping[str, Any]) -> QuerySet[Change]:
        """Of one system, if asked."""
        return rows.filter(system__slug=wanted["system"]) if wanted["system"] else rows


class ChangeCalendar(Planned):
    """A month of planned changes and freezes, with what clashes."""

    template_name = "changes/calendar.html"

    def context(self) -> dict[str, Any]:
        """The weeks of the month with what is planned on each day, and the clashes."""
        today = portal_now().date()
        first = self.filters.cleaned_data["month"] or today.replace(day=1)
        weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
        since, until = _start(weeks[0][0]), _start(weeks[-1][-1] + timedelta(days=1))
        changes = list(
            self.rows().filter(planned_from__lt=until, planned_until__gt=since).order_by("planned_from")[:MOST]
        )
        section = queries.rules_of_changes()
        freezes = [one for one in (section.freezes if section else ()) if one.since < until and since < one.until]
        windows = queries.windows([change for change in changes if change.state in AHEAD])
        found = clashes(windows, freezes, queries.foundations(windows))
        grid = [[_cell(day, first.month, changes, freezes) for day in week] for week in weeks]
        return {
            "page": self, "filters": self.filters, "first": first, "today": today,
            "before": _month(first - timedelta(days=1)), "after": _month(first + timedelta(days=32)),
            "system": self.filters.cleaned_data["system"],
            "weeks": grid, "clashes": found, "freezes": freezes,
            "days": [cell for week in grid for cell in week if cell["inside"] and (cell["changes"] or cell["freezes"])],
            "clashing": {key for one in found for key in (one.change, one.other)},
        }  # fmt: skip


class CalendarFile(Planned):
    """The same as iCalendar (RFC 5545), a year back and ahead."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file."""
        now = portal_now()
        near = self.rows().filter(planned_from__lt=now + YEAR, planned_until__gt=now - YEAR)
        section = queries.rules_of_changes()
        found = icalendar.Calendar()
        found.add("prodid", "-//Countersign//Changes//EN")
        found.add("version", "2.0")
        for change in near.order_by("planned_from", "id")[:MOST]:
            found.add_component(_event(change, request))
        for freeze in section.freezes if section else ():
            found.add_component(_frozen(freeze, request, now))
        answer = HttpResponse(found.to_ical(), content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="changes.ics"'
        answer["Cache-Control"] = "no-store"
        return answer


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _cell(day: date, month: int, changes: list[Change], freezes: list[Freeze]) -> dict[str, Any]:
    begins, ends = _start(day), _start(day + timedelta(days=1))
    here = [
        c for c in changes if c.planned_from and c.planned_until and c.planned_from < ends and begins < c.planned_until
    ]
    frozen = [freeze for freeze in freezes if freeze.since < ends and begins < freeze.until]
    return {"day": day, "inside": day.month == month, "changes": here, "freezes": frozen}


def _event(change: Change, request: HttpRequest) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"change-{change.pk}@{request.get_host()}")
    event.add("dtstamp", change.updated_at)
    event.add("dtstart", change.planned_from)
    event.add("dtend", change.planned_until)
    event.add("summary", f"{change} ({change.system.name})")
    event.add("description", f"{change.get_materiality_display()}. {change.get_state_display()}.")
    event.add("url", request.build_absolute_uri(reverse("changes:change_detail", args=[change.pk])))
    event.add("status", "TENTATIVE" if change.state in TENTATIVE else "CONFIRMED")
    return event


def _frozen(freeze: Freeze, request: HttpRequest, now: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"freeze-{freeze.id}@{request.get_host()}")
    event.add("dtstamp", now)
    event.add("dtstart", freeze.since)
    event.add("dtend", freeze.until)
    event.add("summary", f"Freeze: {freeze.title}")
    event.add("status", "CONFIRMED")
    return event
