"""Forms of notifications."""

from __future__ import annotations

from django import forms

from governance.notify import handoffs
from governance.notify.models import Endpoint, Preference
from governance.notify.topics import CHOICES

_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
_PERHAPS = [("", "no quiet hours"), *_HOURS]


def _hour(value: str) -> int | None:
    return int(value) if value else None


class PreferenceForm(forms.Form):
    """When and of what a person is told."""

    rhythm = forms.ChoiceField(label="How often", choices=Preference.Rhythm.choices)
    digest_hour = forms.TypedChoiceField(label="Once a day at", choices=_HOURS, coerce=int)
    quiet_from = forms.TypedChoiceField(
        label="Quiet from", choices=_PERHAPS, coerce=_hour, required=False, empty_value=None
    )
    quiet_until = forms.TypedChoiceField(
        label="Quiet until", choices=_PERHAPS, coerce=_hour, required=False, empty_value=None,
        help_text="What happens meanwhile comes in one message afterwards.",
    )  # fmt: skip
    zone = forms.CharField(label="Time zone", max_length=60, help_text="As Europe/Berlin or America/New_York.")
    muted = forms.MultipleChoiceField(
        label="Do not tell me of", choices=CHOICES, required=False, widget=forms.CheckboxSelectMultiple
    )


class EndpointForm(forms.Form):
    """Where to send what."""

    name = forms.CharField(label="Name", max_length=120, help_text="What receives it, as “Data platform alerts”.")
    url = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="Begins with https://. It is shown nowhere afterwards. For a wiki, {id} is the incident's number.",
    )
    form = forms.ChoiceField(label="Form", choices=Endpoint.Form.choices)
    topics = forms.MultipleChoiceField(
        label="Topics", choices=CHOICES, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all of them. Reminders go to people only.",
    )  # fmt: skip
    credential = forms.CharField(
        label="Key", max_length=500, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="PagerDuty: the routing key. Tickets and wikis: what stands in Authorization. Shown nowhere "
        "afterwards.",
    )  # fmt: skip
    template = forms.JSONField(
        label="Template of a ticket", required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text='Tickets only, like {"fields": {"project": {"key": "ML"}, "issuetype": {"name": "Bug"}, "summary": '
        f'"{{title}}", "description": "{{text}} {{href}}"}}}}. Fields: {", ".join(handoffs.FIELDS)}.',
    )  # fmt: skip
    answer_key = forms.CharField(
        label="Where the answer names the ticket", max_length=100, required=False, help_text="Tickets only, like key."
    )
    answer_link = forms.CharField(
        label="Address of a ticket", max_length=1000, required=False,
        help_text="Tickets only, like https://jira.example.com/browse/{key}. It is kept as a link of the incident.",
    )  # fmt: skip
