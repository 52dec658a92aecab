"""What the database refuses by itself: backdating, widening a token, rewriting a revision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from governance.access.vocabulary import Role, Scope
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from inventory.models import DocumentRevision, TokenLimit
from inventory.services.documents import save_document_revision
from tests.inventory.scene import Scene, adopt_baseline, build, mint

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    return build()


def refusal(statement: str, *values: Any) -> str:
    """What refuses this SQL of the runtime role."""

    def sealed() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
            seal_now()

    with pytest.raises(DatabaseError) as refused:
        sealed()
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name or cause.diag.sqlstate or ""


def test_a_role_is_not_given_from_the_past(scene: Scene) -> None:
    insert = (
        "INSERT INTO inventory_assignment (person_id, role, system_id, since, reason) VALUES (%s, %s, %s, %s, 'late')"
    )
    yesterday = portal_now() - timedelta(days=1)
    given = (scene.stranger.pk, Role.VALIDATOR, scene.scorer.pk, yesterday)
    assert refusal(insert, *given) == "assignment_not_backdated"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_release_is_not_described_at_another_time(scene: Scene, days: int) -> None:
    insert = """
        INSERT INTO inventory_release (system_id, version, notes, lineage, state, created_by_id, created_at, updated_at)
        VALUES (%s, '9', '', '{}', 'draft', %s, %s, portal_now())"""
    when = portal_now() + timedelta(days=days)
    assert refusal(insert, scene.scorer.pk, scene.developer.pk, when) == "release_origin"


def test_a_token_reaches_no_further_than_it_was_minted_for(scene: Scene) -> None:
    mint(scene, Scope.GATE_CHECK)
    limit = TokenLimit.objects.get()
    moved = "UPDATE inventory_tokenlimit SET system_id = %s WHERE id = %s"
    assert refusal(moved, scene.foreign.pk, limit.pk) == "tokenlimit_with_token"


def test_a_token_does_not_come_to_reach_more_later(scene: Scene) -> None:
    mint(scene, Scope.GATE_CHECK)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testing.clock SET shift = shift + interval '1 minute'")
    more = "INSERT INTO inventory_tokenlimit (token_id, system_id) SELECT token_id, %s FROM inventory_tokenlimit"
    assert refusal(more, scene.foreign.pk) == "tokenlimit_with_token"


def test_a_saved_revision_never_changes(scene: Scene) -> None:
    adopt_baseline()
    save_document_revision(
        actor=scene.developer, system=scene.scorer, template="model-card", sections={"purpose": "Scores."},
        contact="dev@example.com",
    )  # fmt: skip
    assert refusal("UPDATE inventory_documentrevision SET sections = '{}'") == "revision_append_only"
    assert DocumentRevision.objects.get().sections == {"purpose": "Scores."}


@pytest.mark.parametrize("table", ["django_migrations", "django_content_type"])
def test_what_migrations_wrote_is_only_read(scene: Scene, table: str) -> None:
    assert refusal(f"DELETE FROM {table}") == "42501"
