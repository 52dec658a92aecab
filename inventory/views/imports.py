"""Imports: what was taken in, what nobody has read yet, and taking in the next edition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Conflict, Reason
from governance.web.pages import FormPage, Page, WritingPage
from governance.web.slots import WorkItem
from inventory.imports.reader import LineError, Refused, Unreadable
from inventory.imports.shipped import CHOICES
from inventory.mappings import chosen, offered
from inventory.models import ImportedRow, ImportRun, ImportUpload, System, UnmappedValue
from inventory.queries import sandboxes
from inventory.services.imports import (
    COUNTED,
    ImportReport,
    hand_in,
    import_inventory,
    refused_report,
    resolve_unmapped,
)
from inventory.tasks import take_upload

LISTED = 50
MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE  # larger files go through the command
AWAITED = 5 * MEGABYTE  # larger files are taken in by a job


def may_see_imports(person: User) -> bool:
    """Who finds imports in the navigation."""
    return rights.can(person, Permission.LEDGER_VIEW)


def unread_values(person: User) -> Iterable[WorkItem]:
    """Written values that wait for somebody who may say what they mean."""
    if rights.can(person, Permission.IMPORT_RUN):
        for value in _open_values()[:LISTED]:
            yield WorkItem(
                f"“{value.written[:80]}”", reverse("inventory:import_list") + "#values", "Say what it means",
                f"{value.field} in {value.rows} imported rows", icon="file-import",
            )  # fmt: skip


def unread_count(person: User) -> int:
    """How many of them."""
    return _open_values().count() if rights.can(person, Permission.IMPORT_RUN) else 0


def _open_values() -> Any:
    return UnmappedValue.objects.filter(state=UnmappedValue.State.OPEN, rows__gt=0)


class ImportList(Page):
    """The runs, newest first, and the work list."""

    permission = Permission.LEDGER_VIEW
    takes = frozenset()
    template_name = "inventory/import_list.html"

    def context(self) -> dict[str, Any]:
        """Runs, open and decided values, and the words a value may be given."""
        may_import = rights.can(self.person, Permission.IMPORT_RUN)
        values = UnmappedValue.objects.select_related("decided_by").order_by("-state", "source", "field", "written")
        return {
            **super().context(),
            "runs": ImportRun.objects.select_related("person")[:LISTED],
            "values": [_with_words(value) for value in values[:200]],
            "can_import": may_import,
            "sandboxes": sandboxes()[:LISTED] if may_import else (),
        }


def _with_words(value: UnmappedValue) -> dict[str, Any]:
    labels = dict(System._meta.get_field(value.field).flatchoices)  # type: ignore[union-attr]
    words = [(word, str(labels[word])) for word in labels if word in CHOICES[value.field]]
    return {"value": value, "words": words, "meaning": labels.get(value.meaning, "")}


class ImportDetail(Page):
    """One run: its file, its figures, what was gone and what was kept."""

    permission = Permission.LEDGER_VIEW
    template_name = "inventory/import_detail.html"

    def context(self) -> dict[str, Any]:
        """The run and its lists. Raises NotVisible for an unknown one."""
        run = ImportRun.objects.select_related("person").filter(pk=self.kwargs["pk"]).first()
        if run is None:
            raise NotVisible
        gone = ImportedRow.objects.filter(gone_since=run).select_related("system")
        figures, counts = _figures(run), _counts(run.counts)
        return {**super().context(), "run": run, "gone": gone[:200], "figures": figures, "counts": counts}


class UploadForm(forms.Form):
    """A file and how to read it."""

    mapping = forms.ChoiceField(
        required=False, help_text="How the columns and values of the file are read.",
        widget=forms.Select({"class": "form-select"}),
    )  # fmt: skip
    file = forms.FileField(
        label="Drop your spreadsheet here (CSV or .xlsx)",
        help_text=f"At most {LARGEST // MEGABYTE} MB here; larger files go through manage.py import_inventory.",
        widget=forms.ClearableFileInput({"class": "form-control", "accept": ".csv,.xlsx,text/csv"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mapping = self.fields["mapping"]
        assert isinstance(mapping, forms.ChoiceField)  # noqa: S101  declared above
        mapping.choices = [("", "Say on the next page what each column means"), *offered()]

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(f"At most {LARGEST // MEGABYTE} MB are taken here.")
        return file


class ImportNew(FormPage):
    """Hand in a file; the next page says what it would come to."""

    permission = Permission.IMPORT_RUN
    verb = "inventory.import"
    template_name = "web/form.html"
    form_class = UploadForm

    def context(self) -> dict[str, Any]:
        """The texts of the page."""
        return {
            **super().context(),
            "heading": "Import an inventory",
            "pretitle": "Imports",
            "lead": "Nothing is written yet: the next page says what the file would come to.",
            "submit": "Check the file",
            "cancel": reverse("inventory:import_list"),
        }

    def save(self, form: Any) -> HttpResponseBase:
        """Keep the file and go on to the preview, or to saying what its columns mean."""
        file, mapping = form.cleaned_data["file"], form.cleaned_data["mapping"]
        upload = hand_in(person=self.person, content=file.read(), file_name=file.name, mapping=mapping)
        on = "inventory:import_preview" if mapping else "inventory:mapping_edit"
        return self.done("The file was handed in.", reverse(on, args=[upload.pk]))


class ImportPreview(WritingPage):
    """What a file would come to (GET), and taking it in (POST). Only for whoever handed it in."""

    permission = Permission.IMPORT_RUN
    verb = "inventory.import"
    template_name = "inventory/import_preview.html"
    http_method_names = ["get", "head", "post"]
    upload: ImportUpload

    def prepare(self) -> None:
        """The right first, then the file. Raises NotVisible for somebody else's."""
        super().prepare()
        found = ImportUpload.objects.filter(pk=self.kwargs["pk"], person=self.person).first()
        if found is None:
            raise NotVisible
        self.upload = found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Try it without writing; once it is confirmed, how far the job is."""
        upload = self.upload
        if not upload.mapping:
            return HttpResponseRedirect(reverse("inventory:mapping_edit", args=[upload.pk]))
        if request.headers.get("HX-Request") and upload.state != ImportUpload.State.QUEUED:
            return HttpResponseClientRefresh()
        if upload.state == ImportUpload.State.DONE and upload.run_id:
            return self.done("The file was taken in.", reverse("inventory:import_detail", args=[upload.run_id]))
        if upload.state == ImportUpload.State.REFUSED:
            errors = tuple(LineError(**error) for error in upload.errors)
            return self._answer(ImportReport(errors=errors), 200)
        if upload.state == ImportUpload.State.QUEUED:
            return self.show(upload=upload, percent=100 * upload.done // max(upload.total, 1))
        return self._answer(self._take(dry_run=True), 200)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take it in, or have a job do it. A file that can no longer be taken in shows why."""
        self.refuse_unknown(set())
        if self.upload.state != ImportUpload.State.WAITING:
            raise Conflict(Reason("state", "This file was confirmed already."))
        if not self.upload.mapping:
            raise Conflict(Reason("state", "Say first what its columns mean."))
        if len(self.upload.content) > AWAITED:
            return self._queue()
        report = self._take(dry_run=False)
        if report.errors:
            return self._answer(report, 400)
        self.upload.delete()
        words = f"{report.created:,} systems created, {report.updated:,} updated, {report.unchanged:,} unchanged."
        assert report.run is not None  # noqa: S101  a run without errors has one
        return self.done(words, reverse("inventory:import_detail", args=[report.run.pk]))

    def _queue(self) -> HttpResponseBase:
        """Give it to a job; of two clicks one does."""
        here = ImportUpload.objects.filter(pk=self.upload.pk, state=ImportUpload.State.WAITING)
        with transaction.atomic():
            if here.update(state=ImportUpload.State.QUEUED):
                take_upload.defer(upload=str(self.upload.pk))
        return HttpResponseRedirect(reverse("inventory:import_preview", args=[self.upload.pk]))

    def _take(self, *, dry_run: bool) -> ImportReport:
        try:
            return import_inventory(
                actor=self.person, content=bytes(self.upload.content), file_name=self.upload.file_name,
                mapping=chosen(self.upload.mapping), door=Door.WEB, dry_run=dry_run,
            )  # fmt: skip
        except Refused as refused:
            return refused_report(refused)
        except Unreadable as unreadable:
            return ImportReport(errors=(LineError(0, "", str(unreadable)),))

    def _answer(self, report: ImportReport, status: int) -> HttpResponse:
        counts = _counts(report.counts)
        return self.show(status, upload=self.upload, report=report, figures=_figures(report), counts=counts)


