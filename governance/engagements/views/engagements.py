"""Audits tied to no release as pages: the list, one audit, and what is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.engagements import forms, queries, services
from governance.engagements.models import Engagement, Member
from governance.ledger.acting import Door
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.validation.forms import end_of, start_of
from governance.web.pages import Declared, DetailPage, FormPage, ListPage, ObjectFormPage, ObjectMixin
from inventory.evidence.content import EvidenceBroken, checked
from inventory.models import System

LABELS = {
    "start": "Begin", "report": "Hand in the report", "close": "Settle it", "cancel": "Cancel it",
}  # fmt: skip
READERS = "The report is read by the team, and by who sees every system in scope."
P = Permission


def address(engagement: Engagement) -> str:
    """Where its page is."""
    return reverse("engagements:engagement_detail", args=[engagement.pk])


class EngagementMixin(ObjectMixin[Engagement]):
    """An audit is seen by who sees a system in its scope; what it reports of all of them, by fewer."""

    def objects(self) -> QuerySet[Engagement]:
        """Engagements with their people."""
        return queries.engagements()

    def find(self, person: User, kwargs: Mapping[str, Any]) -> Engagement:
        """The audit of that key. Raises NotVisible."""
        found = queries.seen_by(person, self.objects()).filter(pk=kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found


class StateFilter(django_forms.Form):
    """Which audits."""

    state = django_forms.ChoiceField(choices=[("", "Every state"), *Engagement.State.choices], required=False)
    kind = django_forms.ChoiceField(choices=[("", "Every kind"), *Engagement.Kind.choices], required=False)


class EngagementList(ListPage[Engagement]):
    """Audits of systems the person sees, the newest first."""

    permission = Declared.SIGNED_IN
    template_name = "engagements/list.html"
    filter_class = StateFilter
    orders: ClassVar = {"newest": ("-id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Engagement]:
        """Engagements with their people."""
        return queries.engagements()

    def rows(self) -> QuerySet[Engagement]:
        """Those with a system in scope that the person sees."""
        return queries.seen_by(self.person, self.narrow(self.objects(), self.filters.cleaned_data))

    def narrow(self, rows: QuerySet[Engagement], wanted: Mapping[str, Any]) -> QuerySet[Engagement]:
        """By state and kind."""
        return rows.filter(**{name: value for name, value in wanted.items() if value})

    def context(self) -> dict[str, Any]:
        """Adds how much each covers and what is unsettled."""
        found = super().context()
        numbers = queries.counted(self.person, found["slice"].rows)
        lines = [
            {"audit": one, "systems": numbers[one.pk][0], "unsettled": numbers[one.pk][1]}
            for one in found["slice"].rows
        ]
        return {**found, "lines": lines, "may_plan": rights.can(self.person, P.ENGAGEMENT_RUN)}


class EngagementPlan(FormPage):
    """Plan an audit."""

    permission = P.ENGAGEMENT_RUN
    verb = "engagement.plan"
    template_name = "web/form.html"
    form_class = forms.PlanForm

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "Plan an audit", "submit": "Plan it", "cancel": reverse("engagements:engagement_list"),
            "lead": "An audit looks at systems, not at a release. Its scope stays as it is planned here; the team is "
            "named next.",
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Plan it and show it."""
        values = {**form.cleaned_data, "ends_at": end_of(form.cleaned_data["ends_at"])}
        if values["period_from"]:
            values["period_from"] = start_of(values["period_from"])
        engagement = services.plan_engagement(actor=self.person, door=Door.WEB, **values)
        return self.done("The audit is planned; name its team.", address(engagement))


class EngagementPage(EngagementMixin, DetailPage[Engagement]):
    """One audit: scope, team, findings, report, and what this person can do."""

    permission = P.SYSTEM_VIEW
    template_name = "engagements/detail.html"

    def context(self) -> dict[str, Any]:
        """Adds scope, team and findings as far as the person sees them, and the buttons."""
        audit = self.object
        verbs = [
            {"label": LABELS[offer.verb], "href": reverse(f"engagements:engagement_{offer.verb}", args=[audit.pk]),
             "reasons": offer.reasons}
            for offer in queries.engagement_offers(self.person, audit)
            if not {"forbidden", "state"} & {reason.code for reason in offer.reasons}
        ]  # fmt: skip
        runs = rights.can(self.person, P.ENGAGEMENT_RUN) and audit.state in queries.RUNNING
        runs = runs and not queries.runs_for_itself(audit, self.person)
        on_team = queries.on_team(self.person, audit).exists()
        return {
            **super().context(), "audit": audit, "covered": list(queries.covered(self.person, audit)),
            "team": list(queries.team(audit)), "verbs": verbs, "may_name": runs,
            "findings": list(rights.visible(self.person, queries.findings().filter(engagement=audit)).order_by("-id")),
            "reads": queries.reads_report(self.person, audit),
            "may_raise": on_team and audit.state in (Engagement.State.RUNNING, Engagement.State.REPORTED),
        }  # fmt: skip


