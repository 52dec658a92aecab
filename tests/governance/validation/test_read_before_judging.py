"""An answer is judged as it was read: sent back and given anew meanwhile, no open form and no old tag settles it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.engagements.models import AuditFinding
from governance.engagements.services import reopen_audit_finding, respond_to_audit_finding
from governance.lifecycle import Conflict
from governance.validation.api.records import RecordView
from governance.validation.models import Condition, Finding, FindingFile
from governance.validation.services import (
    ConditionInput,
    Handed,
    attach_to_finding,
    claim_condition,
    confirm_condition,
    raise_finding,
    refuse_condition,
    reopen_finding,
    respond_to_finding,
    verify_finding,
)
from tests.governance.engagements.walk import found, running
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(scene: Scene) -> Finding:
    raised = raise_finding(
        actor=scene["validator"], release=scene.submitted().release, title="Leak", text="Labels leak.",
        severity="high", category="data",
    )  # fmt: skip
    return respond_to_finding(actor=scene["developer"], finding=raised, response="The *first* answer.")


@pytest.fixture
def condition(scene: Scene) -> Condition:
    promise = ConditionInput("Watch the drift.", scene["owner"], portal_now() + timedelta(days=9))
    review = review_of(scene.submitted(), Role.VALIDATOR)
    signed = sign(scene["validator"], review, "approve_with_conditions", "If.", conditions=[promise])
    return claim_condition(actor=scene["owner"], condition=signed.conditions.get(), evidence="The *first* answer.")


@pytest.fixture
def audited(scene: Scene) -> AuditFinding:
    raised = found(scene, running(scene))
    return respond_to_audit_finding(actor=scene["owner"], finding=raised, response="The *first* answer.")


def anew(scene: Scene, row: Any, said: str = "Another answer.") -> None:
    """A colleague sends the answer back, and who gave it gives another; the state is the same again."""
    if isinstance(row, Finding):
        reopen_finding(actor=scene["auditor"], finding=row, reason="No.")
        respond_to_finding(actor=scene["developer"], finding=row, response=said)
    elif isinstance(row, Condition):
        refuse_condition(actor=scene["validator2"], condition=row, reason="No.")
        claim_condition(actor=scene["owner"], condition=row, evidence=said)
    else:
        reopen_audit_finding(actor=scene["external"], finding=row, reason="No.")
        respond_to_audit_finding(actor=scene["owner"], finding=row, response=said)


def hidden(client: Client, address: str) -> str:
    """What the form carries of what it shows."""
    page = client.get(address)
    assert page.status_code == 200
    seen = re.search(r'name="seen" value="([0-9a-f]{32})"', page.content.decode())
    assert seen is not None
    return seen[1]


FORMS = [
    ("finding", "findings", "verify", "validator", {"verification": "Fine."}),
    ("finding", "findings", "reopen", "validator", {"reason": "Not so."}),
    ("finding", "findings", "accept", "riskofficer", {"reason": "Small.", "until": "2030-01-01"}),
    ("condition", "conditions", "confirm", "validator", {"reason": "Looked."}),
    ("condition", "conditions", "refuse", "validator", {"reason": "Not so."}),
    ("audited", "audit-findings", "verify", "external", {"verification": "Fine."}),
    ("audited", "audit-findings", "reopen", "external", {"reason": "Not so."}),
]


@pytest.mark.parametrize(("noun", "place", "verb", "who", "sent"), FORMS)
def test_an_open_form_judges_only_what_it_showed(
    scene: Scene, request: pytest.FixtureRequest, noun: str, place: str, verb: str, who: str, sent: dict[str, str]
) -> None:
    row = request.getfixturevalue(noun)
    client, address = browser(scene[who]), f"/{place}/{row.pk}/{verb}/"
    assert "The <em>first</em> answer." in client.get(address).content.decode(), "what is judged stands above the form"
    seen, state = hidden(client, address), type(row).objects.get(pk=row.pk).state
    anew(scene, row)
    late = client.post(address, {**sent, "seen": seen})
    assert (late.status_code, "changed since you read it" in late.content.decode()) == (409, True)
    assert "Another answer." in late.content.decode()
    row.refresh_from_db()
    assert row.state == state
    assert client.post(address, sent).status_code == 400, "a form that does not say what was read"
    assert client.post(address, {**sent, "seen": hidden(client, address)}).status_code == 302
    row.refresh_from_db()
    assert row.state != state


@pytest.mark.parametrize(
    ("noun", "place", "verb", "who", "sent"),
    [(*form[:4], {**form[4], "until": "2030-01-01T00:00:00Z"} if "until" in form[4] else form[4]) for form in FORMS],
)
def test_a_program_that_says_what_it_read_judges_only_that(
    scene: Scene, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, noun: str, place: str, verb: str,
    who: str, sent: dict[str, str],
) -> None:  # fmt: skip
    row = request.getfixturevalue(noun)
    caller, address = Caller(scene[who]), f"{place}/{row.pk}/"
    tag = caller.get(address)["ETag"]
    anew(scene, row)
    problem(caller.post(f"{address}{verb}/", sent, If_Match=tag), 412, "stale")
    tag, read = caller.get(address)["ETag"], RecordView.input

    def overtaken(view: RecordView) -> dict[str, Any]:
        """Somebody is quicker: after the tag was compared, before the row is locked."""
        anew(scene, row, "A third answer.")
        return read(view)

    with monkeypatch.context() as patched:
        patched.setattr(RecordView, "input", overtaken)
        problem(caller.post(f"{address}{verb}/", sent, If_Match=tag), 412, "stale")
    good(caller.post(f"{address}{verb}/", sent, If_Match=caller.get(address)["ETag"]))


def test_a_file_added_to_the_answer_makes_it_another(scene: Scene, finding: Finding) -> None:
    client, address = browser(scene["validator"]), f"/findings/{finding.pk}/verify/"
    seen, tag = hidden(client, address), Caller(scene["validator"]).get(f"findings/{finding.pk}/")["ETag"]
    attach_to_finding(
        actor=scene["developer"], finding=finding, part=FindingFile.Part.RESPONSE,
        handed=Handed(ContentFile(b"figures", name="after.csv"), "after.csv"),
    )  # fmt: skip
    assert client.post(address, {"verification": "Fine.", "seen": seen}).status_code == 409
    assert Caller(scene["validator"]).get(f"findings/{finding.pk}/")["ETag"] != tag
    assert "after.csv" in client.get(address).content.decode()


def test_the_services_compare_under_the_lock(scene: Scene, finding: Finding, condition: Condition) -> None:
    with pytest.raises(Conflict) as stale:
        verify_finding(actor=scene["validator"], finding=finding, verification="Fine.", seen="older")
    assert stale.value.code == "stale"
    with pytest.raises(Conflict) as stale:
        confirm_condition(actor=scene["validator"], condition=condition, seen="older")
    assert stale.value.code == "stale"
    assert Finding.objects.get().state == "answered"
