"""Forms of the incident room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.access.models import User
from governance.access.vocabulary import Role
from incidents.forms import IN_UTC
from incidents.models import IncidentLink, IncidentUpdate

ROLES = [(role.value, role.value.replace("_", " ").capitalize()) for role in Role]


class UpdateForm(forms.Form):
    """What is told to whom, and when they hear again."""

    audience = forms.ChoiceField(choices=[("", "Choose"), *IncidentUpdate.Audience.choices], label="For whom")
    text = forms.CharField(
        label="What they are told", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="It is sent as it stands, and cannot be taken back.",
    )  # fmt: skip
    roles = forms.MultipleChoiceField(
        choices=ROLES, required=False, label="Roles on this system", widget=forms.CheckboxSelectMultiple,
        help_text="Whoever holds one of them now is told by e-mail.",
    )  # fmt: skip
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, label="People", widget=forms.CheckboxSelectMultiple
    )
    next_due = forms.DateTimeField(
        label="They hear again by", required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=f"{IN_UTC} An alarm goes off if they do not. Left empty, nothing is promised.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class StatusForm(forms.Form):
    """One sentence for executives."""

    sentence = forms.CharField(
        label="Where it stands, in one sentence",
        max_length=200,
        help_text="Shown on lists and dashboards until the next.",
    )


class LinkForm(forms.Form):
    """Where else to look."""

    kind = forms.ChoiceField(choices=[("", "Choose"), *IncidentLink.Kind.choices], label="What is there")
    title = forms.CharField(label="In words", max_length=200)
    url = forms.CharField(label="Address", max_length=2000, help_text="Begins with https://.")
