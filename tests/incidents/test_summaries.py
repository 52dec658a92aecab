"""What is told outside about an incident: without names, written by one, approved by another, and not before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden
from incidents.models import Incident, PublicSummary
from incidents.outside import draft_of_summary
from incidents.services import approve_summary, describe_incident, refuse_summary, write_summary
from incidents.summaries import Told, draft_summary
from inventory.discretion import Inside, internal_words, without
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser, text
from tests.incidents.walk import in_state, reported
from tests.rest import Caller, good, problem

TEXT = "# Some payments were refused\n\nWe have put it right."
INSIDE = Inside(("Ann Lee", "Bo de Vries"), ("Card fraud scorer", "fraud-scorer"))


def named(scene: Scene, who: str, name: str) -> User:
    """Somebody of the scene under a full name."""
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        User.objects.filter(pk=scene[who].pk).update(name=name)
    return scene[who]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Ann Lee saw it.", "a member of staff saw it."),
        ("ann\n lee saw it", "a member of staff saw it"),
        ("The Card Fraud Scorer (fraud-scorer) failed", "The the system (the system) failed"),
        ("Write to ann.lee@bank.example now", "Write to an internal address now"),
        ("Annabel Lee and Joann Leeds", "Annabel Lee and Joann Leeds"),
    ],
)
def test_words_from_inside_are_replaced_and_found(said: str, told: str) -> None:
    assert without(said, INSIDE) == told
    assert bool(internal_words(said, INSIDE)) == (said != told)
    assert internal_words(told, INSIDE) == ()


def test_a_draft_says_what_is_known_and_what_is_not() -> None:
    day = datetime(2026, 11, 20, 22, tzinfo=UTC)
    told = Told(
        "INC-7", "Payments refused", "Drift", day, day, None, None, "", {"people": "212 refused"}, "", "", "", ()
    )
    draft = draft_summary(told, INSIDE)
    assert "It began on 20 November 2026" in draft
    assert "- 212 refused" in draft
    assert draft.count("We are still looking into this.") == 4


@pytest.mark.django_db
def test_a_draft_from_the_record_names_nobody(scene: Scene) -> None:
    named(scene, "owner", "Amara Okafor")
    incident = reported(scene)
    describe_incident(
        actor=scene["incidents"], incident=incident, description=f"Amara Okafor saw {scene.system.name} refuse it."
    )
    draft = draft_of_summary(Incident.objects.get(pk=incident.pk))
    assert "a member of staff saw the system refuse it." in draft
    assert "Amara" not in draft
    assert good(Caller(scene["owner"]).get(f"incidents/{incident.pk}/summaries/draft/"))["text"] == draft


@pytest.mark.django_db
def test_a_text_that_names_somebody_or_the_system_is_refused(scene: Scene) -> None:
    named(scene, "owner", "Amara Okafor")
    incident, leader = reported(scene), scene["incidents"]
    for wrong in ("Amara  okafor saw it.", f"{scene.system.slug} failed", "Ask a@bank.example", " "):
        with pytest.raises(InvalidInput):
            write_summary(actor=leader, incident=incident, text=wrong)
    waiting = write_summary(actor=leader, incident=incident, text="Marcus Adeyemi saw it.")
    named(scene, "auditor", "Marcus Adeyemi")
    with pytest.raises(InvalidInput, match="Marcus"):
        approve_summary(actor=scene["validator"], summary=waiting)


@pytest.mark.django_db
def test_somebody_else_approves_it_and_nothing_leaves_before(scene: Scene) -> None:
    incident, leader = reported(scene), scene["incidents"]
    first = write_summary(actor=leader, incident=incident, text=TEXT)
    with pytest.raises(Conflict, match="waits"):
        write_summary(actor=leader, incident=incident, text=TEXT)
    with pytest.raises(Forbidden, match="Somebody else"):
        approve_summary(actor=leader, summary=first)
    with pytest.raises(Forbidden):
        approve_summary(actor=scene["owner"], summary=first)
    for door in ("summary.md", "summary/print/"):
        assert browser(scene["owner"]).get(f"/incidents/{incident.pk}/{door}").status_code == 409
    problem(Caller(scene["owner"]).get(f"incidents/{incident.pk}/summary/"), 404)
    with pytest.raises(InvalidInput):
        refuse_summary(actor=scene["validator"], summary=first, reason="")
    refuse_summary(actor=scene["validator"], summary=first, reason="Say how many.")
    assert browser(scene["owner"]).get(f"/incidents/{incident.pk}/summary.md").status_code == 409
    second = write_summary(actor=leader, incident=incident, text=f"{TEXT} 212 were refused.")
    approve_summary(actor=scene["validator"], summary=second)
    with pytest.raises(Conflict, match="before"):
        refuse_summary(actor=scene["auditor"], summary=second, reason="No.")
    third = write_summary(actor=leader, incident=incident, text="Not yet.")
    assert (first.version, second.version, third.version) == (1, 2, 3)
    answer = browser(scene["owner"]).get(f"/incidents/{incident.pk}/summary.md")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    assert "attachment" in answer["Content-Disposition"]
    assert answer.content.decode() == f"{second.text}\n"
    assert "212 were refused" in text(scene["owner"], f"/incidents/{incident.pk}/summary/print/")
    assert good(Caller(scene["owner"]).get(f"incidents/{incident.pk}/summary/"))["text"] == second.text
    assert browser(scene["outsider"]).get(f"/incidents/{incident.pk}/summary.md").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"text": "Other."}, {"approved": True}, {"version": 9}])
def test_the_database_keeps_a_decided_version_as_it_is(scene: Scene, change: dict[str, object]) -> None:
    incident = reported(scene)
    summary = write_summary(actor=scene["incidents"], incident=incident, text=TEXT)
    refuse_summary(actor=scene["validator"], summary=summary, reason="No.")
    with (
        pytest.raises(Conflict, match="decided once"),
        acting(scene["incidents"], door=Door.COMMAND, verb="incident.approve_summary"),
    ):
        PublicSummary.objects.update(**change)


@pytest.mark.django_db
def test_the_database_lets_nobody_approve_in_the_name_of_another(scene: Scene) -> None:
    summary = write_summary(actor=scene["incidents"], incident=reported(scene), text=TEXT)
    with (
        pytest.raises(Forbidden, match="nobody else's name"),
        acting(scene["incidents"], door=Door.COMMAND, verb="incident.approve_summary"),
    ):
        PublicSummary.objects.filter(pk=summary.pk).update(
            approved=True, decided_at=summary.written_at, decided_by=scene["validator"]
        )


@pytest.mark.django_db
def test_it_is_written_and_approved_on_pages(scene: Scene) -> None:
    incident = in_state(scene, "resolved")
    address = f"/incidents/{incident.pk}/summary/"
    assert address in text(scene["owner"], f"/incidents/{incident.pk}/")
    assert "What we did" in text(scene["incidents"], f"{address}write/")
    assert browser(scene["incidents"]).post(f"{address}write/", {"text": TEXT}).status_code == 302
    summary = PublicSummary.objects.get()
    assert "You wrote it" in text(scene["incidents"], address)
    shown = text(scene["validator"], address)
    assert f"{address}{summary.pk}/approve/" in shown
    assert "summary.md" not in shown
    assert browser(scene["incidents"]).post(f"{address}{summary.pk}/approve/").status_code == 403
    assert browser(scene["validator"]).post(f"{address}{summary.pk}/approve/").status_code == 302
    assert "summary.md" in text(scene["owner"], address)


@pytest.mark.django_db
def test_the_same_over_rest(scene: Scene) -> None:
    incident = reported(scene)
    leader, other = Caller(scene["incidents"]), Caller(scene["validator"])
    address = f"incidents/{incident.pk}/summaries/"
    told = good(leader.post(address, {"text": TEXT}), 201)["summaries"]
    problem(leader.post(f"{address}{told[0]['id']}/approve/", {}), 403, "sod.same_person")
    good(other.post(f"{address}{told[0]['id']}/refuse/", {"reason": "Shorter."}))
    told = good(leader.post(address, {"text": TEXT}), 201)["summaries"]
    assert good(other.post(f"{address}{told[0]['id']}/approve/", {}))["summaries"][0]["approved"] is True
    problem(leader.post(address, {"text": f"{scene.system.slug} failed"}), 400)


@pytest.mark.django_db
def test_a_summary_waits_on_the_list_of_those_who_may_approve_it(scene: Scene) -> None:
    incident = reported(scene)
    written = write_summary(actor=scene["incidents"], incident=incident, text=TEXT)
    work = str(written)

    def listed(who: str) -> bool:
        return work in text(scene[who], "/")

    assert [listed(who) for who in ("validator", "riskofficer", "incidents", "developer", "viewer")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    approve_summary(actor=scene["riskofficer"], summary=written)
    assert not listed("validator")
