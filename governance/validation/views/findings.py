"""Findings: all of them, the page of one, raising one on a release, and what is done about one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.validation import attaching, queries, services
from governance.validation.forms import (
    AcceptanceForm,
    FindingForm,
    ReadReasonForm,
    ResponseForm,
    VerificationForm,
    end_of,
)
from governance.validation.listing import FINDINGS, narrow
from governance.validation.models import Finding, FindingFile
from governance.validation.views.attachments import attach_href
from governance.validation.views.verbs import VerbPage, buttons
from governance.web.lists import LikedList
from governance.web.pages import DetailPage, ObjectFormPage
from inventory.models import Release

LABELS = {
    "respond": "Answer", "verify": "Confirm the answer", "reopen": "Open again", "accept": "Accept the risk",
    "withdraw": "Withdraw",
}  # fmt: skip


def address(finding: Finding) -> str:
    """Where a finding's page is."""
    return reverse("validation:finding_detail", args=[finding.pk])


class FindingList(LikedList[Finding]):
    """Every finding a person may see, the ones raised last first."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/finding_list.html"
    listing = FINDINGS
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Finding]:
        """Findings with their release and people."""
        return queries.findings()

    def narrow(self, rows: QuerySet[Finding], wanted: Mapping[str, Any]) -> QuerySet[Finding]:
        """The declared filters."""
        return narrow(rows, wanted)

    def context(self) -> dict[str, Any]:
        """Adds the present, to tell what is late."""
        return {**super().context(), "now": portal_now()}


class FindingPage(DetailPage[Finding]):
    """A defect with its answer and what this person can do about it."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/finding.html"

    def objects(self) -> QuerySet[Finding]:
        """Findings with their release and people."""
        return queries.findings()

    def context(self) -> dict[str, Any]:
        """Adds the verbs."""
        verbs = buttons("finding", self.object, queries.finding_offers(self.person, self.object), LABELS)
        files = self.object.files.select_related("file", "added_by")
        attach = attach_href("finding", self.object, attaching.parts_of_finding(self.person, self.object))
        shown = {"finding": self.object, "release": self.object.release, "verbs": verbs}
        return {**super().context(), **shown, "files": files, "attach_href": attach}


class FindingRaise(ObjectFormPage[Release]):
    """Raise a finding on a release."""

    permission = Permission.FINDING_RAISE
    verb = "finding.raise"
    template_name = "validation/form.html"
    form_class = FindingForm

    def objects(self) -> QuerySet[Release]:
        """Releases."""
        return Release.objects.select_related("system")

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        back = reverse("inventory:release_detail", args=[self.object.pk])
        words = {"heading": "Raise a finding", "pretitle": str(self.object), "submit": "Raise it", "cancel": back}
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Raise it and show it."""
        finding = services.raise_finding(actor=self.person, release=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done("The finding is raised.", address(finding))


class FindingVerb(VerbPage[Finding], abstract=True):
    """One thing done about a finding."""

    def objects(self) -> QuerySet[Finding]:
        """Findings with their release and people."""
        return queries.findings()

    def offers(self) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.finding_offers(self.person, self.object, every=True)

    def back(self) -> str:
        """The page of the finding."""
        return address(self.object)

    def with_files(self, service: Callable[..., Finding], part: str, values: dict[str, Any]) -> None:
        """Carry it out together with the files that came with it."""
        files = values.pop("files")
        who: dict[str, Any] = {"actor": self.person, "door": Door.WEB}
        services.with_files(
            lambda: service(finding=self.object, **who, **values),
            lambda handed: services.attach_to_finding(finding=self.object, part=part, handed=handed, **who),
            files, verb=self.verb, **who,
        )  # fmt: skip


class FindingJudgement(FindingVerb, abstract=True):
    """Something said about the answer to a finding, bound to the answer the form shows."""

    template_name = "validation/judgement.html"

    def initial(self) -> dict[str, Any]:
        """The version of the finding the person reads."""
        return {"seen": queries.finding_version(self.object)}

    def context(self) -> dict[str, Any]:
        """Adds what is judged."""
        found = self.object
        read = [("What is wrong", found.text), (f"Answer by {found.responded_by}", found.response)]
        return {**super().context(), "read": read, "files": found.files.select_related("file", "added_by")}


class FindingRespond(FindingVerb):
    """Answer a finding."""

    verb, label, form_class = "finding.respond", LABELS["respond"], ResponseForm
    message = "The answer is recorded. Somebody else checks it now."

    def do(self, values: dict[str, Any]) -> None:
        """Record the answer."""
        self.with_files(services.respond_to_finding, FindingFile.Part.RESPONSE, values)


class FindingVerify(FindingJudgement):
    """Confirm that an answer settles a finding."""

    verb, label, form_class = "finding.verify", LABELS["verify"], VerificationForm
    message = "The finding is closed."

    def do(self, values: dict[str, Any]) -> None:
        """Close it."""
        self.with_files(services.verify_finding, FindingFile.Part.VERIFICATION, values)


class FindingReopen(FindingJudgement):
    """Open a finding again."""

    verb, label, form_class = "finding.reopen", LABELS["reopen"], ReadReasonForm
    message = "The finding is open again."

    def do(self, values: dict[str, Any]) -> None:
        """Open it."""
        services.reopen_finding(actor=self.person, finding=self.object, door=Door.WEB, **values)


class FindingAccept(FindingJudgement):
    """Accept the risk of a finding for a while."""

    verb, label, form_class = "finding.accept", LABELS["accept"], AcceptanceForm
    message = "The risk is accepted until the day you named."

    def do(self, values: dict[str, Any]) -> None:
        """Accept it until the end of a day."""
        values["until"] = end_of(values["until"])
        services.accept_finding(actor=self.person, finding=self.object, door=Door.WEB, **values)


class FindingWithdraw(FindingVerb):
    """Take a finding back."""

    verb, label = "finding.withdraw", LABELS["withdraw"]
    message = "The finding is withdrawn."

    def do(self, values: dict[str, Any]) -> None:
        """Withdraw it."""
        services.withdraw_finding(actor=self.person, finding=self.object, door=Door.WEB, **values)
