"""Random mutations by the table owner with the triggers off: each is found, each is located, none is invented."""

from __future__ import annotations

import os
from random import Random
from typing import Any

import psycopg
import pytest

from governance.ledger import chain
from governance.ledger.acting import Door, acting
from governance.ledger.verification import verify, verify_through
from governance.lifecycle import Forbidden, Reason
from inventory.models import Artifact, Assignment, Document, DocumentRevision, ExternalId, Release
from tests.governance.ledger.people import make_person, make_system
from tests.governance.ledger.tampering import Tamperer

pytestmark = pytest.mark.django_db(transaction=True)


def furnish() -> None:
    """Three systems with everything that hangs on them, written by people, and a few denials."""
    people = [make_person() for _ in range(3)]
    for number, person in enumerate(people):
        system = make_system()
        now = system.created_at
        with acting(person, door=Door.WEB, verb="release.create", reason=f"round {number}"):
            release = Release.objects.create(
                system=system, version=f"1.{number}", created_by=person, created_at=now, updated_at=now
            )
            Artifact.objects.create(release=release, name="weights", kind="model", sha256=f"{number:064d}")
            ExternalId.objects.create(system=system, source="register", value=f"R{number}")
            document = Document.objects.create(system=system, template="card", title="Card", created_at=now)
            for revision in (1, 2):
                DocumentRevision.objects.create(
                    document=document, number=revision, sections={"purpose": f"{revision}"}, author=person,
                    contact=person.email, created_at=now,
                )  # fmt: skip
        with acting(people[number - 1], door=Door.API, verb="assignment.create"):
            Assignment.objects.create(
                person=person, role="viewer", system=system, since=now, assigned_by=people[number - 1], reason="asked"
            )
        with acting(person, door=Door.API, verb="system.change"):
            type(system).objects.filter(pk=system.pk).update(purpose=f"purpose {number}", links=[{"n": number}])
        refuse(person)


def refuse(person: Any) -> None:
    """One denial."""
    with pytest.raises(Forbidden), acting(person, door=Door.WEB, verb="review.sign"):
        raise Forbidden(Reason("sod.owner", "You own this."))


def test_every_random_mutation_is_found_and_located(
    owner_connection: psycopg.Connection[Any], tamper_count: int
) -> None:
    furnish()
    assert verify().differences == []
    seed = int(os.environ.get("TAMPER_SEED", "0")) or Random().getrandbits(32)  # noqa: S311  not a secret
    tamperer = Tamperer(owner_connection, Random(seed))  # noqa: S311  the same
    missed = []
    with owner_connection.transaction(force_rollback=True):
        tamperer.disarm()
        for _ in range(tamper_count):
            with owner_connection.transaction(force_rollback=True):
                mutation = tamperer.strike()
                differences = verify_through(owner_connection).differences
                if not mutation.located(differences):
                    missed.append((mutation, differences[:5]))
        assert verify_through(owner_connection).differences == []
    assert missed == [], f"seed {seed}"


def test_a_verifier_that_skips_the_digests_would_be_noticed(
    owner_connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness can fail: without the comparison of digests, mutated events go unnoticed."""
    furnish()
    monkeypatch.setattr(chain, "_event_differences", lambda linked: iter(()))
    tamperer = Tamperer(owner_connection, Random(7))  # noqa: S311  not a secret
    with owner_connection.transaction(force_rollback=True):
        tamperer.disarm()
        owner_connection.execute("UPDATE ledger_event SET reason = 'another'")
        assert verify_through(owner_connection).ok
