"""Signing under a lent role: in one's own name, on behalf of the lender, and the two count once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from governance.validation import proofs, queries
from governance.validation.independence import violations
from governance.validation.models import Act, SignOff
from inventory.models import Assignment
from inventory.services.assignments import end_assignment
from inventory.services.delegations import delegate, end_delegation
from tests.clocks import Clock
from tests.governance.access.people import PASSWORD, appoint
from tests.governance.validation.scene import LOW, Scene, build, review_of, sign
from tests.governance.validation.test_database_guards import SIGNED, act_as, execute, refusal
from tests.loosening import loosen
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DAY = timedelta(days=1)


@pytest.fixture
def cards() -> Scene:
    """A system in tier low, whose only stage needs two approvers."""
    return build(LOW, quorum=2, stages=-1)


def lend(cards: Scene, lender: str = "approver", to: str = "outsider", **more: Any) -> Assignment:
    """A week of somebody's role for somebody else."""
    role = Assignment.objects.get(person=cards[lender], role=Role.APPROVER, delegated_from=None)
    return delegate(actor=cards[lender], assignment=role, person=cards[to], **{"until": portal_now() + 7 * DAY, **more})


def test_a_delegate_signs_in_their_own_name_and_it_says_for_whom(cards: Scene) -> None:
    review = review_of(cards.submitted(), Role.APPROVER)
    with pytest.raises(Exception, match="Nothing of that name"):
        sign(cards["outsider"], review)
    lent = lend(cards)
    signed = sign(cards["outsider"], review)
    assert (signed.printed_name, signed.delegation, signed.on_behalf_of) == (
        "Outsider", lent, f"on behalf of Approver under delegation {lent.pk}",
    )  # fmt: skip
    event = Event.objects.filter(table_name="validation_signoff", key=str(signed.pk)).get()
    assert (event.after or {})["delegation_id"] == lent.pk
    assert signed.on_behalf_of in Act.objects.get(kind="signed").what
    assert violations() == []


def test_delegator_and_delegate_are_one_voice_of_a_quorum(cards: Scene) -> None:
    review = review_of(cards.submitted(), Role.APPROVER)
    lend(cards)
    sign(cards["outsider"], review)
    with pytest.raises(Conflict, match="signed on your behalf; you are counted once"):
        sign(cards["approver"], review)
    sign(cards["approver2"], review)
    other = review_of(cards.submitted(), Role.APPROVER)
    sign(cards["approver"], other)
    with pytest.raises(Conflict, match="Approver, for whom you would sign, is counted on this stage already"):
        sign(cards["outsider"], other)


def test_who_stands_in_for_two_signs_for_the_one_not_counted_yet(cards: Scene) -> None:
    review = review_of(cards.submitted(), Role.APPROVER)
    lend(cards)
    second = lend(cards, "approver2")
    sign(cards["approver"], review)
    assert sign(cards["outsider"], review).delegation == second
    review.refresh_from_db()
    assert review.state == "signed"


def test_a_right_of_ones_own_comes_first(cards: Scene) -> None:
    review = review_of(cards.submitted(), Role.APPROVER)
    lend(cards)
    appoint(cards["outsider"], Role.APPROVER, system=cards.system)
    assert sign(cards["outsider"], review).delegation is None
    sign(cards["approver"], review)


def test_separation_of_duties_judges_the_delegate_and_the_lender(cards: Scene) -> None:
    lend(cards, to="developer")
    review = review_of(cards.submitted(), Role.APPROVER)
    with pytest.raises(Forbidden):
        sign(cards["developer"], review)
    role = appoint(cards["approver2"], Role.DEVELOPER, system=cards.system)
    other = review_of(cards.submitted(by="approver2"), Role.APPROVER)
    end_assignment(actor=cards["governor"], assignment=role)
    lend(cards, "approver2")
    with pytest.raises(Forbidden, match="Approver2, who had a hand in this release") as refused:
        sign(cards["outsider"], other)
    assert refused.value.reasons[0].code == "sod.delegator"


def test_a_delegation_that_has_ended_signs_nothing(cards: Scene, clock: Clock) -> None:
    review = review_of(cards.submitted(), Role.APPROVER)
    lent = lend(cards)
    clock.move(by=8 * DAY)
    with pytest.raises(Exception, match="Nothing of that name"):
        sign(cards["outsider"], review)
    again = lend(cards)
    end_delegation(actor=cards["approver"], assignment=again)
    assert lent.pk != again.pk
    with pytest.raises(Exception, match="Nothing of that name"):
        sign(cards["outsider"], review)


