"""Documents and units over REST."""

from inventory.models import DocumentRevision, Unit
from tests.inventory.scene import Scene, adopt_baseline
from tests.rest import Caller, good, problem

CARD = {"template": "model-card", "sections": {"purpose": "Scores."}, "contact": "team@example.org"}


def test_a_document_begins_continues_and_keeps_every_revision(scene: Scene) -> None:
    adopt_baseline()
    caller = Caller(scene.developer)
    answer = caller.post("systems/scorer/documents/", CARD)
    body = good(answer, 201)
    assert (body["title"], body["revisions"][0]["number"], answer["ETag"]) == ("Model card", 1, '"1"')
    problem(caller.post("systems/scorer/documents/", CARD), 409, "stale")
    place = answer["Location"]
    given = {"sections": {"purpose": "More."}, "contact": "team@example.org"}
    problem(caller.call("PUT", place, given), 428)
    assert good(caller.call("PUT", place, given, If_Match='"1"'))["revisions"][0]["number"] == 2
    for tag in ('"1"', '"x"', '"99999999999"'):
        problem(caller.call("PUT", place, given, If_Match=tag), 412, "stale")
    assert DocumentRevision.objects.count() == 2


def test_sections_are_text_under_known_forms_of_names(scene: Scene) -> None:
    adopt_baseline()
    answer = Caller(scene.developer).post("systems/scorer/documents/", {**CARD, "sections": {"purpose": 7}})
    assert list(problem(answer, 400)["errors"]) == ["sections.purpose"]
    answer = Caller(scene.developer).post("systems/scorer/documents/", {**CARD, "sections": {}, "contact": ""})
    assert set(problem(answer, 400)["errors"]) == {"contact"}


def test_how_a_document_stands_is_told_with_it_and_for_the_whole_system(scene: Scene) -> None:
    adopt_baseline()
    caller = Caller(scene.developer)
    standing = good(caller.post("systems/scorer/documents/", CARD), 201)["standing"]
    assert (standing["demanded"], standing["complete"], standing["contact"]) == (True, False, True)
    assert [(s["id"], s["filled"]) for s in standing["sections"]][:2] == [("purpose", True), ("data", False)]
    told = good(Caller(scene.viewer).get("systems/scorer/standings/"))
    assert told["complete"] is False
    assert {d["template"] for d in told["documents"] if d["demanded"]} == {
        "model-documentation", "impact-assessment", "model-card",
    }  # fmt: skip
    problem(Caller(scene.stranger).get("systems/scorer/standings/"), 404)


def test_a_template_the_policy_does_not_have_is_refused(scene: Scene) -> None:
    adopt_baseline()
    answer = Caller(scene.developer).post("systems/scorer/documents/", {**CARD, "template": "modelcard"})
    assert list(problem(answer, 400)["errors"]) == ["template"]


def test_units_are_added_renamed_and_moved_by_governance(scene: Scene) -> None:
    caller = Caller(scene.governor)
    answer = caller.post("units/", {"name": "Loans", "parent": "bank"})
    assert good(answer, 201)["parent"] == {"slug": "bank", "name": "Bank"}
    assert good(caller.patch("units/loans/", {"name": "Lending", "parent": None}))["parent"] is None
    problem(caller.patch("units/bank/", {"parent": "cards"}), 409, "cycle")
    assert list(problem(caller.patch("units/bank/", {"parent": "none"}), 400)["errors"]) == ["parent"]
    problem(Caller(scene.owner).post("units/", {"name": "Mine"}), 403)
    problem(Caller(scene.stranger).get("units/bank/"), 404)
    assert Unit.objects.filter(name="Mine").count() == 0
