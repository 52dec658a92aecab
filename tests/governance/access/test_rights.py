"""Who may do what, what a person sees, who holds a right: one answer, whichever way it is asked."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from guardian.core import ObjectPermissionChecker
from guardian.shortcuts import assign_perm, get_objects_for_user, get_users_with_perms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from governance.access import rights
from governance.access.models import RolePermission, User
from governance.access.roles import ORGANISATION_PERMISSIONS, ROLE_PERMISSIONS
from governance.access.vocabulary import OrganisationRole, Permission, Role
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden
from inventory.models import Assignment, Release, System, Unit, UnitClosure
from tests.clocks import Clock
from tests.governance.access.people import appoint, person, system, unit
from tests.loosening import loosen

EXAMPLES = min(int(os.environ.get("RACES", "10")), 100)
# A word of every kind: all roles, one reviewing role, building roles, organisation-wide, operator.
WORDS = (
    Permission.SYSTEM_VIEW,
    Permission.SIGN_VALIDATION,
    Permission.RELEASE_CHANGE,
    Permission.PACK_CHANGE,
    Permission.LEDGER_VIEW,
    Permission.HOLD_PLACE,
)
ROLES_ON_UNITS = [role for role in Role if role is not Role.OWNER]


def test_every_role_has_exactly_its_permissions_in_the_table(db: None) -> None:
    table: dict[str, set[str]] = {}
    for row in RolePermission.objects.select_related("permission"):
        table.setdefault(row.role, set()).add(row.permission.codename)
    assert table == {role.value: {word.value for word in words} for role, words in ROLE_PERMISSIONS.items()}


def test_every_organisation_role_is_a_group_with_exactly_its_permissions(db: None) -> None:
    groups = {g.name: set(g.permissions.values_list("codename", flat=True)) for g in Group.objects.all()}
    assert groups == {role.value: {w.value for w in words} for role, words in ORGANISATION_PERMISSIONS.items()}


def test_somebody_without_a_role_has_nothing_and_sees_nothing(db: None) -> None:
    outsider, scorer = person("outsider"), system("scorer")
    assert rights.permissions_of(outsider, scorer) == frozenset()
    assert not rights.visible(outsider, System.objects.all()).exists()
    with pytest.raises(rights.NotVisible):
        rights.require(outsider, Permission.SYSTEM_VIEW, scorer)


def test_nobody_who_is_not_signed_in_has_a_right(db: None) -> None:
    scorer = system("scorer")
    assert rights.permissions_of(AnonymousUser(), scorer) == frozenset()
    assert not rights.visible(AnonymousUser(), System.objects.all()).exists()


@pytest.mark.parametrize("role", list(Role))
def test_a_role_on_a_system_gives_its_permissions_there_and_nowhere_else(db: None, role: Role) -> None:
    holder, here, elsewhere = person("holder"), system("here"), system("elsewhere")
    appoint(holder, role, system=here)
    assert rights.permissions_of(holder, here) == ROLE_PERMISSIONS[role]
    assert rights.permissions_of(holder, elsewhere) == frozenset()
    assert rights.permissions_of(holder) == frozenset()


def test_a_role_on_a_unit_covers_everything_below_it_and_nothing_beside_it(db: None) -> None:
    bank = unit("bank")
    cards, fraud = unit("cards", bank), unit("fraud", bank)
    below = unit("disputes", cards)
    deep, beside = system("deep", below), system("beside", fraud)
    validator = person("validator")
    appoint(validator, Role.VALIDATOR, unit=cards)
    assert rights.can(validator, Permission.SIGN_VALIDATION, deep)
    assert rights.can(validator, Permission.SYSTEM_VIEW, below)
    assert not rights.can(validator, Permission.SYSTEM_VIEW, beside)
    assert set(rights.visible(validator, System.objects.all())) == {deep}


def test_a_unit_that_moves_takes_its_rights_along(db: None) -> None:
    old, new, moved = unit("old"), unit("new"), unit("moved")
    moved.parent = old
    moved.save()
    scorer, viewer = system("scorer", moved), person("viewer")
    appoint(viewer, Role.VIEWER, unit=old)
    assert rights.can(viewer, Permission.SYSTEM_VIEW, scorer)
    Unit.objects.filter(pk=moved.pk).update(parent=new)
    assert not rights.can(viewer, Permission.SYSTEM_VIEW, scorer)
    assert set(UnitClosure.objects.filter(descendant=moved).values_list("ancestor_id", flat=True)) == {moved.pk, new.pk}


def test_a_unit_cannot_be_hung_below_itself(db: None) -> None:
    top = unit("top")
    bottom = unit("bottom", unit("middle", top))
    with pytest.raises(DatabaseError, match="below itself"), transaction.atomic():
        Unit.objects.filter(pk=top.pk).update(parent=bottom)


def test_the_spread_of_the_tree_cannot_be_written_by_hand(db: None) -> None:
    one, other = unit("one"), unit("other")
    with pytest.raises(DatabaseError, match=r"permission denied|kept by the portal"), transaction.atomic():
        UnitClosure.objects.create(ancestor=one, descendant=other)
    with pytest.raises(DatabaseError, match=r"permission denied|kept by the portal"), transaction.atomic():
        UnitClosure.objects.all()._raw_delete("default")


def test_an_assignment_counts_from_its_first_instant_and_not_at_its_last(clock: Clock) -> None:
    start = clock.freeze()
    viewer, scorer = person("viewer"), system("scorer")
    appoint(viewer, Role.VIEWER, system=scorer, since=start, until=start + timedelta(hours=1))
    assert rights.can(viewer, Permission.SYSTEM_VIEW, scorer)
    clock.move(timedelta(hours=1) - timedelta(microseconds=1))
    assert rights.can(viewer, Permission.SYSTEM_VIEW, scorer)
    clock.move(timedelta(microseconds=1))
    assert not rights.can(viewer, Permission.SYSTEM_VIEW, scorer)
    assert not rights.visible(viewer, System.objects.all()).exists()
    assert viewer not in rights.holders(Permission.SYSTEM_VIEW, scorer)


def test_a_role_that_begins_tomorrow_gives_nothing_today(db: None) -> None:
    viewer, scorer = person("viewer"), system("scorer")
    appoint(viewer, Role.VIEWER, system=scorer, since=portal_now() + timedelta(days=1))
    assert not rights.can(viewer, Permission.SYSTEM_VIEW, scorer)


@pytest.mark.parametrize("gone", [{"is_active": False}, {"is_active": False, "closed_at": "now"}])
def test_an_inactive_or_closed_person_has_nothing_even_while_logged_in(db: None, gone: dict[str, Any]) -> None:
    holder, scorer = person("holder"), system("scorer")
    appoint(holder, Role.OWNER, system=scorer)
    holder.groups.add(Group.objects.get(name=OrganisationRole.GOVERNANCE))
    values = {key: portal_now() if value == "now" else value for key, value in gone.items()}
    User.objects.filter(pk=holder.pk).update(**values, is_superuser=True)
    stale = holder  # what a request loaded before he was closed
    assert rights.permissions_of(stale, scorer) == frozenset()
    fresh = User.objects.get(pk=holder.pk)
    assert rights.permissions_of(fresh, scorer) == frozenset()
    assert not rights.visible(fresh, System.objects.all()).exists()
    assert holder not in rights.holders(Permission.SYSTEM_VIEW, scorer)


def test_a_superuser_sees_and_decides_nothing(db: None) -> None:
    operator, scorer = person("operator", is_superuser=True), system("scorer")
    assert rights.permissions_of(operator, scorer) == {Permission.SYSTEM_VIEW, Permission.LEDGER_VIEW}
    assert list(rights.visible(operator, System.objects.all())) == [scorer]
    assert not rights.visible(operator, System.objects.all(), Permission.SIGN_APPROVAL).exists()
    with pytest.raises(Forbidden):
        rights.require(operator, Permission.SIGN_APPROVAL, scorer)
    assert operator in rights.holders(Permission.SYSTEM_VIEW, scorer)
    assert operator not in rights.holders(Permission.SIGN_APPROVAL, scorer)


@pytest.mark.parametrize("building", [Role.DEPUTY_OWNER, Role.DEVELOPER])
@pytest.mark.parametrize("reviewing", [Role.VALIDATOR, Role.AUDITOR, Role.APPROVER])
def test_a_reviewing_role_is_inert_where_its_holder_builds(db: None, building: Role, reviewing: Role) -> None:
    bank = unit("bank")
    built, other = system("built", bank), system("other", bank)
    both = person("both")
    appoint(both, reviewing, unit=bank)
    appoint(both, building, system=built)
    assert rights.permissions_of(both, built) == ROLE_PERMISSIONS[building]
    assert rights.permissions_of(both, other) == ROLE_PERMISSIONS[reviewing]
    assert rights.recusal(both, built) in {"Recused: you own this.", "Recused: you develop this."}
    assert rights.recusal(both, other) is None
    signing = next(word for word in ROLE_PERMISSIONS[reviewing] if word.startswith("review."))
    assert list(rights.visible(both, System.objects.all(), signing)) == [other]
    assert both not in rights.holders(signing, built)
    with pytest.raises(Forbidden, match="Recused"):
        rights.require(both, signing, built)


def test_a_machine_without_its_token_has_nothing(db: None) -> None:
    sponsor, scorer = person("sponsor"), system("scorer")
    appoint(sponsor, Role.OWNER, system=scorer)
    machine = person("machine", kind=User.Kind.MACHINE, sponsor=sponsor)
    appoint(machine, Role.VIEWER, system=scorer)
    assert rights.permissions_of(machine, scorer) == frozenset()
    assert machine not in rights.holders(Permission.SYSTEM_VIEW, scorer)


def test_what_hangs_on_a_system_inherits_its_rights(db: None) -> None:
    developer, here, elsewhere = person("developer"), system("here"), system("elsewhere")
    appoint(developer, Role.DEVELOPER, system=here)
    releases = [
        Release.objects.create(
            system=s, version="1", created_by=developer, created_at=portal_now(), updated_at=portal_now()
        )
        for s in (here, elsewhere)
    ]
    assert list(rights.visible(developer, Release.objects.all())) == releases[:1]
    assert rights.can(developer, Permission.RELEASE_CHANGE, releases[0])
    assert not rights.can(developer, Permission.RELEASE_CHANGE, releases[1])


def test_asking_costs_one_statement_and_a_list_two(db: None) -> None:
    bank, viewer = unit("bank"), person("viewer")
    systems = [system(f"s{n}", bank) for n in range(30)]
    appoint(viewer, Role.VIEWER, unit=bank)
    appoint(viewer, Role.DEVELOPER, system=systems[0])
    with CaptureQueriesContext(connection) as queries:
        rights.permissions_of(viewer, systems[5])
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        assert len(rights.visible(viewer, System.objects.all())) == 30
    assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        assert len(rights.permissions_on(viewer, systems)) == 30
    assert len(queries) == 2


def test_guardian_gives_the_same_answers(db: None) -> None:
    bank = unit("bank")
    here, beside = system("here", bank), system("beside")
    validator, examiner = person("validator"), person("examiner")
    appoint(validator, Role.VALIDATOR, unit=bank)
    examiner.groups.add(Group.objects.get(name=OrganisationRole.EXAMINER))
    assert validator.has_perm("inventory.review.sign_validation", here)
    assert not validator.has_perm("inventory.review.sign_validation", beside)
    assert examiner.has_perm("inventory.system.view", here)
    assert list(get_objects_for_user(validator, "inventory.system.view")) == [here]
    assert set(get_objects_for_user(examiner, "inventory.system.view")) == {here, beside}
    assert validator in get_users_with_perms(here)
    checker = ObjectPermissionChecker(validator)
    checker.prefetch_perms(System.objects.all())
    with CaptureQueriesContext(connection) as queries:
        assert checker.has_perm("inventory.review.sign_validation", here)
        assert not checker.has_perm("inventory.review.sign_validation", beside)
    assert len(queries) == 0


def test_guardian_cannot_grant_anything(db: None) -> None:
    outsider, scorer = person("outsider"), system("scorer")
    group = Group.objects.get(name=OrganisationRole.EXAMINER)
    for grantee, obj in product((outsider, group), (scorer, scorer.unit)):
        with pytest.raises(DatabaseError), transaction.atomic():
            assign_perm("inventory.review.sign_approval" if obj is scorer else "inventory.view_unit", grantee, obj)
    with pytest.raises(DatabaseError), transaction.atomic():
        assign_perm("inventory.system.view", outsider)
    assert rights.permissions_of(outsider, scorer) == frozenset()


def test_an_assignment_is_ended_never_changed_nor_backdated(clock: Clock) -> None:
    holder, other, scorer = person("holder"), person("other"), system("scorer")
    assignment = appoint(holder, Role.DEVELOPER, system=scorer)
    row = Assignment.objects.filter(pk=assignment.pk)
    now = clock.move(timedelta(days=30))
    for change in ({"person": other}, {"role": "validator"}, {"since": now}, {"until": now - timedelta(days=29)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(**change)
    row.update(until=now)
    clock.move(timedelta(days=1))
    for again in (None, clock.now()):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(until=again)


class Agreement(TestCase):
    """Random trees, roles and people: every way of asking gives the same answer."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_all_questions_agree(self, data: st.DataObject) -> None:
        units: list[Unit] = []
        for number in range(data.draw(st.integers(1, 5))):
            parent = data.draw(st.sampled_from([None, *units]))
            units.append(unit(f"u{number}", parent))
        systems = [system(f"s{n}", data.draw(st.sampled_from(units))) for n in range(data.draw(st.integers(1, 4)))]
        people = [person(f"p{n}", is_superuser=data.draw(st.booleans()) and n == 0) for n in range(3)]
        now = portal_now()
        loosen(r"\.inventory_role_dated$")  # roles of the past are drawn too
        for _ in range(data.draw(st.integers(0, 8))):
            on_system = data.draw(st.booleans())
            span = data.draw(st.sampled_from([(-2, None), (-2, -1), (-2, 1), (1, None)]))
            whom, role = data.draw(st.sampled_from(people)), data.draw(st.sampled_from(ROLES_ON_UNITS))
            place: dict[str, Any] = {"system": data.draw(st.sampled_from(systems))} if on_system else {}
            with suppress(Conflict):  # nobody builds and reviews one system by direct roles
                appoint(
                    whom, role, since=now + timedelta(days=span[0]),
                    until=None if span[1] is None else now + timedelta(days=span[1]),
                    **(place or {"unit": data.draw(st.sampled_from(units))}),
                )  # fmt: skip
        for everywhere in OrganisationRole:
            for someone in data.draw(st.sets(st.sampled_from(range(3)), max_size=1)):
                people[someone].groups.add(Group.objects.get(name=everywhere))
        if data.draw(st.booleans()):
            User.objects.filter(pk=people[1].pk).update(is_active=False)
        if len(units) > 1 and data.draw(st.booleans()):
            Unit.objects.filter(pk=units[-1].pk).update(parent=data.draw(st.sampled_from([None, *units[:-1]])))
        self._compare(systems, units)

    def _compare(self, systems: list[System], units: list[Unit]) -> None:
        everybody = list(User.objects.all())
        held = {(p.pk, thing): rights.permissions_of(p, thing) for p in everybody for thing in [*systems, *units]}
        for someone in everybody:
            many = rights.permissions_on(someone, systems)
            for system_ in systems:
                assert many[system_.pk] == held[someone.pk, system_]
                if not someone.is_superuser:
                    granted = set(ObjectPermissionChecker(someone).get_perms(system_))
                    assert held[someone.pk, system_] == granted
            for word in WORDS:
                for things in (systems, units):
                    seen = set(rights.visible(someone, type(things[0])._default_manager.all(), word))
                    assert seen == {thing for thing in things if word in held[someone.pk, thing]}
                self._compare_slices(rights.Sight(someone, word), [s for s in systems if word in held[someone.pk, s]])
            self._compare_reading(someone)
        for word, thing in product(WORDS, [*systems, *units]):
            assert set(rights.holders(word, thing)) == {p for p in everybody if word in held[p.pk, thing]}

    def _compare_reading(self, someone: User) -> None:
        """A page, which fetches the person's roles once for all rights, finds the same reach."""
        asked = {word: vars(rights.reach_of(someone, word)) for word in WORDS}
        with rights.one_reading():
            assert {word: vars(rights.reach_of(someone, word)) for word in WORDS} == asked

    def _compare_slices(self, sight: rights.Sight, seen: list[System]) -> None:
        """A list shown a slice at a time shows the same rows, each once, however few are asked for."""
        everything = System.objects.annotate(unit_name=F("unit__name"))
        for most in (1, 3, 9):
            newest = sorted(seen, key=lambda system: -system.pk)[:most]
            assert (
                sight.first(everything, ["-updated_at", "-id"], most)
                == sorted(seen, key=lambda system: (system.updated_at, system.pk), reverse=True)[:most]
            )
            assert sight.first(everything, ["-id"], most) == newest
            assert sight.count(everything, most) == min(len(seen), most)
        assert {unit.pk for unit in sight.units()} == {system.unit_id for system in seen}
        one = everything.filter(slug="s0")
        assert sight.first(one, ["id"], 5) == [system for system in seen if system.slug == "s0"]


