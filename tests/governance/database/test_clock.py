"""The portal's one clock, and moving it in tests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from governance.access.models import User
from governance.database.clock import PortalNow, portal_now
from tests.clocks import Clock


@pytest.mark.django_db
def test_the_clock_is_the_databases() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_now() = statement_timestamp()")
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
def test_a_query_compares_with_the_same_clock(clock: Clock) -> None:
    clock.freeze(datetime(2030, 1, 1, tzinfo=UTC))
    User.objects.create(username="ada", name="Ada", date_joined=datetime(2029, 12, 31, tzinfo=UTC))
    assert User.objects.filter(date_joined__lt=PortalNow()).exists()
    clock.move(timedelta(days=-2))
    assert not User.objects.filter(date_joined__lt=PortalNow()).exists()


def test_a_test_moves_it(clock: Clock) -> None:
    before = portal_now()
    clock.move(timedelta(days=365))
    assert portal_now() - before >= timedelta(days=365)


def test_a_test_sets_it_and_time_goes_on(clock: Clock) -> None:
    start = datetime(2031, 5, 5, 12, tzinfo=UTC)
    clock.set(start)
    assert start <= portal_now() < start + timedelta(minutes=1)


@pytest.mark.django_db
def test_a_moved_clock_is_right_again_in_the_next_test() -> None:
    assert abs(portal_now() - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.django_db(transaction=True)
def test_a_committed_move_is_seen_by_every_connection(
    clock: Clock, app_connection: Callable[..., psycopg.Connection[Any]]
) -> None:
    clock.set(datetime(2031, 5, 5, tzinfo=UTC))
    found = app_connection().execute("SELECT portal_now()").fetchone()
    assert found is not None
    assert found[0].year == 2031


@pytest.mark.django_db(transaction=True)
def test_the_next_committing_test_begins_with_a_fresh_database() -> None:
    assert abs(portal_now() - datetime.now(UTC)) < timedelta(minutes=5)
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_runtime_role_cannot_replace_the_clock(app_connection: Callable[..., psycopg.Connection[Any]]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_connection().execute(
            "CREATE OR REPLACE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'"
        )
