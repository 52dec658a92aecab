"""Forms of changes: they read what was typed; what it may mean, the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.access.models import User
from governance.changes.models import Change
from governance.policy.sections import Changes
from inventory.models import Asset, Release

IN_UTC = "In UTC."
ANSWER = "answer_"


def _lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _text(label: str, *, required: bool = False, rows: int = 3, hint: str = "") -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=10_000, widget=_lines(rows), help_text=hint)


class RequestForm(forms.Form):
    """A request; kinds and questions are those of the policy in force."""

    title = forms.CharField(label="What changes, in a few words", max_length=200)
    kind = forms.ChoiceField(label="Kind of change")
    what = _text("What changes", rows=4, hint="Markdown.")
    why = _text("Why")
    components = _text("Affected components", hint="One a line: a model, a data source, an interface, a third party.")
    assets = forms.ModelMultipleChoiceField(
        Asset.objects.none(), required=False, label="Affected assets", widget=forms.CheckboxSelectMultiple,
        help_text="Whatever depends on one of them is shown to those who decide.",
    )  # fmt: skip
    target_release = forms.ModelChoiceField(
        Release.objects.none(), required=False, label="Release that carries it out", empty_label="Not known yet"
    )
    planned_from = forms.DateTimeField(label="Planned from", required=False, widget=_moment(), help_text=IN_UTC)
    planned_until = forms.DateTimeField(label="Planned until", required=False, widget=_moment(), help_text=IN_UTC)
    test_plan = _text("Test plan", hint="What is tried, on which data, and what counts as passed.")
    rollback_plan = _text("Roll-back plan", hint="How you go back if it fails, and how long that takes.")
    rollback_release = forms.ModelChoiceField(
        Release.objects.none(), required=False, label="Release to go back to", empty_label="None"
    )
    communication = _text("Who is told, when and how", rows=2)
    emergency = forms.BooleanField(
        required=False, label="This is an emergency: it is carried out first and ratified afterwards"
    )

    def __init__(
        self,
        *arguments: Any,
        rules: Changes | None,
        releases: QuerySet[Release],
        assets: QuerySet[Asset],
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.fields["assets"].queryset = assets  # type: ignore[attr-defined]
        kinds = rules.kinds if rules else ()
        self.fields["kind"].choices = [("", "Choose"), *((kind.id, kind.title) for kind in kinds)]  # type: ignore[attr-defined]
        for name in ("target_release", "rollback_release"):
            self.fields[name].queryset = releases  # type: ignore[attr-defined]
        for question in rules.questions if rules else ():
            choices = [("", "Not answered yet"), *((option.value, option.label) for option in question.options)]
            self.fields[f"{ANSWER}{question.id}"] = forms.ChoiceField(
                label=question.text, choices=choices, required=False, help_text=question.help
            )

    def described(self) -> dict[str, Any]:
        """The values as the services take them."""
        values = dict(self.cleaned_data)
        names = [name for name in values if name.startswith(ANSWER)]
        values["answers"] = {name.removeprefix(ANSWER): values.pop(name) for name in names}
        values["components"] = values["components"].splitlines()
        values["assets"] = list(values["assets"])
        return values


class DescribeForm(RequestForm):
    """A request described anew; its release has a button of its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        del self.fields["target_release"]


class Seen(forms.Form):
    """A form that says which version of the request was read."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class CommentForm(Seen):
    """A decision with an optional comment."""

    comment = _text("Comment")


class ReasonSeenForm(Seen):
    """A decision that needs a reason."""

    reason = _text("Why", required=True)


class VerifyForm(Seen):
    """How a change was seen to work."""

    verification = _text("What shows that it works", required=True)


class ReasonForm(forms.Form):
    """A reason."""

    reason = _text("Why", required=True)


class MaybeReasonForm(forms.Form):
    """A reason one may leave out."""

    reason = _text("Why")


class Nothing(forms.Form):
    """A verb that asks for nothing."""


class ResultsForm(forms.Form):
    """What the tests showed."""

    test_results = _text("Test results", required=True, rows=5, hint="Markdown.")


class MaterialityForm(forms.Form):
    """What the change comes to, and why other than the policy says."""

    materiality = forms.ChoiceField(label="It comes to", choices=Change.Materiality.choices)
    reason = _text("Why", required=True)


class ReleaseForm(forms.Form):
    """Which release carries the change out."""

    release = forms.ModelChoiceField(
        Release.objects.none(), required=False, label="Release that carries it out", empty_label="Not known yet"
    )

    def __init__(self, *arguments: Any, releases: QuerySet[Release], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["release"].queryset = releases  # type: ignore[attr-defined]


class RollBackForm(ReasonForm):
    """Why one goes back, and to which release."""

    release = forms.ModelChoiceField(
        Release.objects.none(), required=False, label="Release to go back to", empty_label="None"
    )

    def __init__(self, *arguments: Any, releases: QuerySet[Release], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["release"].queryset = releases  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """Whether a dependent system can live with the change."""

    agrees = forms.TypedChoiceField(
        label="Can this system live with it?", coerce=lambda word: word == "yes", widget=forms.RadioSelect,
        choices=[("yes", "Yes, go ahead"), ("no", "No, I object")],
    )  # fmt: skip
    comment = _text("Comment", hint="Who objects says why; the approver has to answer it.")


class NoteForm(forms.Form):
    """How a piece of follow-up work ended."""

    note = _text(
        "What was done, or why nothing is to be done",
        required=True,
        hint="Markdown. Name the change if one was asked for.",
    )


class HandOverForm(forms.Form):
    """Who has it from now on."""

    owner = forms.ModelChoiceField(User.objects.none(), label="Who does it", empty_label="Choose")
    reason = _text("Why", rows=2)

    def __init__(self, *arguments: Any, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
