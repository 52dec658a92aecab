"""Systems over REST: what the contract promises, field by field."""

import pytest

from governance.access.vocabulary import Role
from inventory.models import Assignment, System
from tests.inventory.scene import ANSWERS, Scene, adopt_baseline
from tests.rest import Caller, good, problem


def test_a_list_shows_what_the_person_may_see(scene: Scene) -> None:
    assert [row["slug"] for row in good(Caller(scene.viewer).get("systems/"))["results"]] == ["scorer"]
    assert good(Caller(scene.stranger).get("systems/"))["results"] == []
    line = good(Caller(scene.governor).get("systems/?search=scorer"))["results"][0]
    assert line["owner"] == {"username": "owner", "name": "Owner"}
    assert line["unit"] == {"slug": "cards", "name": "Cards"}


@pytest.mark.parametrize(
    ("query", "found"),
    [("phase=pilot", []), ("unit=cards", ["scorer"]), ("impact=not_stated&unit=elsewhere", ["foreign"])],
)
def test_declared_filters_narrow_the_list(scene: Scene, query: str, found: list[str]) -> None:
    assert [row["slug"] for row in good(Caller(scene.governor).get(f"systems/?{query}"))["results"]] == found


@pytest.mark.parametrize(
    "query",
    ["owner=1", "phase=x", "phase=pilot&phase=planned", "order_by=owner__password", "unit__name__regex=a", "cursor=x",
     "page_size=0", "page_size=-1", "page_size=%EF%BC%91", "search=%00", "format=json", "cursor=WyJuIiwxXQ"],
)  # fmt: skip
def test_anything_undeclared_in_a_query_is_refused_by_name(scene: Scene, query: str) -> None:
    body = problem(Caller(scene.governor).get(f"systems/?{query}"), 400, "invalid")
    assert list(body["errors"]) == [query.split("=")[0]]


def test_pages_lead_forward_and_back_without_loss(scene: Scene) -> None:
    caller = Caller(scene.governor)
    for number in range(5):
        good(caller.post("systems/", {"name": f"Extra {number}", "unit": "cards"}), 201)
    seen: list[str] = []
    address: str | None = "systems/?page_size=3&unit=cards"
    pages = []
    while address:
        page = good(caller.get(address))
        pages.append([row["slug"] for row in page["results"]])
        seen += pages[-1]
        last, address = page, page["next"] and page["next"].removeprefix("http://testserver")
    assert len(seen) == len(set(seen)) == 6
    back = good(caller.get(last["previous"].removeprefix("http://testserver")))
    assert [row["slug"] for row in back["results"]] == pages[-2]
    assert back["previous"] is None


def test_a_system_is_registered_with_its_place_and_its_tag(scene: Scene) -> None:
    answer = Caller(scene.governor).post("systems/", {"name": "Churn", "unit": "cards", "impact": "neither"})
    body = good(answer, 201)
    assert (answer["Location"], body["slug"]) == ("/api/v1/systems/churn/", "churn")
    assert answer["ETag"] == Caller(scene.governor).get("systems/churn/")["ETag"]
    problem(Caller(scene.governor).post("systems/", {"name": "C", "unit": "cards", "slug": "churn"}), 409, "duplicate")


def test_who_may_not_register_is_refused_and_one_may_not_probe_for_units(scene: Scene) -> None:
    problem(Caller(scene.owner).post("systems/", {}), 403, "forbidden")
    body = problem(Caller(scene.governor).post("systems/", {"name": "x", "unit": "nowhere"}), 400)
    assert list(body["errors"]) == ["unit"]


def test_the_detail_says_everything_and_what_may_be_done(scene: Scene) -> None:
    body = good(Caller(scene.owner).get("systems/scorer/"))
    assert {"purpose", "answers", "tier_reason", "external_ids", "regimes"} <= set(body)
    verbs = {offer["verb"]: offer for offer in body["available_actions"]}
    assert verbs["retire"] == {"verb": "retire", "open": True, "reasons": []}
    blocked = {offer["verb"]: offer for offer in good(Caller(scene.viewer).get("systems/scorer/"))["available_actions"]}
    assert blocked["retire"]["open"] is False
    assert blocked["retire"]["reasons"][0]["code"] == "forbidden"


def test_answers_and_fields_change_together_or_not_at_all(scene: Scene) -> None:
    adopt_baseline()
    caller = Caller(scene.owner)
    body = good(caller.patch("systems/scorer/", {"answers": ANSWERS, "purpose": "Scores."}))
    assert (body["tier"], body["purpose"]) == ("medium", "Scores.")
    wrong = caller.patch("systems/scorer/", {"answers": {"novelty": "very"}, "purpose": "Other."})
    assert list(problem(wrong, 400)["errors"]) == ["answers.novelty"]
    dropped = caller.patch("systems/scorer/", {"answers": {"novelty": "new"}})
    assert set(problem(dropped, 400)["errors"]) == {f"answers.{each}" for each in ANSWERS if each != "novelty"}
    kept = System.objects.get(slug="scorer")
    assert (kept.purpose, kept.tier) == ("Scores.", "medium")


