"""What must not be done with changes, in one list: refused alike on the page and over REST, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from governance.changes.models import Change
from governance.changes.services import raise_materiality
from inventory.models import Asset, Dependency
from inventory.services.assets import create_asset
from inventory.services.dependencies import create_dependency
from tests.governance.changes.test_pages import press
from tests.governance.changes.walk import in_approval, in_state
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser
from tests.rest import Caller, problem

pytestmark = pytest.mark.django_db


@dataclass
class Move:
    """One wrong move: who, the verb, what is sent, and what both doors answer."""

    state: str
    who: str
    verb: str
    sent: dict[str, Any]
    status: int
    said: str


MOVES = {
    "self-approval": Move("in_approval", "developer", "approve", {"comment": "Mine."}, 403, "asked for this change"),
    "implementing before approval": Move("in_approval", "developer", "implement", {}, 409, "not approved yet"),
    "implementing a draft": Move("draft", "developer", "implement", {}, 409, "not approved yet"),
    "closing without verification": Move("implemented", "validator", "verify", {"verification": ""}, 400, ""),
    "verifying one's own work": Move(
        "implemented", "developer", "verify", {"verification": "Seen."}, 403, "verif"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_a_wrong_move_is_refused_alike_at_both_doors(scene: Scene, name: str) -> None:
    move = MOVES[name]
    change = in_state(scene, move.state)
    page = press(scene, move.who, change, move.verb, **move.sent)
    document = problem(Caller(scene[move.who]).post(f"changes/{change.pk}/{move.verb}/", move.sent), move.status)
    assert page.status_code == move.status
    if move.said:
        reasons = [reason["text"] for reason in document["reasons"]]
        assert any(move.said in text for text in reasons), reasons
        assert any(text in page.content.decode() for text in reasons)
    change.refresh_from_db()
    assert change.state == move.state


def test_a_request_that_changed_since_it_was_read_is_not_approved_at_either_door(scene: Scene) -> None:
    change = in_approval(scene)
    caller = Caller(scene["approver"])
    tag = caller.get(f"changes/{change.pk}/")["ETag"]
    page = browser(scene["approver"]).get(f"/changes/{change.pk}/approve/").content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    raise_materiality(actor=scene["owner"], change=change, materiality="material", reason="It touches limits.")
    assert press(scene, "approver", change, "approve", comment="Fine.", seen=seen).status_code == 409
    problem(caller.post(f"changes/{change.pk}/approve/", {}, If_Match=tag), 412)
    assert Change.objects.get(pk=change.pk).state == "in_approval"


def web_door(scene: Scene, source: Asset, target: Asset) -> tuple[int, str]:
    answer = browser(scene["owner"]).post(
        f"/assets/{source.slug}/dependencies/new/", {"on_asset": target.slug, "relation": "uses"}
    )
    return answer.status_code, answer.content.decode()


def rest_door(scene: Scene, source: Asset, target: Asset) -> tuple[int, str]:
    body = {"asset": source.slug, "on_asset": target.slug, "relation": "uses"}
    answer = Caller(scene["owner"]).post("dependencies/", body)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("door", [web_door, rest_door])
def test_a_dependency_that_leads_back_is_refused_with_the_reason(
    scene: Scene, door: Callable[[Scene, Asset, Asset], tuple[int, str]]
) -> None:
    owner, unit = scene["owner"], scene.system.unit
    raw, made = (create_asset(actor=owner, unit=unit, kind="dataset", name=name) for name in ("Raw", "Made"))
    create_dependency(actor=owner, source=made, target=raw, relation="derived_from")
    status, text = door(scene, raw, made)
    assert status == 409
    assert "neither would come first" in text
    assert Dependency.objects.filter(ended_at=None).count() == 1
