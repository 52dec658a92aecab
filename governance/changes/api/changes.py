"""Changes over REST: asked for, assessed, decided, carried out, verified."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.changes import queries, services
from governance.changes.api import serializers as shapes
from governance.changes.models import Change
from governance.changes.together import CHANGES
from governance.inputs import InvalidInput, unreadable
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.together import TogetherDone, answered, asked
from governance.validation.api.records import RecordView
from governance.web.together import change_many
from inventory.api.references import system_named
from inventory.dependencies import assets_for
from inventory.models import Asset, Release

P = Permission
# Decisions are left to the service, so that whoever has a hand in a change is told that, and not only which right
# is missing.
_RIGHTS: dict[str, Permission | tuple[Permission, ...]] = {
    "describe": P.CHANGE_RAISE,
    "name_release": P.CHANGE_RAISE,
    "raise_materiality": (P.CHANGE_RAISE, P.CHANGE_APPROVE, P.CHANGE_VERIFY, P.HOLD_PLACE, P.RELEASE_SUSPEND),
    "lower_materiality": P.CHANGE_APPROVE,
    "submit": P.CHANGE_RAISE,
    "approve": P.SYSTEM_VIEW,
    "send_back": P.SYSTEM_VIEW,
    "reject": P.SYSTEM_VIEW,
    "withdraw": P.CHANGE_RAISE,
    "implement": P.CHANGE_IMPLEMENT,
    "emergency": P.CHANGE_IMPLEMENT,
    "record_results": P.CHANGE_IMPLEMENT,
    "verify": P.SYSTEM_VIEW,
    "roll_back": P.CHANGE_IMPLEMENT,
    "ratify": P.SYSTEM_VIEW,
    "refuse": P.SYSTEM_VIEW,
    "create_opinion": P.SYSTEM_VIEW,
}


_OTHERWISE = {"send_back": "change.return", "create_opinion": "change.answer"}


class ChangeViews(RecordView):
    """What is to be different on systems, who decided and who verified it."""

    queryset = queries.whole_changes()
    ordering = ("-id",)
    noun = "change"
    whole = shapes.ChangeDetail
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW, "retrieve": P.SYSTEM_VIEW, "create": P.CHANGE_RAISE, "together": P.SYSTEM_VIEW,
        **_RIGHTS,
    }  # fmt: skip
    verbs: ClassVar = {
        "create": "change.create",
        "together": "change.describe",
        **{verb: f"change.{verb}" for verb in _RIGHTS if verb not in _OTHERWISE},
        **_OTHERWISE,
    }
    serializers: ClassVar = {
        "create": shapes.ChangeAsked,
        "together": asked("ChangesTogether", "changes", [one.word for one in CHANGES.fields]),
        "describe": shapes.ChangeDescription,
        "name_release": shapes.ChangeNamed,
        "raise_materiality": shapes.ChangeMateriality,
        "lower_materiality": shapes.ChangeMateriality,
        "approve": shapes.ChangeComment,
        "send_back": shapes.ChangeBecause,
        "reject": shapes.ChangeBecause,
        "withdraw": shapes.ChangeWithdrawal,
        "emergency": shapes.ChangeBecause,
        "record_results": shapes.ChangeResults,
        "verify": shapes.ChangeVerification,
        "roll_back": shapes.ChangeRollBack,
        "ratify": shapes.ChangeComment,
        "refuse": shapes.ChangeBecause,
        "create_opinion": shapes.OpinionGiven,
    }
    answers: ClassVar = {
        "list": shapes.ChangeShown,
        "together": TogetherDone,
        **dict.fromkeys(("retrieve", "create", *_RIGHTS), shapes.ChangeDetail),
    }
    filters: ClassVar = {
        "kind": Filter("kind", "Kind of the policy.", limit=60),
        "materiality": Filter("materiality", "What it comes to.", choices=Change.Materiality.values),
        "release": Filter("target_release_id", "Number of the release that carries it out.", number=True),
        "state": Filter("state", "Where it stands.", choices=Change.State.values),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def records(self) -> QuerySet[Change]:
        """Changes with everything shown of them."""
        return queries.whole_changes()

    def shown_record(self, record: Model) -> Response:
        """The change as it is now, for this person, with what depends on it."""
        fresh = self.records().get(pk=record.pk)
        fresh.available_actions = self.offers(fresh)  # type: ignore[attr-defined]
        fresh.spread = queries.dependants(self.person, fresh)  # type: ignore[attr-defined]
        fresh.reported = queries.deployed(fresh)  # type: ignore[attr-defined]
        fresh.heard = queries.heard(self.person, fresh)  # type: ignore[attr-defined]
        return self.shown(fresh, self.whole(fresh).data, self.version(fresh))

    def offers(self, record: Change) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.change_offers(self.person, record)

    def version(self, record: Change) -> str:
        """A word that changes whenever the change is written."""
        return queries.version_of(record)

    def list(self, request: Request) -> Response:
        """Changes you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.ChangeShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One change with everything written about it and what you could do."""
        return self.shown_record(self.get_object())

    def create(self, request: Request) -> Response:
        """Ask for a change: a draft, with what the policy makes of it and why."""
        values = self.input()
        system = system_named(self.person, values.pop("system"))
        for field in ("target_release", "rollback_release"):
            values[field] = self._release(system.pk, field, values.get(field))
        values["assets"] = self._assets(values.get("assets", ()))

        def create() -> Answer:
            change = services.create_change(actor=self.person, system=system, door=Door.API, **values)
            shown = self.shown_record(change)
            return self.creation(shown.data, f"/api/v1/changes/{change.pk}/", shown["ETag"].strip('"'))

        return self.created(create)

    @action(detail=False, methods=["post"])
    def together(self, request: Request) -> Response:
        """Plan many changes, each judged for itself; `only_try` says what it would come to."""
        values = self.input()
        return answered(change_many(CHANGES, actor=self.person, keys=values.pop("changes"), door=Door.API, **values))

    @action(detail=True, methods=["post"])
    def describe(self, request: Request, pk: str) -> Response:
        """Describe a draft anew; the policy assesses it again."""
        return self.do(self._with_release(services.describe_change, "rollback_release"))

    @action(detail=True, methods=["post"], url_path="name-release")
    def name_release(self, request: Request, pk: str) -> Response:
        """Say which release carries it out."""
        return self.do(self._with_release(services.name_release, "release"))

    @action(detail=True, methods=["post"], url_path="raise-materiality")
    def raise_materiality(self, request: Request, pk: str) -> Response:
        """Say that it comes to more than the policy computed."""
        return self.do(services.raise_materiality)

    @action(detail=True, methods=["post"], url_path="lower-materiality")
    def lower_materiality(self, request: Request, pk: str) -> Response:
        """Say as an approver that it comes to less; a different approver decides on it."""
        return self.do(services.lower_materiality)

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Put a complete request up for approval."""
        return self.do(services.submit_change)

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve it, having had no hand in it."""
        return self._judged(services.approve_change)

    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: str) -> Response:
        """Send the request back to be described better."""
        return self._judged(services.return_change)

    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Reject it for good."""
        return self._judged(services.reject_change)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the request back before it is decided."""
        return self.do(services.withdraw_change)

    @action(detail=True, methods=["post"])
    def implement(self, request: Request, pk: str) -> Response:
        """Say that it is carried out; its verification falls due."""
        return self.do(services.implement_change)

    @action(detail=True, methods=["post"])
    def emergency(self, request: Request, pk: str) -> Response:
        """Say that an emergency change is carried out; its ratification falls due."""
        return self.do(services.carry_out_emergency)

    @action(detail=True, methods=["post"], url_path="record-results")
    def record_results(self, request: Request, pk: str) -> Response:
        """Write down what the tests showed."""
        return self.do(services.record_results)

    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """Confirm, having had no hand in it, that it works; this closes it."""
        return self._judged(services.verify_change)

    @action(detail=True, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Request, pk: str) -> Response:
        """Go back to an approved release; a ratification that was due stays due."""
        return self.do(self._with_release(services.roll_back_change, "release"))

    @action(detail=True, methods=["post"])
    def ratify(self, request: Request, pk: str) -> Response:
        """Approve an emergency change afterwards."""
        return self._judged(services.ratify_change)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse an emergency change afterwards: it has to be rolled back."""
        return self._judged(services.refuse_change)

    @action(detail=True, methods=["post"], url_path="opinions")
    def create_opinion(self, request: Request, pk: str) -> Response:
        """Say as an owner of a dependent system whether it can live with the change."""
        change, values = self.get_object(), self.input()
        system = system_named(self.person, values.pop("system"))

        def answer() -> Answer:
            services.answer_change(actor=self.person, change=change, system=system, door=Door.API, **values)
            shown = self.shown_record(change)
            return self.creation(shown.data, f"/api/v1/changes/{change.pk}/", shown["ETag"].strip('"'))

        return self.created(answer)

    def _judged(self, service: Callable[..., Model]) -> Response:
        """A decision on the version If-Match names; the service compares it under the lock."""

        def call(*, change: Change, **values: Any) -> Model:
            return service(change=change, seen=self.expected(self.version(change)) or None, **values)

        return self.do(call)

    def _with_release(self, service: Callable[..., Model], field: str) -> Callable[..., Model]:
        """The service with a release instead of its number."""

        def call(*, change: Change, **values: Any) -> Model:
            if field in values:
                values[field] = self._release(change.system_id, field, values[field])
            if "assets" in values:
                values["assets"] = self._assets(values["assets"])
            return service(change=change, **values)

        return call

    def _assets(self, slugs: Iterable[str]) -> Sequence[Asset]:
        wanted = list(dict.fromkeys(slugs))
        found = (
            list(assets_for(self.person).filter(slug__in=wanted)) if all(unreadable(s) is None for s in wanted) else []
        )
        if len(found) != len(wanted):
            raise InvalidInput({"assets": ["Must be assets you may see."]})
        return found

    def _release(self, system: int, field: str, key: int | None) -> Release | None:
        if key is None:
            return None
        release = Release.objects.filter(system=system, pk=key).first()
        if release is None:
            raise InvalidInput({field: ["Must be a release of this system."]})
        return release
