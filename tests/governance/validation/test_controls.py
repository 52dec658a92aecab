"""What is said about controls is approved with the package: frozen in it, compared, counted as a hand in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from governance.database.clock import portal_now
from governance.policy.queries import facts_of
from governance.validation.models import Contribution
from governance.validation.services import submit_release, withdraw_submission
from inventory.models import ControlFact
from inventory.services.assets import create_asset
from inventory.services.controls import record_controls
from inventory.services.dependencies import create_dependency
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import refusal
from tests.governance.validation.test_forged_packages import forge
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db


def say(scene: Scene, subject: Any, state: str, *, by: str = "developer", **more: Any) -> ControlFact:
    fact = {"control": "encryption-at-rest", "state": state, "stated_on": portal_now().date(), **more}
    (made,) = record_controls(actor=scene[by], subject=subject, facts=[fact])
    return made


def test_a_package_freezes_the_newest_word_on_controls_of_the_system_and_its_assets(scene: Scene) -> None:
    data = create_asset(actor=scene["owner"], unit=scene.unit, kind="dataset", name="Transactions")
    other = create_asset(actor=scene["owner"], unit=scene.unit, kind="dataset", name="Elsewhere")
    create_dependency(actor=scene["owner"], source=scene.system, target=data, relation="trained_on")
    say(scene, scene.system, "no")
    newest = say(scene, scene.system, "yes", note="By disk.", url="https://wiki.example/disk")
    of_asset = say(scene, data, "partly", by="owner")
    say(scene, other, "no", by="owner")
    submission = scene.submitted()
    manifest = json.loads(submission.manifest)
    assert manifest["schema"] == "countersign.submission/2"
    assert [(line["id"], line["name"], line["of"], line["state"]) for line in manifest["controls"]] == [
        (newest.pk, "Encryption at rest", "system", "yes"),
        (of_asset.pk, "Encryption at rest (Transactions)", "asset:transactions", "partly"),
    ]
    hands = Contribution.objects.filter(release=submission.release, kind="control").values_list("person", flat=True)
    assert set(hands) == {scene["developer"].pk, scene["owner"].pk}
    review = submission.reviews.first()
    assert review is not None
    assert "https://wiki.example/disk" in browser(scene["validator"]).get(f"/reviews/{review.pk}/").content.decode()


def test_a_change_of_a_control_shows_against_the_last_approved_release(scene: Scene) -> None:
    say(scene, scene.system, "yes")
    scene.approved()
    say(scene, scene.system, "no", note="The disk was replaced.")
    later = submit_release(actor=scene["owner"], release=scene.release())
    review = later.reviews.first()
    assert review is not None
    told = good(Caller(scene["validator"]).get(f"reviews/{review.pk}/changes/"))
    (controls,) = [each for each in told["lists"] if each["key"] == "controls"]
    (line,) = controls["lines"]
    assert (line["name"], line["kind"]) == ("Encryption at rest", "changed")
    assert {change["name"]: (change["before"], change["after"]) for change in line["changes"]} == {
        "State": ("yes", "no"), "Note": ("", "The disk was replaced."),
    }  # fmt: skip
    page = browser(scene["validator"]).get(f"/reviews/{review.pk}/").content.decode()
    assert "The disk was replaced." in page


@pytest.mark.parametrize("said", [[], [{"state": "yes"}]])
def test_a_package_that_says_something_else_of_controls_is_refused(scene: Scene, said: list[dict[str, str]]) -> None:
    say(scene, scene.system, "no")
    first = withdraw_submission(actor=scene["owner"], release=scene.submitted().release)
    (line,) = json.loads(first.manifest)["controls"]
    controls = [{**line, **one} for one in said]
    assert refusal(lambda: forge(scene, first, controls=controls)) == "package_controls_agrees"


def test_what_the_gate_hears_of_controls_is_what_was_frozen(scene: Scene) -> None:
    say(scene, scene.system, "partly")
    release = scene.submitted().release
    (fact,) = facts_of([release])[release.pk].controls
    assert (fact.control, fact.state) == ("encryption-at-rest", "partly")
