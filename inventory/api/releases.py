"""Releases over REST: listed, shown, changed in draft, discarded, retired. Reviews add their own verbs."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door, acting
from governance.rest.filters import Filter
from governance.rest.views import PortalViewSet
from inventory import queries
from inventory.api import serializers as shapes
from inventory.api.references import release_of
from inventory.models import Release
from inventory.services import change_release, discard_release, retire_release, set_artifacts
from inventory.services.releases import release_version

P = Permission


class ReleaseView(PortalViewSet):
    """What every view of a release shares: how it is found and shown. Apps further right derive their verbs from it."""

    queryset = Release.objects.select_related("system")
    permissions: ClassVar = {}

    def shown_release(self, release: Release) -> Response:
        """The release as it is now, for this person."""
        release = queries.releases().get(pk=release.pk)
        data = shapes.ReleaseShown(release, context=self.get_serializer_context()).data
        return self.shown(release, data, release_version(release))


class ReleaseViews(ReleaseView):
    """Versions of systems offered for use."""

    ordering = ("-created_at", "-id")
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "partial_update": P.RELEASE_CHANGE,
        "discard": P.RELEASE_CHANGE,
        "retire": P.RELEASE_RETIRE,
    }
    verbs: ClassVar = {
        "partial_update": "release.change",
        "discard": "release.discard",
        "retire": "release.retire",
    }
    serializers: ClassVar = {"partial_update": shapes.ReleaseChanged, "retire": shapes.Reason}
    answers: ClassVar = {
        "list": shapes.ReleaseListed,
        "retrieve": shapes.ReleaseShown,
        "partial_update": shapes.ReleaseShown,
        "discard": shapes.ReleaseShown,
        "retire": shapes.ReleaseShown,
    }
    filters: ClassVar = {
        "state": Filter("state", "Where it is on its way to use.", choices=Release.State.values),
        "system": Filter("system__slug", "Slug of its system.", limit=120),
        "version": Filter("version", "Its version, exactly.", limit=120),
    }

    def list(self, request: Request) -> Response:
        """Releases of systems you may see, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.ReleaseListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """Everything recorded of one release."""
        return self.shown_release(self.get_object())

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a draft; `artifacts` replaces its whole bill of materials."""
        release = self.get_object()
        expected = self.expected(release_version(release))
        values = self.input()
        artifacts = values.pop("artifacts", None)
        for name in ("predecessor", "rollback_target"):
            if values.get(name) is not None:
                values[name] = release_of(release.system, name, values[name])
        with acting(self.person, door=Door.API, verb="release.change"):
            if values or artifacts is None:
                release = change_release(actor=self.person, release=release, expected=expected, door=Door.API, **values)
                expected = ""
            if artifacts is not None:
                lines = shapes.artifact_inputs(artifacts)
                set_artifacts(actor=self.person, release=release, artifacts=lines, expected=expected, door=Door.API)
        return self.shown_release(release)

    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Give up a draft for good."""
        release = self.get_object()
        self.input()
        expected = self.expected(release_version(release))
        return self.shown_release(discard_release(actor=self.person, release=release, expected=expected, door=Door.API))

    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Take a release out of use for good."""
        release = self.get_object()
        expected = self.expected(release_version(release))
        return self.shown_release(
            retire_release(actor=self.person, release=release, expected=expected, door=Door.API, **self.input())
        )