def test_a_page_asks_once_and_whoever_acts_asks_anew(db: None) -> None:
    scorer, olga = system("scorer"), person("olga")
    held = appoint(olga, Role.OWNER, system=scorer)

    def answers() -> tuple[bool, bool]:
        seen = rights.visible(olga, System.objects.all()).exists()
        return rights.can(olga, Permission.RELEASE_CHANGE, scorer), seen

    with rights.one_reading():
        assert answers() == (True, True)
        with CaptureQueriesContext(connection) as again:
            assert answers() == (True, True)
        assert len(again) == 1  # the rows themselves
        end(held)
        assert answers() == (True, True)
        with acting(olga, door=Door.WEB, verb="system.change"):
            assert answers() == (False, False)
    assert answers() == (False, False)


def test_a_page_fetches_the_roles_of_a_person_once_however_many_rights_it_asks_for(db: None) -> None:
    scorer, olga = system("scorer"), person("olga")
    appoint(olga, Role.OWNER, system=scorer)
    with rights.one_reading(), CaptureQueriesContext(connection) as asked:
        seen = {word: rights.Sight(olga, word) for word in Permission}
    assert len(asked) == 3  # organisation-wide rights, roles, what these give
    for word, sight in seen.items():
        found = sight.rows(System.objects.all())
        assert set(found) == set(rights.visible(olga, System.objects.all(), word))


def end(assignment: Assignment) -> None:
    """It ends now."""
    with acting(Command("test"), door=Door.COMMAND, verb="assignment.end"):
        Assignment.objects.filter(pk=assignment.pk).update(until=portal_now())
