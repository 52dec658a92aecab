"""The forms of a guided registration: one step each, built from the fields of the whole description."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.policy.schema import PackDocument
from inventory.forms import LookMixin, RegisterForm
from inventory.guided import FUNCTIONS, Step, declared_regimes
from inventory.models import System

SCOPES = [("in", "In scope"), ("out", "Out of scope"), ("not_stated", "Nobody looked yet")]


class StepForm(LookMixin, forms.Form):
    """The fields of one step. What is typed is kept whatever it is; this says what is wrong with it."""

    def __init__(self, *args: Any, step: Step, units: Any, pack: PackDocument | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = RegisterForm(units=units)
        for name in step.fields:
            self.fields[name] = whole.fields[name]
            # Nobody is held up by a choice: what is left open is recorded as not stated.
            self.fields[name].required = name in {"name", "unit"}
            if name != "unit" and isinstance(self.fields[name], forms.ChoiceField):
                self.fields[name].initial = System.Known.NOT_STATED
        if step.key == "regimes":
            self._ask_regimes(pack)
        if step.key == "responsibilities":
            for key, title in FUNCTIONS.items():
                self._add(f"function-{key}", forms.CharField(label=title, required=False, max_length=300))
        if step.key == "tier" and pack is not None:
            for question in pack.tiers.questionnaire:
                choices = [*((option.value, option.label) for option in question.options), ("", "Not answered yet")]
                asked = forms.ChoiceField(
                    label=question.text, help_text=question.help, required=False, widget=forms.RadioSelect,
                    choices=choices,
                )  # fmt: skip
                self._add(f"answer-{question.id}", asked)

    def _ask_regimes(self, pack: PackDocument | None) -> None:
        for regime in declared_regimes(pack):
            scope = forms.ChoiceField(label=regime.title, help_text=regime.scope, choices=SCOPES, required=False)
            scope.initial = "not_stated"
            self._add(f"regime-{regime.id}", scope)
            why = forms.CharField(label=f"{regime.title}: why", required=False, max_length=1000)
            self._add(f"because-{regime.id}", why)

    def _add(self, name: str, field: forms.Field) -> None:
        widget = field.widget
        look = "form-check-input" if isinstance(widget, forms.RadioSelect) else "form-control"
        widget.attrs["class"] = "form-select" if type(widget) is forms.Select else look
        self.fields[name] = field
