"""What runs where: reported by pipelines and clusters, never changed, ended by what is reported next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from governance.access.rights import NotVisible
from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from governance.policy.sections import DeploymentReports
from governance.validation.services import reinstate_release, revoke_release, suspend_release
from governance.web import slots
from incidents.models import Alert, Incident
from inventory.deployments import deployments, document_in_force, running, silent
from inventory.models import Deployment, Release
from inventory.services.deployments import end_deployment, report_deployment
from inventory.services.releases import retire_release
from inventory.services.systems import move_system
from inventory.services.tokens import mint_token
from tests.clocks import Clock
from tests.governance.validation.scene import SHA, Scene, build
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
UNKNOWN = "f" * 64


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people."""
    return build()


def pipeline(scene: Scene, *scopes: Scope) -> Caller:
    """Calls with a token for the scene's system."""
    minted = mint_token(
        actor=scene["owner"], person=scene["owner"], name="deployer", scopes=scopes or [Scope.DEPLOYMENT_WRITE],
        expiry=portal_now() + timedelta(days=7), systems=[scene.system],
    )  # fmt: skip
    return Caller(token=minted.text)


def told(scene: Scene, sha: str = SHA, environment: str = "production", **more: Any) -> Deployment:
    """Report by the developer; what runs by it."""
    given = {"sha256": [sha], **more}
    found = report_deployment(actor=scene["developer"], system=scene.system, environment=environment, **given)
    return found.running[0]


def body(scene: Scene, **more: Any) -> dict[str, Any]:
    """A report as a pipeline sends it."""
    return {"system": scene.system.slug, "environment": "prod", "sha256": [f"sha256:{SHA}"], **more}


def test_a_pipeline_reports_what_it_deployed_and_everybody_sees_it(scene: Scene) -> None:
    approved = scene.approved().release
    sent = body(
        scene, release=approved.version, strategy="blue_green",
        location={"hosting": "cloud", "provider": "Nimbus", "region": "eu-1"},
        pipeline={"url": "https://ci.example/7", "revision": "abc", "actor": "release bot"},
    )  # fmt: skip
    calls = pipeline(scene)
    answer = calls.post("deployments/", sent, Idempotency_Key="one")
    shown = good(answer, 201)
    assert answer["Location"] == f"/api/v1/deployments/{shown['id']}/"
    assert (shown["environment"], shown["state"], shown["until"]) == ("production", "running", None)
    assert shown["release"] == {"id": approved.pk, "version": approved.version, "state": "approved"}
    assert shown["location"] == {"hosting": "cloud", "provider": "Nimbus", "region": "eu-1"}
    assert (shown["sha256"], shown["source"], shown["pipeline"]["revision"]) == ([SHA], "ci", "abc")
    assert good(calls.post("deployments/", sent, Idempotency_Key="one"), 201) == shown
    assert good(calls.post("deployments/", sent), 200)["id"] == shown["id"]  # said before: not said again
    viewer = Caller(scene["viewer"])
    listed = good(viewer.get(f"deployments/?system={scene.system.slug}&environment=live&state=running"))["results"]
    assert [row["id"] for row in listed] == [shown["id"]]
    assert good(viewer.get(f"deployments/?release={approved.pk}&state=ended"))["results"] == []
    assert good(viewer.get(f"deployments/{shown['id']}/"))["reported_by"]["name"]
    assert not Incident.objects.exists()


def test_what_is_reported_next_ends_what_was_there_and_nothing_is_changed(scene: Scene) -> None:
    first = told(scene, release=scene.approved().release.version)
    second = told(scene, release=scene.approved().release.version)
    elsewhere = told(scene, environment="staging")
    rows = {row.pk: row for row in deployments()}
    assert (rows[first.pk].state, rows[first.pk].until) == ("ended", second.since)  # type: ignore[attr-defined]
    assert {row.pk for row in running()} == {second.pk, elsewhere.pk}
    with pytest.raises(InvalidInput, match="reported last"):
        told(scene, UNKNOWN, since=first.since)
    with pytest.raises(InvalidInput, match="future"):
        told(scene, UNKNOWN, since=portal_now() + timedelta(hours=1))
    with pytest.raises(Conflict, match="append-only"), acting(Command("tests"), door=Door.COMMAND, verb="command.run"):
        Deployment.objects.filter(pk=first.pk).update(environment="staging")


def test_the_database_refuses_a_report_out_of_order_and_one_without_a_digest(scene: Scene) -> None:
    from_here = told(scene)
    with (
        pytest.raises(Conflict, match="later report"),
        acting(scene["developer"], door=Door.API, verb="deployment.report"),
    ):
        Deployment.objects.create(
            at=from_here.at - timedelta(seconds=9), since=from_here.since, reported_by=scene["developer"], source="ci",
            system=scene.system, environment="production", sha256=[SHA],
        )  # fmt: skip
    with (
        pytest.raises(IntegrityError, match="deployment_runs_by_digest"),
        acting(scene["developer"], door=Door.API, verb="deployment.report"),
    ):
        Deployment.objects.create(
            at=portal_now(), since=portal_now(), reported_by=scene["developer"], source="ci", system=scene.system,
            environment="production",
        )  # fmt: skip


def test_a_cluster_tells_all_that_runs_and_what_it_leaves_out_has_ended(scene: Scene) -> None:
    approved = scene.approved().release
    calls = pipeline(scene)
    there = [{"system": scene.system.slug, "sha256": [SHA]}, {"system": scene.system.slug, "sha256": [UNKNOWN]}]
    whole = {"environment": "staging", "running": there}
    assert good(calls.post("deployments/running/", whole)) == {"running": 2, "new": 2, "ended": 0}
    assert good(calls.post("deployments/running/", whole)) == {"running": 2, "new": 0, "ended": 0}
    assert sorted(row.release_id or 0 for row in running()) == [0, approved.pk]
    assert good(calls.post("deployments/running/", {**whole, "running": []})) == {"running": 0, "new": 0, "ended": 2}
    assert not running().exists()
    assert {row.state for row in deployments()} == {"ended"}  # type: ignore[attr-defined]
    wrong = problem(
        calls.post("deployments/running/", {**whole, "running": [{"system": "nobody", "sha256": [SHA]}]}), 400
    )
    assert list(wrong["errors"]) == ["running.0.system"]


def test_each_wrong_field_is_named_and_an_unknown_system_is_not_there(scene: Scene) -> None:
    calls = pipeline(scene)
    wrong = problem(calls.post("deployments/", body(scene, sha256=["abc"], environment="moon")), 400)
    assert set(wrong["errors"]) == {"sha256", "environment"}
    assert set(problem(calls.post("deployments/", body(scene, colour="red")), 400)["errors"]) == {"colour"}
    assert set(problem(calls.post("deployments/", body(scene, location={"planet": "x"})), 400)["errors"]) <= {
        "location", "location.planet",
    }  # fmt: skip
    assert set(problem(calls.post("deployments/", body(scene, sha256=[])), 400)["errors"]) == {"sha256"}
    problem(calls.post("deployments/", body(scene) | {"system": "nobody"}), 404)
    problem(pipeline(scene, Scope.GATE_CHECK).post("deployments/", body(scene)), 403, "scope")
    problem(Caller(scene["viewer"]).post("deployments/", body(scene)), 403)
    kept = told(scene)
    problem(Caller(scene["outsider"]).get(f"deployments/{kept.pk}/"), 404)
    with pytest.raises((Forbidden, NotVisible)):
        report_deployment(actor=scene["viewer"], system=scene.system, environment="production", sha256=[SHA])


