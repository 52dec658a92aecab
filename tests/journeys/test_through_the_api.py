"""The main job through the API: from a registered system to a gate that opens, closes for each cause, and reopens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from tests.clocks import Clock
from tests.governance.access.people import PASSWORD, unit
from tests.inventory.scene import adopt_baseline
from tests.journeys.cast import ANSWERS, CONTAINER, MODEL, OTHER, gather, question, token_for, told, unmet
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = "systems/parole-advice/"


class Job:
    """The system, its people, its release, and the pipeline that wants to ship it."""

    def __init__(self) -> None:
        self.people = gather()
        adopt_baseline()
        unit("justice")
        self.callers = {name: Caller(person) for name, person in self.people.items()}
        self.release: dict[str, Any] = {}
        self.token = ""

    def __getitem__(self, name: str) -> Caller:
        return self.callers[name]

    def register(self) -> None:
        """Governance registers the system and names its people; the owner tiers it and describes a release."""
        given = {
            "name": "Parole advice",
            "slug": "parole-advice",
            "unit": "justice",
            "intended_use": "Advice to boards.",
        }
        good(self["governance"].post("systems/", given), 201)
        for name in ("owner", "validator", "auditor", "approver"):
            good(self["governance"].post(f"{WHERE}assignments/", {"person": name, "role": name}), 201)
        good(self["governance"].post(f"{WHERE}assignments/", {"person": "riskofficer", "role": "risk_officer"}), 201)
        good(self["owner"].post(f"{WHERE}assignments/", {"person": "developer", "role": "developer"}), 201)
        tiered = good(self["owner"].patch(WHERE, {"answers": ANSWERS}))
        assert tiered["tier"] == "high"
        self.document()
        self.foresee()
        lines = [
            {
                "name": "model.onnx",
                "kind": "model",
                "version": "1",
                "uri": "s3://models/1",
                "sha256": f"sha256:{MODEL}",
            },
            {"name": "api", "kind": "container", "sha256": CONTAINER},
        ]
        described = {"version": "1.0", "notes": "First.", "artifacts": lines}
        self.release = good(self["developer"].post(f"{WHERE}releases/", described), 201)
        self.token = token_for("parole-advice")

    def document(self) -> None:
        """The developer writes what the policy demands of the tier, section by section."""
        for document in good(self["developer"].get(f"{WHERE}standings/"))["documents"]:
            if document["demanded"]:
                sections = {section["id"]: "Said in a sentence." for section in document["sections"]}
                written = {"template": document["template"], "sections": sections, "contact": "team@example.org"}
                assert good(self["developer"].post(f"{WHERE}documents/", written), 201)["standing"]["complete"]

    def foresee(self) -> None:
        """The developer writes down what could go wrong and how it fails, as the policy demands of the tier."""
        risk = {"system": "parole-advice", "title": "It is late", "area": "operations"}
        made = good(self["developer"].post("risks/", risk), 201)
        good(self["developer"].post(f"risks/{made['id']}/analyse/", {"likelihood": "rare", "consequence": "small"}))
        mode = {"what": "It is wrong.", "who": "The board.", "when": "In winter.", "how": "An appeal is heard."}
        good(self["developer"].post("failure-modes/", {"system": "parole-advice", **mode}), 201)

    def ask(self, *digests: str, method: str = "POST") -> tuple[int, dict[str, Any]]:
        """The pipeline's question, by token and without a session."""
        answer = Client().generic(
            method, "/api/v1/gate/", json.dumps(question("parole-advice", "1.0", *(digests or (MODEL, CONTAINER)))),
            content_type="application/json", headers={"authorization": f"Bearer {self.token}"},
        )  # fmt: skip
        return answer.status_code, json.loads(answer.content)

    def act(self, name: str, verb: str, body: Any = None) -> Any:
        """A verb on the release."""
        return good(self[name].post(f"releases/{self.release['id']}/{verb}/", body if body is not None else {}))

    def sign(self, *names: str) -> None:
        """Each signs the stage that waits for them, on the page, with their password."""
        for name in names:
            waiting = good(self[name].get("reviews/?state=open"))["results"]
            assert len(waiting) == 1
            review = good(self[name].get(f"reviews/{waiting[0]['id']}/"))
            answers = [{"item": line["id"], "answer": "yes"} for line in review["checklist"]]
            good(self[name].post(f"reviews/{review['id']}/checklist/", {"answers": answers}))
            posted = self[name].client.post(
                f"/reviews/{review['id']}/sign-off/",
                {"decision": "approve", "comment": "", "digest": review["digest"], "password": PASSWORD},
            )
            assert posted.status_code == 302, posted.content.decode()[:2000]


