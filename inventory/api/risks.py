"""The risk register over REST: identified, graded, treated, accepted, reviewed, closed, taken up again."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.serializers import Instant, Offered, StrictSerializer, Text
from governance.rest.together import TogetherDone, answered, asked
from governance.rest.views import PortalViewSet
from governance.web.together import change_many
from inventory.api.references import system_named
from inventory.api.serializers import PersonShown
from inventory.models import Risk
from inventory.risks import risk_rows
from inventory.services.risks import VERBS_OF_RISK, identify_risk, risk_offers, risk_version
from inventory.services.together import RISKS

P = Permission
LONG = 10_000


class RiskListed(serializers.Serializer[Any]):
    """A line of the register."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    title = serializers.CharField()
    area = serializers.ChoiceField(Risk.Area.values)
    state = serializers.ChoiceField(Risk.State.values)
    likelihood = serializers.CharField()
    consequence = serializers.CharField()
    level = serializers.CharField(help_text="By the matrix of the policy; empty until graded.")
    treatment = serializers.CharField()
    residual_level = serializers.CharField()
    accepted_until = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class RiskShown(RiskListed):
    """Everything recorded of a risk."""

    source = serializers.CharField()  # type: ignore[assignment]  # the wire's word
    cause = serializers.CharField()
    effect = serializers.CharField()
    consulted = serializers.CharField()
    plan = serializers.CharField()
    cost = serializers.DecimalField(14, 2, allow_null=True)
    benefit = serializers.DecimalField(14, 2, allow_null=True)
    owner = PersonShown(allow_null=True)
    due = serializers.DateTimeField(allow_null=True)
    residual_likelihood = serializers.CharField()
    residual_consequence = serializers.CharField()
    review_at = serializers.DateTimeField(allow_null=True)
    accepted_by = PersonShown(allow_null=True)
    acceptance = serializers.CharField()
    created_by = PersonShown()
    created_at = serializers.DateTimeField()
    available_actions = Offered(many=True)


class RiskIdentified(StrictSerializer):
    """Input for a new risk."""

    system = Text(allow_blank=False, max_length=120, help_text="Slug of its system.")
    title = Text(allow_blank=False, max_length=200)
    area = serializers.ChoiceField(Risk.Area.values)
    source = Text(required=False, max_length=LONG)  # type: ignore[assignment]
    cause = Text(required=False, max_length=LONG)
    effect = Text(required=False, max_length=LONG)


class RiskAnalysed(StrictSerializer):
    """Input for a grade, in the words of the policy."""

    likelihood = Text(allow_blank=False, max_length=60)
    consequence = Text(allow_blank=False, max_length=60)
    consulted = Text(required=False, max_length=LONG)


class RiskReviewed(StrictSerializer):
    """Input for what remains now."""

    residual_likelihood = Text(allow_blank=False, max_length=60)
    residual_consequence = Text(allow_blank=False, max_length=60)
    review_at = Instant(required=False, allow_null=True)


class RiskTreated(RiskReviewed):
    """Input for a treatment."""

    treatment = serializers.ChoiceField(["mitigate", "transfer", "avoid"])
    plan = Text(allow_blank=False, max_length=LONG)
    owner = Text(allow_blank=False, max_length=150, help_text="Username of who does it.")
    due = Instant()
    cost = serializers.DecimalField(14, 2, required=False, allow_null=True, min_value=0)
    benefit = serializers.DecimalField(14, 2, required=False, allow_null=True, min_value=0)


class RiskAccepted(StrictSerializer):
    """Input for an acceptance: until when, and why."""

    until = Instant()
    reason = Text(allow_blank=False, max_length=2000)


class RiskEntrusted(StrictSerializer):
    """Input for who treats it and when it is looked at again; what is left out stays."""

    owner = Text(required=False, allow_blank=False, max_length=150, help_text="Username of who does it.")
    review_at = Instant(required=False)
    reason = Text(allow_blank=False, max_length=500)


