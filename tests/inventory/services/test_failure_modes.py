"""The worksheet of failure modes, look-alikes of past incidents, and what a high-tier system owes before a review."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.rights import NotVisible
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden
from governance.validation import services
from governance.validation.models import Contribution
from inventory.models import FailureMode, LookAlike, PastIncident, Risk
from inventory.services import change_system
from inventory.services.failure_modes import (
    answer_look_alike,
    end_failure_mode,
    search_look_alikes,
    write_failure_mode,
)
from tests.governance.validation.scene import LOW, Scene, build
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SAID: dict[str, Any] = {
    "what": "It refuses the wrong people.",
    "who": "Newcomers.",
    "when": "In spring.",
    "how": "Appeals rise.",
}
TOLD = (
    (1, "Credit score denies loans to newcomers", "A scoring model for consumer credit refused applicants."),
    (2, "Robot vacuum fell down the stairs", "A household robot fell."),
    (3, "Loan applicants refused by a credit algorithm", "A bank scored applicants by their postcode."),
)


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people, described so that two of three past incidents look like it."""
    scene = build()
    change_system(
        actor=scene["owner"], system=scene.system, purpose="Scores applicants for consumer credit loans.",
        intended_use="A credit officer reads the score of loan applicants.",
    )  # fmt: skip
    return scene


def incidents() -> None:
    """Three past incidents, as an import leaves them."""
    with acting(Command("import_incident_database"), door=Door.COMMAND, verb="past_incident.import"):
        PastIncident.objects.bulk_create(
            PastIncident(source="aiid", number=number, title=title, description=text, changed_at=portal_now())
            for number, title, text in TOLD
        )


def blocked(scene: Scene) -> list[tuple[str, str]]:
    """Why a release cannot be submitted, each with where it is mended."""
    with pytest.raises(Conflict) as refused:
        services.submit_release(actor=scene["owner"], release=scene.release())
    return [(reason.text, reason.href) for reason in refused.value.reasons]


def nothing_known(scene: Scene) -> None:
    """The system as before anybody thought of what could go wrong."""
    for mode in FailureMode.objects.filter(system=scene.system):
        end_failure_mode(actor=scene["owner"], mode=mode, reason="Put up by the scene.")
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        Risk.objects.filter(system=scene.system).update(state="closed")


def test_a_high_tier_release_is_not_submitted_before_risks_and_failure_modes_are_known(scene: Scene) -> None:
    nothing_known(scene)
    page = f"/systems/{scene.system.slug}/"
    assert [href for _, href in blocked(scene)] == [f"{page}?tab=risks", f"{page}failure-modes/"]


def test_the_release_page_names_each_gap_beforehand_with_a_link(scene: Scene) -> None:
    nothing_known(scene)
    release = scene.release()
    client = Client()
    client.force_login(scene["owner"], BACKEND)
    page = client.get(f"/releases/{release.pk}/").content.decode()
    assert f'<a href="/systems/{scene.system.slug}/failure-modes/">' in page
    refused = client.post(reverse("validation:release_submit", args=[release.pk]))
    assert refused.status_code == 409
    assert f'href="/systems/{scene.system.slug}/?tab=risks"' in refused.content.decode()


def test_a_low_tier_release_owes_no_worksheet(db: None) -> None:
    scene = build(LOW)
    nothing_known(scene)
    assert services.submit_release(actor=scene["owner"], release=scene.release()).number == 1


def test_every_look_alike_needs_an_answer_before_a_review(scene: Scene) -> None:
    incidents()
    assert "Nobody looked for past incidents" in blocked(scene)[0][0]
    assert search_look_alikes(actor=scene["owner"], system=scene.system).found == 2
    found = list(LookAlike.objects.filter(system=scene.system).order_by("id"))
    assert {each.incident.number for each in found} == {1, 3}
    assert "have no answer" in blocked(scene)[0][0]
    answer_look_alike(actor=scene["owner"], look_alike=found[0], answer="applies", reason="Appeals within a day.")
    answer_look_alike(actor=scene["developer"], look_alike=found[1], answer="not_here", reason="No postcode is used.")
    submission = services.submit_release(actor=scene["owner"], release=scene.release())
    assert '"answer":"not_here"' in submission.manifest
    hands = Contribution.objects.filter(release=submission.release, kind="failure_mode")
    assert {hand.person for hand in hands} >= {scene["owner"], scene["developer"]}


