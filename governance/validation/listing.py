"""What the list of findings can show and be narrowed by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet

from governance.database.clock import portal_now
from governance.validation import queries
from governance.validation.models import Finding
from governance.web.lists import Listing

UNANSWERED = (Finding.State.OPEN, Finding.State.ANSWERED)


class FindingFilter(forms.Form):
    """Which findings."""

    state = forms.ChoiceField(
        choices=[("", "Not settled"), *Finding.State.choices, ("every", "Every state")], required=False
    )
    category = forms.ChoiceField(choices=[("", "Every category"), *Finding.Category.choices], required=False)
    severity = forms.SlugField(max_length=40, required=False)
    system = forms.SlugField(max_length=120, required=False, label="System (its address)")
    late = forms.BooleanField(required=False, label="Past their due date, or the end of the acceptance")


def narrow(rows: QuerySet[Finding], wanted: Mapping[str, Any]) -> QuerySet[Finding]:
    """By state, category, severity, system, and whether they are late; those not settled unless asked otherwise."""
    if wanted["state"] != "every":
        rows = rows.filter(state=wanted["state"]) if wanted["state"] else rows.filter(queries.unsettled())
    if wanted["late"]:
        rows = rows.filter(Q(state__in=UNANSWERED, due__lt=portal_now()) | queries.lapsed())
    if wanted["system"]:
        rows = rows.filter(release__system__slug=wanted["system"])
    named = {name: wanted[name] for name in ("category", "severity") if wanted[name]}
    return rows.filter(**named)


FINDINGS: Final = Listing(
    key="findings", title="Findings", page="validation:finding_list", order=30,
    columns={
        "release": "Release", "severity": "Severity", "category": "Category", "state": "State", "due": "Due",
        "raised": "Raised", "answered": "Answered by", "verified": "Verified by", "accepted": "Risk accepted until",
        "gate": "Closes the gate",
    },
    usual=("release", "severity", "category", "state", "due", "raised"),
    filters=lambda query, person: FindingFilter(query),
)  # fmt: skip
