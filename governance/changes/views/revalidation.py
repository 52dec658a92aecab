"""When what is approved has to be looked at again: the months ahead on one page, and campaigns that bring it about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.changes import queries, services
from governance.changes.models import FollowUp, Revalidation
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force, rules
from governance.validation.forms import ReasonForm, end_of
from governance.web import slots
from governance.web.days import last_day
from governance.web.pages import Declared, FormPage, ListPage, Page
from governance.web.slots import Dated
from inventory.models import Unit

AHEAD = 12
SHOWN = 40


class RevalidationForm(forms.Form):
    """For which approvals, by when."""

    title = forms.CharField(max_length=200, help_text="As owners read it: “All high-tier systems by March”.")
    tier = forms.ChoiceField(required=False)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), required=False, to_field_name="slug", empty_label="Every unit",
        help_text="With all below it.",
    )  # fmt: skip
    ends_before = forms.DateField(
        label="Only approvals that end by", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: all that run.",
    )  # fmt: skip
    due = forms.DateField(label="Reviewed again by the end of", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label="Why, and what to look at", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        pack = pack_in_force()
        tiers = rules(pack).document.tiers.order if pack else ()
        self.fields["unit"].queryset = Unit.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["tier"].choices = [("", "Every tier"), *((tier.id, tier.title) for tier in tiers)]  # type: ignore[attr-defined]


class RevalidationCalendar(Page):
    """What ends, falls due or comes round again in the next twelve months, on systems the person sees."""

    permission = Declared.SIGNED_IN
    template_name = "changes/revalidation.html"

    def context(self) -> dict[str, Any]:
        """The months with what they hold, the campaigns, and whether one may be started."""
        now = portal_now()
        first = now.date().replace(day=1)
        months = [_month(first, number) for number in range(AHEAD + 1)]
        until = datetime(months[-1].year, months[-1].month, 1, tzinfo=UTC)
        found = slots.dates(self.person, now, until + timedelta(microseconds=1))  # what ends with the last month
        campaigns = list(queries.revalidations()[:SHOWN])
        counted = queries.progress(self.person, campaigns)
        return {
            **super().context(), "now": now, "months": _by_month(months[:-1], found),
            "campaigns": [{"campaign": one, "progress": counted[one.pk]} for one in campaigns],
            "may_start": rights.can(self.person, Permission.CAMPAIGN_RUN),
        }  # fmt: skip


def _month(first: date, ahead: int) -> date:
    years, month = divmod(first.month - 1 + ahead, 12)
    return date(first.year + years, month + 1, 1)


def _by_month(months: Iterable[date], found: Iterable[Dated]) -> list[dict[str, Any]]:
    """Each month with its lines in order, and how many of each kind."""
    lines: dict[tuple[int, int], list[Dated]] = {}
    for one in sorted(found, key=lambda one: (one.at, one.title)):
        day = last_day(one.at)
        lines.setdefault((day.year, day.month), []).append(one)
    shown = []
    for month in months:
        here = lines.get((month.year, month.month), [])
        kinds: dict[str, int] = {}
        for one in here:
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
        more = max(0, len(here) - SHOWN)
        shown.append({"first": month, "lines": here[:SHOWN], "more": more, "kinds": kinds, "count": len(here)})
    return shown


class RevalidationStart(FormPage):
    """Start a campaign."""

    permission = Permission.CAMPAIGN_RUN
    verb = "revalidation.start"
    template_name = "web/form.html"
    form_class = RevalidationForm

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "Start a campaign of revalidation", "submit": "Ask for the reviews",
            "cancel": reverse("changes:revalidation_list"),
            "lead": "Each owner of a system with such an approval gets a piece of work, done when what is approved was "
            "approved anew. Approvals run on until their own end.",
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Start it and show it."""
        values = {**form.cleaned_data, "due": end_of(form.cleaned_data["due"])}
        if values["ends_before"]:
            values["ends_before"] = end_of(values["ends_before"])
        campaign = services.start_revalidation(actor=self.person, door=Door.WEB, **values)
        return self.done("The owners are asked.", _address(campaign))


def _address(campaign: Revalidation) -> str:
    return reverse("changes:revalidation_detail", args=[campaign.pk])


class WorkFilter(forms.Form):
    """Which of its work."""

    state = forms.ChoiceField(choices=[("", "Every state"), *FollowUp.State.choices], required=False)


class RevalidationPage(ListPage[FollowUp]):
    """One campaign: the work it made on each system, and how far it has come."""

    permission = Permission.SYSTEM_VIEW
    template_name = "changes/revalidation_campaign.html"
    filter_class = WorkFilter
    orders: ClassVar = {"newest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[FollowUp]:
        """The work of the campaign."""
        return queries.follow_ups().filter(revalidation=self.kwargs["pk"])

    def narrow(self, rows: QuerySet[FollowUp], wanted: Mapping[str, Any]) -> QuerySet[FollowUp]:
        """By state."""
        return rows.filter(state=wanted["state"]) if wanted["state"] else rows

    def context(self) -> dict[str, Any]:
        """Adds the campaign and its progress. Raises NotVisible for one there is not."""
        campaign = queries.revalidations().filter(pk=self.kwargs["pk"]).first()
        if campaign is None:
            raise NotVisible
        return {
            **super().context(), "campaign": campaign,
            "progress": queries.progress(self.person, [campaign])[campaign.pk], "late": campaign.due <= portal_now(),
            "may_end": campaign.ended_at is None and rights.can(self.person, Permission.CAMPAIGN_RUN),
        }  # fmt: skip


class RevalidationEnd(FormPage):
    """End a campaign."""

    permission = Permission.CAMPAIGN_RUN
    verb = "revalidation.end"
    template_name = "web/form.html"
    form_class = ReasonForm

    def campaign(self) -> Revalidation:
        """The campaign. Raises NotVisible for one there is not."""
        found = queries.revalidations().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        campaign = self.campaign()
        words = {
            "heading": f"End “{campaign}”",
            "submit": "End it",
            "cancel": _address(campaign),
            "lead": "What it still asks for is no longer needed. Approvals end when they end.",
        }
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """End it and show it."""
        ended = services.end_revalidation(
            actor=self.person, revalidation=self.campaign(), reason=form.cleaned_data["reason"], door=Door.WEB
        )
        return self.done("The campaign has ended.", _address(ended))
