"""Rules over several rows are judged when a transaction is sealed, one transaction after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError

from governance.ledger import acting
from governance.ledger.acting import explain, seal_now
from governance.ledger.models import Denial, Event
from governance.ledger.operations import SealCheck
from governance.ledger.verification import verify
from governance.lifecycle import Forbidden
from inventory.models import ExternalId, System
from tests.governance.ledger.people import at_work, make_system

pytestmark = pytest.mark.django_db(transaction=True)
Connection = psycopg.Connection[Any]

TWO_NAMES = SealCheck(
    "test_two_names",
    tables=("inventory_externalid",),
    violation="""WITH n AS (SELECT count(*) AS n FROM inventory_externalid)
        SELECT FROM n, touched t WHERE n.n > 2 AND t.op = 'I'""",
    message="There're two names at most.",
)


@pytest.fixture
def two_names(owner_connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal of two names at most."""
    monkeypatch.setattr(acting, "_explanations", dict(acting._explanations))
    explain("test_two_names", Forbidden, "sod.names", "Two names are enough.")
    owner_connection.execute(TWO_NAMES.render(None))


@pytest.mark.usefixtures("two_names")
def test_a_violated_check_refuses_the_whole_transaction_in_registered_words() -> None:
    system = make_system()
    events = Event.objects.count()

    def name_it_three_times() -> None:
        with at_work("system.change"):
            for value in "abc":
                ExternalId.objects.create(system=system, source="x", value=value)

    with pytest.raises(Forbidden, match="Two names are enough") as refused:
        name_it_three_times()
    assert refused.value.code == "sod.names"
    assert not ExternalId.objects.exists()
    assert Denial.objects.get().code == "sod.names"
    assert Event.objects.count() == events + 1


@pytest.mark.usefixtures("two_names")
def test_a_check_sees_only_what_is_being_sealed() -> None:
    system = make_system()
    with at_work():
        for value in "ab":
            ExternalId.objects.create(system=system, source="x", value=value)
            seal_now()
        ExternalId.objects.update(source="y")
    assert verify().ok


@pytest.mark.usefixtures("two_names")
def test_two_transactions_that_are_each_harmless_do_not_both_commit(app_connection: Callable[..., Connection]) -> None:
    system = make_system()
    with at_work():
        ExternalId.objects.create(system=system, source="x", value="first")
    connections = [app_connection(), app_connection()]
    for number, connection in enumerate(connections):
        connection.execute(
            "INSERT INTO inventory_externalid (system_id, source, value) VALUES (%s, 'x', %s)",
            [system.pk, f"v{number}"],
        )
    outcomes = []

    def commit(connection: Connection) -> None:
        try:
            connection.commit()
            outcomes.append("committed")
        except psycopg.errors.CheckViolation as error:
            outcomes.append(str(error.diag.constraint_name))

    threads = [threading.Thread(target=commit, args=(connection,)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["committed", "test_two_names"]
    assert ExternalId.objects.count() == 2
    assert verify().ok


WAKES = SealCheck(
    "test_wakes",
    tables=("inventory_externalid", "inventory_system"),
    columns={"inventory_system": ("name", "unit_id")},
    violation="SELECT FROM touched t WHERE t.table_name IN ('inventory_externalid', 'inventory_system')",
    message="Awake.",
)


@pytest.mark.parametrize(
    ("change", "woken"),
    [
        ({"purpose": "Another"}, False),
        ({"purpose": "Another", "name": "Another"}, True),
        ({"name": "Bench"}, False),
    ],
)
def test_a_check_of_columns_wakes_only_when_one_of_them_changes(
    owner_connection: Connection, change: dict[str, str], woken: bool
) -> None:
    system = make_system()
    with at_work("system.change"):
        System.objects.filter(pk=system.pk).update(name="Bench", purpose="First")
    owner_connection.execute(WAKES.render(None))

    def work() -> None:
        with at_work("system.change"):
            System.objects.filter(pk=system.pk).update(**change)

    if woken:
        with pytest.raises(IntegrityError, match="Awake"):
            work()
    else:
        work()
    assert verify().ok


def test_a_check_of_columns_is_not_lulled_by_what_was_sealed_before(owner_connection: Connection) -> None:
    system = make_system()
    owner_connection.execute(WAKES.render(None))

    def change_then_name() -> None:
        with at_work("system.change"):
            System.objects.filter(pk=system.pk).update(purpose="First")
            seal_now()
            System.objects.filter(pk=system.pk).update(name="Named after the first seal")

    with pytest.raises(IntegrityError, match="Awake"):
        change_then_name()


def test_a_check_of_columns_wakes_at_every_change_of_its_other_tables(owner_connection: Connection) -> None:
    system = make_system()
    owner_connection.execute(WAKES.render(None))

    def name_it() -> None:
        with at_work("system.change"):
            ExternalId.objects.create(system=system, source="x", value="a")

    with pytest.raises(IntegrityError, match="Awake"):
        name_it()
