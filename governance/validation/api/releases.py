"""Verbs on releases that put them up for review, stop them and let them run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.validation import services
from governance.validation.api import serializers as shapes
from inventory.api.releases import ReleaseView
from inventory.api.serializers import ReleaseShown
from inventory.services.releases import release_version

P = Permission
_VERBS = ("submit", "ship", "withdraw", "renew", "suspend", "reinstate", "revoke")


class ReleaseVerbs(ReleaseView):
    """Reviews begin and end here; signatures are given in the browser."""

    permissions: ClassVar = {
        "submit": P.RELEASE_SUBMIT,
        "ship": P.RELEASE_SUBMIT,
        "withdraw": P.RELEASE_SUBMIT,
        "renew": P.RELEASE_SUBMIT,
        "suspend": P.RELEASE_SUSPEND,
        "reinstate": P.RELEASE_REINSTATE,
        "revoke": P.RELEASE_REVOKE,
    }
    verbs: ClassVar = {verb: f"release.{verb}" for verb in _VERBS}
    serializers: ClassVar = {
        "submit": shapes.Route,
        "withdraw": shapes.MaybeWhy,
        "suspend": shapes.Why,
        "reinstate": shapes.Why,
        "revoke": shapes.Why,
    }
    answers: ClassVar = dict.fromkeys(_VERBS, ReleaseShown)

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Freeze a draft and put it up for review: a full one, or a light one for a minor change."""
        return self._do(services.submit_release)

    @action(detail=True, methods=["post"])
    def ship(self, request: Request, pk: str) -> Response:
        """Let a draft ship without a new review, inside the envelope of the last reviewed release."""
        return self._do(services.ship_release)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the open submission back."""
        return self._do(services.withdraw_submission)

    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        """Put the same artifacts up for review again; the running approval counts meanwhile."""
        return self._do(services.renew_release)

    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, pk: str) -> Response:
        """Stop an approved release for now."""
        return self._do(services.suspend_release)

    @action(detail=True, methods=["post"])
    def reinstate(self, request: Request, pk: str) -> Response:
        """Let a suspended release count again."""
        return self._do(services.reinstate_release)

    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Take an approval away for good."""
        return self._do(services.revoke_release)

    def _do(self, service: Callable[..., Any]) -> Response:
        release = self.get_object()
        expected = self.expected(release_version(release))
        service(actor=self.person, release=release, expected=expected, door=Door.API, **self.input())
        return self.shown_release(release)
