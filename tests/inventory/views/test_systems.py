"""The pages of systems: seen, refused, filtered, written, and the same for one who may and one who may not."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.ledger.models import Denial
from inventory.models import System
from tests.inventory.scene import ANSWERS, Scene, adopt_baseline

PLAIN = {
    "name": "Scorer", "purpose": "Scores.", "intended_use": "", "out_of_scope_use": "", "objectives": "",
    "objectives_review_on": "", "affected_groups": "", "human_oversight": "", "outputs": "", "origin": "in_house",
    "vendor": "", "impact": "neither", "own_role": "not_stated", "own_role_reason": "", "personal_data": "no",
    "demographic_variables": "",
}  # fmt: skip


def text(response: Any) -> str:
    """The page as the browser gets it."""
    return str(response.content.decode())


def test_a_list_shows_what_one_may_see_and_nothing_of_the_rest(scene: Scene, client: Client) -> None:
    client.force_login(scene.viewer)
    page = text(client.get("/systems/"))
    assert "/systems/scorer/" in page
    assert "foreign" not in page.lower()
    assert "elsewhere" not in page.lower()


def test_somebody_without_a_role_sees_an_empty_list_with_the_next_step(scene: Scene, client: Client) -> None:
    client.force_login(scene.stranger)
    response = client.get("/systems/")
    assert response.status_code == 200
    assert "You have no role on any system" in text(response)


def test_an_invisible_system_and_an_unknown_one_are_the_same_bytes_and_headers(scene: Scene, client: Client) -> None:
    client.force_login(scene.viewer)
    hidden, unknown = client.get("/systems/foreign/"), client.get("/systems/never-existed/")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content
    assert dict(hidden.headers) == dict(unknown.headers)


@pytest.mark.parametrize("tab", ["releases", "people", "description", "documents", "tier", "imported", "ledger", "x"])
def test_every_tab_of_a_system_opens(scene: Scene, client: Client, tab: str) -> None:
    adopt_baseline()
    client.force_login(scene.owner)
    response = client.get(f"/systems/scorer/?tab={tab}")
    assert response.status_code == 200
    assert "Who answers an incident?" in text(response)


def test_a_reader_of_the_system_is_not_shown_its_record_in_the_ledger(scene: Scene, client: Client) -> None:
    client.force_login(scene.viewer)
    assert "registered a system" not in text(client.get("/systems/scorer/?tab=ledger"))
    client.force_login(scene.owner)
    assert "gave a role" in text(client.get("/systems/scorer/?tab=ledger")) or "system:scene" in text(
        client.get("/systems/scorer/?tab=ledger")
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=scorer", True), ("q=scor", True), ("q=nothingofthekind", False), ("phase=not_stated", True),
        ("phase=pilot", False), ("owner=none", False), ("owner=OWNER", True), ("tier=none", True), ("tier=high", False),
        ("unit=cards", True), ("unit=bank", True), ("state=approved", False), ("impact=not_stated", True),
    ],
)  # fmt: skip
def test_filters_stand_in_the_address(scene: Scene, client: Client, query: str, found: bool) -> None:
    client.force_login(scene.owner)
    response = client.get(f"/systems/?{query}")
    assert response.status_code == 200
    assert ("/systems/scorer/" in text(response)) is found


@pytest.mark.parametrize(
    "query",
    ["colour=red", "order=owner__password", "phase=nowhere", "unit=elsewhere", "after=bogus", "after=WyIxIl0", "q=%00",
     "after=" + "A" * 3000],
)  # fmt: skip
def test_what_is_no_filter_is_bad_input_and_never_a_fault(scene: Scene, client: Client, query: str) -> None:
    client.force_login(scene.owner)
    assert client.get(f"/systems/?{query}").status_code == 400


def test_the_export_is_exactly_the_filtered_rows(scene: Scene, client: Client) -> None:
    client.force_login(scene.governor)
    for query, slugs in (("", {"scorer", "foreign"}), ("unit=bank", {"scorer"}), ("owner=none", {"foreign"})):
        response = client.get(f"/systems/export/?{query}")
        body = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        assert {row["System"] for row in csv.DictReader(io.StringIO(body))} == slugs


def test_registering_a_system_leads_to_giving_it_an_owner(scene: Scene, client: Client) -> None:
    client.force_login(scene.governor)
    response = client.post("/systems/new/", {**PLAIN, "name": "Churn", "unit": scene.cards.pk, "phase": "pilot"})
    assert response.status_code == 302
    assert response["Location"] == "/systems/churn/?tab=people"
    assert System.objects.get(slug="churn").phase == "pilot"


def test_who_may_not_register_is_told_so_and_it_is_recorded(scene: Scene, client: Client) -> None:
    client.force_login(scene.owner)
    assert client.get("/systems/new/").status_code == 403
    before = Denial.objects.count()
    response = client.post("/systems/new/", {**PLAIN, "unit": scene.cards.pk, "phase": "pilot"})
    assert response.status_code == 403
    assert "You need the right" in text(response)
    assert Denial.objects.count() == before + 1
    assert System.objects.count() == 2


def test_a_field_the_form_does_not_have_is_refused_not_ignored(scene: Scene, client: Client) -> None:
    client.force_login(scene.owner)
    body = {**PLAIN, "unit": scene.cards.pk, "seen": "", "tier": "low"}
    response = client.post("/systems/scorer/edit/", body)
    assert response.status_code == 400
    assert "tier: There is no such field." in text(response)


def test_what_was_typed_stays_when_somebody_else_was_faster(scene: Scene, client: Client) -> None:
    client.force_login(scene.owner)
    seen = client.get("/systems/scorer/edit/").context["form"].initial["seen"]
    body = {**PLAIN, "unit": scene.cards.pk, "seen": seen}
    assert client.post("/systems/scorer/edit/", body).status_code == 302
    late = client.post("/systems/scorer/edit/", {**body, "purpose": "My careful wording."})
    assert late.status_code == 409
    assert "My careful wording." in text(late)
    assert System.objects.get(slug="scorer").purpose == "Scores."


def test_answers_decide_the_tier_and_the_page_says_by_which_rule(scene: Scene, client: Client) -> None:
    adopt_baseline()
    client.force_login(scene.owner)
    assert client.post("/systems/scorer/questionnaire/", {**ANSWERS, "seen": ""}).status_code == 302
    page = text(client.get("/systems/scorer/?tab=tier"))
    assert "Likelihood of harm is" in page
    assert System.objects.get(slug="scorer").tier


def test_a_question_left_open_stays_open_and_decides_no_tier(scene: Scene, client: Client) -> None:
    adopt_baseline()
    client.force_login(scene.owner)
    response = client.post("/systems/scorer/questionnaire/", {**ANSWERS, "money": "", "seen": ""}, follow=True)
    assert "The answers do not decide a tier yet." in text(response)
    assert System.objects.get(slug="scorer").tier == ""


def test_phases_move_by_button_with_a_reason(scene: Scene, client: Client) -> None:
    client.force_login(scene.owner)
    response = client.post("/systems/scorer/move/", {"verb": "move_to_pilot", "reason": "Trial begins."})
    assert response.status_code == 302
    assert System.objects.get(slug="scorer").phase == "pilot"
    assert client.post("/systems/scorer/move/", {"verb": "fly", "reason": ""}).status_code == 400
    client.force_login(scene.viewer)
    assert client.post("/systems/scorer/move/", {"verb": "move_to_planned", "reason": "x"}).status_code == 403


def test_roles_are_given_and_ended_on_the_people_tab(scene: Scene, client: Client) -> None:
    client.force_login(scene.governor)
    given = client.post(
        "/systems/scorer/people/new/",
        {"person": scene.stranger.pk, "role": "validator", "until": "", "reason": "Independent"},
    )
    assert given.status_code == 302
    assert "Independent" in text(client.get("/systems/scorer/?tab=people"))
    assignment = scene.stranger.assignments.get()
    end = reverse("inventory:assignment_end", args=["scorer", assignment.pk])
    assert client.post(end).status_code == 302
    assert client.post(end).status_code == 409
    assert client.post(reverse("inventory:assignment_end", args=["foreign", assignment.pk])).status_code == 404


def test_only_who_may_give_a_role_sees_the_people_to_choose_from(scene: Scene, client: Client) -> None:
    client.force_login(scene.viewer)
    assert client.get("/systems/scorer/people/new/").status_code == 403
    client.force_login(scene.owner)
    page = text(client.get("/systems/scorer/people/new/"))
    assert "Stranger" in page
    assert 'value="developer"' in page
    assert 'value="approver"' not in page
    body = {"person": scene.stranger.pk, "role": "developer", "until": "", "reason": ""}
    assert client.post("/systems/scorer/people/new/", {**body, "role": "approver"}).status_code == 400
    assert client.post("/systems/scorer/people/new/", body).status_code == 302


def test_nobody_gives_a_role_to_himself_through_the_page(scene: Scene, client: Client) -> None:
    client.force_login(scene.governor)
    body = {"person": scene.governor.pk, "role": "approver", "until": "", "reason": ""}
    assert client.post("/systems/scorer/people/new/", body).status_code == 403


def test_units_are_a_tree_of_what_one_may_see(scene: Scene, client: Client) -> None:
    client.force_login(scene.viewer)
    page = text(client.get("/units/"))
    assert "Cards" in page
    assert "Elsewhere" not in page
    client.force_login(scene.governor)
    assert client.post("/units/new/", {"name": "Treasury", "parent": scene.bank.pk, "seen": ""}).status_code == 302
    seen = client.get("/units/cards/edit/").context["form"].initial["seen"]
    body = {"name": "Cards and payments", "parent": "", "seen": seen}
    assert client.post("/units/cards/edit/", body).status_code == 302
    client.force_login(scene.owner)
    assert client.get("/units/cards/edit/").status_code == 404
