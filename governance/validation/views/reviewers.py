"""Who reviews what: the queue of a lead, assigning, taking, handing back, relieving, and the load of each reviewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.validation import overdue, queries, reviewers, services
from governance.validation.forms import AssignForm
from governance.validation.models import Review, ReviewAssignment
from governance.validation.rules import independence
from governance.validation.services.reviewers import HAD_A_HAND
from governance.web.pages import ActionPage, ListPage, ObjectFormPage, Page
from governance.web.slots import Action
from inventory.models import Unit, UnitClosure

REASON, MOST = 500, 200


def address(review: Review) -> str:
    """The place of the review's page that says who reviews it."""
    return f"{reverse('validation:review_detail', args=[review.pk])}#reviewers"


def reviewing(request: HttpRequest, review: Review, person: User) -> dict[str, Any]:
    """Who reviews a stage, what happened before, and what this person can do about it."""
    acts = list(review.assignments.select_related("person", "by"))
    newest = {act.person_id: act for act in acts}
    standing = [act for act in newest.values() if act.act in reviewers.HOLDING]
    return {"standing": standing, "acts": acts, "actions": list(_actions(review, person, standing))}


def _actions(review: Review, person: User, standing: list[ReviewAssignment]) -> Iterable[Action]:
    """Buttons for whoever may press them while the stage is undecided."""
    if review.state not in reviewers.UNDECIDED:
        return
    allowed = rights.permissions_of(person, review)
    keys = {act.person_id for act in standing}
    dependent = independence(queries.review_facts(person, review).independence)

    def to(verb: str) -> str:
        return reverse(f"validation:review_{verb}", args=[review.pk])

    if person.pk in keys:
        yield Action("Hand it back", to("hand_back"), "arrow-back-up", asks_reason=True)
    elif review.permission in allowed and not dependent and len(standing) < review.quorum:
        yield Action("Take it", to("take"), "user-check")
    if Permission.REVIEW_ASSIGN not in allowed:
        return
    built = independence(queries.independence_facts(person, review.submission.release))
    had_a_hand = (HAD_A_HAND,) if built else ()
    yield Action("Assign a reviewer", to("assign"), "user-plus", link=True, reasons=had_a_hand)
    for act in standing:
        if act.person_id != person.pk and not had_a_hand:
            yield Action(
                f"Relieve {act.person}", to("relieve"), "x", asks_reason=True,
                fields=(("person", act.person.username),),
            )  # fmt: skip


