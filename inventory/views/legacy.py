"""Approvals from before the portal on pages: the list, one record, bringing in, and a form for each thing done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.web.pages import DetailPage, FormPage, ListPage, ObjectFormPage
from inventory.imports.reader import Refused, Unreadable
from inventory.legacy import legacy_rows, narrow, of_release, release_of, whether_it_counts
from inventory.legacy_forms import BringInForm, LegacyFileForm, LegacyFilters
from inventory.models import EvidenceLink, LegacyApproval, Release, System
from inventory.services.legacy import LEGACY_DECISIONS, bring_in_approval, move_legacy
from inventory.services.legacy_files import import_approvals
from inventory.views.by_two import VerbPage, buttons

LABELS = {"confirm": "Confirm it", "refuse": "Refuse", "withdraw": "Withdraw it", "end": "End it"}
SHOWN_ERRORS = 20


def address(approval: LegacyApproval) -> str:
    """Where a record's page is."""
    return reverse("inventory:legacy_detail", args=[approval.pk])


class LegacyList(ListPage[LegacyApproval]):
    """Records of systems the person may see."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/legacy_list.html"
    filter_class = LegacyFilters
    orders = {"newest": ("-id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[LegacyApproval]:
        """Records with what the list shows of them."""
        return legacy_rows()

    def narrow(self, rows: QuerySet[LegacyApproval], wanted: Mapping[str, Any]) -> QuerySet[LegacyApproval]:
        """The declared filters."""
        return narrow(rows, wanted)

    def context(self) -> dict[str, Any]:
        """Adds the portal's present, and whether this person may bring a file in."""
        may = rights.can(self.person, Permission.IMPORT_RUN)
        return {**super().context(), "now": portal_now(), "may_import": may}


class LegacyDetail(DetailPage[LegacyApproval]):
    """One record: what the old approval says, who confirmed it, and whether the gate counts it now."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/legacy.html"

    def objects(self) -> QuerySet[LegacyApproval]:
        """Records with everything shown of them."""
        return legacy_rows()

    def context(self) -> dict[str, Any]:
        """Adds the verbs, the release it would count for, and what the policy says."""
        approval = self.object
        release = release_of(approval)
        return {
            **super().context(), "approval": approval, "system": approval.system, "now": portal_now(),
            "release": release, "counts": whether_it_counts(approval, release),
            "verbs": buttons(approval, LEGACY_DECISIONS.offers(approval, self.person), LABELS, "legacy"),
        }  # fmt: skip


def release_card(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """What a release's page says of an approval from before; nothing where there is none."""
    approval = of_release(release)
    if approval is None:
        return None
    return {"approval": approval, "counts": whether_it_counts(approval, release)}


class LegacyBringIn(ObjectFormPage[System]):
    """Record one approval of a system from before the portal."""

    permission = Permission.IMPORT_RUN
    sees = Permission.SYSTEM_VIEW
    verb = "legacy_approval.bring_in"
    template_name = "web/form.html"
    form_class = BringInForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def form_arguments(self) -> dict[str, Any]:
        """The files it may name as its report."""
        return {"files": EvidenceLink.objects.filter(system=self.object).select_related("file")}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        lead = (
            "It is marked legacy everywhere and is never shown as a signature. Somebody else confirms it; the policy "
            "says whether the gate counts it, and until when."
        )
        words = {
            "heading": "Bring in a legacy approval", "pretitle": self.object.name, "lead": lead,
            "submit": "Bring it in", "cancel": reverse("inventory:system_detail", args=[self.object.slug]),
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Record it and show it."""
        approval = bring_in_approval(actor=self.person, system=self.object, door=Door.WEB, **form.values())
        return self.done("Brought in. A risk officer or approver of the system confirms it.", address(approval))


class LegacyUpload(FormPage):
    """Bring in a file of them, everything or nothing."""

    permission = Permission.IMPORT_RUN
    verb = "legacy_approval.import"
    template_name = "web/form.html"
    form_class = LegacyFileForm

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "Bring in legacy approvals", "pretitle": "Legacy approvals", "submit": "Take the file",
            "lead": "One row for one version of one system. A row that was taken in before is left alone.",
            "cancel": reverse("inventory:legacy_list"),
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Take the file, or name every wrong line."""
        content, only = form.cleaned_data["file"].read(), form.cleaned_data["only_try"]
        try:
            report = import_approvals(actor=self.person, content=content, dry_run=only, door=Door.WEB)
        except Unreadable as unreadable:
            raise InvalidInput({"file": [str(unreadable)]}) from unreadable
        except Refused as refused:
            told = [
                f"line {error.line}: {error.field + ': ' if error.field else ''}{error.message}"
                for error in refused.errors[:SHOWN_ERRORS]
            ]
            raise InvalidInput({"file": told}) from refused
        here = reverse("inventory:legacy_upload" if only else "inventory:legacy_list")
        words = f"{report.created:,} approvals, {report.unchanged:,} known already."
        return self.done(f"Nothing is written yet. The file would bring in {words}" if only else f"In: {words}", here)


class LegacyVerb(VerbPage[LegacyApproval], abstract=True):
    """One thing done about a record."""

    decisions, rows, move = LEGACY_DECISIONS, legacy_rows, move_legacy
    noun, page, labels = "approval", "legacy", LABELS


class LegacyConfirm(LegacyVerb):
    """Say that the old record was looked at and says so."""

    verb, message = "legacy_approval.confirm", "Confirmed. Where the policy counts legacy approvals, it counts now."


class LegacyRefuse(LegacyVerb):
    """Refuse it."""

    verb, message = "legacy_approval.refuse", "Refused."


class LegacyWithdraw(LegacyVerb):
    """Take back what one brought in."""

    verb, message = "legacy_approval.withdraw", "Withdrawn."


class LegacyEnd(LegacyVerb):
    """Let it count no longer."""

    verb, message = "legacy_approval.end", "It counts no longer."
