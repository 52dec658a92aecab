"""Forms of the analysis of an incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from incidents.causes import CATEGORIES, FACTORS
from inventory.models import Risk

ANOTHER = "Something else"


class WhyForm(forms.Form):
    """The next question of the chain."""

    question = forms.CharField(label="Why …", max_length=300)
    answer = forms.CharField(label="Because …", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    root = forms.BooleanField(
        label="This is the root cause", required=False,
        help_text="The chain ends here. Where no root cause is written down yet, this answer becomes it.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, before: str = "", **options: Any) -> None:
        super().__init__(*arguments, **options)
        if before:
            self.fields["question"].help_text = f"About: “{before[:200]}”"


class FactorForm(forms.Form):
    """What contributed, by where it lies."""

    cause = forms.ChoiceField(
        label="What contributed",
        choices=[
            ("", "Choose"),
            *(
                (
                    title,
                    [*((f"{word}:{factor}", words) for factor, words in FACTORS[word].items()), (f"{word}:", ANOTHER)],
                )
                for word, title in CATEGORIES.items()
            ),
        ],
        help_text="The trends count what contributes again and again.",
    )
    text = forms.CharField(label="How, here", max_length=300)


class SimilarForm(forms.Form):
    """Another incident, and what is alike."""

    which = forms.ChoiceField(label="Which went wrong alike")
    note = forms.CharField(label="What is alike", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *arguments: Any, ours: Mapping[int, str], others: Mapping[int, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        groups = (("Ours", "incident", ours), ("What others had", "past", others))
        chosen = [
            (title, [(f"{kind}:{key}", text[:120]) for key, text in rows.items()]) for title, kind, rows in groups
        ]
        self.fields["which"].choices = [("", "Choose"), *(group for group in chosen if group[1])]  # type: ignore[attr-defined]


class ForeseenForm(forms.Form):
    """The risk that had foreseen it, or none."""

    risk = forms.ModelChoiceField(
        Risk.objects.none(), required=False, label="Foreseen by", empty_label="None of them: it was not foreseen",
        help_text="Where none had, somebody who keeps the register is asked to write the risk down.",
    )  # fmt: skip
    note = forms.CharField(
        required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the risk said and what came otherwise; or why nobody thought of it.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, risks: QuerySet[Risk], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["risk"].queryset = risks  # type: ignore[attr-defined]


class RiskForm(forms.Form):
    """A new entry of the risk register, filled from the incident."""

    title = forms.CharField(label="What could happen again", max_length=200)
    area = forms.ChoiceField(label="Area of impact", choices=[("", "Choose"), *Risk.Area.choices])
    source = forms.CharField(label="Where it comes from", required=False, max_length=10_000)
    cause = forms.CharField(required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))
    effect = forms.CharField(
        label="What follows", required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )
