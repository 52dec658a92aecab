"""Start-up check: what the settings of single sign-on say can be followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from governance.access.vocabulary import OrganisationRole, Role

SHAPE = "Map a group to a list of roles, each with `role` and, for a role on a business unit, `unit` (its slug)."


@register("security")
def groups_stand_for_roles(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """One error for each line of SSO_GROUPS that names no role there is; who signs in would meet it otherwise."""
    groups = settings.SSO_GROUPS
    if not isinstance(groups, Mapping):
        return [Error("SSO_GROUPS is no object.", hint=SHAPE, id="access.E001")]
    return [
        Error(f"SSO_GROUPS: {fault} (group “{group}”).", hint=SHAPE, id="access.E001")
        for group, lines in groups.items()
        for line in (lines if isinstance(lines, list) else [lines])
        if (fault := _fault(line))
    ]


def _fault(line: object) -> str:
    """What is wrong with one line; empty when nothing is."""
    if not isinstance(line, Mapping) or set(line) - {"role", "unit"}:
        return "a role is an object of role and unit"
    role, unit = line.get("role"), line.get("unit")
    if "unit" in line:
        named = isinstance(unit, str) and bool(unit.strip())
        return "" if named and role in list(Role) else f"“{role}” on unit “{unit}” is no role on a unit"
    return "" if role in list(OrganisationRole) else f"“{role}” is no organisation-wide role"
