"""Forms of engagements."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.access.models import User
from governance.engagements.models import Engagement
from governance.policy.queries import pack_in_force, rules
from governance.validation.forms import Read
from inventory.evidence.content import LARGEST, MEGABYTE
from inventory.models import System, Unit


def _text(label: str, rows: int = 4, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=20_000, required=required, widget=forms.Textarea(attrs={"rows": rows})
    )


def _day(label: str, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"})
    )


class PlanForm(forms.Form):
    """What is audited, by when."""

    kind = forms.ChoiceField(choices=Engagement.Kind.choices)
    title = forms.CharField(max_length=200)
    purpose = _text("What is looked at, and against what")
    systems = forms.ModelMultipleChoiceField(System.objects.none(), required=False, to_field_name="slug")
    unit = forms.ModelChoiceField(
        Unit.objects.none(), required=False, to_field_name="slug", empty_label="No unit",
        help_text="Everything in use in it and below it, as it stands today.",
    )  # fmt: skip
    period_from = _day(
        "Period looked at, from", required=False,
        help_text="Who built a system since then is not on the team. Empty: a year ago.",
    )  # fmt: skip
    ends_at = _day("Planned end")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["unit"].queryset = Unit.objects.order_by("name")  # type: ignore[attr-defined]
        in_use = System.objects.exclude(phase=System.Phase.RETIRED).only("id", "name", "slug").order_by("name")
        self.fields["systems"].queryset = in_use  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    """Who is on the team, until when."""

    person = forms.ModelChoiceField(
        User.objects.none(), to_field_name="username", empty_label="Choose",
        help_text="Somebody who neither owns nor builds what is audited, and did not in the period looked at.",
    )  # fmt: skip
    leads = forms.BooleanField(label="Leads the team and hands in the report", required=False)
    until = _day("Until the end of", required=False, help_text="What they see ends with it. Empty: the planned end.")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        people = User.objects.filter(kind=User.Kind.HUMAN, is_active=True, closed_at=None).order_by("name", "username")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class StartForm(forms.Form):
    """Nothing to fill in."""


class ReportForm(forms.Form):
    """The report as a file, and what it says in short."""

    summary = _text("What it says in short")
    file = forms.FileField(
        max_length=1000, help_text=f"At most {LARGEST // MEGABYTE} MB. It is kept under its SHA-256 and never changes.",
        widget=forms.ClearableFileInput({"class": "form-control"}),
    )  # fmt: skip


class CloseForm(forms.Form):
    """How it was settled, and when it comes round again."""

    note = _text("How it was settled")
    next_at = _day("Next audit", required=False, help_text="Work for the owner of each system in use.")


class FindingForm(forms.Form):
    """What was found, on which system."""

    system = forms.ModelChoiceField(System.objects.none(), to_field_name="slug", empty_label="Choose")
    title = forms.CharField(max_length=200)
    severity = forms.ChoiceField()
    text = _text("What was found, and what shows it", rows=8)

    def __init__(self, *arguments: Any, systems: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        pack = pack_in_force()
        section = rules(pack).document.findings if pack else None
        self.fields["system"].queryset = systems  # type: ignore[attr-defined]
        known = [(each.id, each.title) for each in section.severities] if section else []
        self.fields["severity"].choices = known  # type: ignore[attr-defined]


class RespondForm(forms.Form):
    """An answer."""

    response = _text("What was done about it", rows=6)


class VerifyForm(Read):
    """What shows that it is settled."""

    verification = _text("What shows that it is settled", rows=4)


class ReasonForm(forms.Form):
    """Why."""

    reason = _text("Why", rows=4)


class ReadReasonForm(ReasonForm, Read):
    """Why an answer one read does not settle it."""