class EngagementPrint(EngagementMixin, DetailPage[Engagement]):
    """The whole audit on one page to print: what was looked at, found, answered and verified, with digests."""

    permission = P.SYSTEM_VIEW
    template_name = "engagements/print.html"

    def context(self) -> dict[str, Any]:
        """Everything of it that this person sees."""
        audit = self.object
        return {
            **super().context(), "audit": audit, "covered": list(queries.covered(self.person, audit)),
            "team": list(queries.team(audit)), "findings": list(queries.found(self.person, audit)),
            "reads": queries.reads_report(self.person, audit), "printed_at": portal_now(),
        }  # fmt: skip


class EngagementForm(EngagementMixin, ObjectFormPage[Engagement], abstract=True):
    """One thing done about an audit; who may, the service says."""

    permission = P.SYSTEM_VIEW
    template_name = "web/form.html"
    label: ClassVar[str]
    message: ClassVar[str]
    lead = ""

    def do(self, values: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": self.label, "submit": self.label, "cancel": address(self.object),
            "lead": self.lead or str(self.object),
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Do it and show the audit."""
        self.do(form.cleaned_data)
        return self.done(self.message, address(self.object))


class EngagementStart(EngagementForm):
    """Begin."""

    verb, label, message, form_class = "engagement.start", LABELS["start"], "The audit has begun.", forms.StartForm

    def do(self, values: dict[str, Any]) -> None:
        """Begin."""
        services.start_engagement(actor=self.person, engagement=self.object, door=Door.WEB)


class EngagementReport(EngagementForm):
    """Hand in the report."""

    verb, label, message = "engagement.report", LABELS["report"], "The report is kept."
    form_class = forms.ReportForm

    def do(self, values: dict[str, Any]) -> None:
        """Hand it in."""
        file = values["file"]
        services.hand_in_report(
            actor=self.person, engagement=self.object, content=file, name=file.name, summary=values["summary"],
            door=Door.WEB,
        )  # fmt: skip


class EngagementClose(EngagementForm):
    """Settle it."""

    verb, label, message, form_class = "engagement.close", LABELS["close"], "The audit is settled.", forms.CloseForm

    def do(self, values: dict[str, Any]) -> None:
        """Settle it."""
        if values["next_at"]:
            values["next_at"] = end_of(values["next_at"])
        services.close_engagement(actor=self.person, engagement=self.object, door=Door.WEB, **values)


class EngagementCancel(EngagementForm):
    """Cancel it."""

    verb, label, message, form_class = "engagement.cancel", LABELS["cancel"], "It is cancelled.", forms.ReasonForm

    def do(self, values: dict[str, Any]) -> None:
        """Cancel it."""
        services.cancel_engagement(actor=self.person, engagement=self.object, door=Door.WEB, **values)


class MemberAdd(EngagementForm):
    """Name somebody for the team."""

    verb, label, message = "engagement.add_member", "Name somebody for the team", "They see what is in scope now."
    form_class = forms.MemberForm

    def do(self, values: dict[str, Any]) -> None:
        """Put them on the team."""
        until = end_of(values["until"]) if values["until"] else None
        services.add_member(
            actor=self.person, engagement=self.object, person=values["person"], leads=values["leads"], until=until,
            door=Door.WEB,
        )  # fmt: skip


class MemberRemove(EngagementForm):
    """Take somebody off the team."""

    verb, label = "engagement.remove_member", "Take off the team"
    message, form_class = "What the membership let them see has ended.", forms.WhyForm

    def do(self, values: dict[str, Any]) -> None:
        """Take them off. Raises NotVisible for somebody of another team."""
        member = Member.objects.filter(engagement=self.object, pk=self.kwargs["member"]).first()
        if member is None:
            raise NotVisible
        services.remove_member(actor=self.person, member=member, door=Door.WEB, **values)


class FindingRaise(EngagementForm):
    """Record what was found."""

    verb, label, message = "audit_finding.raise", "Record what was found", "It waits for an answer."
    form_class = forms.FindingForm

    def form_arguments(self) -> dict[str, Any]:
        """The systems in scope that the person sees."""
        keys = queries.covered(self.person, self.object).values("system")
        return {"systems": System.objects.filter(pk__in=keys).order_by("name")}

    def do(self, values: dict[str, Any]) -> None:
        """Record it."""
        services.raise_audit_finding(actor=self.person, engagement=self.object, door=Door.WEB, **values)


class ReportDownload(EngagementMixin, DetailPage[Engagement]):
    """The report itself, read through and compared with its digest before a byte of it leaves."""

    permission = P.SYSTEM_VIEW

    def show(self, status: int = 200, **extra: Any) -> Any:
        """As an attachment of no type a browser would open.

        Raises NotVisible, Forbidden for who sees a part of the scope, Conflict for a file that is broken.
        """
        audit = self.object
        if audit.report is None:
            raise NotVisible
        if not queries.reads_report(self.person, audit):
            raise Forbidden(Reason("forbidden", READERS))
        try:
            content = checked(audit.report.sha256)
        except EvidenceBroken as broken:
            raise Conflict(Reason("evidence_broken", f"The kept file is {broken}, not what was handed in.")) from broken
        except OSError as error:
            raise Conflict(Reason("storage", "The file store is out of reach.")) from error
        answer = FileResponse(
            content, as_attachment=True, filename=audit.report_name, content_type="application/octet-stream"
        )
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer["Cache-Control"] = "private, no-store"
        return answer
