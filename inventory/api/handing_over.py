"""What somebody left, over REST: all of it listed, and handed over to successors, each thing by its own service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import Checks
from governance.ledger.acting import Door
from governance.lifecycle import Conflict
from governance.rest.serializers import Number, ProblemReason, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from governance.web.handing_over import LEGACIES, Left, Legacy
from inventory.api.serializers import PersonShown
from inventory.services.handing_over import REASON, hand_over, successor_named

MOST = 500


class ThingLeft(serializers.Serializer[Any]):
    """One thing that was theirs."""

    key = serializers.IntegerField()
    title = serializers.CharField()
    href = serializers.CharField()
    note = serializers.CharField(help_text="What happens to it meanwhile.")


class KindLeft(serializers.Serializer[Any]):
    """One kind of thing; where it takes no successor, who goes on with it."""

    kind = serializers.CharField(source="legacy.key")
    title = serializers.CharField(source="legacy.title")
    takes_successor = serializers.BooleanField(source="legacy.has_successor")
    otherwise = serializers.CharField(source="legacy.otherwise")
    things = ThingLeft(many=True)


class CameOf(serializers.Serializer[Any]):
    """What came of handing over one thing."""

    kind = serializers.CharField(source="legacy.key")
    key = serializers.IntegerField(source="thing.key")
    title = serializers.CharField(source="thing.title")
    successor = PersonShown()
    done = serializers.SerializerMethodField()
    reasons = ProblemReason(many=True, source="refusals")

    def get_done(self, outcome: Any) -> bool:
        """Whether it is the successor's now."""
        return not outcome.refusals


class LeftShown(serializers.Serializer[Any]):
    """All that was one person's, and after handing over what came of it."""

    person = PersonShown()
    closed_at = serializers.DateTimeField(source="person.closed_at", allow_null=True)
    left = KindLeft(many=True)
    outcomes = CameOf(many=True)


class Successor(StrictSerializer):
    """Who gets one thing, or everything of its kind that is not named for itself."""

    kind = Text(max_length=40)
    key = Number(required=False, min_value=1, help_text="Leave it out for all of the kind.")
    person = Text(max_length=150, help_text="Username.")


class HandedOver(StrictSerializer):
    """Input for handing over."""

    reason = Text(max_length=REASON)
    successors = Successor(many=True)


class LeaverViews(PortalViewSet):
    """People who leave, for the governance team."""

    queryset = User.objects.filter(kind=User.Kind.HUMAN)
    permissions: ClassVar = {"left": Permission.PERSON_CHANGE, "hand_over": Permission.PERSON_CHANGE}
    verbs: ClassVar = {"hand_over": "assignment.create"}
    serializers: ClassVar = {"hand_over": HandedOver}
    answers: ClassVar = {"left": LeftShown, "hand_over": LeftShown}

    def get_queryset(self) -> QuerySet[User]:
        """People; who may ask at all is judged before."""
        return self.queryset.all()

    def leaver(self, pk: str) -> User:
        """The person of this address. Raises Forbidden before it tells whether there is one, Http404."""
        rights.require(self.person, Permission.PERSON_CHANGE)
        found = self.get_queryset().filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    @action(detail=True, methods=["get"], url_path="hand-over")
    def left(self, request: Request, pk: str) -> Response:
        """All that is or was theirs."""
        return self._shown(self.leaver(pk), [])

    @left.mapping.post
    def hand_over(self, request: Request, pk: str) -> Response:
        """Give it to successors; what one service refuses leaves the rest, and 409 where nothing was done."""
        self.authorise(None)
        leaver, values = self.leaver(pk), self.input()
        checks = Checks()
        reason = checks.text("reason", values["reason"], limit=REASON, required=True, lines=True)
        given = _given(checks, leaver, values["successors"])
        checks.done()
        outcomes = hand_over(actor=self.person, leaver=leaver, given=given, reason=reason, door=Door.API)
        if all(outcome.refusals for outcome in outcomes):
            raise Conflict(*(refusal for outcome in outcomes for refusal in outcome.refusals))
        return self._shown(leaver, outcomes)

    def _shown(self, leaver: User, outcomes: list[Any]) -> Response:
        left = [{"legacy": legacy, "things": list(legacy.left(leaver))} for legacy in LEGACIES]
        return Response(LeftShown({"person": leaver, "left": left, "outcomes": outcomes}).data)


def _given(checks: Checks, leaver: User, wanted: list[dict[str, Any]]) -> list[tuple[Legacy, Left, User]]:
    """Each thing with its successor: one named for itself goes before one for all. Notes what cannot be read."""
    things = {
        legacy.key: (legacy, {thing.key: thing for thing in legacy.left(leaver)}) for legacy in LEGACIES if legacy.give
    }
    chosen: dict[tuple[str, int], User] = {}
    if not wanted or len(wanted) > MOST:
        checks.refuse("successors", f"Name 1 to {MOST} successors.")
    for number, each in sorted(enumerate(wanted[:MOST]), key=lambda one: "key" in one[1]):
        below = checks.below(f"successors.{number}")
        person = successor_named(each["person"])
        if person is None:
            below.refuse("person", "Nobody with an open account has this user name.")
        if each["kind"] not in things:
            below.refuse("kind", f"Must be one of: {', '.join(sorted(things))}.")
            continue
        keys = things[each["kind"]][1]
        if "key" in each and each["key"] not in keys:
            below.refuse("key", "Is nothing they left.")
        elif person is not None:
            chosen |= {(each["kind"], key): person for key in ([each["key"]] if "key" in each else keys)}
    if not checks.errors and not chosen:
        checks.refuse("successors", "They left nothing of that kind.")
    return [(things[kind][0], things[kind][1][key], person) for (kind, key), person in chosen.items()]
