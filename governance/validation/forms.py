"""Forms of validation: they read what was typed; what it may mean, the services decide."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms

from governance.access.models import User
from governance.policy.queries import pack_in_force, rules
from governance.policy.waiving import waivable
from governance.validation.models import Finding, SignOff
from governance.validation.promised import Promised
from governance.validation.services import ConditionInput, Handed
from governance.validation.services.attachments import MOST
from inventory.evidence.content import LARGEST, MEGABYTE
from inventory.models import Unit

CONDITION_FIELDS = (
    "condition_text", "condition_owner", "condition_due", "condition_environment",
    "condition_check", "condition_of", "condition_slice", "condition_value",
)  # fmt: skip


def start_of(day: date) -> datetime:
    """The instant a day begins, in UTC as `end_of`."""
    return datetime.combine(day, time(), tzinfo=UTC)


def end_of(day: date) -> datetime:
    """The instant a day has passed: periods are half-open and kept in UTC."""
    last = date.max - timedelta(days=1)  # no day follows the calendar's last; the services refuse either
    return datetime.combine(min(day, last) + timedelta(days=1), time(), tzinfo=UTC)


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """All of them."""
        return files.getlist(name)


class FilesField(forms.FileField):
    """Files that come with what is said; what each may be, the services decide."""

    def __init__(self) -> None:
        super().__init__(
            label="Files", required=False, allow_empty_file=True,
            help_text=f"Up to {MOST}, each at most {LARGEST // MEGABYTE} MB. All is kept or nothing; after a refusal "
            "choose them again.",
            widget=FilesInput({"class": "form-control"}),
        )  # fmt: skip

    def clean(self, data: Any, initial: Any = None) -> Any:
        """What was handed in, each with its name."""
        single = super().clean
        return tuple(Handed(single(each), each.name) for each in data or ())


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class Read(forms.Form):
    """A form that says which version of the record was read."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ReadReasonForm(ReasonForm, Read):
    """Why something one read is sent back."""


