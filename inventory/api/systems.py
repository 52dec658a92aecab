"""Systems over REST: listed, shown, registered, changed, moved, retired; their releases, documents and roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.together import TogetherDone, answered, asked
from governance.rest.views import PortalViewSet
from governance.web.together import change_many
from inventory import dependencies, queries
from inventory.api import serializers as shapes
from inventory.api.asset_serializers import SpreadShown
from inventory.api.assets import spread_data
from inventory.api.documents import document_data
from inventory.api.references import release_of, unit_named
from inventory.documents import reading
from inventory.models import Assignment, Document, Release, System
from inventory.services import (
    answer_questionnaire,
    change_system,
    create_release,
    create_system,
    move_system,
    save_document_revision,
)
from inventory.services.assignments import assign
from inventory.services.releases import release_version
from inventory.services.systems import system_version
from inventory.services.together import SYSTEMS

P = Permission


class SystemViews(PortalViewSet):
    """Machine-learning systems put to a use."""

    queryset = System.objects.select_related("unit").defer("search")
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9]+(?:-[a-z0-9]+)*"
    ordering = ("-updated_at", "-id")
    search = "search"
    paged = ("list", "releases", "documents", "assignments")
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.SYSTEM_ADD,
        "partial_update": P.SYSTEM_CHANGE,
        "move": P.SYSTEM_CHANGE,
        "retire": P.SYSTEM_RETIRE,
        "releases": P.SYSTEM_VIEW,
        "together": P.SYSTEM_VIEW,
        "create_release": P.RELEASE_CHANGE,
        "documents": P.SYSTEM_VIEW,
        "create_document": P.DOCUMENT_CHANGE,
        "standings": P.SYSTEM_VIEW,
        "assignments": P.SYSTEM_VIEW,
        "blast_radius": P.SYSTEM_VIEW,
        "create_assignment": (P.ASSIGNMENT_CHANGE, P.ASSIGNMENT_DEVELOPER),
    }
    verbs: ClassVar = {
        "create": "system.create",
        "partial_update": "system.change",
        "move": "system.move",
        "retire": "system.retire",
        "together": "system.change",
        "create_release": "release.create",
        "create_document": "document.save",
        "create_assignment": "assignment.create",
    }
    serializers: ClassVar = {
        "create": shapes.SystemAdded,
        "partial_update": shapes.SystemChanged,
        "move": shapes.SystemMoved,
        "retire": shapes.Reason,
        "together": asked("SystemsTogether", "systems", [one.word for one in SYSTEMS.fields], slugs=True),
        "create_release": shapes.ReleaseDescribed,
        "create_document": shapes.DocumentBegun,
        "create_assignment": shapes.AssignmentGiven,
    }
    answers: ClassVar = {
        "list": shapes.SystemListed,
        "retrieve": shapes.SystemShown,
        "create": shapes.SystemShown,
        "partial_update": shapes.SystemShown,
        "move": shapes.SystemShown,
        "retire": shapes.SystemShown,
        "together": TogetherDone,
        "releases": shapes.ReleaseListed,
        "create_release": shapes.ReleaseShown,
        "documents": shapes.DocumentListed,
        "create_document": shapes.DocumentShown,
        "standings": shapes.SystemStandings,
        "blast_radius": SpreadShown,
        "assignments": shapes.AssignmentShown,
        "create_assignment": shapes.AssignmentShown,
    }
    filters: ClassVar = {
        "phase": Filter("phase", "Where it is in life.", choices=System.Phase.values),
        "impact": Filter("impact", "Declared impact.", choices=System.Impact.values),
        "origin": Filter("origin", "Who built it.", choices=System.Origin.values),
        "personal_data": Filter("personal_data", "Whether it uses personal data.", choices=System.Known.values),
        "regime": Filter(
            "regimes__contains",
            "Regime of the policy it is declared in scope of.",
            limit=80,
            shape=lambda regime: [{"regime": regime, "scope": "in"}],
        ),
        "tier": Filter("tier", "Tier of the policy.", limit=40),
        "unit": Filter("unit__slug", "Slug of its unit.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Systems you may see, last changed first."""
        if "search" in request._request.GET:
            found = self.filter_queryset(self.get_queryset())
            return self.listed(queries.with_owners(found), shapes.SystemListed)
        rows, sight = self.filter_queryset(self.queryset.all()), rights.Sight(self.person)
        return self.listed(queries.with_owners(rows), shapes.SystemListed, sight=sight)

    def find(self, queryset: QuerySet[System], words: str) -> QuerySet[System]:
        """The systems that fit, by whole words and by their beginnings, as on the page."""
        return queries.searched(queryset, words) if words else queryset

    def retrieve(self, request: Request, slug: str) -> Response:
        """Everything recorded of one system."""
        return self._shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Register a system in a unit."""
        self.authorise(None)
        values = self.input()
        unit = unit_named(self.person, "unit", values.pop("unit"))

        def register() -> Answer:
            system = create_system(actor=self.person, unit=unit, door=Door.API, **values)
            return self._created(system)

        return self.created(register)

    def partial_update(self, request: Request, slug: str) -> Response:
        """Change what describes a system, its answers, its unit."""
        system = self.get_object()
        expected = self.expected(system_version(system))
        values = self.input()
        answers = values.pop("answers", None)
        if "unit" in values:
            values["unit"] = unit_named(self.person, "unit", values["unit"])
        with acting(self.person, door=Door.API, verb="system.change"):
            if values or answers is None:
                system = change_system(actor=self.person, system=system, expected=expected, door=Door.API, **values)
                expected = ""
            if answers is not None:
                answer_questionnaire(
                    actor=self.person, system=system, answers=answers, expected=expected, door=Door.API
                )
        return self._shown(system)

    @action(detail=True, methods=["post"])
    def move(self, request: Request, slug: str) -> Response:
        """Move a system to another phase."""
        values = {"system": self.get_object(), **self.input()}
        values["verb"] = f"move_to_{values.pop('phase')}"
        return self._moved(values)

    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """Take a system out of use for good; nothing of it may be running."""
        return self._moved({"system": self.get_object(), "verb": "retire", **self.input()})

    @action(detail=True)
    def releases(self, request: Request, slug: str) -> Response:
        """The releases of one system, newest first."""
        found = Release.objects.filter(system=self.get_object()).select_related("system")
        return self.listed(found, shapes.ReleaseListed, ("-created_at", "-id"))

    @releases.mapping.post
    def create_release(self, request: Request, slug: str) -> Response:
        """Describe a new release, in draft."""
        system = self.get_object()
        values = self.input()
        values["artifacts"] = shapes.artifact_inputs(values.pop("artifacts", []))
        for name in ("predecessor", "rollback_target"):
            if values.get(name) is not None:
                values[name] = release_of(system, name, values[name])

        def describe() -> Answer:
            release = create_release(actor=self.person, system=system, door=Door.API, **values)
            release = queries.releases().get(pk=release.pk)
            shown = shapes.ReleaseShown(release, context=self.get_serializer_context()).data
            return self.creation(shown, f"/api/v1/releases/{release.pk}/", release_version(release))

        return self.created(describe)

    @action(detail=True)
    def documents(self, request: Request, slug: str) -> Response:
        """The documents of one system."""
        found = Document.objects.filter(system=self.get_object()).select_related("system")
        return self.listed(found, shapes.DocumentListed, ("-id",))

    @documents.mapping.post
    def create_document(self, request: Request, slug: str) -> Response:
        """Begin a document with its first revision."""
        system = self.get_object()
        values = self.input()

        def begin() -> Answer:
            revision = save_document_revision(
                actor=self.person, system=system, expected_number=0, door=Door.API, **values
            )
            shown = document_data(revision.document_id, self.get_serializer_context())
            return self.creation(shown, f"/api/v1/documents/{revision.document_id}/", str(revision.number))

        return self.created(begin)

    @action(detail=True, url_path="blast-radius")
    def blast_radius(self, request: Request, slug: str) -> Response:
        """Everything that depends on it, directly or through others, with owners and approved releases."""
        return Response(spread_data(dependencies.blast_radius(self.person, self.get_object())))

    @action(detail=True)
    def standings(self, request: Request, slug: str) -> Response:
        """How each document the policy knows stands for this system: what it owes, what is written, what is missing."""
        system = self.get_object()
        pack = reading.policy_now()
        found = reading.standings_of(system, pack, reading.newest_revisions(system)).values() if pack else ()
        complete = all(state.complete for state in found if state.demanded)
        return Response(shapes.SystemStandings({"complete": complete, "documents": list(found)}).data)

    @action(detail=True)
    def assignments(self, request: Request, slug: str) -> Response:
        """Who holds which role on the system now."""
        return self.listed(queries.current_assignments(self.get_object()), shapes.AssignmentShown, ("-id",))

    @assignments.mapping.post
    def create_assignment(self, request: Request, slug: str) -> Response:
        """Give a person a role on the system."""
        system = self.get_object()
        values = self.input()
        person = self._person(system, values.pop("person"))

        def give() -> Answer:
            given = assign(actor=self.person, person=person, system=system, door=Door.API, **values)
            return self.creation(_assignment(given), f"/api/v1/assignments/{given.pk}/")

        return self.created(give)

    @action(detail=False, methods=["post"])
    def together(self, request: Request) -> Response:
        """Change one thing of many systems, each judged for itself; `only_try` says what it would come to."""
        values = self.input()
        return answered(change_many(SYSTEMS, actor=self.person, keys=values.pop("systems"), door=Door.API, **values))

    def _person(self, system: System, username: str) -> User:
        """The person to appoint; whether a name exists is told only to those who may appoint anybody."""
        person = User.objects.filter(username=username).first()
        if person is None:
            if not rights.can(self.person, P.ASSIGNMENT_DEVELOPER, system):
                with acting(self.person, door=Door.API, verb="assignment.create"):
                    rights.require(self.person, P.ASSIGNMENT_CHANGE, system)
            raise InvalidInput({"person": ["Nobody has this username."]})
        return person

    def _moved(self, values: dict[str, Any]) -> Response:
        expected = self.expected(system_version(values["system"]))
        return self._shown(move_system(actor=self.person, expected=expected, door=Door.API, **values))

    def _shown(self, system: System) -> Response:
        system = queries.with_owners(queries.system_pages()).get(pk=system.pk)
        data = shapes.SystemShown(system, context=self.get_serializer_context()).data
        return self.shown(system, data, system_version(system))

    def _created(self, system: System) -> Answer:
        system = queries.with_owners(queries.system_pages()).get(pk=system.pk)
        data = shapes.SystemShown(system, context=self.get_serializer_context()).data
        return self.creation(data, f"/api/v1/systems/{system.slug}/", system_version(system))


def _assignment(given: Assignment) -> Any:
    return shapes.AssignmentShown(given).data
