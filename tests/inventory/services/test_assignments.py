"""Who gives which role to whom: rights, hand-over, both sides of a review, ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Permission, Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden
from inventory.models import Assignment, System
from inventory.services.assignments import assign, end_assignment
from tests.clocks import Clock
from tests.governance.access.people import appoint, join, person, system, unit

BUILDING = [Role.OWNER, Role.DEPUTY_OWNER, Role.DEVELOPER]
REVIEWING = [Role.VALIDATOR, Role.AUDITOR, Role.APPROVER]
pytestmark = pytest.mark.django_db


@pytest.fixture
def governor() -> User:
    return join(person("governor"), OrganisationRole.GOVERNANCE)


@pytest.fixture
def scorer() -> System:
    return system("scorer")


def owners(of: System) -> list[User]:
    return [a.person for a in Assignment.objects.current().filter(system=of, role=Role.OWNER)]


@pytest.mark.parametrize("role", list(Role))
def test_governance_gives_every_role(governor: User, scorer: System, role: Role) -> None:
    holder = person("holder")
    given = assign(actor=governor, person=holder, role=role, system=scorer, reason="Takes over from Ruth.")
    assert (given.person, given.role, given.assigned_by, given.reason) == (
        holder, role, governor, "Takes over from Ruth.",
    )  # fmt: skip
    assert rights.can(holder, Permission.SYSTEM_VIEW, scorer)


def test_a_governance_group_member_is_the_only_one_who_gives_roles_on_units(governor: User) -> None:
    bank, holder, deputy = unit("bank"), person("holder"), person("deputy")
    appoint(deputy, Role.DEPUTY_OWNER, unit=bank)
    assert assign(actor=governor, person=holder, role=Role.VALIDATOR, unit=bank).unit == bank
    with pytest.raises(Forbidden):
        assign(actor=deputy, person=person("other"), role=Role.VALIDATOR, unit=bank)


@pytest.mark.parametrize("building", [Role.OWNER, Role.DEPUTY_OWNER])
def test_an_owner_gives_and_ends_developers_on_the_own_system_only(scorer: System, building: Role) -> None:
    owner, other = person("owner"), system("other")
    appoint(owner, building, system=scorer)
    appoint(owner, Role.VIEWER, system=other)
    given = assign(actor=owner, person=person("developer"), role=Role.DEVELOPER, system=scorer)
    assert end_assignment(actor=owner, assignment=given).ended_by == owner
    with pytest.raises(Forbidden):
        assign(actor=owner, person=person("second"), role=Role.DEVELOPER, system=other)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEVELOPER])
def test_an_owner_gives_and_ends_no_other_role(scorer: System, role: Role) -> None:
    owner, holder = person("owner"), person("holder")
    appoint(owner, Role.OWNER, system=scorer)
    with pytest.raises(Forbidden):
        assign(actor=owner, person=holder, role=role, system=scorer)
    if role is not Role.OWNER:
        with pytest.raises(Forbidden):
            end_assignment(actor=owner, assignment=appoint(holder, role, system=scorer))


@pytest.mark.parametrize("role", [Role.DEVELOPER, *REVIEWING, Role.RISK_OFFICER, Role.VIEWER])
def test_whoever_holds_no_right_here_gives_nothing(scorer: System, role: Role) -> None:
    holder, stranger, operator = person("holder"), person("stranger"), person("operator", is_superuser=True)
    appoint(holder, role, system=scorer)
    with pytest.raises(Forbidden):
        assign(actor=holder, person=person("friend"), role=Role.DEVELOPER, system=scorer)
    with pytest.raises(Forbidden):
        assign(actor=operator, person=person("mate"), role=Role.DEVELOPER, system=scorer)
    with pytest.raises(rights.NotVisible):
        assign(actor=stranger, person=holder, role=Role.DEVELOPER, system=scorer)


def test_nobody_gives_a_role_to_themselves(governor: User, scorer: System) -> None:
    with pytest.raises(Forbidden) as refusal:
        assign(actor=governor, person=governor, role=Role.VIEWER, system=scorer)
    assert refusal.value.code == "sod.self"
    owner = person("owner")
    appoint(owner, Role.OWNER, system=scorer)
    with pytest.raises(Forbidden) as refusal:
        assign(actor=owner, person=owner, role=Role.DEVELOPER, system=scorer)
    assert refusal.value.code == "sod.self"


@pytest.mark.parametrize("first", BUILDING)
@pytest.mark.parametrize("second", REVIEWING)
def test_building_and_reviewing_are_never_given_on_one_system(
    governor: User, scorer: System, first: Role, second: Role
) -> None:
    for number, (one, two) in enumerate([(first, second), (second, first)]):
        holder = person(f"holder{number}")
        assign(actor=governor, person=holder, role=one, system=scorer)
        with pytest.raises(Conflict) as refusal:
            assign(actor=governor, person=holder, role=two, system=scorer)
        assert refusal.value.code == "sod.roles"


def test_the_other_side_may_be_taken_after_the_first_role_has_ended(governor: User, scorer: System) -> None:
    holder = person("holder")
    developing = assign(actor=governor, person=holder, role=Role.DEVELOPER, system=scorer)
    end_assignment(actor=governor, assignment=developing)
    assign(actor=governor, person=holder, role=Role.VALIDATOR, system=scorer)
    assert rights.can(holder, Permission.SIGN_VALIDATION, scorer)


def test_both_sides_may_be_held_where_one_comes_from_a_unit_and_the_reviewing_one_is_inert(governor: User) -> None:
    bank, holder = unit("bank"), person("holder")
    scorer = system("scorer", bank)
    assign(actor=governor, person=holder, role=Role.VALIDATOR, unit=bank)
    assign(actor=governor, person=holder, role=Role.DEVELOPER, system=scorer)
    assert not rights.can(holder, Permission.SIGN_VALIDATION, scorer)
    assert rights.recusal(holder, scorer) == "Recused: you develop this."


def test_a_new_owner_takes_over_at_the_instant_the_old_one_leaves(governor: User, scorer: System) -> None:
    first, second = person("first"), person("second")
    before = assign(actor=governor, person=first, role=Role.OWNER, system=scorer)
    after = assign(actor=governor, person=second, role=Role.OWNER, system=scorer)
    before.refresh_from_db()
    assert before.until == after.since
    assert before.ended_by == governor
    assert owners(scorer) == [second]


def test_the_same_role_is_not_given_twice(governor: User, scorer: System) -> None:
    holder = person("holder")
    assign(actor=governor, person=holder, role=Role.VIEWER, system=scorer)
    with pytest.raises(Conflict) as refusal:
        assign(actor=governor, person=holder, role=Role.VIEWER, system=scorer)
    assert refusal.value.code == "duplicate"


def test_a_role_ends_at_once_and_once(governor: User, scorer: System) -> None:
    holder = person("holder")
    given = assign(actor=governor, person=holder, role=Role.VIEWER, system=scorer)
    ended = end_assignment(actor=governor, assignment=given, reason="Left the team.")
    assert ended.ended_by == governor
    assert not rights.can(holder, Permission.SYSTEM_VIEW, scorer)
    with pytest.raises(Conflict) as refusal:
        end_assignment(actor=governor, assignment=given)
    assert refusal.value.code == "state"


def test_a_role_given_until_a_date_ends_then_by_itself(governor: User, scorer: System, clock: Clock) -> None:
    holder = person("holder")
    until = clock.freeze() + timedelta(days=30)
    assign(actor=governor, person=holder, role=Role.DEPUTY_OWNER, system=scorer, until=until)
    clock.move(timedelta(days=30) - timedelta(microseconds=1))
    assert rights.can(holder, Permission.SYSTEM_CHANGE, scorer)
    clock.move(timedelta(microseconds=1))
    assert not rights.can(holder, Permission.SYSTEM_CHANGE, scorer)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("role", {"role": "king"}),
        ("role", {"role": Role.OWNER, "system": None, "unit": "home"}),
        ("until", {"until": -1}),
        ("reason", {"reason": "x" * 501}),
        ("system", {"system": None}),
        ("system", {"unit": "home"}),
        ("person", {"person": "machine"}),
        ("person", {"person": "closed"}),
    ],
)
def test_what_no_right_could_make_acceptable_is_named(
    governor: User, scorer: System, field: str, values: dict[str, object]
) -> None:
    holder = person("holder")
    people = {
        "machine": lambda: person("machine", kind=User.Kind.MACHINE, sponsor=holder),
        "closed": lambda: person("closed", is_active=False, closed_at=portal_now()),
    }
    arguments: dict[str, object] = {"person": holder, "role": Role.VIEWER, "system": scorer, **values}
    if isinstance(arguments.get("person"), str):
        arguments["person"] = people[str(arguments["person"])]()
    if "unit" in arguments:
        arguments["unit"] = scorer.unit
    if "until" in arguments:
        arguments["until"] = portal_now() - timedelta(seconds=1)
    with pytest.raises(InvalidInput) as refusal:
        assign(actor=governor, **arguments)  # type: ignore[arg-type]
    assert set(refusal.value.errors) == {field}


def test_the_portal_itself_gives_roles_in_nobodys_name(scorer: System) -> None:
    given = assign(actor=Command("import_inventory"), person=person("holder"), role=Role.OWNER, system=scorer)
    assert given.assigned_by is None


def test_being_in_governance_is_enough_to_give_but_not_to_sign(governor: User, scorer: System) -> None:
    assert Group.objects.get(name=OrganisationRole.GOVERNANCE) in governor.groups.all()
    assert not {word for word in rights.permissions_of(governor, scorer) if word.startswith("review.")}


def test_raw_rows_that_build_and_review_are_refused_by_the_database(scorer: System) -> None:
    holder = person("holder")
    appoint(holder, Role.DEVELOPER, system=scorer)
    with pytest.raises(Conflict) as refusal:
        appoint(holder, Role.APPROVER, system=scorer)
    assert refusal.value.code == "sod.roles"


def test_a_raw_row_in_ones_own_favour_or_in_anothers_name_is_refused_by_the_database(
    governor: User, scorer: System
) -> None:
    accomplice, holder = person("accomplice"), person("holder")
    for beneficiary, giver in ((governor, None), (governor, accomplice), (holder, None), (holder, accomplice)):
        with (
            pytest.raises(Forbidden) as refusal,
            acting(governor, door=Door.WEB, verb="assignment.create"),
        ):
            Assignment.objects.create(
                person=beneficiary, role=Role.VIEWER, system=scorer, since=portal_now(), assigned_by=giver
            )
        assert refusal.value.code == "sod.self"


def test_an_organisation_role_is_not_taken_by_oneself(governor: User) -> None:
    with pytest.raises(Forbidden) as refusal, acting(governor, door=Door.WEB, verb="person.change"):
        governor.groups.add(Group.objects.get(name=OrganisationRole.EXAMINER))
    assert refusal.value.code == "sod.self"