def test_what_runs_unapproved_opens_one_incident_however_often_it_is_told(scene: Scene) -> None:
    release = scene.submitted().release
    for _ in range(3):
        told(scene, release=release.version)
    incident = Incident.objects.get()
    assert (incident.type, incident.severity, incident.state) == ("compliance", "s3", "reported")
    assert [one.release for one in incident.affected.all()] == [release]
    alert = Alert.objects.get()
    assert (alert.incident, alert.source, alert.heard, alert.state) == (incident, "deployment", 3, "firing")
    assert release.version in alert.summary
    told(scene, environment="dev", release=release.version)  # only observed there
    assert Incident.objects.count() == 1
    told(scene, release=scene.approved().release.version)
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_an_unknown_digest_opens_an_incident_whose_remedy_is_the_approved_release(scene: Scene) -> None:
    approved = scene.approved().release
    row = told(scene, UNKNOWN, release="9.9.9")
    assert (row.release, row.named) == (None, "9.9.9")
    incident = Incident.objects.get()
    assert (incident.remedy_release, incident.affected.count()) == (approved, 0)
    assert "9.9.9" in incident.title
    assert UNKNOWN in incident.description
    again = told(scene, "e" * 64)
    assert again.release is None
    assert Incident.objects.count() == 2  # other content is another episode


def test_a_release_suspended_while_it_runs_is_found_at_the_next_report(scene: Scene) -> None:
    approved = scene.approved().release
    told(scene)
    assert not Alert.objects.exists()
    suspend_release(actor=scene["incidents"], release=approved, reason="Odd scores.")
    told(scene)
    assert Alert.objects.get().incident is not None
    assert Incident.objects.get().affected.get().release == approved


def test_a_system_is_retired_only_when_nothing_of_it_runs(scene: Scene) -> None:
    approved = scene.approved().release
    row = told(scene)
    retire_release(actor=scene["owner"], release=approved)
    with pytest.raises(Conflict, match="production"):
        move_system(actor=scene["owner"], system=scene.system, verb="retire")
    with pytest.raises(Forbidden):
        end_deployment(actor=scene["viewer"], deployment=row)
    ended = good(Caller(scene["owner"]).post(f"deployments/{row.pk}/end/", {"reason": "Switched off."}))
    assert ended["state"] == "ended"
    problem(Caller(scene["owner"]).post(f"deployments/{row.pk}/end/", {}), 409, "state")
    assert move_system(actor=scene["owner"], system=scene.system, verb="retire").phase == "retired"


def test_the_ledger_says_who_reported_it(scene: Scene) -> None:
    good(pipeline(scene).post("deployments/", body(scene)), 201)
    event = Event.objects.get(table_name="inventory_deployment", op="B")
    assert (event.verb, event.door, event.actor_name) == ("deployment.report", "api", "deployer")
    assert Release.objects.count() == 0


def cluster(calls: Caller, scene: Scene, name: str, *digests: str) -> dict[str, Any]:
    """What a cluster tells that it runs."""
    running_there = [{"system": scene.system.slug, "sha256": [digest]} for digest in digests]
    whole = {"environment": "production", "cluster": name, "running": running_there}
    found: dict[str, Any] = good(calls.post("deployments/running/", whole))
    return found


def test_two_clusters_of_one_environment_end_only_their_own_reports(scene: Scene) -> None:
    first, calls = scene.approved().release, pipeline(scene)
    assert cluster(calls, scene, "eu-1", SHA)["new"] == 1
    assert cluster(calls, scene, "eu-2", SHA) == {"running": 1, "new": 1, "ended": 0}
    assert cluster(calls, scene, "eu-1", SHA) == {"running": 1, "new": 0, "ended": 0}
    assert {row.cluster for row in running()} == {"eu-1", "eu-2"}
    whole = good(calls.post("deployments/", body(scene, release=first.version)), 201)
    assert (whole["cluster"], running().count()) == ("", 3)
    assert cluster(calls, scene, "eu-2") == {"running": 0, "new": 0, "ended": 1}
    assert {row.cluster for row in running()} == {"", "eu-1"}
    listed = good(calls.get(f"deployments/?system={scene.system.slug}&cluster=eu-2"))["results"]
    assert [row["state"] for row in listed] == ["ended"]
    assert "cluster" in problem(calls.post("deployments/", body(scene, cluster="EU 1")), 400)["errors"]
    end_deployment(actor=scene["developer"], deployment=running().get(cluster="eu-1"))
    assert [row.cluster for row in running()] == [""]
    assert not Incident.objects.exists()


