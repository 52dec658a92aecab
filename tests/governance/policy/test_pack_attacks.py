"""Attacks on how rules come into force: with a puppet for the second person, past the portal, from outside."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from governance.ledger.acting import seal_now
from governance.policy.models import Pack
from governance.policy.packs import PackInvalid, parse, shipped
from tests.governance.access.people import join, person
from tests.governance.policy.test_adoption import ADOPTED, COPY, act_as, execute, propose, refusal
from tests.inventory.scene import adopt_baseline

pytestmark = pytest.mark.django_db
REWRITTEN = "UPDATE policy_pack SET proposed_by_id = %s WHERE version = 'mine'"
LYING = """
INSERT INTO policy_pack (name, version, title, source, document, digest, state, loaded_at)
SELECT name, 'mine', title, 'summary: Harmless.', document, digest, 'draft', portal_now() FROM policy_pack
"""

REGIME = """
regimes:
  - {{id: mine, title: Mine, address: "{address}", scope: All, starts: 2026-01-01}}
"""


@pytest.fixture
def gina() -> User:
    adopt_baseline()
    return join(person("gina"), OrganisationRole.GOVERNANCE)


@pytest.fixture
def greg(gina: User) -> User:
    return join(person("greg"), OrganisationRole.GOVERNANCE)


@pytest.mark.parametrize("puppet", ["greg", "nobody"])
def test_who_proposed_does_not_write_another_in_as_proposer_and_adopts(gina: User, greg: User, puppet: str) -> None:
    propose(gina)
    other = greg.pk if puppet == "greg" else None

    def adopted_alone() -> None:
        act_as(gina)
        execute(REWRITTEN, other)
        seal_now()
        execute(ADOPTED, gina.pk, "0")

    assert refusal(adopted_alone) == "pack_proposer_stands"


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_somebody_without_the_right_neither_refuses_nor_withdraws(gina: User, greg: User, state: str) -> None:
    propose(gina)
    if state == "withdrawn":
        act_as(greg)
        execute(ADOPTED, greg.pk, "1 day")
        seal_now()
    act_as(person("outsider"))
    statement = f"UPDATE policy_pack SET state = '{state}' WHERE version = 'mine'"
    assert refusal(lambda: execute(statement)) == "pack_adopted_by_two"


def test_nobody_writes_a_pack_down_who_may_not_change_the_rules(gina: User) -> None:
    act_as(person("outsider"))
    assert refusal(lambda: execute(COPY, "draft", None)) == "pack_adopted_by_two"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://a.example", "https://a b", " x"]
)
def test_a_pack_links_to_nothing_a_browser_would_run(address: str) -> None:
    with pytest.raises(PackInvalid) as refused:
        parse(shipped("baseline") + REGIME.format(address=address))
    assert [error.place for error in refused.value.errors] == ["regimes.0.address"]


def test_a_pack_promises_no_confirmation_that_nobody_is_asked_for() -> None:
    source = shipped("baseline").replace("second_confirmation: false", "second_confirmation: true")
    with pytest.raises(PackInvalid, match=r"access\.second_confirmation"):
        parse(source)


def test_the_page_of_a_decision_shows_what_would_come_into_force_not_another_text(gina: User) -> None:
    act_as(gina)
    execute(LYING)
    seal_now()
    client = Client()
    client.force_login(gina)
    answer = client.get(f"/policy/{Pack.objects.get(version='mine').pk}/propose/")
    assert answer.status_code == 200
    assert "Harmless." not in answer.content.decode()
