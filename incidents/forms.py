"""Forms of incidents: they read what was typed; what it may mean, the services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.access.models import User
from governance.policy.sections import Clock, Incidents, Playbook
from incidents.models import Incident, Participant
from incidents.rules import IMPACT_CLASSES
from inventory.models import Release

IN_UTC = "In UTC."


def _lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class Nothing(forms.Form):
    """A verb that asks for nothing."""


class ReportForm(forms.Form):
    """A new incident; the choices are those of the policy in force and of the system."""

    title = forms.CharField(label="What went wrong", max_length=200)
    type = forms.ChoiceField()
    impact = forms.ChoiceField(help_text="Impact and urgency together give the severity.")
    urgency = forms.ChoiceField()
    description = forms.CharField(
        required=False, max_length=10_000, widget=_lines(5), help_text="What was seen, by whom, what it did. Markdown."
    )
    releases = forms.ModelMultipleChoiceField(
        Release.objects.none(), required=False, label="Releases concerned", widget=forms.CheckboxSelectMultiple,
        help_text="The gate closes for these. Choose none and it closes for the whole system.",
    )  # fmt: skip
    occurred_at = forms.DateTimeField(label="When it began", required=False, widget=_moment(), help_text=IN_UTC)
    aware_at = forms.DateTimeField(
        label="When somebody noticed", required=False, widget=_moment(), help_text=f"{IN_UTC} Now, if left empty."
    )

    def __init__(self, *arguments: Any, rules: Incidents | None, releases: QuerySet[Release], **options: Any) -> None:
        super().__init__(*arguments, **options)
        choose(self, "type", rules.types if rules else ())
        choose(self, "impact", rules.impact if rules else ())
        choose(self, "urgency", rules.urgency if rules else ())
        self.fields["releases"].queryset = releases  # type: ignore[attr-defined]


class TriageForm(forms.Form):
    """Who leads, and how grave it is by what is known now."""

    commander = forms.ModelChoiceField(User.objects.none(), label="Who leads it")
    impact = forms.ChoiceField()
    urgency = forms.ChoiceField()

    def __init__(self, *arguments: Any, rules: Incidents | None, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*arguments, **options)
        choose(self, "impact", rules.impact if rules else ())
        choose(self, "urgency", rules.urgency if rules else ())
        self.fields["commander"].queryset = people  # type: ignore[attr-defined]


class ContainForm(forms.Form):
    """How the harm was stopped."""

    containment = forms.CharField(
        label="How the harm was stopped for now", max_length=10_000, widget=_lines(5), help_text="Markdown."
    )


class DescribeForm(forms.Form):
    """What is known; closing asks for most of it."""

    description = forms.CharField(label="What happened", required=False, max_length=10_000, widget=_lines(4))
    containment = forms.CharField(
        label="How the harm was stopped for now", required=False, max_length=10_000, widget=_lines(3)
    )
    root_cause = forms.CharField(label="Root cause", required=False, max_length=10_000, widget=_lines(4))
    review = forms.CharField(
        label="Post-incident review", required=False, max_length=10_000, widget=_lines(4),
        help_text="What went well, what did not, what is learnt. Markdown.",
    )  # fmt: skip
    remedy_release = forms.ModelChoiceField(
        Release.objects.none(), required=False, label="Release that mends it", empty_label="None yet",
        help_text="Or the one rolled back to. The gate lets it pass while the incident is open.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, releases: QuerySet[Release], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["remedy_release"].queryset = releases  # type: ignore[attr-defined]
        for name in IMPACT_CLASSES:
            label = f"Impact on {name}"
            self.fields[f"impact_{name}"] = forms.CharField(
                label=label, required=False, max_length=2000, widget=_lines(2)
            )

    def described(self) -> dict[str, Any]:
        """The values as the service takes them."""
        values = dict(self.cleaned_data)
        values["impact_by_class"] = {name: values.pop(f"impact_{name}") for name in IMPACT_CLASSES}
        return values


class DuplicateForm(forms.Form):
    """Which incident this one repeats."""

    original = forms.ModelChoiceField(
        Incident.objects.none(), label="Is about the same as", help_text="Open incidents of the same system."
    )

    def __init__(self, *arguments: Any, others: QuerySet[Incident], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["original"].queryset = others  # type: ignore[attr-defined]


class CheckForm(forms.Form):
    """A return-to-service check."""

    text = forms.CharField(
        label="What must hold", max_length=300, help_text="Something that can be seen, before normal service returns."
    )


class EvidenceForm(forms.Form):
    """How a check was seen to hold."""

    evidence = forms.CharField(label="What shows that it holds", max_length=4000, widget=_lines(3))


class ActionForm(forms.Form):
    """Something to do, by somebody, by a day."""

    text = forms.CharField(label="What is to be done", max_length=300)
    owner = forms.ModelChoiceField(User.objects.none(), label="By whom")
    due = forms.DateField(label="By the end of", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *arguments: Any, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class PlaybookForm(forms.Form):
    """Which playbook is begun, and who has its tasks."""

    playbook = forms.ChoiceField(help_text="Its steps become tasks with an owner and a time by which they are done.")
    owner = forms.ModelChoiceField(User.objects.none(), label="Who has the tasks")

    def __init__(self, *arguments: Any, people: QuerySet[User], playbooks: Iterable[Playbook], **options: Any) -> None:
        super().__init__(*arguments, **options)
        choose(self, "playbook", playbooks)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class ParticipantForm(forms.Form):
    """Who takes part, for which function, in which stage."""

    person = forms.ModelChoiceField(User.objects.none(), label="Who takes part")
    function = forms.ChoiceField(choices=[("", "Choose"), *Participant.Function.choices], label="For which function")
    stage = forms.ChoiceField(choices=[("", "Choose"), *Participant.Stage.choices], label="In which stage")

    def __init__(self, *arguments: Any, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class OneRelease(forms.Form):
    """Fields that may name a release of the system."""

    release = forms.ModelChoiceField(Release.objects.none(), required=False, empty_label="The whole system")

    def __init__(self, *arguments: Any, releases: QuerySet[Release], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["release"].queryset = releases  # type: ignore[attr-defined]


class MeasureForm(OneRelease):
    """What keeps the harm small for a time."""

    text = forms.CharField(
        label="What is done for now", max_length=300, help_text="Like: threshold lowered from 0.8 to 0.6."
    )
    until = forms.DateTimeField(
        label="Until",
        widget=_moment(),
        help_text=f"{IN_UTC} Once it has passed, a release let through as the remedy stops.",
    )


class MeasureEndForm(forms.Form):
    """How a measure was taken back."""

    outcome = forms.CharField(
        label="How it was taken back, and what is there instead", max_length=4000, widget=_lines(3)
    )


class SuspendForm(forms.Form):
    """Which release is stopped, and why."""

    release = forms.ModelChoiceField(Release.objects.none(), empty_label="Choose")
    reason = forms.CharField(label="Why", max_length=1900, widget=_lines(3))

    def __init__(self, *arguments: Any, releases: QuerySet[Release], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["release"].queryset = releases  # type: ignore[attr-defined]


class HoldForm(OneRelease):
    """What is held, and why."""

    reason = forms.CharField(label="Why", max_length=1900, widget=_lines(3))


class ClockForm(forms.Form):
    """Which duty runs, and since when where the incident does not say."""

    clock = forms.ChoiceField(label="Which duty", help_text="Those suggested for this type of incident come first.")
    since = forms.DateTimeField(
        label="Since when", required=False, widget=_moment(),
        help_text=f"{IN_UTC} Left empty, it runs from when somebody noticed; required where the duty runs from a "
        "decision, like the classification.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, clocks: Iterable[tuple[Clock, bool]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        named = [(row.id, f"{row.title} (suggested)" if fits else row.title) for row, fits in clocks]
        self.fields["clock"].choices = [("", "Choose"), *named]  # type: ignore[attr-defined]


class ClockReportForm(forms.Form):
    """What was sent, and under which number."""

    report = forms.CharField(
        label="The report", max_length=20_000, widget=_lines(18),
        help_text="A draft from the record. Complete it, send it, and keep here what was sent.",
    )  # fmt: skip
    reference = forms.CharField(label="The authority's reference", required=False, max_length=200)


class NoteForm(forms.Form):
    """A line for the timeline."""

    text = forms.CharField(label="What happened or was decided", max_length=4000, widget=_lines(3))


def choose(form: forms.Form, name: str, levels: Iterable[Any]) -> None:
    """Let a field choose among levels of the policy; nothing is chosen beforehand."""
    form.fields[name].choices = [("", "Choose"), *((level.id, level.title) for level in levels)]  # type: ignore[attr-defined]