def test_one_thing_that_runs_in_two_clusters_is_one_incident_until_neither_runs_it(scene: Scene) -> None:
    calls = pipeline(scene)
    cluster(calls, scene, "eu-1", UNKNOWN)
    cluster(calls, scene, "eu-2", UNKNOWN)
    assert (Incident.objects.count(), Alert.objects.filter(ends_at=None).count()) == (1, 1)
    cluster(calls, scene, "eu-1")
    assert Alert.objects.filter(ends_at=None).count() == 1
    cluster(calls, scene, "eu-2")
    assert not Alert.objects.filter(ends_at=None).exists()


def test_a_cluster_that_told_and_is_silent_is_noticed_and_one_that_told_once_is_not(scene: Scene, clock: Clock) -> None:
    scene.approved()
    calls = pipeline(scene)
    cluster(calls, scene, "eu-1", SHA)
    cluster(calls, scene, "eu-1", SHA)
    cluster(calls, scene, "eu-2", SHA)
    told(scene, environment="staging")
    assert not silent(document_in_force(), portal_now()).exists()
    clock.set(portal_now() + timedelta(hours=25))
    late = silent(document_in_force(), portal_now())
    assert [str(one) for one in late] == ["production eu-1"]
    waiting = [item.title for item in slots.work(scene["owner"], slots.Group.DUE)]
    assert any("production, eu-1" in title for title in waiting)
    page = Client()
    page.force_login(scene["owner"])
    assert "Not heard since" in page.get("/deployments/").content.decode()
    hush = document_in_force()
    assert hush is not None
    hush = hush.model_copy(update={"deployments": DeploymentReports(longest_silence_hours=0)})
    assert not silent(hush, portal_now()).exists()
    cluster(calls, scene, "eu-1")  # it says that it runs nothing any more: nothing to wait for
    clock.set(portal_now() + timedelta(hours=50))
    assert not silent(document_in_force(), portal_now()).filter(cluster="eu-1").exists()


def test_a_release_that_is_stopped_while_it_runs_opens_one_incident_at_once(scene: Scene) -> None:
    release = scene.approved().release
    for place in ("eu-1", "eu-2"):
        told(scene, release=release.version, cluster=place)
    told(scene, release=release.version, environment="dev")  # only observed
    assert not Incident.objects.exists()
    suspend_release(actor=scene["incidents"], release=release, reason="It drifts.")
    incident = Incident.objects.get()
    assert [one.release_id for one in incident.affected.all()] == [release.pk]
    alert = Alert.objects.get(ends_at=None)
    assert (alert.incident, alert.heard, alert.labels["environment"]) == (incident, 1, "production")
    told(scene, UNKNOWN, cluster="eu-2")
    told(scene, release=release.version, cluster="eu-1")
    revoke_release(actor=scene["riskofficer"], release=release, reason="For good.")
    assert Incident.objects.filter(affected__release=release).count() == 1


def test_what_is_let_run_again_ends_its_alert_without_a_report(scene: Scene) -> None:
    release = scene.approved().release
    told(scene, release=release.version)
    suspend_release(actor=scene["incidents"], release=release, reason="It drifts.")
    assert Alert.objects.filter(ends_at=None).count() == 1
    reinstate_release(actor=scene["riskofficer"], release=release, reason="A false alarm.")
    assert not Alert.objects.filter(ends_at=None).exists()