class SignOffForm(forms.Form):
    """A decision on a review. Conditions are repeated fields, read by `conditions_in`."""

    decision = forms.ChoiceField(label="Decision", choices=SignOff.Decision.choices, widget=forms.RadioSelect)
    comment = forms.CharField(
        label="Comment", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Required unless you approve without conditions. Stays on the record.",
    )  # fmt: skip
    files = FilesField()  # type: ignore[assignment]  # the wire's word
    digest = forms.CharField(max_length=71, widget=forms.HiddenInput)
    password = forms.CharField(
        label="Your password", max_length=4096, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Entering it is your signature.", required=False,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A comment is required unless the decision is a plain approval."""
        values = super().clean() or self.cleaned_data
        if values.get("decision") not in (None, SignOff.Decision.APPROVE) and not values.get("comment"):
            self.add_error("comment", "Say why: a comment is required unless you approve without conditions.")
        return values


def conditions_in(data: Any) -> tuple[tuple[ConditionInput, ...], dict[str, list[str]]]:
    """The conditions of a posted form, and what could not be read; rows left blank are skipped."""
    columns = [data.getlist(name) for name in CONDITION_FIELDS]
    found, errors = [], {}
    for number in range(max(map(len, columns))):
        row = [column[number].strip() if number < len(column) else "" for column in columns]
        if not any(row):
            continue
        text, owner, due, environment, *checked = row
        ends = _instant(due)
        if due and ends is None:
            errors["condition_due"] = [f"“{due[:40]}” is no day like 2026-11-21."]
        person = _person(owner)
        if person is None:
            errors["condition_owner"] = [f"Nobody here is called “{owner[:80]}”."]
        environments = tuple(part.strip() for part in environment.split(",") if part.strip())
        check = Promised(*checked) if any(checked) else None
        found.append(ConditionInput(text, person, ends, environments, check))
    return tuple(found), errors


def _instant(text: str) -> datetime | None:
    """A day (until its end) or an instant with its zone; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= len("2026-11-21"):
        return end_of(instant.date())
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _person(name: str) -> User | None:
    """Somebody by user name, or by number."""
    people = User.objects.filter(kind=User.Kind.HUMAN, is_active=True)
    found = people.filter(username=name).first() if "\0" not in name else None
    if found is None and name.isascii() and name.isdigit() and len(name) < 18:
        found = people.filter(pk=int(name)).first()
    return found


class AssignForm(forms.Form):
    """Who is asked to review a stage."""

    person = forms.ChoiceField(label="Who", widget=forms.RadioSelect)
    instead_of = forms.ChoiceField(label="Instead of", required=False, help_text="Who is relieved of it.")
    reason = forms.CharField(label="Why", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, *arguments: Any, candidates: list[Any], standing: list[User], full: bool, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.people = {str(each.pk): each for each in (*standing, *(candidate.person for candidate in candidates))}
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            (str(each.person.pk), f"{each.person} · {each.load} open") for each in candidates
        ]
        if not standing:
            del self.fields["instead_of"]
            return
        nobody = [] if full else [("", "Nobody: one more")]
        self.fields["instead_of"].required = full
        self.fields["instead_of"].choices = [  # type: ignore[attr-defined]
            *nobody, *((str(each.pk), str(each)) for each in standing)
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The people themselves."""
        values = super().clean() or self.cleaned_data
        return {**values, **{name: self.people.get(values.get(name, "")) for name in ("person", "instead_of")}}


class AttachForm(forms.Form):
    """A file for a review or a finding; or the digest of one that is kept already."""

    part = forms.ChoiceField(label="Belongs to")
    file = forms.FileField(
        required=False, max_length=1000,
        help_text=f"Any kind, at most {LARGEST // MEGABYTE} MB. It is kept under its SHA-256 and never changes.",
        widget=forms.ClearableFileInput({"class": "form-control"}),
    )  # fmt: skip
    sha256 = forms.CharField(
        label="Or the SHA-256 of a file attached elsewhere", required=False, max_length=71,
        help_text="Of something you can see in the portal.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, parts: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["part"].choices = parts  # type: ignore[attr-defined]

    def handed(self) -> dict[str, Any]:
        """What the services take."""
        values = self.cleaned_data
        file = values["file"]
        return {"part": values["part"], "handed": Handed(file, file.name if file else "", values["sha256"])}


class FindingForm(forms.Form):
    """A defect of a release."""

    title = forms.CharField(max_length=200)
    text = forms.CharField(
        label="What is wrong", max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="What you saw, how to see it again, what it means. Markdown.",
    )  # fmt: skip
    severity = forms.ChoiceField(help_text="Decides the due day, and whether it closes the gate while it is open.")
    category = forms.ChoiceField(choices=Finding.Category.choices)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        pack = pack_in_force()
        findings = rules(pack).document.findings if pack else None
        self.fields["severity"].choices = [  # type: ignore[attr-defined]
            (severity.id, f"{severity.title} · due in {severity.due_days} days{' · blocks' * severity.blocking}")
            for severity in (findings.severities if findings else ())
        ]


class ResponseForm(forms.Form):
    """An answer to a finding."""

    response = forms.CharField(
        max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What was done about it, and where a reviewer can see that. Markdown.",
    )  # fmt: skip
    files = FilesField()  # type: ignore[assignment]  # the wire's word


class VerificationForm(Read):
    """What a reviewer found when checking an answer."""

    verification = forms.CharField(
        label="How you checked it", max_length=20_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    files = FilesField()  # type: ignore[assignment]  # the wire's word


class AcceptanceForm(ReasonForm, Read):
    """Living with a defect for a while."""

    until = forms.DateField(
        label="Until the end of", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="An accepted risk always ends; the finding counts again from then on.",
    )  # fmt: skip


class EvidenceForm(forms.Form):
    """How a condition was fulfilled."""

    evidence = forms.CharField(
        label="What fulfils it", max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What was done, and where it can be seen.",
    )  # fmt: skip


class ConfirmationForm(Read):
    """That a condition is met."""

    reason = forms.CharField(
        label="How you checked it", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class WaiverForm(forms.Form):
    """An exception to one requirement of the gate."""

    requirement = forms.ChoiceField(help_text="What cannot be kept for a while. Only some requirements allow it.")
    environment = forms.ChoiceField(label="Where", required=False)
    reason = forms.CharField(
        label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Why it cannot be kept, what protects people meanwhile, and how it will be kept again.",
    )  # fmt: skip
    until = forms.DateField(
        label="Until the end of", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="An exception always ends; the requirement counts again from then on.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        pack = pack_in_force()
        document = rules(pack).document if pack else None
        self.fields["requirement"].choices = [  # type: ignore[attr-defined]
            (
                line.id,
                f"{line.title} · at most {line.longest_waiver_days} days" if line.longest_waiver_days else line.title,
            )
            for line in (waivable(document) if document else ())
        ]
        self.fields["environment"].choices = [  # type: ignore[attr-defined]
            ("", "Every environment"),
            *((each.id, each.title) for each in (document.environments if document else ())),
        ]


class WaiversForm(WaiverForm):
    """An exception for every system of a unit, a tier, or both; `seen` names the systems that were shown."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), required=False, to_field_name="slug", empty_label="Every unit",
        help_text="With all below it.",
    )  # fmt: skip
    tier = forms.ChoiceField(required=False)
    seen = forms.CharField(required=False, max_length=71, widget=forms.HiddenInput)
    field_order = ("unit", "tier", "requirement", "environment", "reason", "until", "seen")

    def __init__(self, *arguments: Any, units: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        pack = pack_in_force()
        tiers = rules(pack).document.tiers.order if pack else ()
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["tier"].choices = [("", "Every tier"), *((tier.id, tier.title) for tier in tiers)]  # type: ignore[attr-defined]
