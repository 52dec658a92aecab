"""Forms of what follows an incident: its review, what action items became, better playbooks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Model, QuerySet

from governance.policy.sections import Playbook
from incidents.forms import choose
from incidents.models import ActionLink

MOST = 200
_STEP = re.compile(r"(\d{1,4})\s*(?:h|hours?)?\s*:\s*(\S.*)")


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _text(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=10_000, widget=_lines(4), help_text=help_text)


class ReviewForm(forms.Form):
    """The review; it may be left half and taken up again."""

    root_cause = _text("Cause", "Why it happened, not who did it. Markdown.")
    response = _text("How it was met", "What went well, what did not, what was luck.")
    detection = _text("To improve in detection", "What would have shown it earlier, or to somebody else.")
    analysis = _text("To improve in analysis", "What would have found the cause sooner.")
    mitigation = _text("To improve in mitigation", "What would have kept the harm smaller.")
    review = _text("What is learnt", "In words that help the next one who meets something like it.")


class BecameForm(forms.Form):
    """What an action item became: one of the things of the same system."""

    target = forms.ChoiceField(label="What it became")

    def __init__(self, *arguments: Any, targets: Mapping[str, QuerySet[Any]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.targets = targets
        groups = [
            (_GROUPS[kind], [(f"{kind}:{row.pk}", str(row)[:120]) for row in targets[kind].order_by("-id")[:MOST]])
            for kind in targets
        ]
        chosen = [("", "Choose"), *((name, rows) for name, rows in groups if rows)]
        self.fields["target"].choices = chosen  # type: ignore[attr-defined]

    def clean_target(self) -> Model:
        """The thing itself."""
        kind, _, key = self.cleaned_data["target"].partition(":")
        found: Model = self.targets[kind].get(pk=int(key))
        return found


_GROUPS = dict(zip(ActionLink.TARGETS, ("Changes", "Risks", "What is watched", "Documents", "Playbooks"), strict=True))


class PlaybookProposalForm(forms.Form):
    """A playbook as it should be, one step on each line."""

    playbook = forms.ChoiceField()
    title = forms.CharField(required=False, max_length=300, help_text="Left empty, it keeps its title.")
    steps = forms.CharField(
        widget=_lines(10), max_length=20_000,
        help_text="One on each line, with the hours within which it is done: “24 h: Compare the distributions.”",
    )  # fmt: skip
    reason = forms.CharField(label="What was learnt", max_length=4000, widget=_lines(3))

    def __init__(self, *arguments: Any, playbooks: Sequence[Playbook], **options: Any) -> None:
        super().__init__(*arguments, **options)
        choose(self, "playbook", playbooks)

    def clean_steps(self) -> list[dict[str, Any]]:
        """Each line as a step."""
        steps = []
        for number, line in enumerate(filter(str.strip, self.cleaned_data["steps"].splitlines()), 1):
            found = _STEP.fullmatch(line.strip())
            if found is None:
                raise forms.ValidationError(f"Line {number} must be like “24 h: What is to be done”.")
            steps.append({"text": found[2], "within_hours": int(found[1])})
        return steps


class DecisionForm(forms.Form):
    """Why a version counts from now on, if there is something to say."""

    reason = forms.CharField(label="What speaks for it", required=False, max_length=2000, widget=_lines(3))


class SummaryForm(forms.Form):
    """What is told outside."""

    text = forms.CharField(
        label="What people outside may read", max_length=20_000, widget=_lines(22),
        help_text="Markdown. It names no person and no system of ours; somebody else approves it before it leaves.",
    )  # fmt: skip


def written(steps: Sequence[Any]) -> str:
    """Steps as the form of a proposal shows them."""
    return "\n".join(f"{step.within_hours} h: {step.text}" for step in steps)
