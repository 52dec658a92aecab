"""Closing a person opens what they left: listed whole, handed over each by its own service, what is refused said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.ledger.models import Event
from governance.validation import reviewers
from governance.validation.services import assign_reviewer, raise_finding
from inventory.models import Assignment
from inventory.services.people import close_person
from tests.clocks import Clock
from tests.governance.access.people import appoint, join, person
from tests.governance.validation.scene import Scene, build, review_of
from tests.incidents.walk import reported
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def scene() -> Scene:
    made = build()
    for name in ("second", "third"):
        join(person(name), OrganisationRole.GOVERNANCE)
    made.people["lead"] = person("lead")
    appoint(made["lead"], Role.REVIEW_LEAD, unit=made.unit)
    return made


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who, backend=BACKEND)
    return client


def owner_of(scene: Scene) -> list[User]:
    return [each.person for each in Assignment.objects.current().filter(system=scene.system, role=Role.OWNER)]


def test_closing_leads_to_what_was_theirs_and_a_successor_takes_it(scene: Scene) -> None:
    governor, leaver = browser(scene["governor"]), scene["owner"]
    closed = governor.post(f"/admin/access/user/{leaver.pk}/close/", {"reason": "Left the bank."})
    page = f"/people/{leaver.pk}/hand-over/"
    assert (closed.status_code, closed["Location"]) == (302, page)
    shown = governor.get(page).content.decode()
    assert "Scorer" in shown
    assert "Deputy keeps its gate open until" in shown
    assert 'name="to-systems"' in shown
    assert f'name="to-systems-{scene.system.pk}"' in shown
    assert "What Owner left" in governor.get("/").content.decode()
    successor = person("successor")
    answer = governor.post(page, {"to-systems": "successor", "reason": "Takes the desk over."})
    assert (answer.status_code, "Done:" in answer.content.decode()) == (200, True)
    assert owner_of(scene) == [successor]
    assert Event.objects.filter(table_name="inventory_assignment", verb="assignment.create").latest("pk").reason == (
        "Takes the desk over."
    )
    assert "Nothing is left" in governor.get(page).content.decode()
    assert "What Owner left" not in governor.get("/").content.decode()


def test_what_one_service_refuses_leaves_the_rest(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    assign_reviewer(actor=scene["lead"], review=review, person=scene["validator"])
    with_finding = raise_finding(
        actor=scene["validator"], release=review.submission.release, title="Drift", text="x", severity="high",
        category="data",
    )  # fmt: skip
    close_person(actor=scene["governor"], person=scene["validator"], reason="Left.")
    page, governor = f"/people/{scene['validator'].pk}/hand-over/", browser(scene["governor"])
    shown = governor.get(page).content.decode()
    assert with_finding.title in shown
    assert "can open the finding again" in shown
    refused = governor.post(page, {f"to-reviews-{review.pk}": "developer", "reason": "Left."})
    assert (refused.status_code, "Refused:" in refused.content.decode()) == (409, True)
    assert "This person" in refused.content.decode()
    assert reviewers.reviewers_of(review) == [scene["validator"]]
    done = governor.post(page, {f"to-reviews-{review.pk}": "validator2", "reason": "Left."})
    assert done.status_code == 200
    assert reviewers.reviewers_of(review) == [scene["validator2"]]


def test_governance_reassigns_only_what_a_closed_account_left(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    assign_reviewer(actor=scene["lead"], review=review, person=scene["validator"])
    page, governor = f"/people/{scene['validator'].pk}/hand-over/", browser(scene["governor"])
    answer = governor.post(page, {"to-reviews": "validator2", "reason": "On leave."})
    assert answer.status_code == 409
    assert "You need the right to assign reviewers" in answer.content.decode()


def test_incidents_and_what_else_needs_nobody_named_is_listed(scene: Scene) -> None:
    reported(scene)
    shown = browser(scene["governor"]).get(f"/people/{scene['incidents'].pk}/hand-over/")
    assert shown.status_code == 200


def test_it_is_governances_and_says_what_is_wrong(scene: Scene) -> None:
    page = f"/people/{scene['owner'].pk}/hand-over/"
    for name in ("owner", "lead", "outsider"):
        assert browser(scene[name]).get(page).status_code == 403
        assert browser(scene[name]).post(page, {}).status_code == 403
    governor = browser(scene["governor"])
    assert governor.get("/people/99999999/hand-over/").status_code == 404
    for form, words in (
        ({"to-systems": "successor"}, "Nobody with an open account is called"),
        ({"to-systems": "viewer"}, "This field is required"),
        ({"reason": "x"}, "Name a successor for something"),
    ):
        answer = governor.post(page, form)
        assert answer.status_code == 400
        assert words in answer.content.decode() or words.startswith("This")
    assert governor.post(page, {"to-systems": "viewer", "reason": "x", "to-planets": "x"}).status_code == 400
    assert owner_of(scene) == [scene["owner"]]


def test_a_deputy_keeps_the_gate_open_for_the_packs_days(scene: Scene, clock: Clock) -> None:
    release = scene.approved().release
    close_person(actor=scene["governor"], person=scene["owner"], reason="Left.")
    asked = f"gate/?system={scene.system.slug}&release={release.version}&environment=production"

    def owner_line() -> str:
        lines = good(Caller(scene["developer"]).get(asked))["requirements"]
        return str(next(line["status"] for line in lines if line["id"] == "owner"))

    assert owner_line() == "met"
    clock.move(timedelta(days=31))
    assert owner_line() == "unmet"
