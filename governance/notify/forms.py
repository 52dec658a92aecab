"""Forms of notifications."""

from __future__ import annotations

from django import forms

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
        label="Address", max_length=2000, help_text="Begins with https://. It is shown nowhere afterwards."
    )
    form = forms.ChoiceField(label="Form", choices=Endpoint.Form.choices)
    topics = forms.MultipleChoiceField(
        label="Topics", choices=CHOICES, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all of them. Reminders go to people only.",
    )  # fmt: skip
