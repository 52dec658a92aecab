"""Forms of the risk register: they read what was typed; what it means is judged by the services."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.access.models import User
from governance.policy.sections import Risks
from inventory.forms import ANY, LookMixin
from inventory.models import Risk


def lines_field(label: str, help_text: str = "", required: bool = False) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=10_000, widget=forms.Textarea({"rows": 3})
    )


def moment_field(label: str, help_text: str = "", required: bool = True) -> forms.DateTimeField:
    """An instant, typed in UTC."""
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=f"{label} (UTC)", help_text=help_text, required=required, widget=widget)


def _money(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=14, decimal_places=2)


class RiskFilters(LookMixin, forms.Form):
    """What the register can be narrowed by."""

    state = forms.ChoiceField(choices=[("", "Open"), ("all", "Every state"), *Risk.State.choices], required=False)
    level = forms.ChoiceField(choices=ANY, required=False)
    likelihood = forms.ChoiceField(choices=ANY, required=False)
    consequence = forms.ChoiceField(choices=ANY, required=False)
    system = forms.CharField(required=False, max_length=120, label="System (its address)")
    owner = forms.CharField(
        required=False,
        max_length=150,
        label="Treated by",
        widget=forms.TextInput({"placeholder": "username, or none"}),
    )
    late = forms.BooleanField(required=False, label="Should have been looked at again")

    def __init__(self, *args: Any, section: Risks | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = (
            {"level": section.levels, "likelihood": section.likelihood, "consequence": section.consequence}
            if (section)
            else {}
        )
        for name, levels in parts.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
            field.choices = [*ANY, *((level.id, level.title) for level in levels)]


class Graded(LookMixin, forms.Form):
    """A form with likelihood and consequence in the words of the policy, named with `prefix_of`."""

    prefix_of = ""

    def __init__(self, *args: Any, section: Risks | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, levels in (
            ("likelihood", section.likelihood if section else ()),
            ("consequence", section.consequence if section else ()),
        ):
            field = self.fields[f"{self.prefix_of}{name}"]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared below
            field.choices = [("", "Choose"), *((level.id, level.title) for level in levels)]


class IdentifyForm(LookMixin, forms.Form):
    """A new risk."""

    title = forms.CharField(label="What could happen", max_length=200)
    area = forms.ChoiceField(label="Where it would hurt first", choices=[("", "Choose"), *Risk.Area.choices])
    source = lines_field("Where it comes from", "Data, model, people, supplier, law, attackers.")
    cause = lines_field("Cause")
    effect = lines_field("What follows", "For whom, how soon, how long.")


class AnalyseForm(Graded):
    """How likely, how bad."""

    likelihood = forms.ChoiceField()
    consequence = forms.ChoiceField(help_text="Together they give the level, by the matrix of the policy.")
    consulted = lines_field("Who was consulted", "Inside and outside.")


class TreatForm(Graded):
    """What is done about it, and what remains."""

    prefix_of = "residual_"

    treatment = forms.ChoiceField(
        label="What is done", choices=[c for c in Risk.Treatment.choices if c[0] in {"mitigate", "transfer", "avoid"}]
    )
    plan = lines_field("How", required=True)
    owner = forms.ModelChoiceField(User.objects.none(), label="Who does it")
    due = moment_field("By when")
    cost = _money("Expected cost")
    benefit = _money("Expected return")
    residual_likelihood = forms.ChoiceField(label="Likelihood that remains")
    residual_consequence = forms.ChoiceField(label="Consequence that remains")
    review_at = moment_field("Looked at again by", required=False)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101  declared above
        owner.queryset = people


class AcceptForm(LookMixin, forms.Form):
    """Carry what remains, for a time."""

    until = moment_field("Until", "From then on it counts again.")
    reason = lines_field("Why it may be carried", required=True)


class ReviewForm(Graded):
    """What remains now."""

    prefix_of = "residual_"

    residual_likelihood = forms.ChoiceField(label="Likelihood that remains")
    residual_consequence = forms.ChoiceField(label="Consequence that remains")
    review_at = moment_field("Looked at again by", required=False)


class EntrustForm(LookMixin, forms.Form):
    """Who treats it, and when it is looked at again; either may stay as it is."""

    owner = forms.ModelChoiceField(User.objects.none(), label="Who does it", required=False)
    review_at = moment_field("Looked at again by", required=False)
    reason = lines_field("Why", required=True)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101  declared above
        owner.queryset = people


class WhyForm(LookMixin, forms.Form):
    """The reason."""

    reason = lines_field("Why", required=True)
