"""The matrix of doors: what each declares stands in a file, and each door is tried by people it must turn away."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from governance.access.models import User
from governance.database.clock import portal_now
from governance.validation.services import place_hold, raise_finding
from incidents.models import Incident, PlaybookVersion
from incidents.services import (
    add_action,
    add_check,
    add_factor,
    add_why,
    link_similar,
    propose_playbook,
    report_incident,
    say_foreseen,
    start_clock,
    take_measure,
    triage_incident,
    write_summary,
)
from inventory.services import save_document_revision
from inventory.services.assets import create_asset
from inventory.services.dependencies import create_dependency
from inventory.services.evaluations import record_evaluations
from inventory.services.risks import identify_risk
from tests.architecture.doors import CLOSED, LIBRARY, SIGN_IN, UNDECLARED, DoorWay, as_toml, doorways
from tests.architecture.keys import filled
from tests.governance.access.people import person
from tests.governance.changes.walk import asked
from tests.governance.validation.scene import Scene, build

PAGE = Path(__file__).parent / "matrix.toml"
WRITING = ("POST", "PUT", "PATCH", "DELETE")
# The last two are for whoever holds a link the portal signed.
PUBLIC = {
    "/healthz", "/readyz", "/metrics", "/notifications/unsubscribe/<str:token>/",
    "/notifications/calendar/<str:token>/due.ics", "/transparency/<slug:slug>/",
}  # fmt: skip


def written() -> set[DoorWay]:
    page = tomllib.loads(PAGE.read_text())
    return {DoorWay(route, method, said) for route, row in page.items() for method, said in row.items()}


def ours(*, but: tuple[str, ...] = (LIBRARY, CLOSED, SIGN_IN, "public")) -> list[DoorWay]:
    return [way for way in doorways() if way.declared not in but]


def method_of(way: DoorWay) -> str:
    return "GET" if way.method == "ANY" else way.method


def is_api(way: DoorWay) -> bool:
    return way.route.startswith(("/api/v1/", "/^api/"))


def test_every_door_declares_who_may_use_it() -> None:
    assert [way for way in doorways() if UNDECLARED in way.declared] == []


def test_the_doors_and_the_page_agree() -> None:
    coded = set(doorways())
    assert {"new or changed": sorted(coded - written()), "gone": sorted(written() - coded)} == {
        "new or changed": [],
        "gone": [],
    }, f"if this is meant, the page reads:\n{as_toml(doorways())}"


def test_only_named_doors_are_open_to_everybody() -> None:
    assert {way.route for way in doorways() if way.declared == "public"} == PUBLIC


@pytest.mark.django_db
def test_nobody_gets_in_without_signing_in() -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for way in ours():
        address = filled(way.route, exists=False)
        answer = client.generic(method_of(way), address, data="{}", content_type="application/json")
        expected = 401 if is_api(way) else 302
        if answer.status_code != expected or (
            expected == 302 and "/login/" not in answer["Location"] and way.declared != "office"
        ):
            wrong.append((method_of(way), address, answer.status_code))
    assert wrong == []


@pytest.mark.django_db
def test_a_page_that_changes_something_answers_no_get() -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=person("operator", is_superuser=True, is_staff=True).pk), backend=BACKEND)
    by_route: dict[str, set[str]] = {}
    for way in ours():
        by_route.setdefault(way.route, set()).add(way.method)
    wrong = []
    for route, methods in by_route.items():
        if not methods <= set(WRITING):
            continue
        answer = client.get(filled(route, exists=False))
        if answer.status_code != 405:
            wrong.append((route, answer.status_code))
    assert wrong == []


BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def existing(scene: Scene) -> dict[str, dict[str, str]]:
    """Keys of things that are there, by how their addresses begin; the longest beginning counts."""
    submission = scene.approved()
    finding = raise_finding(
        actor=scene["validator"], release=submission.release, title="A defect", text="Seen.", severity="high",
        category="data",
    )  # fmt: skip
    hold = place_hold(actor=scene["owner"], system=scene.system, reason="Wait.")
    revision = save_document_revision(
        actor=scene["owner"], system=scene.system, template="model-card", contact="a@example.org",
        sections={"purpose": "Scores."},
    )  # fmt: skip
    incident = report_incident(
        actor=scene["owner"], system=scene.system, title="It drifts", type="drift", impact="limited", urgency="stable"
    )
    check = add_check(actor=scene["incidents"], incident=incident, text="It is quiet")
    item = add_action(
        actor=scene["incidents"], incident=incident, text="Watch it", owner=scene["developer"],
        due=portal_now() + timedelta(days=9),
    )  # fmt: skip
    measure = take_measure(
        actor=scene["incidents"], incident=incident, text="By hand", until=portal_now() + timedelta(days=1)
    )
    clock = start_clock(actor=scene["incidents"], incident=incident, clock="gdpr-33")
    parts_of_analysis = analysed(scene, incident)
    version = proposed(scene)
    change = asked(scene)
    asset = create_asset(actor=scene["owner"], unit=scene.unit, kind="dataset", name="Customer master")
    edge = create_dependency(actor=scene["owner"], source=scene.system, target=asset, relation="uses")
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="finance")
    (result,) = record_evaluations(
        actor=scene["owner"], release=submission.release, results=[{"metric": "recall", "value": 1}]
    )
    parts = {"pk": str(incident.pk), "check": str(check.pk), "action": str(item.pk), "item": str(item.pk)}
    parts |= {"measure": str(measure.pk), "clock": str(clock.pk), **parts_of_analysis}
    role = scene.system.assignments.all()[0]
    review = submission.reviews.all()[0]
    system, release = {"slug": scene.system.slug}, {"pk": str(submission.release_id)}
    return {
        "/systems/": {**system, "pk": str(role.pk), "template": "model-card"},
        "/releases/": release,
        "/reviews/": {"pk": str(review.pk)},
        "/submissions/": {"pk": str(submission.pk)},
        "/findings/": {"pk": str(finding.pk)},
        "/holds/": {"pk": str(hold.pk)},
        "/incidents/": parts,
        "/playbooks/": {"pk": str(version.pk)},
        "/api/v1/^playbook-versions/": {"pk": str(version.pk)},
        "/assets/": {"slug": asset.slug},
        "/api/v1/^evaluations/": {"pk": str(result.pk)},
        "/risks/": {"pk": str(risk.pk)},
        "/api/v1/^risks/": {"pk": str(risk.pk)},
        "/dependencies/": {"pk": str(edge.pk)},
        "/api/v1/^assets/": {"pk": str(asset.pk)},
        "/api/v1/^dependencies/": {"pk": str(edge.pk)},
        "/api/v1/^incidents/": parts,
        "/changes/": {"pk": str(change.pk), **system},
        "/api/v1/^changes/": {"pk": str(change.pk)},
        "/api/v1/^systems/": system,
        "/api/v1/^releases/": release,
        "/api/v1/^reviews/": {"pk": str(review.pk)},
        "/api/v1/^findings/": {"pk": str(finding.pk)},
        "/api/v1/^holds/": {"pk": str(hold.pk)},
        "/api/v1/^assignments/": {"pk": str(role.pk)},
        "/api/v1/^documents/": {"pk": str(revision.document_id)},
    }


def analysed(scene: Scene, incident: Incident) -> dict[str, str]:
    """One of everything an analysis holds."""
    leader = scene["incidents"]
    other = report_incident(
        actor=scene["owner"], system=scene.system, title="It drifted", type="drift", impact="limited", urgency="stable"
    )
    made = {
        "why": add_why(actor=leader, incident=incident, question="Why?", answer="So."),
        "factor": add_factor(actor=leader, incident=incident, category="data", text="Codes"),
        "similar": link_similar(actor=leader, incident=incident, other=other, note="Alike"),
        "foresight": say_foreseen(actor=leader, incident=incident, risk=None, note="New."),
        "summary": write_summary(actor=leader, incident=incident, text="We have put it right."),
    }
    return {name: str(row.pk) for name, row in made.items()}


def proposed(scene: Scene) -> PlaybookVersion:
    """A version of a playbook that waits."""
    incident = report_incident(
        actor=scene["owner"], system=scene.system, title="It fails", type="failure", impact="limited", urgency="stable"
    )
    triage_incident(actor=scene["incidents"], incident=incident, commander=scene["incidents"])
    return propose_playbook(
        actor=scene["incidents"], incident=incident, playbook="failure", reason="Learnt.",
        steps=[{"text": "Call the vendor.", "within_hours": 2}],
    )  # fmt: skip


@pytest.mark.django_db
def test_a_stranger_cannot_tell_what_exists_from_what_does_not() -> None:
    """What one may not see answers as what is not there, to the byte, whatever the method."""
    scene = build()
    keys = existing(scene)
    client = Client(raise_request_exception=False)
    client.force_login(scene["outsider"], backend=BACKEND)
    tried, wrong = 0, []
    for way in ours():
        begins = max((prefix for prefix in keys if way.route.startswith(prefix)), key=len, default=None)
        if begins is None or "<" not in way.route:
            continue
        tried += 1
        there, nowhere = (
            client.generic(
                method_of(way), filled(way.route, exists=exists, keys=keys[begins]), data="{}",
                content_type="application/json",
            )
            for exists in (True, False)
        )  # fmt: skip
        same = REQUEST_ID.sub(b"", there.content) == REQUEST_ID.sub(b"", nowhere.content)
        if (there.status_code, nowhere.status_code) != (404, 404) or not same:
            wrong.append((way.method, way.route, there.status_code, nowhere.status_code, same))
    assert wrong == []
    assert tried > 60


REQUEST_ID = re.compile(rb'"request_id": ?"[^"]*"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')
