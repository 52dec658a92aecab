"""A map of groups that cannot be followed is an error at start, not at somebody's sign-in."""

from __future__ import annotations

from typing import Any

import pytest

from governance.access.checks import groups_stand_for_roles


@pytest.mark.parametrize(
    "groups", [{}, {"a": [{"role": "validator", "unit": "retail"}, {"role": "examiner"}], "b": []}]
)
def test_a_map_of_roles_there_are_is_fine(settings: Any, groups: Any) -> None:
    settings.SSO_GROUPS = groups
    assert groups_stand_for_roles(None) == []


@pytest.mark.parametrize(
    "groups",
    [
        ["validator"], {"a": "validator"}, {"a": [{"role": "validator"}]}, {"a": [{"role": "examiner", "unit": "x"}]},
        {"a": [{"role": "validator", "unit": ""}]}, {"a": [{"role": "validator", "unit": "x", "untill": "y"}]},
        {"a": [{"role": ["validator"], "unit": "x"}]},
    ],
)  # fmt: skip
def test_every_other_line_is_named_at_start(settings: Any, groups: Any) -> None:
    settings.SSO_GROUPS = groups
    assert [found.id for found in groups_stand_for_roles(None)] == ["access.E001"]
