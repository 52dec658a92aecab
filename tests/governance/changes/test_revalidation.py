"""Revalidation: campaigns make the work ahead of time, and what happens meanwhile makes it by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.changes.models import FollowUp, Revalidation
from governance.changes.services import (
    end_revalidation,
    finish_follow_up,
    follow_documents_up,
    open_after_incident,
    start_revalidation,
)
from governance.changes.services.follow_ups import open_after_change
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import seal_now
from governance.lifecycle import Conflict, Forbidden
from governance.notify.models import Notice
from governance.notify.topics import Topic
from governance.validation.services import renew_release
from inventory.models import Document
from inventory.services import save_document_revision
from tests.clocks import Clock
from tests.governance.changes.walk import in_approval
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def begun(scene: Scene, **more: object) -> Revalidation:
    wanted = {
        "title": "All high-tier systems by March",
        "tier": "high",
        "due": portal_now() + timedelta(days=90),
        **more,
    }
    return start_revalidation(actor=scene["governor"], **wanted)  # type: ignore[arg-type]


def test_a_campaign_asks_the_owners_of_what_is_approved(scene: Scene) -> None:
    with pytest.raises(Conflict):
        begun(scene)
    scene.approved()
    with pytest.raises(Conflict):
        begun(scene, ends_before=portal_now() + timedelta(days=1))
    with pytest.raises(InvalidInput):
        begun(scene, due=portal_now())
    with pytest.raises(Forbidden):
        start_revalidation(actor=scene["owner"], title="Mine", due=portal_now() + timedelta(days=1))
    work = begun(scene).follow_ups.get()
    seal_now()
    assert (work.cause, work.owner, work.state) == ("revalidation", scene["owner"], "open")
    assert Notice.objects.get(topic=Topic.FOLLOW_UP_OPENED).people == [scene["owner"].pk]


def test_the_work_is_done_when_what_was_approved_is_approved_anew(scene: Scene, clock: Clock) -> None:
    scene.approved()
    clock.move(timedelta(days=1))
    work = begun(scene).follow_ups.get()
    with pytest.raises(Conflict) as blocked:
        finish_follow_up(actor=scene["owner"], follow_up=work, note="Done.")
    assert blocked.value.reasons[0].code == "blocked"
    clock.move(timedelta(days=1))
    renewal = renew_release(actor=scene["developer"], release=scene.system.releases.get())
    scene.sign_all(renewal)
    assert finish_follow_up(actor=scene["owner"], follow_up=work, note="Renewed.").state == "done"


def test_an_ended_campaign_needs_nothing_more_and_stays_as_it_was(scene: Scene) -> None:
    scene.approved()
    campaign = begun(scene)
    with pytest.raises(Forbidden):
        end_revalidation(actor=scene["owner"], revalidation=campaign, reason="Enough.")
    end_revalidation(actor=scene["governor"], revalidation=campaign, reason="Done by the audit.")
    seal_now()
    assert campaign.follow_ups.get().state == "moot"
    with pytest.raises(Conflict):
        end_revalidation(actor=scene["governor"], revalidation=campaign, reason="Twice.")
    act_as(scene["governor"])
    for change in ("due = due + interval '1 day'", "ended_reason = 'Other'"):
        assert refusal(lambda change=change: execute(f"UPDATE changes_revalidation SET {change}")) == (  # type: ignore[misc]
            "revalidation_frozen"
        )


def test_a_material_change_without_a_release_and_a_grave_incident_ask_for_a_new_look(scene: Scene) -> None:
    change = in_approval(scene)
    open_after_change(change)
    open_after_incident(system=scene.system.pk, number=7, title="Declines")
    assert not FollowUp.objects.exists()
    scene.approved()
    for _ in range(2):
        open_after_incident(system=scene.system.pk, number=7, title="Declines")
    work = FollowUp.objects.get(cause="incident")
    assert (work.origin, work.due is not None) == ("/incidents/7/", True)
    change.materiality = "material"
    open_after_change(change)
    assert FollowUp.objects.get(cause="change").change == change


def test_documents_that_are_owed_are_asked_for_once(scene: Scene) -> None:
    assert follow_documents_up() == 0
    scene.approved()
    assert follow_documents_up() == 0
    owed = Document.objects.filter(system=scene.system).order_by("template")[0]
    newest = owed.revisions.latest("number")
    from_scratch = dict.fromkeys(newest.sections, "TBD")
    save_document_revision(
        actor=scene["owner"], system=scene.system, template=owed.template, contact="m@example.org",
        sections=from_scratch,
    )  # fmt: skip
    assert follow_documents_up() == 1
    assert follow_documents_up() == 0
    work = FollowUp.objects.get(cause="documents")
    assert work.origin == f"/systems/scorer/documents/{owed.template}/"


def test_pages_show_the_months_and_run_a_campaign(scene: Scene, client: Client) -> None:
    scene.approved()
    client.force_login(scene["governor"])
    day = f"{portal_now() + timedelta(days=90):%Y-%m-%d}"
    made = client.post("/revalidation/new/", {"title": "By March", "tier": "high", "due": day})
    assert made.status_code == 302
    assert "0 of 1 systems reviewed again" in client.get(made["Location"]).content.decode()
    page = client.get("/revalidation/").content.decode()
    assert "By March" in page
    assert "the approval ends" in page
    client.force_login(scene["outsider"])
    assert "the approval ends" not in client.get("/revalidation/").content.decode()
    assert client.get("/revalidation/new/").status_code == 403
    client.force_login(scene["governor"])
    assert client.post(f"{made['Location']}end/", {"reason": "Enough."}).status_code == 302
    assert client.post(f"{made['Location']}end/", {"reason": "Enough."}).status_code == 409


def test_the_same_over_the_interface(scene: Scene) -> None:
    scene.approved()
    governor, owner = Caller(scene["governor"]), Caller(scene["owner"])
    wanted = {"title": "By March", "tier": "high", "due": f"{portal_now() + timedelta(days=90):%Y-%m-%dT%H:%M:%SZ}"}
    problem(owner.post("revalidations/", wanted), 403)
    campaign = good(governor.post("revalidations/", wanted), 201)
    assert campaign["progress"] == {"total": 1, "open": 1, "done": 0, "moot": 0}
    (line,) = good(owner.get(f"follow-ups/?revalidation={campaign['id']}"))["results"]
    assert line["revalidation"] == campaign["id"]
    problem(owner.post(f"revalidations/{campaign['id']}/end/", {"reason": "No."}), 403)
    ended = good(governor.post(f"revalidations/{campaign['id']}/end/", {"reason": "Enough."}))
    assert ended["progress"]["moot"] == 1
    assert [one["id"] for one in good(owner.get("revalidations/"))["results"]] == [campaign["id"]]
