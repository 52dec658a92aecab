"""Forms of monitoring and alerts: they read what was typed; what it may mean, the services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.access.models import User
from governance.policy.sections import Incidents
from incidents.models import MonitoringPlan
from incidents.watching import STATES
from inventory.models import System


class ChangeForm(forms.Form):
    """Limits and what follows; the metric itself stays."""

    kind = forms.ChoiceField(choices=[("", "Choose"), *MonitoringPlan.Kind.choices], label="What it tells about")
    unit = forms.CharField(required=False, max_length=40, help_text="Share, ms, EUR a day.")
    warning = forms.FloatField(required=False, label="Warning limit")
    critical = forms.FloatField(required=False, label="Critical limit")
    breaches_needed = forms.IntegerField(min_value=1, initial=1, label="Breaches in a row before an alert")
    cooldown_minutes = forms.IntegerField(
        min_value=0, initial=60, label="Quiet minutes before a new alert",
        help_text="A breach sooner goes on with the last alert.",
    )  # fmt: skip
    longest_silence_hours = forms.IntegerField(
        required=False, min_value=1, label="Longest silence, in hours", help_text="No value for longer is an alert."
    )
    source = forms.CharField(required=False, max_length=200, label="Where the values come from")
    prometheus = forms.CharField(
        required=False,
        max_length=500,
        label="Prometheus server",
        help_text="Its address; empty where values are posted.",
    )
    promql = forms.CharField(
        required=False,
        max_length=1000,
        label="Query",
        help_text="In PromQL, coming to one number; asked every five minutes.",
    )
    alert_name = forms.CharField(
        required=False, max_length=200, label="Alert rule", help_text="Its name in your alerting tool, if it has one."
    )
    follows = forms.ChoiceField(choices=MonitoringPlan.Follows.choices, initial="work", label="What follows a breach")
    incident_type = forms.ChoiceField(required=False, label="Type of the incidents")
    impact = forms.ChoiceField(required=False, label="Their impact")
    urgency = forms.ChoiceField(required=False, label="Their urgency")
    answers = forms.ModelChoiceField(User.objects.none(), label="Who answers for it")

    def __init__(
        self, *arguments: Any, rules: Incidents | None, people: QuerySet[User] | Iterable[User], **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        levels = (rules.types, rules.impact, rules.urgency) if rules else ((), (), ())
        for name, part in zip(("incident_type", "impact", "urgency"), levels, strict=True):
            choices = [("", "None"), *((level.id, level.title) for level in part)]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["answers"].queryset = people  # type: ignore[attr-defined]


class PlanForm(ChangeForm):
    """A new line of the plan."""

    metric = forms.CharField(max_length=60, help_text="The id senders use, like false-positive-rate.")
    slice = forms.CharField(required=False, max_length=200, label="Slice of the data", help_text="Empty for all data.")
    direction = forms.ChoiceField(choices=[("", "Choose"), *MonitoringPlan.Direction.choices])

    field_order = ("metric", "slice", "kind", "unit", "direction", "warning", "critical")


class ReasonForm(forms.Form):
    """Why it ends."""

    reason = forms.CharField(label="Why it is not watched any more", max_length=500)


class HandleForm(forms.Form):
    """What was done about an alert."""

    handling = forms.CharField(
        label="What was done about it", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AssignForm(forms.Form):
    """Which system an alert is about."""

    system = forms.ModelChoiceField(
        System.objects.none(), help_text="Later episodes of the same alert go there by themselves."
    )

    def __init__(self, *arguments: Any, systems: QuerySet[System], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["system"].queryset = systems  # type: ignore[attr-defined]


class AlertFilter(forms.Form):
    """Which alerts."""

    state = forms.ChoiceField(
        required=False, choices=[("", "Open"), *((word, word.capitalize()) for word in STATES if word != "open")]
    )
    system = forms.CharField(required=False, max_length=120, label="System (its slug)")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["state"].widget.attrs["class"] = "form-select"
        self.fields["system"].widget.attrs["class"] = "form-control"
