"""What the database refuses by itself: rules brought into force past the portal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from governance.ledger.acting import seal_now
from governance.policy.models import Pack
from tests.governance.access.people import join, person
from tests.inventory.scene import adopt_baseline

pytestmark = pytest.mark.django_db
COPY = """
INSERT INTO policy_pack (name, version, title, source, document, digest, state, effective_from, loaded_at)
SELECT name, 'mine', title, source, document, digest, %s, %s, portal_now() FROM policy_pack
"""
PROPOSED = "UPDATE policy_pack SET state = 'proposed', proposed_by_id = %s WHERE version = 'mine'"
ADOPTED = """
UPDATE policy_pack SET state = 'adopted', adopted_by_id = %s, effective_from = portal_now() + %s::interval
WHERE version = 'mine'
"""


def execute(statement: str, *values: Any) -> None:
    """Run SQL as the runtime role, past the portal."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def act_as(who: User) -> None:
    """Claim to be somebody, as code that got hold of the runtime role could."""
    acting = {"actor_id": who.pk, "actor_kind": "human", "actor_name": who.name, "door": "admin", "verb": "pack.adopt"}
    execute("SELECT set_config('ledger.acting', %s, true)", json.dumps(acting))


def refusal(work: Callable[[], object]) -> str:
    """The constraint that refuses when the transaction is sealed; nothing of it remains."""

    def sealed() -> None:
        with transaction.atomic():
            work()
            seal_now()

    with pytest.raises(DatabaseError) as refused:
        sealed()
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name or str(cause)


@pytest.fixture
def gina() -> User:
    adopt_baseline()
    return join(person("gina"), OrganisationRole.GOVERNANCE)


@pytest.fixture
def greg(gina: User) -> User:
    return join(person("greg"), OrganisationRole.GOVERNANCE)


def propose(by: User) -> None:
    """A copy of the baseline as a proposal, sealed."""
    act_as(by)
    execute(COPY, "draft", None)
    execute(PROPOSED, by.pk)
    seal_now()


def test_the_harness_can_adopt_when_two_people_do(gina: User, greg: User) -> None:
    propose(gina)
    act_as(greg)
    execute(ADOPTED, greg.pk, "0")
    seal_now()
    assert Pack.objects.get(version="mine").state == "adopted"


def test_a_pack_does_not_begin_adopted(gina: User) -> None:
    act_as(gina)
    assert refusal(lambda: execute(COPY, "adopted", "2020-01-01")) == "policy_pack_state_begins"


def test_the_second_pack_is_not_adopted_as_the_first_was(gina: User) -> None:
    def adopt_a_draft() -> None:
        execute("SELECT set_config('ledger.acting', %s, true)", json.dumps(
            {"actor_kind": "system", "actor_name": "system:bootstrap", "door": "command", "verb": "pack.adopt"}
        ))  # fmt: skip
        execute(COPY, "draft", None)
        execute(ADOPTED, None, "0")

    assert refusal(adopt_a_draft) == "pack_adopted_by_two"


@pytest.mark.parametrize("adopter", ["gina", "outsider"])
def test_one_person_or_somebody_without_the_right_adopts_nothing(gina: User, greg: User, adopter: str) -> None:
    propose(gina)
    who = gina if adopter == "gina" else person("outsider")
    act_as(who)
    assert refusal(lambda: execute(ADOPTED, who.pk, "0")) in {"pack_adopted_by_two", "pack_adopted_by_another"}


def test_nobody_is_written_in_as_the_second_person(gina: User, greg: User) -> None:
    propose(gina)
    act_as(gina)
    assert refusal(lambda: execute(ADOPTED, greg.pk, "0")) == "pack_adopted_by_two"


def test_nobody_is_written_in_as_the_first_person(gina: User, greg: User) -> None:
    act_as(gina)
    execute(COPY, "draft", None)
    seal_now()
    assert refusal(lambda: execute(PROPOSED, greg.pk)) == "pack_adopted_by_two"


def test_a_pack_never_comes_into_force_backwards(gina: User, greg: User) -> None:
    propose(gina)
    act_as(greg)
    assert refusal(lambda: execute(ADOPTED, greg.pk, "-1 hour")) == "pack_not_backwards"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE policy_pack SET document = jsonb_set(document, '{requirements}', '[]')", "pack_frozen"),
        ("UPDATE policy_pack SET digest = 'sha256:' || repeat('0', 64)", "pack_frozen"),
        ("UPDATE policy_pack SET effective_from = effective_from - interval '1 day'", "pack_frozen"),
        ("UPDATE policy_pack SET effective_from = portal_now() + interval '1 day'", "pack_frozen"),
        ("UPDATE policy_pack SET state = 'withdrawn'", "pack_in_force"),
        ("UPDATE policy_pack SET state = 'draft'", "pack_in_force"),
        ("DELETE FROM policy_pack", "ledger_no_delete"),
    ],
)
def test_rules_in_force_are_never_changed(gina: User, statement: str, constraint: str) -> None:
    act_as(gina)
    assert refusal(lambda: execute(statement)) == constraint
