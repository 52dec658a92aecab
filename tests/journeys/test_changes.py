"""A vendor's library gets a new version: from the request for the change to its verification, in a real browser."""

from __future__ import annotations

import pytest

from governance.changes.models import Change
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.policy.checking import Purpose
from governance.policy.decide import decide
from governance.policy.queries import facts_of, rules_in_force
from governance.validation.services import submit_release
from inventory.models import Release
from inventory.services.assets import add_asset_version, create_asset
from inventory.services.dependencies import create_dependency
from tests.browser.conftest import Visitor, visitor
from tests.governance.access.people import PASSWORD, appoint, system
from tests.governance.changes.walk import ANSWERS, TEXTS
from tests.governance.validation.scene import REVIEWERS, Scene, build
from tests.governance.validation.test_shorter_routes import GOOD, MEDIUM, envelope, release_with, retrained

__all__ = ["visitor"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PORTAL = Command("scene")


def ships(release: Release) -> bool:
    """What the gate answers for production."""
    _, rules = rules_in_force()
    production = rules.document.environment("production")
    return decide(facts_of([release])[release.pk], rules, production, portal_now(), Purpose.DEPLOY).allowed


def become(visitor: Visitor, name: str) -> None:
    """Another person sits down."""
    visitor.window.context.clear_cookies()
    visitor.sign_in(name, PASSWORD)


def press(visitor: Visitor, change: Change, label: str, **fields: str) -> None:
    """Open the page of a change, press a button, fill its form and send it."""
    window, page = visitor.window, f"/changes/{change.pk}/"
    visitor.open(page)
    window.click(f"main a.btn:text-is('{label}')")
    for name, value in fields.items():
        window.fill(f"main form [name={name}]", value)
    window.click("main form button.btn-primary")
    window.wait_for_url(f"**{page}")
    change.refresh_from_db()


def library(scene: Scene) -> None:
    """A vendor's library that the scorer and three other systems are built upon, with a new version."""
    with acting(PORTAL, door=Door.COMMAND, verb="command.run"):
        others = [system(name, scene.unit) for name in ("limits", "alerts", "reports")]
    found = create_asset(actor=scene["owner"], unit=scene.unit, kind="library", name="libtokens")
    for one in (scene.system, *others):
        create_dependency(actor=PORTAL, source=one, target=found, relation="uses")
    add_asset_version(actor=scene["owner"], asset=found, version="5.0")
    appoint(scene["developer"], REVIEWERS["viewer"], unit=scene.unit)


def ask_for_it(visitor: Visitor) -> Change:
    """Fill in the request on the page of the system."""
    visitor.open("/systems/scorer/changes/new/")
    window = visitor.window
    window.fill("[name=title]", "libtokens 5.0")
    window.select_option("[name=kind]", "third-party-version")
    window.check("[name=assets]")
    for name, text in {**TEXTS, "planned_from": "2031-01-01T10:00", "planned_until": "2031-01-01T12:00"}.items():
        window.fill(f"[name={name}]", text)
    for question, answer in ANSWERS.items():
        window.select_option(f"[name='answer_{question}']", answer)
    window.click("main form button.btn-primary")
    window.wait_for_url("**/changes/*/")
    return Change.objects.get()


def test_a_librarys_new_version_reaches_three_systems_and_ships_after_a_review(visitor: Visitor) -> None:
    scene = build()
    scene.approved()
    library(scene)
    become(visitor, "developer")
    change = ask_for_it(visitor)
    seen = visitor.window.inner_text("main")
    assert "3 systems depend on what changes" in seen
    assert "“High tier” makes it material" in seen
    assert change.materiality == "material"

    press(visitor, change, "Put it up for approval")
    visitor.open(f"/changes/{change.pk}/")
    assert "You asked for this change or described it; another person decides." in visitor.window.inner_text("main")
    become(visitor, "approver")
    press(visitor, change, "Approve", comment="Watch the parse errors.")
    assert change.state == "approved"

    release = scene.release()
    become(visitor, "developer")
    visitor.open(f"/changes/{change.pk}/release/")
    visitor.window.select_option("[name=release]", str(release.pk))
    visitor.window.click("main form button.btn-primary")
    visitor.window.wait_for_url(f"**/changes/{change.pk}/")
    visitor.open(f"/changes/{change.pk}/implement/")
    visitor.window.click("main form button.btn-primary")
    assert "is draft" in visitor.window.inner_text("main")
    assert not ships(release)
    scene.sign_all(submit_release(actor=scene["owner"], release=release))
    assert ships(release)

    press(visitor, change, "It is carried out")
    become(visitor, "validator")
    press(visitor, change, "Verify and close", verification="No parse error in a day.")
    assert (change.state, str(change.verified_by)) == ("closed", str(scene["validator"]))
    assert ships(release)
    assert visitor.complaints == []


def test_a_retraining_inside_its_envelope_ships_and_one_that_leaves_it_by_one_metric_is_stopped(
    visitor: Visitor,
) -> None:
    scene = build(MEDIUM)
    first = release_with(scene, "a", GOOD, envelope=envelope())
    submission = submit_release(actor=scene["owner"], release=first)
    become(visitor, "validator")
    visitor.open(f"/reviews/{submission.reviews.order_by('order').first().pk}/")  # type: ignore[union-attr]
    assert "may be replaced until" in visitor.window.inner_text("main")
    assert "auc-roc from 0.80 up to 1" in visitor.window.inner_text("main")
    scene.sign_all(submission)

    inside, outside = retrained(scene), retrained(scene, {"auc-roc": "0.79"}, sha="c")
    become(visitor, "owner")
    assert not ships(inside)
    visitor.open(f"/releases/{inside.pk}/")
    visitor.window.click("main button:has-text('Ship inside the envelope')")
    visitor.window.wait_for_selector(f"text=it stays inside the envelope of release {first.version}")
    assert ships(inside)
    assert inside.submissions.get().reviews.count() == 0

    visitor.open(f"/releases/{outside.pk}/")
    assert "auc-roc is 0.79, below the envelope's 0.8" in visitor.window.inner_text("main")
    assert visitor.window.is_disabled("main button:has-text('Ship inside the envelope')")
    assert not ships(outside)
    assert visitor.complaints == []
