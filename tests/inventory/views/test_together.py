"""Many systems are changed together: first what it would come to, then each as if it were changed alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.inputs import InvalidInput
from governance.ledger.models import Event
from governance.ledger.verification import verify
from governance.lifecycle import Conflict
from governance.web.together import CHANGES, REFUSED, UNCHANGED, Together, change_many
from inventory.models import System
from inventory.services.together import SYSTEMS
from tests.governance.access.people import appoint, system
from tests.inventory.scene import Scene
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(scene: Scene) -> Scene:
    """The owner owns two systems and sees a third."""
    appoint(scene.owner, Role.OWNER, system=system("second", scene.cards))
    appoint(scene.owner, Role.VIEWER, system=scene.foreign)
    return scene


def change_together(*, systems: list[str], **told: Any) -> Together:
    return change_many(SYSTEMS, keys=systems, **told)


ALL = ["scorer", "second", "foreign"]


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_summary_says_what_changes_and_what_is_refused_and_writes_nothing(many: Scene) -> None:
    before = Event.objects.count()
    done = change_together(
        actor=many.owner, systems=ALL, field="origin", value="vendor", reason="Bought.", only_try=True
    )
    assert {each.key: each.status for each in done.outcomes} == {
        "scorer": CHANGES, "second": CHANGES, "foreign": REFUSED,
    }  # fmt: skip
    assert done.of(REFUSED)[0].reasons
    assert not System.objects.filter(origin="vendor").exists()
    assert Event.objects.count() == before


def test_what_was_agreed_to_is_done_and_the_reason_stands_beside_every_one(many: Scene) -> None:
    told = {"actor": many.owner, "systems": ALL, "field": "origin", "value": "vendor", "reason": "Bought."}
    seen = change_together(**told, only_try=True).seen  # type: ignore[arg-type]
    change_together(**told, seen=seen)  # type: ignore[arg-type]
    assert set(System.objects.filter(origin="vendor").values_list("slug", flat=True)) == {"scorer", "second"}
    written = Event.objects.filter(verb="system.change", table_name="inventory_system")
    assert list(written.values_list("reason", flat=True)) == ["Bought."] * 2
    with pytest.raises(Conflict) as stale:
        change_together(**told, seen=seen)  # type: ignore[arg-type]
    assert stale.value.code == "stale"
    assert {each.status for each in change_together(**told).outcomes} == {UNCHANGED, REFUSED}  # type: ignore[arg-type]
    assert not verify().differences


@pytest.mark.parametrize(
    ("field", "value", "status"), [("phase", "pilot", CHANGES), ("impact", "rights", CHANGES), ("phase", "retired", "")]
)
def test_phases_move_as_they_do_alone(many: Scene, field: str, value: str, status: str) -> None:
    told = {"actor": many.owner, "systems": ["scorer"], "field": field, "value": value, "reason": "So it is."}
    if not status:
        with pytest.raises(InvalidInput):
            change_together(**told)  # type: ignore[arg-type]
        return
    assert change_together(**told).outcomes[0].status == status  # type: ignore[arg-type]


def test_a_unit_is_one_where_the_person_may_put_systems(many: Scene) -> None:
    with pytest.raises(InvalidInput):
        change_together(actor=many.owner, systems=["scorer"], field="unit", value="bank", reason="Moved.")
    change_together(actor=many.governor, systems=["scorer", "second"], field="unit", value="bank", reason="Moved.")
    assert System.objects.filter(unit=many.bank).count() == 2


def test_systems_one_may_not_see_are_unknown_and_a_reason_is_asked_for(many: Scene) -> None:
    with pytest.raises(InvalidInput) as unknown:
        change_together(actor=many.developer, systems=["second"], field="origin", value="vendor", reason="x")
    assert list(unknown.value.errors) == ["systems"]
    with pytest.raises(InvalidInput) as silent:
        change_together(actor=many.owner, systems=["scorer"], field="origin", value="vendor", reason=" ")
    assert list(silent.value.errors) == ["reason"]


def test_pages_lead_from_the_ticks_to_the_summary_and_the_change(many: Scene) -> None:
    client = browser(many.owner)
    assert 'aria-label="Tick Scorer"' in client.get("/systems/").content.decode()
    assert "Tick Scorer" not in browser(many.viewer).get("/systems/").content.decode()
    assert client.post("/systems/together/", {"do": "choose"}).status_code == 400
    page = client.post("/systems/together/", {"do": "page", "page": "scorer second foreign "}).content.decode()
    assert page.count('name="row"') == 3
    asked = {"row": ALL, "change": "personal_data", "to_personal_data": "yes", "reason": "Asked them."}
    assert client.post("/systems/together/", {**asked, "do": "check", "reason": ""}).status_code == 400
    summary = client.post("/systems/together/", {**asked, "do": "check"}).content.decode()
    assert "Refused (1)" in summary
    assert "Change 2 systems" in summary
    seen = re.search(r'name="seen" value="([^"]+)"', summary)
    assert seen is not None
    done = client.post("/systems/together/", {**asked, "do": "apply", "seen": seen[1]})
    assert "2 changed, 0 as they were, 1 refused" in done.content.decode()
    assert client.post("/systems/together/", {**asked, "do": "apply", "seen": seen[1]}).status_code == 409
    assert System.objects.filter(personal_data="yes").count() == 2


def test_the_same_over_rest(many: Scene) -> None:
    caller = Caller(many.owner)
    body = {"systems": ALL, "field": "origin", "value": "vendor", "reason": "Bought."}
    tried = good(caller.post("systems/together/", {**body, "only_try": True}))
    assert [each["status"] for each in tried["outcomes"]].count("changes") == 2
    assert good(caller.post("systems/together/", {**body, "seen": tried["seen"]}))["outcomes"] == tried["outcomes"]
    problem(caller.post("systems/together/", {**body, "seen": tried["seen"]}), 409, "stale")
    problem(caller.post("systems/together/", {**body, "field": "name"}), 400)
    problem(caller.post("systems/together/", {**body, "systems": ["nowhere"]}), 400)
