"""Handing over what somebody left: all of it listed, a successor for each kind or each thing, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door
from governance.web.handing_over import LEGACIES, Left, Legacy
from governance.web.pages import WritingPage
from inventory.services.handing_over import REASON, hand_over, successor_named

NAME = 150


@dataclass(frozen=True, slots=True)
class Line:
    """One thing with what was typed for it."""

    thing: Left
    field: str
    typed: str


class HandOver(WritingPage):
    """All that was one person's. Each thing is handed over by the service of its own app, for itself."""

    permission = Permission.PERSON_CHANGE
    verb = "assignment.create"
    template_name = "inventory/hand_over.html"
    http_method_names = ["get", "head", "post"]

    def prepare(self) -> None:
        """Judge the permission first, so that nobody else learns which numbers are people."""
        super().prepare()
        found = User.objects.filter(pk=self.kwargs["pk"], kind=User.Kind.HUMAN).first()
        if found is None:
            raise NotVisible
        self.leaver = found
        self.left = [(legacy, list(legacy.left(found))) for legacy in LEGACIES]

    def context(self) -> dict[str, Any]:
        """Every kind with its things and what was typed."""
        typed = self.request.POST
        groups = [
            {
                "legacy": legacy, "field": _field(legacy), "typed": typed.get(_field(legacy), ""),
                "lines": [
                    Line(thing, _field(legacy, thing), typed.get(_field(legacy, thing), "")) for thing in things
                ],
            }
            for legacy, things in self.left
        ]  # fmt: skip
        people = User.objects.filter(kind=User.Kind.HUMAN, is_active=True, closed_at=None).exclude(pk=self.leaver.pk)
        return {
            **super().context(), "leaver": self.leaver, "groups": groups, "people": people.order_by("name", "pk"),
            "reason": typed.get("reason", ""), "empty": not any(things for _, things in self.left),
        }  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hand over what has a successor; what one service refuses leaves the rest."""
        wanted = [(legacy, thing) for legacy, things in self.left if legacy.give for thing in things]
        fields = {_field(legacy, thing) for legacy, thing in wanted} | {_field(legacy) for legacy, _ in wanted}
        self.refuse_unknown({"reason", *fields})
        checks = Checks()
        reason = checks.text("reason", request.POST.get("reason", ""), limit=REASON, required=True)
        people = {name: self._named(checks, name) for name in sorted(fields) if request.POST.get(name, "").strip()}
        if not people:
            checks.refuse("successor", "Name a successor for something.")
        try:
            checks.done()
        except InvalidInput as invalid:
            return self.show(400, errors=[text for texts in invalid.errors.values() for text in texts])
        given = [
            (legacy, thing, successor)
            for legacy, thing in wanted
            if (successor := people.get(_field(legacy, thing)) or people.get(_field(legacy)))
        ]
        outcomes = hand_over(actor=self.person, leaver=self.leaver, given=given, reason=reason, door=Door.WEB)
        self.left = [(legacy, list(legacy.left(self.leaver))) for legacy in LEGACIES]
        done = any(not outcome.reasons for outcome in outcomes)
        return self.show(200 if done else 409, outcomes=outcomes)

    def _named(self, checks: Checks, field: str) -> User | None:
        name = checks.text(field, self.request.POST[field], limit=NAME)
        found = successor_named(name)
        if found is None:
            checks.refuse(field, f"Nobody with an open account is called “{name}”.")
        return found


def _field(legacy: Legacy, thing: Left | None = None) -> str:
    return f"to-{legacy.key}" if thing is None else f"to-{legacy.key}-{thing.key}"
