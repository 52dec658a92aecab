"""How the gate asks the database: one prepared statement, two when the check is kept, nothing cached but packs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from governance.access.models import Token
from governance.access.tokens import digest_of
from governance.database.clock import portal_now
from governance.gate import services, statement
from governance.gate.asking import Question
from governance.gate.models import GateCheck
from governance.ledger.models import Event
from governance.policy.checking import Purpose
from governance.policy.queries import facts_of
from inventory.models import Release, TokenReach, Unit
from tests.governance.gate.asking import Pipeline, token
from tests.governance.policy import records

QUESTION = {"system": "fraud-scorer", "release": "1.0", "environment": "production", "sha256": records.SHA}


class Scene:
    """An approved low-tier release and a pipeline that has asked for it once."""

    def __init__(self) -> None:
        records.pack()
        self.owner = records.person("olga")
        self.other = records.person("vera")
        self.system = records.system(owner=self.owner)
        self.release: Release = records.release(self.system, self.owner)
        records.submission(self.release, self.owner, state="approved")
        self.text = token(self.owner, self.system)
        self.pipeline = Pipeline(self.text)
        assert self.pipeline.get(QUESTION).json()["decision"] == "allow"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement any cursor of the driver executes, Django's and the gate's own."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def counted(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(str(query))
        return execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    return seen


@pytest.mark.django_db(transaction=True)
def test_a_report_takes_one_statement_and_an_enforced_check_two(statements: list[str]) -> None:
    scene = Scene()
    for question in (QUESTION, {"environment": "production", "sha256": records.SHA}):
        statements.clear()
        assert scene.pipeline.get(question).status_code == 200
        assert len(ours(statements)) == 1, statements
        statements.clear()
        assert scene.pipeline.post(question).status_code == 200
        assert len(ours(statements)) == 2, statements
    assert GateCheck.objects.count() == 2


def ours(statements: list[str]) -> list[str]:
    """Without what the test's own signal handlers say about who arranges."""
    return [
        statement
        for statement in statements
        if not statement.startswith("SELECT set_config('ledger.acting', %s, false)")
    ]


@pytest.mark.django_db(transaction=True)
def test_the_statement_is_prepared() -> None:
    scene = Scene()
    scene.pipeline.get(QUESTION)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%/* submissions */%%'")
        (count,) = cursor.fetchone()
    assert count >= 1


@pytest.mark.django_db(transaction=True)
def test_a_kept_check_is_sealed_as_evidence_of_the_machine_that_asked() -> None:
    scene = Scene()
    scene.pipeline.post(QUESTION)
    event = Event.objects.filter(table_name="gate_gatecheck").latest("id")
    made = Token.objects.get()
    assert (event.actor_id, event.verb, event.system_id) == (made.user_id, "gate.check", scene.system.pk)
    assert (event.sponsor_id, event.minter_id, event.token_id) == (scene.owner.pk, scene.owner.pk, str(made.pk))


@pytest.mark.django_db
def test_the_gates_statement_tells_the_same_facts_as_the_policys() -> None:
    scene = Scene()
    records.finding(scene.release, scene.other, "medium")
    records.hold(scene.system, scene.other)
    expected = facts_of([scene.release])[scene.release.pk]
    named = Question("production", "fraud-scorer", "1.0", (), Purpose.DEPLOY)
    by_digest = Question("production", "", "", (records.SHA,), Purpose.DEPLOY)
    within = Question("production", "fraud-scorer", "", (records.SHA,), Purpose.DEPLOY)
    for question in (named, by_digest, within):
        asking = services.ask_as_person(question, scene.owner)
        assert [found.facts for found in asking.found] == [expected]


@pytest.mark.django_db
def test_the_gates_reach_is_that_of_the_view_rights_are_read_from() -> None:
    records.pack()
    owner = records.person("olga")
    system = records.system(owner=owner)
    with records.write():
        below = Unit.objects.create(slug="cards", name="Cards", parent=system.unit)
        aside = Unit.objects.create(slug="loans", name="Loans")
    systems = [system, records.system("churn", owner=owner), records.system("limits", owner=owner)]
    with records.write():
        type(system).objects.filter(slug="churn").update(unit=below)
        type(system).objects.filter(slug="limits").update(unit=aside)
    for reach in ((system,), (system.unit,), (below,), (aside, system), (systems[1], below), ()):
        for scopes in (("gate:check",), ("release:write", "gate:check")):
            digest = str(digest_of(token(owner, *reach, scopes=scopes)))
            for each in systems:
                row = statement.ask(Question("production", each.slug, "1.0"), token=digest)
                seen = TokenReach.objects.filter(digest=digest, system=each)
                assert row.found[0].scopes == frozenset(seen.values_list("scope", flat=True))


def opposites() -> dict[str, Callable[[Scene], object]]:
    """Acts after whose acknowledgement no question may be answered with an allow."""

    def revoke(scene: Scene) -> None:
        records.move(scene.release, "revoked")

    def end_owner(scene: Scene) -> None:
        with records.write():
            scene.system.assignments.update(until=portal_now())

    def revoke_token(scene: Scene) -> None:
        with records.write():
            Token.objects.update(revoked_at=portal_now())

    def suspend(scene: Scene) -> None:
        records.move(scene.release, "suspended")

    return {
        "revoked token": revoke_token,
        "suspension": suspend,
        "hold": lambda scene: records.hold(scene.system, scene.other),
        "finding": lambda scene: records.finding(scene.release, scene.other),
        "revocation": revoke,
        "ended owner": end_owner,
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(opposites()))
def test_no_question_asked_after_a_stop_was_acknowledged_is_allowed(name: str, race_count: int) -> None:
    scene = Scene()
    stopped = threading.Event()
    wrong: list[str] = []
    asked = {"before": 0, "after": 0}

    def keep_asking() -> None:
        pipeline = Pipeline(scene.text)
        try:
            for _ in range(race_count * 20):
                late = stopped.is_set()
                decision = pipeline.get(QUESTION).json().get("decision", "refused")
                asked["after" if late else "before"] += 1
                if late and decision == "allow":
                    wrong.append(decision)
                if asked["after"] >= race_count:
                    return
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        askers = [pool.submit(keep_asking) for _ in range(2)]
        opposites()[name](scene)
        stopped.set()
        for asker in askers:
            asker.result()
    assert wrong == []
    assert asked["after"] >= 1


@pytest.mark.django_db(transaction=True)
def test_a_dead_connection_is_replaced_before_an_answer_is_given(app_connection: Callable[..., Any]) -> None:
    scene = Scene()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    app_connection().execute("SELECT pg_terminate_backend(%s)", [pid])
    asking = services.ask_by_token(Question("production", "fraud-scorer", "1.0"), str(digest_of(scene.text)))
    assert asking is not None
    assert len(asking.found) == 1