class ReviewAssign(ObjectFormPage[Review]):
    """Ask somebody to review a stage; who may not is listed with the reason."""

    permission = Permission.REVIEW_ASSIGN
    verb = "review.assign"
    template_name = "validation/assign.html"
    form_class = AssignForm

    def objects(self) -> QuerySet[Review]:
        """Reviews with the submission they are of."""
        return queries.reviews()

    def prepare(self) -> None:
        """Adds everybody with the role of the stage, and who reviews it now."""
        super().prepare()
        self.candidates = reviewers.candidates(self.object)
        self.standing = reviewers.reviewers_of(self.object)

    def form_arguments(self) -> dict[str, Any]:
        """Whom there is to choose from."""
        keys = {each.pk for each in self.standing}
        free = [each for each in self.candidates if not each.reasons and each.person.pk not in keys]
        return {"candidates": free, "standing": self.standing, "full": len(self.standing) >= self.object.quorum}

    def context(self) -> dict[str, Any]:
        """The words around the form, and who may not."""
        return {
            **super().context(), "heading": "Assign a reviewer", "submit": "Assign", "cancel": address(self.object),
            "lead": f"{self.object}. Whoever is assigned is told; the right to sign stays with everybody who has it.",
            "pretitle": "Review queue", "others": [each for each in self.candidates if each.reasons],
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Assign and show the review."""
        made = services.assign_reviewer(actor=self.person, review=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done(f"{made.person} is asked to review it.", address(self.object))


class ReviewAct(ActionPage[Review], abstract=True):
    """One button about who reviews a stage; who may press it, the service says."""

    permission = Permission.SYSTEM_VIEW

    def objects(self) -> QuerySet[Review]:
        """Reviews with the submission they are of."""
        return queries.reviews()


class ReviewTake(ReviewAct):
    """Take a stage out of the queue."""

    verb = "review.take"

    def act(self) -> HttpResponseBase:
        """Take it."""
        services.take_review(actor=self.person, review=self.object, door=Door.WEB)
        return self.done("It is yours to review.", address(self.object))


class ReviewHandBack(ReviewAct):
    """Give a stage back to its queue."""

    verb = "review.hand_back"
    fields = frozenset({"reason"})

    def act(self) -> HttpResponseBase:
        """Give it back."""
        reason = self.text("reason", REASON)
        services.hand_back_review(actor=self.person, review=self.object, reason=reason, door=Door.WEB)
        return self.done("It is back in the queue.", address(self.object))


class ReviewRelieve(ReviewAct):
    """Take a stage from somebody."""

    permission = Permission.REVIEW_ASSIGN
    verb = "review.relieve"
    fields = frozenset({"person", "reason"})

    def act(self) -> HttpResponseBase:
        """Take it from them."""
        person = User.objects.filter(username=self.text("person", 150)).first()
        reason = self.text("reason", REASON)
        services.relieve_reviewer(actor=self.person, review=self.object, person=person, reason=reason, door=Door.WEB)
        return self.done("It is back in the queue.", address(self.object))


class TriageFilter(forms.Form):
    """Which part of the queue."""

    given = forms.ChoiceField(
        label="Assigned", choices=[("", "To nobody yet"), ("yes", "To somebody"), ("all", "All")], required=False
    )
    unit = forms.ModelChoiceField(Unit.objects.none(), to_field_name="slug", empty_label="Every unit", required=False)

    def __init__(self, *arguments: Any, units: QuerySet[Unit], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class TriageQueue(ListPage[Review]):
    """Undecided stages of the units a lead answers for, the longest waiting first."""

    permission = Permission.REVIEW_ASSIGN
    template_name = "validation/triage.html"
    filter_class = TriageFilter
    orders = {"oldest": ("id",), "newest": ("-id",)}
    default_order = "oldest"

    def filter_arguments(self) -> dict[str, Any]:
        """The units of this lead."""
        return {"units": rights.Sight(self.person, Permission.REVIEW_ASSIGN).units().order_by("name")}

    def objects(self) -> QuerySet[Review]:
        """Undecided reviews with those they are assigned to."""
        undecided = queries.reviews().filter(state__in=reviewers.UNDECIDED)
        return reviewers.with_reviewers(overdue.marked(undecided))

    def narrow(self, rows: QuerySet[Review], wanted: Mapping[str, Any]) -> QuerySet[Review]:
        """By unit, and whether somebody has it."""
        if wanted["unit"] is not None:
            below = UnitClosure.objects.filter(ancestor=wanted["unit"]).values("descendant")
            rows = rows.filter(submission__release__system__unit__in=below)
        if wanted["given"] == "all":
            return rows
        return rows.filter(reviewers.assigned() if wanted["given"] else ~reviewers.assigned())


class Workload(Page):
    """Who has how many reviews in the queues of a lead; somebody who leads none sees an empty board."""

    permission = Permission.REVIEW_ASSIGN
    template_name = "validation/workload.html"
    takes = frozenset()

    def prepare(self) -> None:
        """The rows are narrowed by the permission, as in a list."""

    def context(self) -> dict[str, Any]:
        """The desks, the fullest first, and how many stages lie on none."""
        loads = reviewers.workload(self.person, MOST)
        return {
            **super().context(), "loads": loads, "most": max((load.open for load in loads), default=0),
            "unassigned": reviewers.unassigned(self.person).count(),
        }  # fmt: skip
