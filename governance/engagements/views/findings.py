"""What audits found, as pages: one finding, its answer, and whether that settles it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.engagements import forms, queries, services
from governance.engagements.models import AuditFinding
from governance.ledger.acting import Door
from governance.web.pages import DetailPage, ObjectFormPage

LABELS = {"respond": "Answer it", "verify": "It is settled", "reopen": "It is not settled", "withdraw": "Withdraw it"}


def address(finding: AuditFinding) -> str:
    """Where its page is."""
    return reverse("engagements:finding_detail", args=[finding.pk])


class FindingPage(DetailPage[AuditFinding]):
    """One finding with what this person can do about it."""

    permission = Permission.SYSTEM_VIEW
    template_name = "engagements/finding.html"

    def objects(self) -> QuerySet[AuditFinding]:
        """With everything shown of them."""
        return queries.findings()

    def context(self) -> dict[str, Any]:
        """Adds the buttons."""
        found = self.object
        verbs = [
            {"label": LABELS[offer.verb], "href": reverse(f"engagements:finding_{offer.verb}", args=[found.pk]),
             "reasons": offer.reasons}
            for offer in queries.finding_offers(self.person, found)
            if not {"forbidden", "state"} & {reason.code for reason in offer.reasons}
        ]  # fmt: skip
        return {**super().context(), "finding": found, "audit": found.engagement, "verbs": verbs}


class FindingVerb(ObjectFormPage[AuditFinding], abstract=True):
    """One thing done about a finding."""

    permission = Permission.SYSTEM_VIEW
    template_name = "web/form.html"
    form_class: ClassVar[type[django_forms.BaseForm]] = forms.ReasonForm
    label: ClassVar[str]
    message: ClassVar[str]

    def objects(self) -> QuerySet[AuditFinding]:
        """With everything shown of them."""
        return queries.findings()

    def do(self, values: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        found = self.object
        words = {"heading": self.label, "submit": self.label, "lead": str(found), "cancel": address(found)}
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Do it and show the finding."""
        self.do(form.cleaned_data)
        return self.done(self.message, address(self.object))


class FindingJudgement(FindingVerb, abstract=True):
    """Something the team says about an answer, bound to the answer the form shows."""

    template_name = "validation/judgement.html"

    def initial(self) -> dict[str, Any]:
        """The version of the finding the person reads."""
        return {"seen": queries.finding_version(self.object)}

    def context(self) -> dict[str, Any]:
        """Adds what is judged."""
        found = self.object
        read = [("What was found", found.text), (f"Answer by {found.responded_by}", found.response)]
        return {**super().context(), "read": read}


class FindingRespond(FindingVerb):
    """Answer it."""

    verb, label, message = "audit_finding.respond", LABELS["respond"], "The team looks at the answer."
    form_class = forms.RespondForm

    def do(self, values: dict[str, Any]) -> None:
        """Answer it."""
        services.respond_to_audit_finding(actor=self.person, finding=self.object, door=Door.WEB, **values)


class FindingVerify(FindingJudgement):
    """Say that it is settled."""

    verb, label, message = "audit_finding.verify", LABELS["verify"], "The finding is closed."
    form_class = forms.VerifyForm

    def do(self, values: dict[str, Any]) -> None:
        """Close it."""
        services.verify_audit_finding(actor=self.person, finding=self.object, door=Door.WEB, **values)


class FindingReopen(FindingJudgement):
    """Say that it is not."""

    verb, label, message = "audit_finding.reopen", LABELS["reopen"], "It waits for another answer."
    form_class = forms.ReadReasonForm

    def do(self, values: dict[str, Any]) -> None:
        """Open it again."""
        services.reopen_audit_finding(actor=self.person, finding=self.object, door=Door.WEB, **values)


class FindingWithdraw(FindingVerb):
    """Take it back."""

    verb, label, message = "audit_finding.withdraw", LABELS["withdraw"], "The finding is withdrawn."

    def do(self, values: dict[str, Any]) -> None:
        """Withdraw it."""
        services.withdraw_audit_finding(actor=self.person, finding=self.object, door=Door.WEB, **values)
