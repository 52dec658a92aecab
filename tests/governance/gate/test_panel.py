"""The gate on a release's page."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from governance.database.clock import portal_now
from governance.gate.panel import panel
from inventory.models import Assignment
from tests.governance.gate.asking import Pipeline, token
from tests.governance.policy import records

pytestmark = pytest.mark.django_db


def page(person: object, release: object) -> str:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")  # type: ignore[arg-type]
    response = client.get(f"/releases/{release.pk}/")  # type: ignore[attr-defined]
    assert response.status_code == 200
    return response.content.decode()


def test_a_draft_shows_every_obstacle_with_its_fix_who_and_a_way_there() -> None:
    records.pack()
    owner = records.person("olga")
    release = records.release(records.system(owner=owner), owner)
    html = page(owner, release)
    for text in (
        "Closed", "observed only", "What stands in the way", "The release was never submitted for review.",
        "Submit it.", "Who: owner of this system, developers of this system.", "The release is draft, not approved.",
    ):  # fmt: skip
        assert text in html


def test_an_approved_release_shows_when_each_gate_closes_and_why() -> None:
    records.pack()
    owner, other = records.person("olga"), records.person("vera")
    release = records.release(records.system(owner=owner), owner)
    made = records.submission(release, owner, state="approved")
    records.condition(made, other, portal_now() + timedelta(days=3), "production")
    outlooks = {o.environment.id: o for o in panel(release, owner)["outlooks"]}
    assert all(outlook.decision.allowed for outlook in outlooks.values())
    assert str(outlooks["production"].decision.closes_because).startswith("Conditions are kept")
    assert str(outlooks["canary"].decision.closes_because).startswith("Approval is current")
    html = page(owner, release)
    assert "What stands in the way" not in html
    assert "Conditions are kept: No condition is overdue; the next falls due" in html


def test_an_obstacle_in_one_environment_names_it() -> None:
    records.pack()
    owner, other = records.person("olga"), records.person("vera")
    release = records.release(records.system(owner=owner), owner)
    made = records.submission(release, owner, state="approved")
    records.condition(made, other, portal_now() - timedelta(days=3), "production")
    (obstacle,) = panel(release, owner)["obstacles"]
    assert (obstacle.line.id, obstacle.environments, obstacle.everywhere) == ("conditions", ("Production",), False)


def test_every_way_leads_to_a_page() -> None:
    records.pack()
    owner, other = records.person("olga"), records.person("vera")
    system = records.system(answers=records.HIGH_ANSWERS)
    release = records.release(system, owner)
    records.submission(release, owner)
    records.hold(system, other)
    records.finding(release, other)
    found = panel(release, owner)["obstacles"]
    assert {"owner", "technical-validation", "findings", "holds"} <= {obstacle.line.id for obstacle in found}
    for obstacle in found:
        assert resolve(urlsplit(obstacle.line.href).path).url_name != "api-nowhere"


def test_recorded_checks_are_shown_to_those_who_may_ask() -> None:
    records.pack()
    owner, viewer = records.person("olga"), records.person("vic")
    system = records.system(owner=owner)
    release = records.release(system, owner)
    with records.write():
        Assignment.objects.create(person=viewer, role="viewer", system=system, since=portal_now())
    Pipeline(token(owner, system)).post({"system": system.slug, "release": "1.0", "environment": "production"})
    assert "Last asked by pipelines" in page(owner, release)
    assert "Last asked by pipelines" not in page(viewer, release)


def test_without_a_policy_it_says_so() -> None:
    owner = records.person("olga")
    release = records.release(records.system(owner=owner), owner)
    assert "No policy pack is in force" in page(owner, release)
