"""A list costs the same number of statements whatever its length."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from inventory.models import Document
from inventory.services import ArtifactInput, create_release, create_system, create_unit
from inventory.services.assignments import assign
from tests.inventory.scene import SHA, Scene
from tests.rest import Caller, good

LISTS = {
    "systems/": 6,
    "systems/?search=sys": 7,
    "releases/": 5,
    "units/": 5,
    "documents/": 5,
    "assignments/": 5,
    "systems/scorer/releases/": 6,
    "systems/scorer/documents/": 6,
    "systems/scorer/assignments/": 6,
}


def more(scene: Scene, number: int) -> None:
    """One more row for every list."""
    line = ArtifactInput(name="weights", kind="model", sha256=SHA)
    create_unit(actor=scene.governor, name=f"Unit {number}", parent=scene.bank)
    system = create_system(actor=scene.governor, name=f"System {number}", unit=scene.cards)
    create_release(actor=scene.developer, system=scene.scorer, version=f"v{number}", artifacts=[line])
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        Document.objects.create(
            system=scene.scorer, template=f"t-{number}", title=f"T {number}", created_at=portal_now()
        )
    assign(actor=scene.governor, person=scene.stranger, role="viewer", system=system)


def statements(caller: Caller, path: str) -> tuple[int, int]:
    """(how many statements a call costs, how many rows it shows)."""
    with CaptureQueriesContext(connection) as caught:
        rows = good(caller.get(path))["results"]
    return len(caught), len(rows)


@pytest.mark.parametrize("who", ["governor", "owner"])
def test_ten_rows_cost_what_two_cost(scene: Scene, who: str) -> None:
    caller = Caller(getattr(scene, who))
    for number in range(2):
        more(scene, number)
    few = {path: statements(caller, path) for path in LISTS}
    for number in range(2, 10):
        more(scene, number)
    many = {path: statements(caller, path) for path in LISTS}
    assert {path: count for path, (count, _) in many.items()} == {path: count for path, (count, _) in few.items()}
    if who == "governor":
        assert {path: count for path, (count, _) in many.items()} == LISTS
        assert all(many[path][1] > few[path][1] for path in LISTS if "assignments" not in path or "scorer" not in path)
