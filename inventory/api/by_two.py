"""Decisions of two people over REST: what is shown of every kind, and how a verb is carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.serializers import Offered
from governance.rest.views import PortalViewSet
from inventory.api.references import system_named
from inventory.api.serializers import PersonShown
from inventory.services.by_two import Decisions


class DecidedShown(serializers.Serializer[Any]):
    """Who decided and how it ended, as far as it came."""

    decided_by = PersonShown(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField()
    ended_by = PersonShown(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    available_actions = Offered(many=True)


def by_state_and_system(states: list[str]) -> dict[str, Filter]:
    """The filters of their lists."""
    return {
        "state": Filter("state", "How far it came.", choices=states),
        "system": Filter("system__slug", "Slug of the system.", limit=120),
    }


class ByTwoViews(PortalViewSet):
    """What the doors of every kind share; a kind names its rows, its verbs and how they are carried out."""

    ordering = ("-id",)
    decisions: ClassVar[Decisions[Any]]
    rows: ClassVar[Callable[[], QuerySet[Any]]]
    begin: ClassVar[Callable[..., Any]]
    move: ClassVar[Callable[..., Any]]
    noun: ClassVar[str]
    place: ClassVar[str]

    def begun(self) -> Response:
        """Begin one for the system the input names."""
        self.authorise(None)
        values = self.input()
        system = system_named(self.person, values.pop("system"))

        def begin() -> Answer:
            row = type(self).begin(actor=self.person, system=system, door=Door.API, **values)
            return self.creation(self.one(row).data, f"{self.place}{row.pk}/", self.decisions.version(row))

        return self.created(begin)

    def carry_out(self, verb: str) -> Response:
        """Do one thing about the one the address names, and show it."""
        row = self.get_object()
        expected = self.expected(self.decisions.version(row))
        type(self).move(verb, actor=self.person, expected=expected, door=Door.API, **{self.noun: row}, **self.input())
        return self.one(row)

    def one(self, row: Any) -> Response:
        """It as it is now, with what this person could do about it."""
        fresh: Any = type(self).rows().get(pk=row.pk)
        fresh.available_actions = self.decisions.offers(fresh, self.person)
        return self.shown(fresh, self.answers["retrieve"](fresh).data, self.decisions.version(fresh))
