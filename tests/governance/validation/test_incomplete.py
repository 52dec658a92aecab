"""A high-tier system that is not complete is not put up for review, and every gap is named with a way to mend it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.ledger.acting import Command, Door, acting
from inventory.models import Release, System
from inventory.services import answer_questionnaire
from inventory.services.artifacts import ArtifactInput
from inventory.services.releases import create_release
from tests.governance.access.people import appoint, system
from tests.governance.validation.scene import HIGH, SHA, Scene
from tests.papers import write_papers
from tests.rest import Caller, good, problem

# What the refusal says of each gap, and where on the system it leads.
GAPS = {
    "documents": ("Model documentation", "/systems/bare/?tab=documents"),
    "tier": ("do not fit the questionnaire", "/systems/bare/questionnaire/"),
    "risks": ("No risk is on record", "/systems/bare/?tab=risks"),
    "failure modes": ("No failure mode is written down", "/systems/bare/failure-modes/"),
}
pytestmark = pytest.mark.django_db


def bare(scene: Scene) -> tuple[System, Release]:
    """A system of the high tier with a release and nothing else; its answers are of another policy."""
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        made = system("bare", scene.unit)
    appoint(scene["owner"], Role.OWNER, system=made)
    made = answer_questionnaire(actor=scene["owner"], system=made, answers=HIGH)
    release = create_release(
        actor=scene["owner"], system=made, version="1.0", artifacts=[ArtifactInput(name="m", kind="model", sha256=SHA)]
    )
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        System.objects.filter(pk=made.pk).update(answers={"asked-long-ago": "yes"})
    made.refresh_from_db()
    assert made.tier == "high"
    return made, release


def signed_in(person: User) -> Client:
    """Somebody at the portal."""
    client = Client()
    client.force_login(person)
    return client


def test_the_refusal_names_each_gap_with_a_link_to_mend_it_on_the_web_and_over_the_api(scene: Scene) -> None:
    made, release = bare(scene)
    owner, caller = signed_in(scene["owner"]), Caller(scene["owner"])
    told = problem(caller.post(f"releases/{release.pk}/submit/", {}), 409, "blocked")["reasons"]
    page = owner.get(f"/releases/{release.pk}/").content.decode()
    refused = owner.post(f"/releases/{release.pk}/submit/")
    assert refused.status_code == 409
    for words, where in GAPS.values():
        (reason,) = [one for one in told if words in one["text"]]
        assert reason["href"] == where
        link = re.compile(rf'href="{re.escape(where)}"[^>]*>\s*Mend it')
        for shown in (page, refused.content.decode()):
            assert words in shown
            assert link.search(shown)
        assert owner.get(where).status_code == 200
    release.refresh_from_db()
    assert release.state == Release.State.DRAFT

    answer_questionnaire(actor=scene["owner"], system=made, answers=HIGH)
    write_papers(made, scene["owner"])
    assert good(caller.post(f"releases/{release.pk}/submit/", {}))["state"] == "in_review"
