"""The policy in force over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.urls import path
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.policy import services
from governance.policy.clauses import Mapped, clause_map
from governance.policy.comparing import compare
from governance.policy.models import Pack, ReplayRun
from governance.policy.packs import PackInvalid
from governance.policy.queries import enforced_today, offers, pack_in_force, pack_named, packs, replayed, rules
from governance.policy.tasks import start_replay
from governance.rest.idempotency import Answer
from governance.rest.permissions import Audience
from governance.rest.serializers import Instant, Offered, StrictSerializer, Text
from governance.rest.views import PortalViewSet

P = Permission


class AnswerOption(serializers.Serializer[Any]):
    """One answer a question takes."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the wire's word, not the class's
    level = serializers.CharField(allow_null=True)


class TierQuestion(serializers.Serializer[Any]):
    """A question of the tier questionnaire; `id` is the key of its answer, an option's `value` the answer."""

    id = serializers.CharField()
    text = serializers.CharField()
    help = serializers.CharField(allow_blank=True)
    axis = serializers.CharField(allow_null=True)
    options = AnswerOption(many=True)


class PackInForce(serializers.Serializer[Any]):
    """The pack in force: its name, its questionnaire, and the whole document."""

    pack = serializers.CharField()
    version = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    digest = serializers.CharField()
    effective_from = serializers.DateTimeField()
    questionnaire = TierQuestion(many=True)
    tiers = serializers.DictField()
    stages = serializers.ListField()
    environments = serializers.ListField()
    requirements = serializers.ListField()
    approvals = serializers.DictField()
    documents = serializers.DictField(allow_null=True)
    findings = serializers.DictField(allow_null=True)
    monitoring = serializers.DictField(allow_null=True)
    changes = serializers.DictField(allow_null=True)
    incidents = serializers.DictField(allow_null=True)
    risks = serializers.DictField(allow_null=True)
    access = serializers.DictField(allow_null=True)
    cover = serializers.DictField(allow_null=True)
    regimes = serializers.ListField()
    overlays = serializers.ListField()


class PolicyViews(PortalViewSet):
    """The rules everybody works under."""

    permissions: ClassVar = {"current": Audience.SIGNED_IN}
    answers: ClassVar = {"current": PackInForce}

    def current(self, request: Request) -> Response:
        """The pack in force, with the questionnaire a system's tier is computed from."""
        pack = pack_in_force()
        if pack is None:
            raise Http404
        written = rules(pack).document
        document = written.model_dump(mode="json")
        document["regimes"] = [regime.model_dump(mode="json") for regime in written.all_regimes]
        facts = {"digest": pack.digest, "effective_from": pack.effective_from}
        return Response({**document, **facts, "questionnaire": document["tiers"]["questionnaire"]})