@pytest.fixture
def job() -> Iterator[Job]:
    job = Job()
    job.register()
    yield job
    assert told("verify_ledger", "--json")["differences"] == []


def approved(job: Job) -> None:
    job.act("owner", "submit")
    job.sign("validator", "auditor", "approver")
    assert job.ask()[0] == 200


def test_the_gate_goes_from_deny_with_reasons_to_allow(job: Job) -> None:
    status, answer = job.ask()
    assert status == 409
    assert answer["decision"] == "deny"
    assert {"technical-validation", "process-audit", "release-approval", "approval-current"} <= unmet(answer)
    assert all(
        line["reason"] and line["fix"] and line["who"] for line in answer["requirements"] if line["status"] == "unmet"
    )
    job.act("owner", "submit")
    for name, left in (
        ("validator", {"process-audit", "release-approval", "approval-current"}),
        ("auditor", {"release-approval", "approval-current"}),
    ):
        job.sign(name)
        assert unmet(job.ask()[1]) == left
    job.sign("approver")
    status, answer = job.ask()
    assert (status, answer["decision"], unmet(answer)) == (200, "allow", set())
    assert answer["closes_at"] > answer["evaluated_at"]
    assert good(job["owner"].get(f"releases/{job.release['id']}/"))["state"] == "approved"


def test_a_changed_digest_closes_the_gate(job: Job) -> None:
    approved(job)
    status, answer = job.ask(MODEL, OTHER)
    assert (status, unmet(answer)) == (409, {"digest"})


def test_an_approval_that_has_ended_closes_the_gate_and_a_renewal_opens_it(job: Job, clock: Clock) -> None:
    approved(job)
    clock.move(timedelta(days=181))
    assert job.ask()[0] == 401  # the token has ended, too
    job.token = token_for("parole-advice")
    status, answer = job.ask()
    assert (status, unmet(answer)) == (409, {"approval-current"})
    job.callers = {name: Caller(person) for name, person in job.people.items()}
    job.act("owner", "renew")
    job.sign("validator", "auditor", "approver")
    status, answer = job.ask()
    assert (status, answer["submission"]["number"]) == (200, 2)


def test_an_open_blocking_finding_closes_the_gate(job: Job) -> None:
    approved(job)
    finding = good(
        job["validator"].post(
            "findings/",
            {
                "release": job.release["id"], "title": "Scores drift by court", "text": "By 12 points in two courts.",
                "severity": "high", "category": "fairness",
            },
        ),
        201,
    )  # fmt: skip
    status, answer = job.ask()
    assert (status, unmet(answer)) == (409, {"findings"})
    good(job["developer"].post(f"findings/{finding['id']}/respond/", {"response": "Recalibrated by court."}))
    assert unmet(job.ask()[1]) == {"findings"}
    good(job["auditor"].post(f"findings/{finding['id']}/verify/", {"verification": "Checked the new figures."}))
    assert job.ask()[0] == 200


def test_a_hold_closes_the_gate_until_another_person_lifts_it(job: Job) -> None:
    approved(job)
    hold = good(job["owner"].post("holds/", {"system": "parole-advice", "reason": "A complaint came in."}), 201)
    status, answer = job.ask()
    assert (status, unmet(answer)) == (409, {"holds"})
    good(job["riskofficer"].post(f"holds/{hold['id']}/lift/", {"reason": "Answered."}))
    assert job.ask()[0] == 200


def test_the_end_of_the_owners_role_closes_the_gate(job: Job) -> None:
    approved(job)
    roles = good(job["governance"].get(f"{WHERE}assignments/"))["results"]
    mine = next(role for role in roles if role["role"] == "owner")
    good(job["governance"].post(f"assignments/{mine['id']}/end/", {"reason": "Left the department."}))
    status, answer = job.ask()
    assert (status, unmet(answer)) == (409, {"owner"})


def test_a_changed_intended_use_makes_the_approval_stale(job: Job) -> None:
    approved(job)
    good(job["owner"].patch(WHERE, {"intended_use": "Decides."}))
    status, answer = job.ask()
    assert (status, unmet(answer)) == (409, {"context-current"})


def test_the_people_of_the_story_are_the_ledgers(job: Job) -> None:
    approved(job)
    events = good(job["auditor"].get("ledger/?system=parole-advice&page_size=200"))["results"]
    by_verb = {event["verb"]: event for event in events}
    assert {"system.create", "assignment.create", "release.create", "release.submit", "review.sign"} <= set(by_verb)
    signers = {
        event["actor"]["name"] if isinstance(event["actor"], dict) else event["actor"]
        for event in events
        if event["verb"] == "review.sign"
    }
    assert signers == {User.objects.get(username=name).name for name in ("validator", "auditor", "approver")}
