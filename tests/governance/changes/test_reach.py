"""How far a change reaches: systems on one library, their owners, what they say, and what the approver answers."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from governance.access.vocabulary import Role
from governance.changes.models import AffectedAsset, Change, Opinion
from governance.changes.queries import dependants, foundations, windows
from governance.changes.services import answer_change, approve_change, describe_change, submit_change
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden
from inventory.models import Asset, System
from inventory.services.assets import create_asset
from inventory.services.dependencies import create_dependency
from inventory.services.deployments import report_deployment
from tests.governance.access.people import appoint, person, system, unit
from tests.governance.changes.walk import asked, in_state
from tests.governance.validation.scene import SHA, Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.incidents.test_pages import browser, text
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
PORTAL = Command("scene")


@dataclass
class Web:
    """A library three systems use, and one that uses one of them."""

    scene: Scene
    library: Asset
    systems: dict[str, System]

    def change(self) -> Change:
        """A request about the library, by the developer of the scorer."""
        return asked(self.scene, kind="third-party-version", assets=[self.library])


@pytest.fixture
def web(scene: Scene) -> Web:
    with acting(PORTAL, door=Door.COMMAND, verb="command.run"):
        found = {name: system(name, scene.unit) for name in ("limits", "alerts", "reports")}
    library = create_asset(actor=scene["owner"], unit=scene.unit, kind="library", name="libtokens")
    for one in (scene.system, found["limits"], found["alerts"]):
        create_dependency(actor=PORTAL, source=one, target=library, relation="uses")
    create_dependency(actor=PORTAL, source=found["reports"], target=found["alerts"], relation="calls")
    scene.people["neighbour"] = person("neighbour")
    appoint(scene["neighbour"], Role.OWNER, system=found["limits"])
    appoint(scene["neighbour"], Role.VIEWER, system=scene.system)
    return Web(scene, library, found)


def test_a_change_of_a_library_reaches_three_systems_and_is_material(web: Web) -> None:
    change = web.change()
    spread = dependants(web.scene["developer"], change)
    assert [(one.slug, one.depth) for one in spread.systems] == []
    spread = dependants(web.scene["approver"], change)
    assert [(one.slug, one.depth) for one in spread.systems] == [("alerts", 1), ("limits", 1), ("reports", 2)]
    assert change.materiality == "material"
    assert dependants(web.scene["developer"], change).hidden == 3


def test_the_page_shows_who_is_reached_and_who_owns_it(web: Web) -> None:
    change = web.change()
    page = text(web.scene["approver"], f"/changes/{change.pk}/")
    assert "3 systems depend on what changes" in page
    assert "It is about <strong>libtokens</strong>" in page
    assert "Neighbour" in page
    developer = text(web.scene["developer"], f"/changes/{change.pk}/")
    assert "limits" not in developer
    assert "3 things depend on what changes that you may not see" in developer


def test_an_owner_objects_and_the_approver_answers(web: Web) -> None:
    change = submit_change(actor=web.scene["developer"], change=web.change())
    address = f"/changes/{change.pk}/systems/limits/answer/"
    assert address in text(web.scene["neighbour"], f"/changes/{change.pk}/")
    client = browser(web.scene["neighbour"])
    assert client.post(address, {"agrees": "no", "comment": ""}).status_code == 400
    assert client.post(address, {"agrees": "no", "comment": "We parse tokens."}).status_code == 302
    assert "Objects" in text(web.scene["approver"], f"/changes/{change.pk}/")
    with pytest.raises(Conflict, match="Neighbour objects for Limits: We parse tokens"):
        approve_change(actor=web.scene["approver"], change=change)
    other = submit_change(actor=web.scene["developer"], change=web.change())
    answer_change(actor=web.scene["neighbour"], change=other, system=web.systems["limits"], agrees=False, comment="x")
    answer_change(actor=web.scene["neighbour"], change=other, system=web.systems["limits"], agrees=True)
    assert approve_change(actor=web.scene["approver"], change=other).state == "approved"
    assert (
        approve_change(actor=web.scene["approver"], change=change, comment="They have two weeks.").state == "approved"
    )


def test_nobody_speaks_for_a_system_that_is_not_theirs_or_not_reached(web: Web) -> None:
    change = web.change()
    for who in ("approver", "viewer"):
        with pytest.raises(Forbidden):
            answer_change(actor=web.scene[who], change=change, system=web.systems["limits"], agrees=True)
    with pytest.raises(InvalidInput, match="not one this change reaches"):
        answer_change(actor=web.scene["owner"], change=change, system=web.scene.system, agrees=True)
    assert browser(web.scene["neighbour"]).get(f"/changes/{change.pk}/systems/alerts/answer/").status_code == 404
    assert browser(web.scene["outsider"]).get(f"/changes/{change.pk}/systems/limits/answer/").status_code == 404
    done = in_state(web.scene, "closed")
    with pytest.raises((Conflict, InvalidInput)):
        answer_change(actor=web.scene["neighbour"], change=done, system=web.systems["limits"], agrees=True)


def test_assets_are_chosen_in_draft_among_those_one_may_see(web: Web) -> None:
    change = web.change()
    describe_change(actor=web.scene["owner"], change=change, what="Other words.")
    assert [one.asset for one in change.assets.all()] == [web.library]
    describe_change(actor=web.scene["owner"], change=change, assets=[])
    assert not AffectedAsset.objects.filter(change=change).exists()
    foreign = create_asset(actor=PORTAL, unit=unit("elsewhere"), kind="dataset", name="Secret")
    with pytest.raises(InvalidInput, match="assets you may see"):
        describe_change(actor=web.scene["owner"], change=change, assets=[foreign])


def test_over_rest_a_request_answers_with_its_blast_radius(web: Web) -> None:
    caller = Caller(web.scene["developer"])
    change = web.change()
    shown = good(Caller(web.scene["approver"]).get(f"changes/{change.pk}/"))
    assert [one["slug"] for one in shown["assets"]] == ["libtokens"]
    assert [(one["slug"], one["owner"], one["depth"]) for one in shown["blast_radius"]["systems"]] == [
        ("alerts", "", 1), ("limits", "neighbour", 1), ("reports", "", 2),
    ]  # fmt: skip
    problem(caller.post(f"changes/{change.pk}/describe/", {"assets": ["nothing-like-it"]}), 400)
    assert good(caller.post(f"changes/{change.pk}/describe/", {"assets": []}))["assets"] == []
    good(caller.post(f"changes/{change.pk}/describe/", {"assets": ["libtokens"]}))
    owner = Caller(web.scene["neighbour"])
    body = {"system": "limits", "agrees": False, "comment": "We parse tokens."}
    said = good(owner.post(f"changes/{change.pk}/opinions/", body), 201)["opinions"]
    assert [(one["system"], one["agrees"]) for one in said] == [("limits", False)]
    problem(owner.post(f"changes/{change.pk}/opinions/", {"system": "alerts", "agrees": True}), 400)
    problem(Caller(web.scene["approver"]).post(f"changes/{change.pk}/opinions/", {**body, "agrees": True}), 403)


def test_the_database_keeps_what_was_said_and_lets_nobody_say_it_for_others(web: Web) -> None:
    change = web.change()
    answer_change(actor=web.scene["neighbour"], change=change, system=web.systems["limits"], agrees=False, comment="x")

    def say(who: str, name: str, system: str) -> str:
        def work() -> None:
            act_as(web.scene[who], verb="change.answer")
            execute(
                "INSERT INTO changes_opinion (change_id, system_id, person_id, agrees, comment, at)"
                " VALUES (%s, %s, %s, true, '', portal_now())",
                [change.pk, web.systems[system].pk, web.scene[name].pk],
            )

        return refusal(work)

    assert say("developer", "neighbour", "limits") == "change_in_person"
    assert say("developer", "developer", "limits") == "opinion_of_an_owner"
    assert say("neighbour", "neighbour", "alerts") == "opinion_of_an_owner"

    def rewrite() -> None:
        act_as(web.scene["neighbour"], verb="change.answer")
        execute("UPDATE changes_opinion SET agrees = true")

    assert refusal(rewrite) == "opinion_append_only"
    submitted = submit_change(actor=web.scene["developer"], change=change)

    def narrow() -> None:
        act_as(web.scene["developer"], verb="change.describe")
        execute("DELETE FROM changes_affectedasset WHERE change_id = %s", [submitted.pk])

    assert refusal(narrow) == "change_frozen"
    assert Opinion.objects.count() == 1


def test_the_calendar_knows_what_builds_on_what(web: Web) -> None:
    create_dependency(actor=PORTAL, source=web.systems["reports"], target=web.scene.system, relation="calls")
    change, other = web.change(), web.change()
    other.system = web.systems["reports"]
    found = foundations(windows([change, other]))
    assert found == {web.systems["reports"].pk: frozenset({web.scene.system.pk})}


def test_what_of_a_dependent_system_may_run_is_named(web: Web) -> None:
    release = web.scene.approved().release
    change = asked(web.scene, assets=[web.library])
    change.system = web.systems["limits"]
    spread = dependants(web.scene["approver"], change)
    (scorer,) = (one for one in spread.systems if one.slug == "scorer")
    assert scorer.releases == ((release.pk, release.version, "approved", ()),)


def test_what_of_a_dependent_system_is_reported_to_run_is_named_with_where(web: Web) -> None:
    release = web.scene.submitted().release
    change = asked(web.scene, assets=[web.library])
    change.system = web.systems["limits"]
    for place in ("production", "dev"):
        report_deployment(actor=web.scene["developer"], system=web.scene.system, environment=place, sha256=[SHA])
    (scorer,) = (one for one in dependants(web.scene["approver"], change).systems if one.slug == "scorer")
    assert scorer.releases == ((release.pk, release.version, "in_review", ("development", "production")),)


def test_nobody_reads_what_is_said_for_a_system_they_may_not_see(web: Web) -> None:
    change = submit_change(actor=web.scene["developer"], change=web.change())
    answer_change(
        actor=web.scene["neighbour"], change=change, system=web.systems["limits"], agrees=False, comment="Tokens."
    )
    unseeing = person("unseeing")
    appoint(unseeing, Role.APPROVER, system=web.scene.system)
    for who in (web.scene["developer"], unseeing):
        answer = Caller(who).get(f"changes/{change.pk}/")
        assert good(answer)["opinions"] == []
        for said in (answer.content.decode(), text(who, f"/changes/{change.pk}/")):
            assert "limits" not in said.lower()
            assert "Tokens." not in said
    reader = person("reader")
    appoint(reader, Role.AUDITOR, system=web.scene.system)
    record = Caller(reader).get(f"ledger/?system={web.scene.system.slug}")
    assert "change.submit" in {event["verb"] for event in good(record)["results"]}
    assert "Tokens." not in record.content.decode()
    with pytest.raises(Conflict, match="An owner of a system you may not see objects") as refused:
        approve_change(actor=unseeing, change=change)
    assert "Limits" not in str(refused.value)
    shown = good(Caller(web.scene["approver"]).get(f"changes/{change.pk}/"))
    assert [one["system"] for one in shown["opinions"]] == ["limits"]
