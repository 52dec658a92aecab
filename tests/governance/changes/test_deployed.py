"""What was reported of the release that carries a change out stands with the change, and so does that nothing was."""

from __future__ import annotations

import pytest

from governance.changes.models import Change
from governance.changes.services import implement_change, roll_back_change
from inventory.services.deployments import report_deployment
from tests.governance.changes.walk import approved, emergency, with_release
from tests.governance.validation.scene import SHA, Scene
from tests.incidents.test_pages import text
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db


def runs(scene: Scene, version: str) -> None:
    """The developer reports that a release runs in production."""
    report_deployment(
        actor=scene["developer"], system=scene.system, environment="production", release=version, sha256=[SHA]
    )


def shown(scene: Scene, change: Change) -> tuple[list[str], str]:
    """Versions that were reported, and what is missing, over REST."""
    found = good(Caller(scene["viewer"]).get(f"changes/{change.pk}/"))
    return [row["release"]["version"] for row in found["deployments"]], found["deployment_missing"]


def test_a_change_says_where_its_release_runs_or_that_nobody_reported_it(scene: Scene) -> None:
    change = approved(scene)
    release = with_release(scene, change)
    assert shown(scene, change) == ([], "")
    change = implement_change(actor=scene["developer"], change=change)
    missing = f"No report says that release {release.version} runs anywhere since the change was carried out."
    assert shown(scene, change) == ([], missing)
    page = f"/changes/{change.pk}/"
    assert text(scene["validator"], page).count(missing) == 2  # in the decision box, and where it runs
    runs(scene, release.version)
    assert shown(scene, change) == ([release.version], "")
    told = text(scene["validator"], page)
    assert missing not in told
    assert f"{release.version} in production" in told.partition("On the ledger")[2]
    assert "runs since" in told.partition("Where it runs")[2]


def test_a_roll_back_says_where_what_is_gone_back_to_runs(scene: Scene) -> None:
    before, bad = scene.approved().release, scene.approved().release
    runs(scene, bad.version)
    change = emergency(scene, target_release=bad, rollback_release=before)
    assert shown(scene, change) == ([bad.version], "")
    change = roll_back_change(actor=scene["developer"], change=change, reason="It fails.")
    assert "rolled back" in shown(scene, change)[1]
    assert "No report says" in text(scene["viewer"], f"/changes/{change.pk}/")
    runs(scene, before.version)
    assert shown(scene, change) == ([before.version], "")
