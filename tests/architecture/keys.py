"""Addresses with their blanks filled in: with keys of things that exist, or of things nobody has."""

from __future__ import annotations

import re
from collections.abc import Mapping

BLANK = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
NAMED_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?:[^()]|\([^()]*\))*\)")
UNKNOWN = {"slug": "no-such-thing", "template": "no-such-template", "uuid": "00000000-0000-4000-8000-000000000000"}


def filled(route: str, *, exists: bool, keys: Mapping[str, str] | None = None) -> str:
    """The address a route leads to; `keys` names what exists by blank, otherwise nothing does."""
    known = dict(keys or {}) if exists else {}
    address = NAMED_GROUP.sub(lambda found: _value(found["name"], "", known), route)
    address = BLANK.sub(lambda found: _value(found["name"], found["kind"] or "", known), address)
    return address.replace("^", "").replace("$", "")


def _value(name: str, kind: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    if name == "app_label":
        return "inventory"
    return UNKNOWN.get(kind) or UNKNOWN.get(name) or "999999999"
