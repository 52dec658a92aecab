"""What validation shows on the page of a release."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.validation.services import place_hold, raise_finding
from tests.governance.validation.scene import build


@pytest.mark.django_db
def test_the_page_of_a_release_shows_its_reviews_findings_and_holds(client: Client) -> None:
    scene = build()
    submitted = scene.submitted()
    raise_finding(
        actor=scene["validator"], release=submitted.release, title="Drift", text="It *drifts*.", severity="high",
        category="data",
    )  # fmt: skip
    place_hold(actor=scene["owner"], system=scene.system, reason="Wait for the fix.")
    client.force_login(scene["viewer"])
    page = client.get(f"/releases/{submitted.release_id}/")
    assert page.status_code == 200
    for words in ("Submission 1", "Technical validation", "Drift", "Wait for the fix."):
        assert words in page.content.decode()
