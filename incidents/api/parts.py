"""What incidents add to a release's and a system's detail."""

from __future__ import annotations

from collections.abc import Iterable

from governance.access.models import User
from governance.rest.parts import Part, contribute
from incidents import queries
from incidents.api.serializers import IncidentShown
from incidents.models import OPEN_STATES, Incident
from inventory.models import Release, System


def _of_system(system: System, person: User) -> Iterable[Incident]:
    return queries.incidents().filter(system=system, state__in=OPEN_STATES)


def _of_release(release: Release, person: User) -> Iterable[Incident]:
    return queries.open_on(release)


def register() -> None:
    """Fill the details; called once at start."""
    contribute("system", Part("incidents", IncidentShown, _of_system))
    contribute("release", Part("incidents", IncidentShown, _of_release))
