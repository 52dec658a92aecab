"""Names in a body become objects the caller may see; anything else is an error of that field."""

from __future__ import annotations

from governance.access.models import User
from governance.access.rights import visible
from governance.inputs import InvalidInput
from inventory.models import Release, System, Unit


def unit_named(person: User, field: str, slug: str) -> Unit:
    """The unit of that slug. Raises InvalidInput, the same for unknown and for invisible."""
    unit = visible(person, Unit.objects.all()).filter(slug=slug).first()
    if unit is None:
        raise InvalidInput({field: ["No unit you may see has this slug."]})
    return unit


def system_named(person: User, slug: str, field: str = "system") -> System:
    """The system of that slug. Raises InvalidInput, the same for unknown and for invisible."""
    named = slug if "\0" not in slug else ""
    system = visible(person, System.objects.all()).filter(slug=named).first()
    if system is None:
        raise InvalidInput({field: ["No system you may see has this slug."]})
    return system


def release_of(system: System, field: str, key: int) -> Release:
    """The release of that system. Raises InvalidInput."""
    release = Release.objects.filter(system=system, pk=key).first()
    if release is None:
        raise InvalidInput({field: ["Must be another release of the same system."]})
    return release