def test_news_of_the_database_or_another_purpose_asks_for_another_search(scene: Scene) -> None:
    incidents()
    search_look_alikes(actor=scene["owner"], system=scene.system)
    for each in LookAlike.objects.filter(system=scene.system):
        answer_look_alike(actor=scene["owner"], look_alike=each, answer="not_here", reason="Other data.")
    change_system(actor=scene["owner"], system=scene.system, purpose="A household robot that cleans stairs.")
    assert "description changed" in blocked(scene)[0][0]
    search_look_alikes(actor=scene["owner"], system=scene.system)
    assert LookAlike.objects.filter(system=scene.system).count() == 3
    assert LookAlike.objects.filter(system=scene.system, answer="not_here").count() == 2


def test_a_failure_mode_answers_all_four_questions(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as invalid:
        write_failure_mode(actor=scene["owner"], system=scene.system, **{**SAID, "when": " "})
    assert set(invalid.value.errors) == {"when"}


def test_who_only_reads_writes_nothing_and_a_stranger_sees_nothing(scene: Scene) -> None:
    incidents()
    for actor, refusal in ((scene["viewer"], Forbidden), (scene["outsider"], NotVisible)):
        with pytest.raises(refusal):
            write_failure_mode(actor=actor, system=scene.system, **SAID)
        with pytest.raises(refusal):
            search_look_alikes(actor=actor, system=scene.system)


def test_the_worksheet_is_kept_over_rest_and_read_on_the_page(scene: Scene) -> None:
    incidents()
    api = Caller(scene["owner"])
    created = api.post("/api/v1/failure-modes/", {"system": scene.system.slug, **SAID})
    good(created, 201)
    proposed = good(api.post("/api/v1/look-alikes/propose/", {"system": scene.system.slug}))["results"]
    assert {each["incident"]["number"] for each in proposed} == {1, 3}
    problem(api.post(f"/api/v1/look-alikes/{proposed[0]['id']}/answer/", {"answer": "applies", "reason": ""}), 400)
    answered = good(
        api.post(f"/api/v1/look-alikes/{proposed[0]['id']}/answer/", {"answer": "applies", "reason": "Watched."})
    )
    assert answered["answered_by"]["username"] == "owner"
    found = good(api.get("/api/v1/past-incidents/?search=postcode"))["results"]
    assert [each["number"] for each in found] == [3]
    client = Client()
    client.force_login(scene["owner"], BACKEND)
    page = client.get(f"/systems/{scene.system.slug}/failure-modes/").content.decode()
    assert SAID["what"] in page
    assert "Watched." in page
    assert "1 without an answer" in page


def test_the_worksheet_is_kept_in_the_browser(scene: Scene) -> None:
    incidents()
    client = Client()
    client.force_login(scene["owner"], BACKEND)
    here = f"/systems/{scene.system.slug}/"
    assert client.post(f"{here}failure-modes/new/", SAID).status_code == 302
    assert client.post(f"{here}look-alikes/propose/").status_code == 302
    alike = LookAlike.objects.filter(system=scene.system).first()
    assert alike is not None
    assert client.get(f"/look-alikes/{alike.pk}/").status_code == 200
    assert client.post(f"/look-alikes/{alike.pk}/", {"answer": "not_here", "reason": "No."}).status_code == 302
    mode = FailureMode.objects.filter(system=scene.system).last()
    assert mode is not None
    assert client.post(f"/failure-modes/{mode.pk}/end/", {"reason": "Rebuilt."}).status_code == 302
    mode.refresh_from_db()
    assert mode.end_reason == "Rebuilt."
