"""Forms of the worksheet of failure modes: they read what was typed; the services judge it."""

from __future__ import annotations

from django import forms

from inventory.forms import LookMixin
from inventory.models import LookAlike


def _lines(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, max_length=10_000, widget=forms.Textarea({"rows": 3}))


class FailureModeForm(LookMixin, forms.Form):
    """What, who, when, how."""

    what = _lines("What goes wrong?", "A wrong answer, no answer, a right answer to the wrong question, misuse.")
    who = _lines("Who?", "Who is harmed first and worst; who or what sets it off: users, attackers, suppliers, data.")
    when = _lines(
        "When?", "Under which circumstances: rare inputs, peak load, after a change, in which place or season."
    )
    how = _lines("How?", "How one notices, who steps in, how it is stopped and put right.")


class AnswerForm(LookMixin, forms.Form):
    """Whether a past incident could happen here."""

    answer = forms.ChoiceField(
        label="Your answer", widget=forms.RadioSelect, choices=[pair for pair in LookAlike.Answer.choices if pair[0]]
    )
    reason = forms.CharField(
        label="How it is treated, or why it cannot happen", max_length=10_000, widget=forms.Textarea({"rows": 4}),
        help_text="If it could: what keeps it from happening, or which risk stands for it. If not: because …",
    )  # fmt: skip