def test_a_delegate_counts_as_the_lender_where_people_are_missing(cards: Scene) -> None:
    submission = cards.submitted()
    assert queries.missing_reviewers(submission) == ()
    role = Assignment.objects.get(person=cards["approver2"], role=Role.APPROVER)
    end_assignment(actor=cards["governor"], assignment=role)
    lend(cards)
    (missing,) = queries.missing_reviewers(submission)
    assert "1 more independent person" in missing


# --- raw SQL --------------------------------------------------------------------------------------------------

INSERT = """
INSERT INTO validation_signoff (review_id, submission_id, person_id, decision, comment, digest, pack_digest, meaning,
    printed_name, role, authenticated_by, signed_at, delegation_id, proof_key, proof)
VALUES (%(review_id)s, %(submission_id)s, %(person_id)s, %(decision)s, %(comment)s, %(digest)s, %(pack_digest)s,
    %(meaning)s, %(printed_name)s, %(role)s, %(authenticated_by)s, %(signed_at)s, %(delegation_id)s, %(proof_key)s,
    %(proof)s)
"""


def forge_on(cards: Scene, review: Any, who: str, delegation: Assignment | None) -> None:
    """Write the row itself."""
    signed = SignOff(
        review=review, submission=review.submission, person=cards[who], decision="approve", comment="x",
        digest=review.submission.digest, pack_digest=review.submission.pack_digest, meaning=review.meaning,
        printed_name="N", role=review.role, authenticated_by="password", signed_at=portal_now(), delegation=delegation,
    )  # fmt: skip
    proofs.prove(signed, [])
    values = {name: value for name, value in vars(signed).items() if name not in {"id", "_state"}}
    act_as(cards[who])
    execute(INSERT, values)


def test_the_seal_refuses_a_lent_right_that_is_not_named(cards: Scene) -> None:
    lend(cards)
    review = review_of(cards.submitted(), Role.APPROVER)
    assert refusal(lambda: forge_on(cards, review, "outsider", None)) == "signoff_without_right_of_own"


def test_the_seal_refuses_a_delegation_of_somebody_else(cards: Scene) -> None:
    lend(cards)
    other = lend(cards, "approver2", "viewer")
    review = review_of(cards.submitted(), Role.APPROVER)
    assert refusal(lambda: forge_on(cards, review, "outsider", other)) == "signoff_without_right_of_own"


def test_the_seal_refuses_an_ended_delegation(cards: Scene) -> None:
    lent = lend(cards)
    end_delegation(actor=cards["outsider"], assignment=lent)
    review = review_of(cards.submitted(), Role.APPROVER)
    assert refusal(lambda: forge_on(cards, review, "outsider", lent)) == "signoff_without_right"


def test_the_seal_refuses_both_of_a_pair(cards: Scene) -> None:
    lent = lend(cards)
    review = review_of(cards.submitted(), Role.APPROVER)
    sign(cards["approver"], review)

    def forged() -> None:
        forge_on(cards, review, "outsider", lent)
        execute(SIGNED, [review.pk])

    assert refusal(forged) == "signoff_one_for_both"


def test_the_seal_refuses_a_signature_for_who_had_a_hand_in_it(cards: Scene) -> None:
    role = appoint(cards["approver"], Role.DEVELOPER, system=cards.system)
    review = review_of(cards.submitted(by="approver"), Role.APPROVER)
    end_assignment(actor=cards["governor"], assignment=role)
    lent = lend(cards)
    assert refusal(lambda: forge_on(cards, review, "outsider", lent)) == "signoff_delegator_independent"


def test_a_proof_fits_one_delegation_only(cards: Scene) -> None:
    lent, other = lend(cards), lend(cards, "approver2")
    signed = sign(cards["outsider"], review_of(cards.submitted(), Role.APPROVER))
    assert signed.delegation == lent
    under_lent = proofs.message(signed, [])
    signed.delegation = None
    assert under_lent.startswith(proofs.message(signed, []))
    assert under_lent != proofs.message(signed, [])
    signed.delegation = other
    assert under_lent != proofs.message(signed, [])


def test_the_nightly_proof_names_what_came_in_without_the_seal(cards: Scene) -> None:
    lent = lend(cards)
    review = review_of(cards.submitted(), Role.APPROVER)
    sign(cards["approver"], review)
    loosen("signoff_one_for_both$", "_agrees$")
    forge_on(cards, review, "outsider", lent)
    seal_now()
    assert [found.rule for found in violations()] == ["signed.twice_for_one"]


# --- doors ----------------------------------------------------------------------------------------------------


def browser(cards: Scene, name: str) -> Client:
    client = Client()
    client.force_login(cards[name], backend=BACKEND)
    return client


