"""Playbooks of the pack: matched by type, their steps become tasks with an owner and a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict
from incidents.models import ActionItem
from incidents.queries import playbooks_for, rules_of_incidents
from incidents.services import close_incident, describe_incident, start_playbook
from tests.governance.validation.scene import Scene
from tests.incidents.walk import SMALL, reported, resolved
from tests.rest import Caller, good, problem


def test_every_type_of_incident_has_a_playbook(scene: Scene) -> None:
    rules = rules_of_incidents()
    assert rules is not None
    assert {book.type for book in rules.playbooks} == {kind.id for kind in rules.types}


def test_the_steps_of_a_playbook_become_tasks_once(scene: Scene) -> None:
    incident = reported(scene, **SMALL)
    (book,) = playbooks_for(incident)
    tasks = start_playbook(actor=scene["incidents"], incident=incident, playbook="drift", owner=scene["developer"])
    assert [task.text for task in tasks] == [step.text for step in book.steps]
    assert all(portal_now() < task.due <= portal_now() + timedelta(hours=72) for task in tasks)
    for again in ("drift", "vendor"):
        with pytest.raises(InvalidInput, match="playbook"):
            start_playbook(actor=scene["incidents"], incident=incident, playbook=again, owner=scene["developer"])


def test_tasks_of_a_playbook_are_not_what_an_incident_leaves_to_do(scene: Scene) -> None:
    incident, leader = reported(scene, **SMALL), scene["incidents"]
    start_playbook(actor=leader, incident=incident, playbook="drift", owner=leader)
    describe_incident(
        actor=leader, incident=incident, root_cause="Terminals.", review="Watch.", impact_by_class={"people": "Few."}
    )
    incident = resolved(scene, incident)
    with pytest.raises(Conflict, match="action item"):
        close_incident(actor=leader, incident=incident)


def test_page_and_api_begin_a_playbook_alike(scene: Scene, client: Client) -> None:
    first, second = reported(scene, **SMALL), reported(scene, **SMALL)
    client.force_login(scene["incidents"], backend="allauth.account.auth_backends.AuthenticationBackend")
    sent = client.post(f"/incidents/{first.pk}/playbooks/new/", {"playbook": "drift", "owner": scene["owner"].pk})
    assert sent.status_code == 302
    body = {"playbook": "drift", "owner": "owner"}
    shown = good(Caller(scene["incidents"]).post(f"incidents/{second.pk}/playbooks/", body), 201)
    assert [one["playbook"] for one in shown["actions"]] == ["drift"] * 4
    assert ActionItem.objects.filter(incident=first).count() == 4
    problem(Caller(scene["owner"]).post(f"incidents/{second.pk}/playbooks/", body), 403)
