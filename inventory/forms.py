"""Forms of the inventory's pages: they read what was typed; what it means is judged by the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet

from governance.access.models import User
from governance.access.vocabulary import Scope
from governance.policy.completeness import AskedSection
from inventory.models import Artifact, Assignment, Release, System, Unit


def _control(field: forms.Field) -> None:
    """Give a field the look of the kit."""
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        look = "form-check-input"
    else:
        look = "form-select" if isinstance(widget, forms.Select) else "form-control"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {look}".strip()


class LookMixin:
    """Gives every field of a form the look of the kit."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _control(field)


def _lines(label: str, help_text: str = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=10_000, widget=forms.Textarea({"rows": rows})
    )


ANY = [("", "Any")]
STATES = [(value, label) for value, label in Release.State.choices if value != Release.State.DISCARDED]


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A business unit, shown with the unit above it."""

    def label_from_instance(self, obj: Any) -> str:
        """“Cards and payments · Retail banking”."""
        return f"{obj.name} · {obj.parent.name}" if obj.parent_id else str(obj.name)


class SystemFilters(LookMixin, forms.Form):
    """What the list of systems can be narrowed by; every filter stands in the address."""

    q = forms.CharField(
        label="Search", required=False, max_length=200,
        widget=forms.TextInput({"type": "search", "placeholder": "Name, purpose, vendor …"}),
    )  # fmt: skip
    phase = forms.ChoiceField(required=False, choices=[*ANY, *System.Phase.choices])
    tier = forms.CharField(required=False, max_length=40)
    state = forms.ChoiceField(label="Latest release", required=False, choices=[*ANY, *STATES])
    unit = forms.ModelChoiceField(
        Unit.objects.none(), required=False, to_field_name="slug", empty_label="Any",
    )  # fmt: skip
    impact = forms.ChoiceField(label="Declared impact", required=False, choices=[*ANY, *System.Impact.choices])
    origin = forms.ChoiceField(required=False, choices=[*ANY, *System.Origin.choices])
    regime = forms.CharField(
        label="In scope of", required=False, max_length=80, help_text="A regime of the policy, as it is called there.",
    )  # fmt: skip
    owner = forms.CharField(
        required=False, max_length=150, help_text="A username, or “none” for systems nobody owns.",
    )  # fmt: skip

    def __init__(self, *args: Any, units: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)  # noqa: S101  declared above
        unit.queryset = Unit.objects.none() if units is None else units


class SystemForm(LookMixin, forms.Form):
    """What describes a system. Unknown is a value: nothing here has a made-up default."""

    name = forms.CharField(max_length=500)
    purpose = _lines("Purpose", "What it is for, in a sentence or two.")
    intended_use = _lines("Intended use", "By whom, on whom, for which decisions. Approvals are bound to this text.")
    out_of_scope_use = _lines("Uses out of scope")
    objectives = _lines("Objectives", "Measurable, so that one can say later whether they were met.")
    objectives_review_on = forms.DateField(
        label="Objectives are reviewed on", required=False, widget=forms.DateInput({"type": "date"})
    )
    stakeholders = _lines("Stakeholders", "Who has a stake in it, who agreed to the objectives, and when.")
    affected_groups = _lines("Affected groups", "Who is affected by what it puts out.", 2)
    human_oversight = _lines("Human oversight", "Who can step in, how they were trained, how somebody can appeal.")
    outputs = _lines("Outputs", rows=2)
    origin = forms.ChoiceField(choices=System.Origin.choices)
    vendor = forms.CharField(max_length=300, required=False)
    impact = forms.ChoiceField(label="Declared impact", choices=System.Impact.choices)
    own_role = forms.ChoiceField(label="Our own role", choices=System.OwnRole.choices)
    own_role_reason = _lines("Why this role", rows=2)
    personal_data = forms.ChoiceField(choices=System.Known.choices)
    demographic_variables = _lines("Demographic variables", "Which ones are used, or that none are.", 2)


class PlacedForm(SystemForm):
    """A system with the unit it belongs to, out of those the person may put it in."""

    unit = UnitField(Unit.objects.none(), label="Business unit")

    def __init__(self, *args: Any, units: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)  # noqa: S101  declared above
        unit.queryset = Unit.objects.none() if units is None else units


class RegisterForm(PlacedForm):
    """A new system: its unit and phase come with the description."""

    phase = forms.ChoiceField(
        choices=[c for c in System.Phase.choices if c[0] not in {System.Phase.RETIRED, System.Phase.UNKNOWN}]
    )
    field_order = ["name", "unit", "phase", "purpose", "intended_use"]


class ChangeForm(PlacedForm):
    """An existing system; `seen` is what the person looked at when the form was opened."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["name", "unit", "purpose", "intended_use"]