class PackListed(serializers.Serializer[Any]):
    """One pack and where it stands."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.CharField()
    title = serializers.CharField()
    digest = serializers.CharField()
    state = serializers.ChoiceField(Pack.State.values)
    effective_from = serializers.DateTimeField(allow_null=True)
    loaded_at = serializers.DateTimeField()
    proposed_by = serializers.CharField(source="proposed_by.username", default=None, allow_null=True)
    adopted_by = serializers.CharField(source="adopted_by.username", default=None, allow_null=True)


class PackShown(PackListed):
    """One pack with all it says and what you could do about it."""

    document = serializers.DictField()
    available_actions = Offered(many=True)


class MappedClause(serializers.Serializer[Any]):
    """A clause: since when, whether it counts today, and the requirements of the pack that serve it."""

    id = serializers.CharField(source="clause.id")
    label = serializers.CharField(source="clause.label")  # type: ignore[assignment]  # the word of the wire
    starts = serializers.DateField()
    begun = serializers.BooleanField()
    counsel_to_confirm = serializers.BooleanField(source="clause.counsel_to_confirm")
    requirements = serializers.SerializerMethodField()

    def get_requirements(self, line: Mapped) -> list[str]:
        """Their ids; none where the pack asks nothing for the clause."""
        return [requirement.id for requirement in line.requirements]


class RegimeMap(serializers.Serializer[Any]):
    """A regime of the pack with its clauses; `begun` says whether it counts today, `over` whether it no longer does."""

    id = serializers.CharField(source="regime.id")
    title = serializers.CharField(source="regime.title")
    scope = serializers.CharField(source="regime.scope")
    overlay = serializers.CharField(source="overlay.id", default=None, allow_null=True)
    starts = serializers.DateField(source="regime.starts")
    ends = serializers.DateField(source="regime.ends", allow_null=True)
    begun = serializers.BooleanField()
    over = serializers.BooleanField()
    clauses = MappedClause(many=True)


class ClauseMap(serializers.Serializer[Any]):
    """Outside rules beside what serves them."""

    pack = serializers.CharField()
    regimes = RegimeMap(many=True)


class PackSource(StrictSerializer):
    """A pack as YAML."""

    source = Text()  # type: ignore[assignment]  # the word of the wire


class PackDraft(StrictSerializer):
    """A new draft: its version, and settings by their name in the pack, like `approvals.validity_days.high`."""

    version = Text(allow_blank=False, max_length=40)
    settings = serializers.DictField(required=False)


class PackStart(StrictSerializer):
    """From when it is in force; now if left out."""

    effective_from = Instant(required=False, allow_null=True)


class PackWhy(StrictSerializer):
    """Why."""

    reason = Text(allow_blank=False, max_length=500)


class PackDifference(serializers.Serializer[Any]):
    """One place two packs say differently; null where it is not there."""

    place = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class PackDifferences(serializers.Serializer[Any]):
    """What a pack says otherwise than the one it is held against."""

    pack = serializers.CharField()
    against = serializers.CharField()
    differences = PackDifference(many=True)


class ReplayGate(serializers.Serializer[Any]):
    """A gate that would answer otherwise, and the requirements that make the difference."""

    system = serializers.CharField()
    release = serializers.CharField()
    environment = serializers.CharField()
    requirements = serializers.ListField(child=serializers.CharField())


class Replay(serializers.Serializer[Any]):
    """What a pack would change now; `digest` is the same for the same state and pack. `tiers` has system, from, to."""

    pack = serializers.CharField()
    digest = serializers.CharField()
    systems = serializers.IntegerField()
    opened = ReplayGate(many=True)
    closed = ReplayGate(many=True)
    tiers = serializers.ListField(child=serializers.DictField())
    reviews = serializers.IntegerField()
    documents = serializers.IntegerField()


class LegacyGate(serializers.Serializer[Any]):
    """A gate that would stay open on an approval from before the portal, until then."""

    system = serializers.CharField()
    release = serializers.CharField()
    environment = serializers.CharField()
    until = serializers.CharField(allow_null=True)


class Enforcing(serializers.Serializer[Any]):
    """What enforcing everywhere would close of the gates that are only observed now; `legacy` would stay open."""

    pack = serializers.CharField()
    digest = serializers.CharField()
    systems = serializers.IntegerField()
    releases = serializers.IntegerField()
    observed = serializers.IntegerField()
    closed = ReplayGate(many=True)
    legacy = LegacyGate(many=True)


class ReplayRunShown(serializers.Serializer[Any]):
    """A what-if left to a job: how far it is, in systems, and once it is told the answer in short.

    `answer` has every number, the digest of the whole answer and the first 200 gates of each list; null until then.
    """

    id = serializers.IntegerField()
    pack = serializers.CharField()
    question = serializers.ChoiceField(ReplayRun.Question.values)
    against = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by.username")
    asked_at = serializers.DateTimeField()
    state = serializers.ChoiceField(ReplayRun.State.values)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    answer = serializers.SerializerMethodField()

    def get_answer(self, run: ReplayRun) -> dict[str, Any] | None:
        """What came of it, once it is told."""
        return run.told or None


class PackViews(PortalViewSet):
    """Policy packs: drafts, proposals, what is in force and what was."""

    queryset = Pack.objects.all()
    ordering = ("-id",)
    permissions: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "clauses", "difference"), Audience.SIGNED_IN),
        **dict.fromkeys(("replay", "enforcing", "start_replay", "start_enforcing", "replay_run"), P.SYSTEM_VIEW),
        **dict.fromkeys(("create", "create_draft", "propose", "adopt", "refuse", "withdraw"), P.PACK_CHANGE),
    }  # fmt: skip
    verbs: ClassVar = {
        "create": "pack.load", "create_draft": "pack.load",
        "start_replay": "pack.replay", "start_enforcing": "pack.replay",
        **{verb: f"pack.{verb}" for verb in ("propose", "adopt", "refuse", "withdraw")}
    }  # fmt: skip
    query: ClassVar = {"difference": ("with",)}
    later: ClassVar = ("start_replay", "start_enforcing")
    serializers: ClassVar = {
        "create": PackSource, "create_draft": PackDraft, "adopt": PackStart, "refuse": PackWhy, "withdraw": PackWhy,
    }  # fmt: skip
    answers: ClassVar = {
        "list": PackListed, "replay": Replay, "enforcing": Enforcing, "clauses": ClauseMap,
        "difference": PackDifferences,
        **dict.fromkeys(("start_replay", "start_enforcing", "replay_run"), ReplayRunShown),
        **dict.fromkeys(("retrieve", "create", "create_draft", "propose", "adopt", "refuse", "withdraw"), PackShown),
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Pack]:
        """Rules hide from nobody who works under them."""
        return packs()

    def authorise(self, obj: Model | None) -> None:
        """The right over the rules is one of the organisation."""
        super().authorise(None)

    def list(self, request: Request) -> Response:
        """Every pack, newest first."""
        return self.listed(self.get_queryset(), PackListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One pack."""
        return self._shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Check a pack and store it as a draft; every error names its line."""
        self.authorise(None)
        source = self.input()["source"]

        def create() -> Answer:
            try:
                pack = services.load_pack(actor=self.person, source=source, door=Door.API)
            except PackInvalid as invalid:
                raise InvalidInput({"source": [str(error) for error in invalid.errors]}) from invalid
            return self.creation(self._shown(pack).data, f"/api/v1/packs/{pack.pk}/")

        return self.created(create)

    @action(detail=True, methods=["post"], url_path="drafts")
    def create_draft(self, request: Request, pk: str) -> Response:
        """Store a new draft that says what this pack says, but for its version and these settings."""
        pack, values = self.get_object(), self.input()

        def create() -> Answer:
            draft = services.edit_pack(
                actor=self.person, pack=pack, version=values["version"], values=values.get("settings", {}),
                door=Door.API,
            )  # fmt: skip
            return self.creation(self._shown(draft).data, f"/api/v1/packs/{draft.pk}/")

        return self.created(create)

    @action(detail=True, methods=["get"])
    def difference(self, request: Request, pk: str) -> Response:
        """What it says otherwise than the pack of the key `with`, or than the one in force if none is named."""
        pack, named = self.get_object(), request._request.GET.get("with", "")
        other = pack_named(named) if named else pack_in_force()
        if other is None:
            raise Http404
        found = compare(other.document, pack.document)
        return Response(PackDifferences({"pack": pack, "against": other, "differences": found}).data)

    @action(detail=True, methods=["post"])
    def propose(self, request: Request, pk: str) -> Response:
        """Put a draft up for adoption by somebody else."""
        return self._do(services.propose_pack)

    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: str) -> Response:
        """Adopt it, another person than who proposed it; in force now or later."""
        return self._do(services.adopt_pack)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Send it back to draft."""
        return self._do(services.refuse_pack)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take it back before it comes into force."""
        return self._do(services.withdraw_pack)

    @action(detail=True, methods=["get"])
    def clauses(self, request: Request, pk: str) -> Response:
        """Which requirements serve which clause of which outside rule, and since when each counts."""
        pack = self.get_object()
        found = clause_map(rules(pack).document, portal_now().date())
        return Response(ClauseMap({"pack": str(pack), "regimes": found}).data)

    @action(detail=True, methods=["get"])
    def replay(self, request: Request, pk: str) -> Response:
        """What it would change over the whole inventory if it were in force now."""
        rights.require(self.person, P.SYSTEM_VIEW)
        pack = self.get_object()
        return Response(replayed(rules(pack), str(pack)).document)

    @replay.mapping.post
    def start_replay(self, request: Request, pk: str) -> Response:
        """Have a job tell what it would change, of an inventory too large to wait for."""
        return self._start(ReplayRun.Question.CHANGE)

    @action(detail=True, methods=["get"])
    def enforcing(self, request: Request, pk: str) -> Response:
        """Which gates that are only observed now would close if it were enforced everywhere."""
        rights.require(self.person, P.SYSTEM_VIEW)
        pack = self.get_object()
        return Response(enforced_today(rules(pack), str(pack)).document)

    @enforcing.mapping.post
    def start_enforcing(self, request: Request, pk: str) -> Response:
        """Have a job tell which gates enforcing it would close, of an inventory too large to wait for."""
        return self._start(ReplayRun.Question.ENFORCING)

    @action(detail=True, methods=["get"], url_path="replays/(?P<run>[1-9][0-9]{0,17})")
    def replay_run(self, request: Request, pk: str, run: str) -> Response:
        """How far a what-if of this pack is, and what came of it."""
        rights.require(self.person, P.SYSTEM_VIEW)
        found = ReplayRun.objects.filter(pack=self.get_object(), pk=run).select_related("pack", "asked_by").first()
        if found is None:
            raise Http404
        return Response(ReplayRunShown(found).data)

    def _start(self, question: str) -> Response:
        pack = self.get_object()
        self.input()
        with acting(self.person, door=Door.API, verb="pack.replay"):
            run = start_replay(self.person, pack, question)
        where = f"/api/v1/packs/{pack.pk}/replays/{run.pk}/"
        return Response(ReplayRunShown(run).data, status=status.HTTP_202_ACCEPTED, headers={"Location": where})

    def _do(self, service: Callable[..., Pack]) -> Response:
        pack = self.get_object()
        return self._shown(service(actor=self.person, pack=pack, door=Door.API, **self.input()))

    def _shown(self, pack: Pack) -> Response:
        shown: Any = packs().get(pk=pack.pk)
        shown.available_actions = offers(self.person, shown)
        return Response(PackShown(shown).data)


router = SimpleRouter()
router.register("packs", PackViews, basename="api-packs")

app_name = "policy-api"
urlpatterns = [path("policy/current/", PolicyViews.as_view({"get": "current"}), name="policy-current"), *router.urls]
