"""Lending a role: by its holder only, never on, for a while; it gives a right exactly while it and its source run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from governance.access import rights
from governance.access.services.people import close_account
from governance.access.vocabulary import OrganisationRole, Permission, Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden
from inventory.models import Assignment, System
from inventory.services.assignments import assign, end_assignment
from inventory.services.delegations import delegate, end_delegation
from tests.clocks import Clock
from tests.governance.access.people import TEST, appoint, join, person, system, unit
from tests.inventory.scene import adopt_baseline

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
SIGN = Permission.SIGN_VALIDATION


class Cast:
    """Dana validates for a unit, where she also develops one system; Yusuf and Zoe hold nothing."""

    def __init__(self) -> None:
        adopt_baseline()
        self.dana, self.yusuf, self.zoe = (person(name) for name in ("dana", "yusuf", "zoe"))
        self.governor = join(person("governor"), OrganisationRole.GOVERNANCE)
        self.unit = unit("cards")
        self.system, self.built = system("scorer", self.unit), system("own", self.unit)
        self.role = appoint(self.dana, Role.VALIDATOR, unit=self.unit)
        appoint(self.dana, Role.DEVELOPER, system=self.built)

    def lend(self, **fields: object) -> Assignment:
        given = {"actor": self.dana, "assignment": self.role, "person": self.yusuf, "until": portal_now() + WEEK}
        return delegate(**{**given, **fields})  # type: ignore[arg-type]

    def signs(self) -> bool:
        """Whether Yusuf may sign now; every question about it has one answer."""
        may = rights.can(self.yusuf, SIGN, self.system)
        seen = rights.visible(self.yusuf, System.objects.all(), SIGN)
        assert self.system in seen if may else not seen
        assert (self.yusuf in rights.holders(SIGN, self.system)) is may
        assert (SIGN in rights.permissions_on(self.yusuf, [self.system])[self.system.pk]) is may
        return may


@pytest.fixture
def cast() -> Cast:
    return Cast()


def test_a_lent_role_gives_its_right_while_it_runs_and_not_a_moment_longer(cast: Cast, clock: Clock) -> None:
    begins = portal_now() + timedelta(days=1)
    cast.lend(since=begins, until=begins + WEEK)
    assert not cast.signs()
    clock.move(timedelta(days=1, minutes=1))
    assert cast.signs()
    assert cast.unit in rights.visible(cast.yusuf, type(cast.unit).objects.all())
    clock.move(WEEK)
    assert not cast.signs()


def test_it_gives_nothing_where_the_lender_builds(cast: Cast) -> None:
    cast.lend()
    assert not rights.can(cast.yusuf, SIGN, cast.built)
    assert list(rights.visible(cast.yusuf, System.objects.all())) == [cast.system]
    sight = rights.Sight(cast.yusuf, SIGN)
    assert sight.first(System.objects.all(), ("name", "pk"), 10) == [cast.system]
    assert list(sight.units()) == [cast.unit]


def test_it_ends_when_it_is_ended_when_the_lender_loses_the_role_and_with_either_account(cast: Cast) -> None:
    ends: list[Callable[[Assignment], object]] = [
        lambda lent: end_delegation(actor=cast.dana, assignment=lent),
        lambda lent: end_delegation(actor=cast.yusuf, assignment=lent),
        lambda lent: end_assignment(actor=cast.governor, assignment=cast.role),
    ]
    for end in ends:
        lent = cast.lend()
        assert cast.signs()
        end(lent)
        lent.refresh_from_db()
        assert not cast.signs()
        assert lent.until is not None
        assert lent.until <= portal_now()
    cast.role = appoint(cast.dana, Role.VALIDATOR, unit=cast.unit)
    cast.lend()
    for governor in ("second", "third"):
        join(person(governor), OrganisationRole.GOVERNANCE)
    close_account(actor=cast.governor, person=cast.dana, reason="Left.")
    assert not cast.signs()


def test_the_right_stops_with_the_source_even_where_nobody_ended_the_delegation(cast: Cast) -> None:
    cast.lend()
    with acting(TEST, door=Door.COMMAND, verb="assignment.end"):
        Assignment.objects.filter(pk=cast.role.pk).update(until=portal_now())
    assert not cast.signs()


def test_who_is_closed_signs_nothing_under_a_delegation(cast: Cast) -> None:
    cast.lend()
    close_account(actor=cast.governor, person=cast.yusuf, reason="Left.")
    assert not rights.can(cast.yusuf, SIGN, cast.system)


def test_a_role_is_lent_by_its_holder_only_and_not_on(cast: Cast) -> None:
    with pytest.raises(Forbidden, match="by the person who holds it"):
        cast.lend(actor=cast.governor)
    lent = cast.lend()
    with pytest.raises(Forbidden, match="not delegated on"):
        delegate(actor=cast.yusuf, assignment=lent, person=cast.zoe, until=portal_now() + WEEK)
    owner = appoint(cast.zoe, Role.REVIEW_LEAD, unit=cast.unit)
    with pytest.raises(Forbidden, match="sign stages"):
        delegate(actor=cast.zoe, assignment=owner, person=cast.yusuf, until=portal_now() + WEEK)
    with pytest.raises(Forbidden):
        end_delegation(actor=cast.zoe, assignment=lent)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"until": None}, "until"),
        ({"until": timedelta(days=61)}, "until"),
        ({"until": -WEEK}, "until"),
        ({"since": -WEEK}, "since"),
        ({"person": None}, "person"),
        ({"person": "dana"}, "person"),
    ],
)
def test_what_cannot_be_lent_is_said_beside_its_field(cast: Cast, fields: dict[str, object], where: str) -> None:
    moments = {k: portal_now() + v if isinstance(v, timedelta) else v for k, v in fields.items()}
    if moments.get("person") == "dana":
        moments["person"] = cast.dana
    with pytest.raises(InvalidInput) as refused:
        cast.lend(**moments)
    assert list(refused.value.errors) == [where]


def test_it_outlasts_the_lenders_own_role_never(cast: Cast) -> None:
    cast.role = appoint(cast.zoe, Role.VALIDATOR, unit=cast.unit, until=portal_now() + timedelta(days=2))
    with pytest.raises(InvalidInput, match="no longer than your own role"):
        cast.lend(actor=cast.zoe)


def test_one_role_has_one_delegate_at_a_time_and_nobody_holds_it_twice(cast: Cast) -> None:
    cast.lend()
    with pytest.raises(Conflict, match="delegated to Yusuf for that time"):
        cast.lend(person=cast.zoe)
    cast.lend(person=cast.zoe, since=portal_now() + 2 * WEEK, until=portal_now() + 3 * WEEK)
    assign(actor=cast.governor, person=cast.yusuf, role=Role.VALIDATOR, unit=cast.unit)
    assert cast.signs()
    with pytest.raises(Conflict, match="has this role here already"):
        cast.lend(since=portal_now() + 4 * WEEK, until=portal_now() + 5 * WEEK)


def test_who_builds_a_system_is_lent_no_review_of_it(cast: Cast) -> None:
    role = appoint(cast.zoe, Role.VALIDATOR, system=cast.system)
    appoint(cast.yusuf, Role.DEVELOPER, unit=cast.unit)
    with pytest.raises(Conflict, match="Yusuf develops this system"):
        delegate(actor=cast.zoe, assignment=role, person=cast.yusuf, until=portal_now() + WEEK)


RAW = """INSERT INTO inventory_assignment
    (person_id, role, system_id, unit_id, since, until, assigned_by_id, reason, delegated_from_id)
    VALUES (%(person)s, %(role)s, NULL, %(unit)s, portal_now(), portal_now() + make_interval(days => %(days)s),
    %(by)s, '', %(source)s)"""


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"by": "zoe"}, "assignment_given_by_the_actor"),
        ({"actor": "zoe", "by": "zoe"}, "delegation_of_ones_own"),
        ({"role": "approver"}, "delegation_of_ones_own"),
        ({"role": "developer"}, "delegation_ends"),
        ({"days": 61}, "delegation_within_policy"),
        ({"source": "lent", "actor": "yusuf", "by": "yusuf", "person": "zoe"}, "delegation_of_ones_own"),
    ],
)
def test_a_forged_delegation_is_refused_when_it_is_sealed(
    cast: Cast, change: dict[str, object], constraint: str
) -> None:
    words = {"person": "yusuf", "actor": "dana", "by": "dana", "role": "validator", "days": 7, "source": "role"}
    words |= change
    sources = {"role": cast.role.pk}
    if words["source"] == "lent":
        sources["lent"] = cast.lend().pk
    people = {name: getattr(cast, str(words[name])) for name in ("person", "actor", "by")}
    values: dict[str, Any] = {**words, "unit": cast.unit.pk, "source": sources[str(words["source"])]}
    values |= {name: people[name].pk for name in ("person", "by")}
    with (
        pytest.raises((IntegrityError, Forbidden, Conflict)) as refused,
        transaction.atomic(),
        acting(people["actor"], door=Door.WEB, verb="assignment.delegate"),
        connection.cursor() as cursor,
    ):
        cursor.execute(RAW, values)
    assert constraint in str(refused.value.__cause__ or refused.value)


def test_what_a_delegation_says_never_changes(cast: Cast) -> None:
    lent = cast.lend()
    other = appoint(cast.dana, Role.APPROVER, unit=cast.unit)
    with pytest.raises(Conflict, match="ended and given anew"), acting(cast.dana, door=Door.WEB, verb="assignment.end"):
        Assignment.objects.filter(pk=lent.pk).update(delegated_from=other)


def test_no_delegation_where_the_policy_says_nothing_of_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.delegations.longest", lambda: None)
    with pytest.raises(Conflict, match="lets nobody delegate"):
        cast.lend()
