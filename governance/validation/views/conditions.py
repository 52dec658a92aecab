"""Conditions of conditional signatures: the page of one, and what is done about one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.validation import queries, services
from governance.validation.forms import ConfirmationForm, EvidenceForm, ReadReasonForm
from governance.validation.models import Condition
from governance.validation.promises import standings_of
from governance.validation.views.verbs import VerbPage, buttons
from governance.web.pages import DetailPage

LABELS = {"claim": "Report as fulfilled", "confirm": "Confirm as met", "refuse": "Send back"}


class ConditionPage(DetailPage[Condition]):
    """A promise with its evidence and what this person can do about it."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/condition.html"

    def objects(self) -> QuerySet[Condition]:
        """Conditions with their submission and people."""
        return queries.conditions()

    def context(self) -> dict[str, Any]:
        """Adds the verbs."""
        condition = self.object
        verbs = buttons("condition", condition, queries.condition_offers(self.person, condition), LABELS)
        shown = {"condition": condition, "release": condition.submission.release, "verbs": verbs}
        return {**super().context(), **shown, "standing": standings_of([condition]).get(condition.pk)}


class ConditionVerb(VerbPage[Condition], abstract=True):
    """One thing done about a condition."""

    def objects(self) -> QuerySet[Condition]:
        """Conditions with their submission and people."""
        return queries.conditions()

    def offers(self) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.condition_offers(self.person, self.object, every=True)

    def back(self) -> str:
        """The page of the condition."""
        return reverse("validation:condition_detail", args=[self.object.pk])


class ConditionJudgement(ConditionVerb, abstract=True):
    """Something said about the evidence of a condition, bound to the evidence the form shows."""

    template_name = "validation/judgement.html"

    def initial(self) -> dict[str, Any]:
        """The version of the condition the person reads."""
        return {"seen": queries.condition_version(self.object)}

    def context(self) -> dict[str, Any]:
        """Adds what is judged."""
        promise = self.object
        read = [("What is promised", promise.text), (f"Evidence by {promise.claimed_by}", promise.evidence)]
        return {**super().context(), "read": read}


class ConditionClaim(ConditionVerb):
    """Report a condition as fulfilled."""

    verb, label, form_class = "condition.claim", LABELS["claim"], EvidenceForm
    message = "Reported. Somebody else confirms it now."

    def do(self, values: dict[str, Any]) -> None:
        """Report it."""
        services.claim_condition(actor=self.person, condition=self.object, door=Door.WEB, **values)


class ConditionConfirm(ConditionJudgement):
    """Confirm a condition as met."""

    verb, label, form_class = "condition.confirm", LABELS["confirm"], ConfirmationForm
    message = "The condition is met."

    def do(self, values: dict[str, Any]) -> None:
        """Confirm it."""
        services.confirm_condition(actor=self.person, condition=self.object, door=Door.WEB, **values)


class ConditionRefuse(ConditionJudgement):
    """Send a condition back as not fulfilled."""

    verb, label, form_class = "condition.refuse", LABELS["refuse"], ReadReasonForm
    message = "The condition is open again."

    def do(self, values: dict[str, Any]) -> None:
        """Send it back."""
        services.refuse_condition(actor=self.person, condition=self.object, door=Door.WEB, **values)
