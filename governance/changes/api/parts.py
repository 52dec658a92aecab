"""What changes add to a release's and a system's detail."""

from __future__ import annotations

from collections.abc import Iterable

from governance.access.models import User
from governance.changes import queries
from governance.changes.api.serializers import ChangeShown
from governance.changes.models import Change
from governance.rest.parts import Part, contribute
from inventory.models import Release, System


def _of_system(system: System, person: User) -> Iterable[Change]:
    return queries.changes().filter(system=system, state__in=queries.OPEN_STATES)


def _of_release(release: Release, person: User) -> Iterable[Change]:
    return queries.of_release(release)


def register() -> None:
    """Fill the details; called once at start."""
    contribute("system", Part("changes", ChangeShown, _of_system))
    contribute("release", Part("changes", ChangeShown, _of_release))
