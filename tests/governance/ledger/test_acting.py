"""Who, through which door, why: acting() and what it leaves in the ledger."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from governance.access.models import User
from governance.ledger.acting import Command, Door, acting, explain
from governance.ledger.models import Block, Denial, Event, Head, Link, Pending
from governance.lifecycle import Conflict, Forbidden, Reason
from inventory.models import Release, Unit
from tests.governance.ledger.people import at_work, make_person, make_system, make_unit


@pytest.mark.django_db(transaction=True)
def test_a_write_is_recorded_with_who_door_verb_and_images_and_is_sealed_when_it_commits() -> None:
    person = make_person()
    with acting(person, door=Door.WEB, verb="unit.create", reason="reorganisation"):
        unit = Unit.objects.create(name="Retail", slug="retail")
    event = Event.objects.get(table_name="inventory_unit", key=str(unit.pk))
    assert (event.actor_id, event.actor_kind, event.actor_name) == (person.pk, "human", person.name)
    assert (event.door, event.verb, event.reason, event.op) == ("web", "unit.create", "reorganisation", "I")
    assert event.before is None
    assert event.after == {"id": unit.pk, "name": "Retail", "slug": "retail", "parent_id": None}
    assert event.link.block_id == Head.objects.get().height
    assert not Pending.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_block_holds_what_one_transaction_wrote() -> None:
    with at_work():
        first = Unit.objects.create(name="One", slug="one")
        Unit.objects.create(name="Two", slug="two")
        Unit.objects.filter(pk=first.pk).update(name="Uno")
    block = Block.objects.latest("height")
    assert block.n == 3
    assert list(block.links.order_by("event_id").values_list("event__op", flat=True)) == ["I", "I", "U"]


@pytest.mark.django_db
def test_inside_a_surrounding_transaction_the_block_is_sealed_when_acting_ends() -> None:
    unit = make_unit()
    assert Link.objects.filter(event__table_name="inventory_unit", event__key=str(unit.pk)).exists()


@pytest.mark.django_db
def test_a_write_outside_acting_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.acting', '', true)")
    with pytest.raises(IntegrityError, match="nobody is named as acting"), transaction.atomic():
        Unit.objects.create(name="Nobody", slug="nobody")


@pytest.mark.django_db
def test_after_acting_nobody_is_named_any_more() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.acting', '', true)")
    make_unit()
    with pytest.raises(IntegrityError, match="nobody is named as acting"), transaction.atomic():
        Unit.objects.create(name="Nobody", slug="nobody")


@pytest.mark.django_db
def test_a_nested_call_joins_under_its_own_verb_and_gives_the_outer_one_back() -> None:
    person = make_person()
    with acting(person, door=Door.API, verb="system.create", reason="new"):
        with acting(Command("other"), door=Door.COMMAND, verb="unit.create"):
            inner = Unit.objects.create(name="Inner", slug="inner")
        outer = Unit.objects.create(name="Outer", slug="outer")
    events = {event.key: event for event in Event.objects.filter(table_name="inventory_unit")}
    assert (events[str(inner.pk)].verb, events[str(inner.pk)].actor_id) == ("unit.create", person.pk)
    assert (events[str(inner.pk)].door, events[str(inner.pk)].reason) == ("api", "new")
    assert events[str(outer.pk)].verb == "system.create"


@pytest.mark.django_db
def test_a_change_of_only_secret_or_volatile_columns_is_no_event_and_needs_nobody() -> None:
    person = make_person()
    before = Event.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.acting', '', true)")
    person.session_version += 1
    person.last_login = timezone.now()
    person.theme = "dark"
    person.save()
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_secrets_never_enter_and_personal_fields_enter_as_keyed_digests() -> None:
    person = make_person(name="Ada Canary", email="canary@example.org", password="hash-canary")
    twin = make_person(name="Ada Canary")
    events = Event.objects.filter(table_name="access_user", op="I").order_by("id")
    text = " ".join(str(event.after) for event in events)
    assert "anary" not in text
    assert str(person.salt) not in text
    first, second = (event.after or {} for event in events)
    assert first["name"].startswith("keyed:")
    assert first["name"] != second["name"]
    assert not {"password", "salt", "last_login", "theme"} & first.keys()
    assert twin.name == person.name


@pytest.mark.django_db
def test_an_event_names_the_system_its_row_belongs_to() -> None:
    system, person = make_system(), make_person()
    with at_work("release.create"):
        release = Release.objects.create(
            system=system, version="1", created_by=person, created_at=system.created_at, updated_at=system.updated_at
        )
        release.artifacts.create(name="model", kind="model", sha256="0" * 64)
    tables = ["inventory_artifact", "inventory_release", "inventory_system"]
    recorded = Event.objects.filter(system_id=system.pk).order_by("table_name")
    assert list(recorded.values_list("table_name", flat=True)) == tables


@pytest.mark.django_db
def test_leaving_a_group_is_recorded_with_what_was_removed() -> None:
    person = make_person()
    with at_work():
        group = Group.objects.get(name="examiner")
        person.groups.add(group)
        person.groups.remove(group)
    event = Event.objects.filter(table_name="access_user_groups").latest("id")
    assert (event.op, event.after) == ("D", None)
    assert event.before is not None
    assert event.before["user_id"] == person.pk


@pytest.mark.django_db
def test_a_governed_row_is_not_deleted() -> None:
    unit = make_unit()
    with pytest.raises(Conflict, match="nothing of them is ever deleted"), at_work():
        unit.delete()


@pytest.mark.django_db
def test_a_primary_key_never_changes() -> None:
    unit = make_unit()
    with pytest.raises(Conflict), at_work():
        Unit.objects.filter(pk=unit.pk).update(id=unit.pk + 1000)


@pytest.mark.django_db
def test_a_state_moves_only_along_its_machine() -> None:
    system, person = make_system(), make_person()
    stamps = {"created_by": person, "created_at": system.created_at, "updated_at": system.updated_at}
    with at_work():
        release = Release.objects.create(system=system, version="1", **stamps)
    with pytest.raises(Conflict) as caught, at_work():
        Release.objects.filter(pk=release.pk).update(state="approved")
    assert caught.value.code == "state"
    with pytest.raises(Conflict), at_work():
        Release.objects.create(system=system, version="2", state="approved", **stamps)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_rolls_everything_back_and_leaves_one_denial() -> None:
    person = make_person()
    events = Event.objects.count()

    def attempt() -> None:
        with acting(person, door=Door.WEB, verb="unit.create"):
            Unit.objects.create(name="Retail", slug="retail")
            with acting(person, door=Door.WEB, verb="unit.change"):
                raise Forbidden(Reason("forbidden", "You need the right."), Reason("sod.owner", "You own it."))

    with pytest.raises(Forbidden):
        attempt()
    denial = Denial.objects.get()
    assert (denial.actor_id, denial.kind, denial.code, denial.verb) == (
        person.pk,
        "forbidden",
        "forbidden",
        "unit.create",
    )
    assert [reason["code"] for reason in denial.reasons] == ["forbidden", "sod.owner"]
    assert not Unit.objects.exists()
    recorded = Event.objects.get(table_name="ledger_denial", op="B")
    assert recorded.after is not None
    assert (recorded.op, recorded.after["rows"]) == ("B", 1)
    assert Event.objects.count() == events + 1


@pytest.mark.django_db
def test_a_refusal_inside_a_surrounding_transaction_leaves_its_denial_too() -> None:
    with pytest.raises(Conflict), at_work():
        raise Conflict(Reason("stale", "Something changed."))
    assert Denial.objects.get().code == "stale"


@pytest.mark.django_db
def test_a_violated_constraint_is_told_in_the_words_registered_for_it() -> None:
    explain("unit_not_own_parent", Forbidden, "sod.parent", "A unit cannot be its own parent.")
    unit = make_unit()
    with pytest.raises(Forbidden, match="own parent"), at_work():
        Unit.objects.filter(pk=unit.pk).update(parent=unit)


@pytest.mark.django_db
def test_a_duplicate_is_told_in_the_words_of_the_model() -> None:
    make_unit("Retail")
    with pytest.raises(Conflict, match="already has a part of that name"):
        make_unit("retail")


def test_an_unknown_verb_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="no verb"), acting(Command("x"), door=Door.JOB, verb="unit.explode"):
        pass


def test_an_account_that_is_not_saved_cannot_act() -> None:
    with pytest.raises(ValueError, match="not saved"), acting(User(username="x"), door=Door.WEB, verb="unit.create"):
        pass