def test_on_the_web_a_role_is_lent_signed_under_and_ended(cards: Scene) -> None:
    role = Assignment.objects.get(person=cards["approver"], role=Role.APPROVER)
    lender, delegate_ = browser(cards, "approver"), browser(cards, "outsider")
    page = f"/assignments/{role.pk}/delegate/"
    assert lender.get("/delegations/").status_code == lender.get(page).status_code == 200
    assert browser(cards, "approver2").get(page).status_code == 403
    assert delegate_.get(page).status_code == 404
    until = (portal_now() + 5 * DAY).strftime("%Y-%m-%dT%H:%M")
    form = {"person": cards["outsider"].pk, "since": "", "until": until, "reason": "On leave."}
    assert browser(cards, "approver2").post(page, form).status_code == 403
    too_long = {**form, "until": (portal_now() + 90 * DAY).strftime("%Y-%m-%dT%H:%M")}
    answer = lender.post(page, too_long)
    assert (answer.status_code, b"At most 60 days" in answer.content) == (400, True)
    assert lender.post(page, form).status_code == 302
    lent = Assignment.objects.get(delegated_from=role)
    assert b"On leave." in delegate_.get("/delegations/").content
    submission = cards.submitted()
    review = review_of(submission, Role.APPROVER)
    where = f"/reviews/{review.pk}/"
    words = f"on behalf of Approver under delegation {lent.pk}"
    assert f"You sign as Outsider, {words}" in delegate_.get(where).content.decode()
    signing = {"decision": "approve", "comment": "", "password": PASSWORD, "digest": submission.digest}
    assert delegate_.post(f"{where}sign-off/", signing).status_code == 302
    refused_twice = lender.post(f"{where}sign-off/", signing)
    assert (refused_twice.status_code, b"signed on your behalf" in refused_twice.content) == (409, True)
    assert words in lender.get(where).content.decode()
    assert words in lender.get(f"/submissions/{submission.pk}/certificate/").content.decode()
    assert words in browser(cards, "governor").get("/independence/").content.decode()
    assert b"for Approver" in lender.get(f"/systems/{cards.system.slug}/?tab=people").content
    assert browser(cards, "viewer").post(f"/delegations/{lent.pk}/end/").status_code == 403
    assert delegate_.post(f"/delegations/{lent.pk}/end/").status_code == 302
    assert delegate_.get(where).status_code == 404


def test_the_api_lends_shows_and_ends(cards: Scene) -> None:
    role = Assignment.objects.get(person=cards["approver"], role=Role.APPROVER)
    api = Caller(cards["approver"])
    until = (portal_now() + 5 * DAY).isoformat()
    body = {"assignment": role.pk, "person": "outsider", "until": until}
    problem(Caller(cards["approver2"]).post("delegations/", body), 403, "forbidden")
    problem(Caller(cards["outsider"]).post("delegations/", body), 400)
    problem(api.post("delegations/", {**body, "person": "nobody"}), 400)
    problem(api.post("delegations/", {**body, "until": (portal_now() + 90 * DAY).isoformat()}), 400)
    made = good(api.post("delegations/", body), 201)
    assert (made["runs"], made["delegator"]["username"], made["person"]["username"]) == (True, "approver", "outsider")
    problem(api.post("delegations/", {**body, "person": "viewer"}), 409, "duplicate")
    onward = {"assignment": made["id"], "person": "viewer", "until": until}
    problem(Caller(cards["outsider"]).post("delegations/", onward), 403, "delegation.onward")
    review = review_of(cards.submitted(), Role.APPROVER)
    sign(cards["outsider"], review)
    (shown,) = good(api.get(f"reviews/{review.pk}/"))["sign_offs"]
    assert (shown["delegation"], shown["on_behalf_of"]) == (made["id"], "approver")
    assert [each["id"] for each in good(api.get("delegations/?person=outsider"))["results"]] == [made["id"]]
    problem(Caller(cards["viewer"]).post(f"delegations/{made['id']}/end/", {}), 403)
    assert good(api.post(f"delegations/{made['id']}/end/", {"reason": "Back."}))["runs"] is False
    problem(api.post(f"delegations/{made['id']}/end/", {}), 409, "state")


def test_a_delegation_ends_in_the_governance_teams_window_too(cards: Scene) -> None:
    lent = lend(cards)
    page = f"/admin/inventory/assignment/{lent.pk}/end/"
    assert browser(cards, "governor").post(page, {"reason": "Left the project."}).status_code == 302
    lent.refresh_from_db()
    assert lent.until is not None
    assert lent.until <= portal_now()