class QuestionnaireForm(LookMixin, forms.Form):
    """The questions of the pack in force; a question left open stays open."""

    def __init__(self, *args: Any, questions: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = [question.id for question in questions]
        for question in questions:
            field = forms.ChoiceField(
                label=question.text, help_text=question.help, required=False, widget=forms.RadioSelect,
                choices=[*((option.value, option.label) for option in question.options), ("", "Not answered yet")],
            )  # fmt: skip
            _control(field)
            self.fields[question.id] = field
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def answers(self) -> dict[str, str]:
        """Question id to answer, only of those answered."""
        return {name: self.cleaned_data[name] for name in self.questions if self.cleaned_data[name]}


class AssignmentForm(LookMixin, forms.Form):
    """Give a person a role on a system."""

    person = forms.ModelChoiceField(
        User.objects.filter(kind=User.Kind.HUMAN, is_active=True).order_by("name"), empty_label="Choose a person",
    )  # fmt: skip
    role = forms.ChoiceField(choices=[("", "Choose a role"), *Assignment.Roles.choices])
    until = forms.DateTimeField(
        label="Until (UTC)", required=False, help_text="Leave empty for an open end. The role stops at that instant.",
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )  # fmt: skip
    reason = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, every_role: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not every_role:
            role = self.fields["role"]
            assert isinstance(role, forms.ChoiceField)  # noqa: S101  declared above
            role.choices = [(Assignment.Roles.DEVELOPER.value, Assignment.Roles.DEVELOPER.label)]


class DelegationForm(LookMixin, forms.Form):
    """Lend a role of one's own for a while."""

    person = forms.ModelChoiceField(
        User.objects.none(), empty_label="Choose a person",
        help_text="Somebody who had no hand in what you review. They cannot delegate it on.",
    )  # fmt: skip
    since = forms.DateTimeField(
        label="From (UTC)", required=False, help_text="Leave empty for now.",
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )  # fmt: skip
    until = forms.DateTimeField(label="Until (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"}))
    reason = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, lender: User, days: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(kind=User.Kind.HUMAN, is_active=True).exclude(pk=lender.pk).order_by("name")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        if days is not None:
            self.fields["until"].help_text = f"At most {days} days, as the policy in force says."


def _version_of(release: Release) -> str:
    return release.version