@pytest.mark.parametrize(
    "field",
    ["state", "tier", "id", "pk", "created_at", "updated_at", "owner", "is_superuser", "groups", "phase", "slug",
     "tier_pack", "search", "Purpose"],
)  # fmt: skip
def test_fields_the_portal_sets_are_no_input(scene: Scene, field: str) -> None:
    body = problem(Caller(scene.owner).patch("systems/scorer/", {field: "x", "purpose": "changed"}), 400, "invalid")
    assert list(body["errors"]) == [field]
    assert System.objects.get(slug="scorer").purpose == ""


@pytest.mark.parametrize("value", [True, 1, 1.0, [], {}, None])
def test_no_type_is_turned_into_another(scene: Scene, value: object) -> None:
    assert "purpose" in problem(Caller(scene.owner).patch("systems/scorer/", {"purpose": value}), 400)["errors"]


def test_a_change_needs_the_tag_of_what_was_read(scene: Scene) -> None:
    caller = Caller(scene.owner)
    seen = caller.get("systems/scorer/")["ETag"]
    problem(caller.call("PATCH", "systems/scorer/", {"purpose": "x"}), 428, "precondition_required")
    good(caller.patch("systems/scorer/", {"purpose": "one"}, If_Match=seen))
    for tag in (seen, f"W/{caller.get('systems/scorer/')['ETag']}", '"x"', "nonsense"):
        problem(caller.patch("systems/scorer/", {"purpose": "two"}, If_Match=tag), 412, "stale")
    good(
        caller.patch("systems/scorer/", {"purpose": "three"}, If_Match=f'"x", {caller.get("systems/scorer/")["ETag"]}')
    )


def test_a_system_moves_to_a_unit_only_for_who_may_in_both_places(scene: Scene) -> None:
    body = problem(Caller(scene.owner).patch("systems/scorer/", {"unit": "elsewhere"}), 400)
    assert list(body["errors"]) == ["unit"]
    moved = good(Caller(scene.governor).patch("systems/scorer/", {"unit": "elsewhere"}))
    assert moved["unit"]["slug"] == "elsewhere"


def test_verbs_answer_with_the_object_or_with_reasons(scene: Scene) -> None:
    caller = Caller(scene.owner)
    assert good(caller.post("systems/scorer/move/", {"phase": "pilot"}))["phase"] == "pilot"
    problem(caller.post("systems/scorer/move/", {"phase": "pilot"}), 409, "state")
    assert good(caller.post("systems/scorer/retire/", {"reason": "Replaced."}))["phase"] == "retired"
    problem(Caller(scene.viewer).post("systems/scorer/retire/"), 403, "forbidden")


def test_roles_are_given_and_ended(scene: Scene) -> None:
    caller = Caller(scene.governor)
    answer = caller.post("systems/scorer/assignments/", {"person": "stranger", "role": "validator", "until": None})
    body = good(answer, 201)
    assert (body["person"]["username"], body["role"], body["system"]) == ("stranger", "validator", "scorer")
    assert good(caller.get(answer["Location"]))["id"] == body["id"]
    problem(caller.post("systems/scorer/assignments/", {"person": "stranger", "role": "validator"}), 409, "duplicate")
    assert good(caller.post(f"{answer['Location']}end/", {"reason": "Moved on."}))["until"] is not None
    problem(caller.post(f"{answer['Location']}end/"), 409)


def test_an_owner_appoints_developers_only_and_nobody_probes_for_usernames(scene: Scene) -> None:
    owner, viewer = Caller(scene.owner), Caller(scene.viewer)
    good(owner.post("systems/scorer/assignments/", {"person": "stranger", "role": "developer"}), 201)
    problem(owner.post("systems/scorer/assignments/", {"person": "viewer", "role": "validator"}), 403)
    answers = [
        viewer.post("systems/scorer/assignments/", {"person": name, "role": "developer"})
        for name in ("owner", "nobody")
    ]
    assert {answer.status_code for answer in answers} == {403}
    body = problem(owner.post("systems/scorer/assignments/", {"person": "nobody", "role": "developer"}), 400)
    assert list(body["errors"]) == ["person"]
    assert Assignment.objects.filter(role=Role.DEVELOPER).count() == 2


@pytest.mark.parametrize("until", ["2099-01-01T00:00:00", "2099-01-01", "soon", 5, "2001-01-01T00:00:00Z"])
def test_an_end_is_a_future_instant_with_its_zone(scene: Scene, until: object) -> None:
    given = {"person": "stranger", "role": "viewer", "until": until}
    assert list(problem(Caller(scene.governor).post("systems/scorer/assignments/", given), 400)["errors"]) == ["until"]