class RiskReason(StrictSerializer):
    """Why."""

    reason = Text(allow_blank=False, max_length=2000)


_VERBS = tuple(VERBS_OF_RISK)


class RiskViews(PortalViewSet):
    """What could go wrong with systems, and what is done about it."""

    queryset = risk_rows()
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.RISK_CHANGE,
        **dict.fromkeys(("analyse", "treat", "review", "entrust", "close", "reopen"), P.RISK_CHANGE),
        "accept": P.RISK_ACCEPT,
        "together": P.SYSTEM_VIEW,
    }
    verbs: ClassVar = {
        "create": "risk.identify",
        "together": "risk.entrust",
        **{verb: f"risk.{verb}" for verb in _VERBS},
    }
    serializers: ClassVar = {
        "create": RiskIdentified,
        "analyse": RiskAnalysed,
        "treat": RiskTreated,
        "accept": RiskAccepted,
        "review": RiskReviewed,
        "entrust": RiskEntrusted,
        "together": asked("RisksTogether", "risks", [one.word for one in RISKS.fields]),
        "close": RiskReason,
        "reopen": RiskReason,
    }
    answers: ClassVar = {
        "list": RiskListed,
        "together": TogetherDone,
        **dict.fromkeys(("retrieve", "create", *_VERBS), RiskShown),
    }
    filters: ClassVar = {
        "area": Filter("area", "Where it would hurt first.", choices=Risk.Area.values),
        "level": Filter("level", "Level of the policy.", limit=60),
        "state": Filter("state", "How far it is worked through.", choices=Risk.State.values),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Risks of systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), RiskListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One risk with what you could do about it."""
        return self._shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Write down what could go wrong with a system."""
        self.authorise(None)
        values = self.input()
        system = system_named(self.person, values.pop("system"))

        def identify() -> Answer:
            risk = identify_risk(actor=self.person, system=system, door=Door.API, **values)
            return self.creation(self._shown(risk).data, f"/api/v1/risks/{risk.pk}/", risk_version(risk))

        return self.created(identify)

    @action(detail=True, methods=["post"])
    def analyse(self, request: Request, pk: str) -> Response:
        """Say how likely it is and how bad."""
        return self._do("analyse")

    @action(detail=True, methods=["post"])
    def treat(self, request: Request, pk: str) -> Response:
        """Say what is done about it, and what remains."""
        return self._do("treat")

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept what remains, until an instant."""
        return self._do("accept")

    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """Look at it again."""
        return self._do("review")

    @action(detail=True, methods=["post"])
    def entrust(self, request: Request, pk: str) -> Response:
        """Have somebody else treat it, or look at it again by another day."""
        return self._do("entrust")

    @action(detail=False, methods=["post"])
    def together(self, request: Request) -> Response:
        """Give many risks to somebody, or another day, each judged for itself; `only_try` says what it comes to."""
        values = self.input()
        return answered(change_many(RISKS, actor=self.person, keys=values.pop("risks"), door=Door.API, **values))

    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Say that it can no longer happen."""
        return self._do("close")

    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take a closed risk up again."""
        return self._do("reopen")

    def _do(self, verb: str) -> Response:
        risk = self.get_object()
        expected = self.expected(risk_version(risk))
        values = self.input()
        if "owner" in values:
            name = values["owner"]
            owner = User.objects.filter(username=name).first() if "\0" not in name else None
            if owner is None:
                raise InvalidInput({"owner": ["Must be a person with an open account."]})
            values["owner"] = owner
        VERBS_OF_RISK[verb](actor=self.person, risk=risk, expected=expected, door=Door.API, **values)
        return self._shown(risk)

    def _shown(self, risk: Risk) -> Response:
        fresh: Any = risk_rows().get(pk=risk.pk)
        fresh.available_actions = risk_offers(fresh, self.person)
        return self.shown(fresh, RiskShown(fresh).data, risk_version(fresh))