class UnmappedResolve(WritingPage):
    """Say what a written value means."""

    permission = Permission.IMPORT_RUN
    verb = "inventory.resolve"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Record the meaning. Raises InvalidInput for a word the field does not have."""
        self.refuse_unknown({"meaning"})
        value = UnmappedValue.objects.filter(pk=self.kwargs["pk"]).first()
        if value is None:
            raise NotVisible
        meaning = request.POST.get("meaning")
        if meaning is None:
            raise InvalidInput({"meaning": ["Is required."]})
        resolve_unmapped(actor=self.person, value=value, meaning=meaning, door=Door.WEB)
        return self.done("Noted; the next import reads it so.", reverse("inventory:import_list"))


def _figures(report: ImportReport | ImportRun) -> list[tuple[str, int]]:
    """The numbers of a run, in words."""
    return [
        ("rows", report.rows),
        ("created", report.created),
        ("updated", report.updated),
        ("unchanged", report.unchanged),
        ("vanished", report.vanished),
    ]


def _counts(counts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How the rows spread over organisations, phases and declared impact, in words."""
    if not counts:
        return []
    told = [("Organisations", f"{counts['organisations']}, with {counts['units']} units below them")]
    for name, label in (("phase", "Phase"), ("impact", "Declared impact")):
        words = (f"{spelling} {counts[name].get(spelling, 0)}" for spelling in COUNTED[name].values())
        told.append((label, " · ".join(words)))
    return told
