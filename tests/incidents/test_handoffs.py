"""Hand-offs: pages of an on-call tool, tickets by template, the review as a page of a wiki."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.models import Event
from governance.notify import handoffs, outgoing, sending
from governance.notify.models import Delivery, Endpoint, Notice
from governance.notify.services import create_endpoint
from incidents.models import IncidentLink
from incidents.rules import gravity
from incidents.services import complete_review, dismiss_incident, reopen_incident, triage_incident, write_review
from tests.clocks import Clock
from tests.governance.notify.receiver import Receiver, receiving
from tests.governance.validation.scene import Scene
from tests.incidents.walk import GRADE, SMALL, in_state, reported

__all__ = ["receiving"]

ROUTING_KEY = "R0123456789ABCDEF0123456789ABCDEF"
TEMPLATE: dict[str, Any] = {
    "fields": {
        "project": {"key": "ML"}, "issuetype": {"name": "Bug"}, "labels": ["ml", "{topic}"], "summary": "{title}",
        "description": "{text} {href}", "priority": 2,
    }
}  # fmt: skip


def tool(scene: Scene, receiving: Receiver, form: str, **more: Any) -> Endpoint:
    values = {"name": "On call", "url": receiving.url, "form": form, **more}
    return create_endpoint(actor=scene["governor"], **values).endpoint


def tickets(scene: Scene, receiving: Receiver, **more: Any) -> Endpoint:
    link = {"answer_key": "key", "answer_link": "https://jira.example.com/browse/{key}"}
    return tool(scene, receiving, "ticket", template=TEMPLATE, credential="Basic c2VjcmV0", **{**link, **more})


def refused(actor: User, **values: Any) -> set[str]:
    with pytest.raises(InvalidInput) as found:
        create_endpoint(actor=actor, **{"name": "Tool", "url": "http://127.0.0.1/hook", **values})
    return set(found.value.errors)


def bodies(receiving: Receiver) -> list[Any]:
    return [json.loads(call.body) for call in receiving.calls]


def test_an_incident_pages_is_acknowledged_and_resolved_under_one_key(scene: Scene, receiving: Receiver) -> None:
    tool(scene, receiving, "pagerduty", credential=ROUTING_KEY)
    incident, leader = reported(scene, **SMALL), scene["incidents"]
    triage_incident(actor=leader, incident=incident, commander=leader)
    dismiss_incident(actor=leader, incident=incident, reason="Nothing went wrong.")
    reopen_incident(actor=leader, incident=incident, reason="It did.")
    sending.work()
    events = bodies(receiving)
    assert [one["event_action"] for one in events] == ["trigger", "acknowledge", "resolve", "trigger"]
    assert {one["routing_key"] for one in events} == {ROUTING_KEY}
    assert len({one["dedup_key"] for one in events}) == 1
    assert events[0]["payload"]["summary"].startswith("False declines doubled")
    assert events[0]["payload"]["severity"] == "info"
    assert events[0]["links"][0]["href"].endswith(f"/incidents/{incident.pk}/")
    assert "payload" not in events[2]


@pytest.mark.parametrize(
    ("grade", "heard"),
    [(GRADE, "error"), ({**GRADE, "impact": "grave"}, "critical"), ({**SMALL, "urgency": "growing"}, "warning")],
)
def test_a_page_is_as_grave_as_the_incident(
    scene: Scene, receiving: Receiver, grade: dict[str, Any], heard: str
) -> None:
    tool(scene, receiving, "pagerduty", credential=ROUTING_KEY)
    reported(scene, **grade)
    sending.work()
    assert bodies(receiving)[0]["payload"]["severity"] == heard


@pytest.mark.parametrize(
    ("severities", "heard"),
    [
        ("a", ["critical"]),
        ("abc", ["critical", "error", "warning"]),
        ("abcde", ["critical", "critical", "error", "warning", "info"]),
        ("bcd", ["error"]),
    ],
)
def test_every_severity_of_a_pack_has_a_word_of_the_on_call_tool(severities: str, heard: list[str]) -> None:
    names = "a" if severities == "bcd" else severities
    assert [gravity(tuple(severities), one, handoffs.GRAVITIES, "error") for one in names] == heard


def test_a_page_that_failed_is_not_sent_after_the_word_that_it_is_over(
    scene: Scene, receiving: Receiver, clock: Clock
) -> None:
    tool(scene, receiving, "pagerduty", credential=ROUTING_KEY)
    incident, leader = reported(scene, **SMALL), scene["incidents"]
    receiving.answers.append((500, ""))
    sending.work()
    dismiss_incident(actor=leader, incident=incident, reason="Nothing went wrong.")
    sending.work()
    clock.move(timedelta(hours=6))
    sending.work()
    assert [one["event_action"] for one in bodies(receiving)] == ["trigger", "resolve"]
    states = Delivery.objects.exclude(endpoint=None).order_by("notice_id").values_list("state", flat=True)
    assert list(states) == ["dropped", "sent"]


def test_a_key_stands_in_no_event_of_the_ledger(scene: Scene, receiving: Receiver) -> None:
    tool(scene, receiving, "pagerduty", credential=ROUTING_KEY)
    assert not Event.objects.filter(table_name="notify_endpoint", after__icontains=ROUTING_KEY).exists()
    assert Event.objects.filter(table_name="notify_endpoint").exists()


def test_a_ticket_is_written_by_its_template_and_its_address_kept(scene: Scene, receiving: Receiver) -> None:
    tickets(scene, receiving)
    receiving.answers.append((201, '{"id": "10000", "key": "ML-24"}'))
    incident = reported(scene)
    sending.work()
    (call,) = receiving.calls
    fields = json.loads(call.body)["fields"]
    assert call.headers["Authorization"] == "Basic c2VjcmV0"
    assert fields["summary"].startswith("False declines doubled")
    assert (fields["labels"], fields["priority"]) == (["ml", "incident.reported"], 2)
    link = IncidentLink.objects.get()
    assert (link.incident, link.kind, link.url) == (incident, "ticket", "https://jira.example.com/browse/ML-24")
    assert link.added_by is None


@pytest.mark.parametrize(
    "value", ['", "project": {"key": "X"}, "a": "', "{href}", "{text}", "\\", "\u2028</script>", "}}{{"]
)
def test_no_word_of_a_person_becomes_structure(value: str) -> None:
    values = dict.fromkeys(handoffs.FIELDS, value)
    written = json.loads(json.dumps(handoffs.filled(TEMPLATE, values)))
    assert written["fields"]["summary"] == value
    assert written["fields"]["description"] == f"{value} {value}"
    assert written["fields"].keys() == TEMPLATE["fields"].keys()


@pytest.mark.parametrize(
    ("answer", "url"),
    [
        (b'{"key": "ML-1"}', "https://jira.example.com/browse/ML-1"),
        (b'{"key": "../../x?y=#"}', "https://jira.example.com/browse/..%2F..%2Fx%3Fy%3D%23"),
        (b'{"key": 7}', "https://jira.example.com/browse/7"),
        (b'{"key": true}', None), (b'{"key": {}}', None), (b"[1]", None), (b"", None), (b"\xff", None),
        (b"[" * 50_000, None), (b'{"key": ""}', None), (b'{"key": "a\\u0000"}', None),
    ],
)  # fmt: skip
def test_a_tools_answer_is_read_with_care(answer: bytes, url: str | None) -> None:
    endpoint = Endpoint(name="Jira", answer_key="key", answer_link="https://jira.example.com/browse/{key}")
    notice = Notice(about_model="incidents.incident", about_id=1)
    found = handoffs.opened(endpoint, notice, answer)
    assert (found.url if found else None) == url


@pytest.mark.parametrize(
    ("status", "state"), [(500, "given_up"), (503, "waiting"), (400, "given_up"), (429, "waiting")]
)
def test_no_ticket_is_opened_twice(scene: Scene, receiving: Receiver, status: int, state: str) -> None:
    tickets(scene, receiving)
    receiving.answers.append((status, ""))
    reported(scene)
    sending.work()
    assert Delivery.objects.get(endpoint__isnull=False).state == state
    assert len(receiving.calls) == 1


def test_a_ticket_whose_answer_was_lost_is_given_up_not_opened_again(
    scene: Scene, receiving: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing.send, "__kwdefaults__", {**(outgoing.send.__kwdefaults__ or {}), "seconds": 0.3})
    tickets(scene, receiving)
    receiving.answers.append(("silent", ""))
    reported(scene)
    sending.work()
    delivery = Delivery.objects.get(endpoint__isnull=False)
    assert (delivery.state, "may have arrived" in delivery.error) == ("given_up", True)


def test_what_a_hand_off_needs_is_asked_for_and_nothing_else_taken(scene: Scene, settings: Any) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.1/32"]
    actor = scene["governor"]
    assert refused(actor, form="pagerduty") == {"credential"}
    assert refused(actor, form="pagerduty", credential="k", topics=["hold.placed"]) == {"topics"}
    assert refused(actor, form="json", credential="k", template={"a": "b"}) == {"credential", "template"}
    assert refused(actor, form="ticket") == {"template"}
    assert refused(actor, form="ticket", template={"a": "{nothing}"}) == {"template"}
    assert refused(actor, form="ticket", template=TEMPLATE, answer_key="key") == {"answer_key"}
    for link in ("http://a.example/{key}", "https://{key}.example/", "https://a.example/", "javascript:{key}"):
        assert refused(actor, form="ticket", template=TEMPLATE, answer_key="key", answer_link=link) == {"answer_link"}


def test_a_complete_review_becomes_a_page_of_the_wiki(scene: Scene, receiving: Receiver) -> None:
    tool(scene, receiving, "wiki", url=f"{receiving.url}/incident-{{id}}.md", credential="Bearer abc")
    incident, leader = in_state(scene, "resolved"), scene["incidents"]
    write_review(
        actor=leader, incident=incident, response="Within the hour.", detection="By code.", analysis="Well.",
        mitigation="Faster.",
    )  # fmt: skip
    complete_review(actor=leader, incident=incident)
    sending.work()
    (call,) = receiving.calls
    assert (call.method, call.path) == ("PUT", f"/hook/incident-{incident.pk}.md")
    assert call.headers["Authorization"] == "Bearer abc"
    assert call.headers["Content-Type"].startswith("text/markdown")
    page = call.body.decode()
    assert page.startswith(f"# INC-{incident.pk} False declines doubled\n")
    for words in ("Within the hour.", "By code.", "Fuel stations changed", "- [ ] Add a limit per merchant code"):
        assert words in page