class ReleaseForm(LookMixin, forms.Form):
    """What describes a release besides its bill of materials."""

    version = forms.CharField(max_length=120, help_text="As your pipeline names it, for example 3.2.0.")
    notes = forms.CharField(
        required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}),
        help_text="What is new and why. Markdown.",
    )  # fmt: skip
    predecessor = forms.ModelChoiceField(Release.objects.none(), required=False, empty_label="None")
    rollback_target = forms.ModelChoiceField(
        Release.objects.none(), required=False, empty_label="None", label="Falls back to",
        help_text="The release to return to when this one must be taken out.",
    )  # fmt: skip
    code_revision = forms.CharField(required=False, max_length=200)
    run_id = forms.CharField(label="Training run", required=False, max_length=200)
    retraining = forms.CharField(
        label="When it is trained again", required=False, max_length=200,
        help_text="By the calendar, or by which event: every quarter; when drift passes its limit.",
    )  # fmt: skip
    envelope_kinds = forms.CharField(
        label="Kinds of change", required=False, max_length=600,
        help_text="As the policy names them, separated by commas: retraining.",
    )  # fmt: skip
    envelope_artifacts = forms.MultipleChoiceField(
        label="Parts that may be replaced", required=False, choices=Artifact.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    envelope_limits = forms.CharField(
        label="Limits on metrics", required=False, max_length=20_000, widget=forms.Textarea({"rows": 3}),
        help_text="One a line: metric; slice; lowest; highest. For example: auc-roc; ; 0.80; 1",
    )  # fmt: skip
    envelope_until = forms.DateTimeField(
        label="Until", required=False, help_text="In UTC.",
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def envelope(self) -> dict[str, Any]:
        """The envelope as the services take it; empty where nothing of one was typed."""
        values = self.cleaned_data
        lines = [[cell.strip() for cell in line.split(";")] for line in values["envelope_limits"].splitlines()]
        names = ("metric", "slice", "lowest", "highest")
        limits = [dict(zip(names, [*cells, "", "", ""][:4], strict=True)) for cells in lines if any(cells)]
        kinds = [kind.strip() for kind in values["envelope_kinds"].split(",") if kind.strip()]
        artifacts, until = values["envelope_artifacts"], values["envelope_until"]
        if not (kinds or artifacts or limits or until):
            return {}
        return {"kinds": kinds, "artifacts": artifacts, "limits": limits, "until": until}

    def __init__(self, *args: Any, siblings: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("predecessor", "rollback_target"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared above
            field.queryset = siblings if siblings is not None else Release.objects.none()
            field.label_from_instance = _version_of  # type: ignore[method-assign,assignment]


class ArtifactForm(LookMixin, forms.Form):
    """One line of a bill of materials."""

    name = forms.CharField(max_length=300)
    kind = forms.ChoiceField(choices=Artifact.Kind.choices)
    version = forms.CharField(required=False, max_length=200)
    uri = forms.CharField(label="Where it is kept", required=False, max_length=1000)
    sha256 = forms.CharField(
        label="SHA-256", required=False, max_length=71,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    vendor = forms.CharField(required=False, max_length=300)
    model_id = forms.CharField(label="Vendor's model id", required=False, max_length=300)
    region = forms.CharField(required=False, max_length=120)


class ArtifactForms(BaseFormSet):  # type: ignore[type-arg]
    """The lines of a bill of materials; blank lines are left out."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        """Give the field the form set adds the look of the kit, too."""
        super().add_fields(form, index)
        for field in form.fields.values():
            if "class" not in field.widget.attrs:
                _control(field)

    def lines(self) -> list[dict[str, str]]:
        """What was typed, line by line, without blank and struck lines."""
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return [{name: value for name, value in line.items() if name != "DELETE"} for line in kept]

    def names(self) -> set[str]:
        """Names that may be posted."""
        rows = {form.add_prefix(name) for form in self.forms for name in form.fields}
        return rows | {self.management_form.add_prefix(name) for name in self.management_form.fields}


ARTIFACTS_AT_MOST = 500
ArtifactFormSet = forms.formset_factory(
    ArtifactForm, formset=ArtifactForms, extra=1, can_delete=True, max_num=ARTIFACTS_AT_MOST,
    absolute_max=ARTIFACTS_AT_MOST + 10, validate_max=True,
)  # fmt: skip


class DocumentForm(LookMixin, forms.Form):
    """A document, section by section, with the person who answers for its content."""

    def __init__(self, *args: Any, sections: Sequence[AskedSection] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section_names = [section.id for section in sections]
        for section in sections:
            field = forms.CharField(
                label=section.title, help_text=section.help, required=False, max_length=100_000,
                widget=forms.Textarea({"rows": 6}),
            )  # fmt: skip
            _control(field)
            self.fields[f"section-{section.id}"] = field
        contact = forms.CharField(max_length=254, help_text="Who answers questions about it: a person or a mailbox.")
        _control(contact)
        self.fields["contact"] = contact
        self.fields["seen"] = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def parts(self) -> list[tuple[str, forms.BoundField]]:
        """Each section's id with its field."""
        return [(name, self[f"section-{name}"]) for name in self.section_names]

    def sections(self) -> dict[str, str]:
        """Section id to Markdown."""
        return {name: self.cleaned_data[f"section-{name}"] for name in self.section_names}


class UnitForm(LookMixin, forms.Form):
    """A business unit and where it hangs."""

    name = forms.CharField(max_length=300)
    parent = UnitField(Unit.objects.none(), required=False, empty_label="At the top", label="Part of")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, units: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, UnitField)  # noqa: S101  declared above
        parent.queryset = Unit.objects.none() if units is None else units


class TokenForm(LookMixin, forms.Form):
    """What a token may do, where and for how long."""

    name = forms.CharField(max_length=120, help_text="The job or machine that will carry it.")
    description = forms.CharField(max_length=500, required=False)
    systems = forms.CharField(
        max_length=4000, required=False, help_text="Addresses of systems, separated by blanks: fraud-scorer churn",
    )  # fmt: skip
    units = forms.CharField(
        max_length=4000, required=False, help_text="Addresses of units: the token reaches everything below them.",
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.value) for scope in Scope], widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label="Ends after days", min_value=1, max_value=90)
