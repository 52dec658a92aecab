"""Forms of approvals from before the portal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from inventory.forms import LookMixin
from inventory.models import EvidenceLink, LegacyApproval
from inventory.risk_forms import moment_field
from inventory.services.legacy_files import COLUMNS, LIMITS

MEGABYTE = 1024 * 1024


class LegacyFilters(LookMixin, forms.Form):
    """What the list can be narrowed by."""

    state = forms.ChoiceField(
        choices=[("", "Waiting or confirmed"), ("all", "Every state"), *LegacyApproval.State.choices], required=False
    )
    system = forms.CharField(required=False, max_length=120, label="System (its address)")


class BringInForm(LookMixin, forms.Form):
    """One approval, as the old record has it."""

    version = forms.CharField(max_length=120, help_text="Exactly as the release is called here.")
    approved_on = forms.DateField(label="Approved on", widget=forms.DateInput({"type": "date"}))
    approved_by = forms.CharField(
        max_length=200, label="Approved by", help_text="As the old record names them: a person or a body."
    )
    reference = forms.CharField(max_length=500, help_text="Number or address of the report.")
    report = forms.ModelChoiceField(
        EvidenceLink.objects.none(), required=False, empty_label="None attached",
        help_text="A file that is attached to the system as evidence.",
    )  # fmt: skip
    until = moment_field("Counts until", "The policy may end it sooner.")
    sha256 = forms.CharField(
        required=False, max_length=5000, label="SHA-256 of what was approved", widget=forms.Textarea({"rows": 2}),
        help_text="Parted by blanks, if known: it then counts for these files only.",
    )  # fmt: skip

    def __init__(self, *args: Any, files: QuerySet[EvidenceLink] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        report = self.fields["report"]
        assert isinstance(report, forms.ModelChoiceField)  # noqa: S101  declared above
        report.queryset = EvidenceLink.objects.none() if files is None else files

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        told = dict(self.cleaned_data)
        report = told.pop("report")
        return {**told, "sha256": told["sha256"].split(), "report": report.file.sha256 if report else ""}


class LegacyFileForm(LookMixin, forms.Form):
    """A file of them, tried first."""

    file = forms.FileField(
        label="CSV file", help_text=f"Columns {', '.join(COLUMNS)}; the last two may be left out.",
        widget=forms.ClearableFileInput({"accept": ".csv,text/csv"}),
    )  # fmt: skip
    only_try = forms.BooleanField(required=False, label="Only say what it would come to; write nothing")

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LIMITS.bytes:
            raise forms.ValidationError(f"At most {LIMITS.bytes // MEGABYTE} MB are taken here.")
        return file
