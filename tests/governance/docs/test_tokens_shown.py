"""Every call a page shows with a token is one a token can make: a scope carries what its door asks for."""

from __future__ import annotations

import re
import tomllib
from urllib.parse import urlsplit

from governance.access.roles import SCOPE_PERMISSIONS
from tests.commands import PROJECT

PAGES = (PROJECT / "README.md", *sorted((PROJECT / "governance" / "docs").glob("*.md")))
CALL = re.compile(r"^curl .*?(?=\n(?:\n|```|curl ))", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"https?://\S+?(?=[\"'\s])")
API = "/api/v1/"


def asked(method: str, address: str, matrix: dict[str, dict[str, str]]) -> set[str]:
    """The permissions any of which opens the door at an address."""
    rest = urlsplit(address).path.removeprefix(API)
    doors = [verbs for door, verbs in matrix.items() if door.startswith(API) and re.match(door.removeprefix(API), rest)]
    assert len(doors) == 1, f"{address} leads to {len(doors)} doors"
    return set(doors[0][method].split(" or "))


def test_a_token_can_make_each_call_shown_with_one() -> None:
    matrix = tomllib.loads((PROJECT / "tests" / "architecture" / "matrix.toml").read_text(encoding="utf-8"))
    carried = {str(permission) for words in SCOPE_PERMISSIONS.values() for permission in words}
    shown = 0
    for page in PAGES:
        for call in CALL.findall(page.read_text(encoding="utf-8")):
            if "Authorization: Bearer" not in call:
                continue
            shown += 1
            found = ADDRESS.search(call)
            assert found is not None, call
            method = "POST" if "-X POST" in call else "GET"
            assert asked(method, found[0], matrix) & carried, f"{page.name}: no scope carries what this asks:\n{call}"
    assert shown >= 9
