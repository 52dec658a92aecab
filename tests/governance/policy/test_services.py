"""Packs come into force by two people, never backwards; the first one with the portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from governance.access.models import User
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door
from governance.ledger.models import Denial, Event
from governance.lifecycle import Conflict, Forbidden, Refusal
from governance.policy.models import Pack
from governance.policy.packs import PackInvalid, shipped
from governance.policy.queries import pack_in_force, rules_in_force
from governance.policy.services import (
    adopt_at_bootstrap,
    adopt_pack,
    load_pack,
    propose_pack,
    refuse_pack,
    withdraw_pack,
)
from tests.clocks import Clock
from tests.governance.policy import records

pytestmark = pytest.mark.django_db
NEXT = shipped("baseline").replace('version: "2026.1"', 'version: "2026.2"')


def governor(username: str) -> User:
    person = records.person(username)
    with records.write():
        person.groups.add(Group.objects.get(name="governance"))
    return person


@pytest.fixture
def gina() -> User:
    return governor("gina")


@pytest.fixture
def greg() -> User:
    return governor("greg")


def load(source: str = NEXT) -> Pack:
    return load_pack(actor=Command("load_pack"), source=source)


def refused(kind: type[Refusal], code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.raises(kind, check=lambda error: error.code == code)


def test_loading_stores_a_draft_once(gina: User) -> None:
    pack = load_pack(actor=gina, source=NEXT, door=Door.ADMIN)
    assert (pack.state, str(pack), pack.source) == ("draft", "baseline 2026.2", NEXT)
    assert load_pack(actor=gina, source=NEXT + "\n# the same rules\n", door=Door.ADMIN) == pack
    assert Pack.objects.count() == 1


def test_other_content_under_the_same_version_is_refused() -> None:
    load()
    with refused(Conflict, "duplicate"):
        load(NEXT.replace("quorum: 1", "quorum: 2"))


def test_a_bad_pack_is_not_stored() -> None:
    with pytest.raises(PackInvalid):
        load(NEXT.replace("check: holds", "check: hols"))
    assert not Pack.objects.exists()


def test_two_people_bring_a_pack_into_force(gina: User, greg: User, clock: Clock) -> None:
    start = portal_now() + timedelta(days=1)
    pack = propose_pack(actor=gina, pack=load())
    adopted = adopt_pack(actor=greg, pack=pack, effective_from=start)
    assert (adopted.state, adopted.proposed_by, adopted.adopted_by) == ("adopted", gina, greg)
    assert pack_in_force() is None
    assert pack_in_force(start - timedelta(microseconds=1)) is None
    assert pack_in_force(start) == pack
    clock.move(timedelta(days=1, seconds=1))
    assert pack_in_force() == pack
    assert rules_in_force()[1].digest == pack.digest
    events = Event.objects.filter(table_name="policy_pack", key=str(pack.pk))
    verbs = list(events.order_by("id").values_list("verb", flat=True))
    assert verbs == ["pack.load", "pack.propose", "pack.adopt"]


def test_who_proposed_does_not_adopt(gina: User) -> None:
    pack = propose_pack(actor=gina, pack=load())
    with refused(Forbidden, "sod.same_person"):
        adopt_pack(actor=gina, pack=pack)
    pack.refresh_from_db()
    assert pack.state == "proposed"
    assert Denial.objects.get().code == "sod.same_person"


def test_a_pack_never_comes_into_force_backwards_or_twice_at_once(gina: User, greg: User) -> None:
    pack = propose_pack(actor=gina, pack=load())
    with refused(Conflict, "past"):
        adopt_pack(actor=greg, pack=pack, effective_from=portal_now() - timedelta(seconds=1))
    start = portal_now() + timedelta(days=1)
    adopt_pack(actor=greg, pack=pack, effective_from=start)
    other = propose_pack(actor=gina, pack=load(NEXT.replace("2026.2", "2026.3")))
    with refused(Conflict, "duplicate"):
        adopt_pack(actor=greg, pack=other, effective_from=start)


def test_refusing_sends_back_to_draft_and_forgets_who_proposed(gina: User, greg: User) -> None:
    pack = refuse_pack(actor=greg, pack=propose_pack(actor=gina, pack=load()), reason="Too strict.")
    assert (pack.state, pack.proposed_by) == ("draft", None)
    with refused(Conflict, "state"):
        adopt_pack(actor=gina, pack=pack)


def test_an_adopted_pack_is_withdrawn_before_its_date_only(gina: User, greg: User, clock: Clock) -> None:
    start = portal_now() + timedelta(days=1)
    pack = adopt_pack(actor=greg, pack=propose_pack(actor=gina, pack=load()), effective_from=start)
    clock.freeze(start)
    with refused(Conflict, "in_force"):
        withdraw_pack(actor=gina, pack=pack, reason="Too late.")
    clock.freeze(start - timedelta(microseconds=1))
    assert withdraw_pack(actor=gina, pack=pack, reason="In time.").state == "withdrawn"
    assert pack_in_force(start) is None


def test_the_newer_of_two_packs_is_in_force_and_the_older_was_before(gina: User, greg: User, clock: Clock) -> None:
    first = records.pack()
    start = portal_now() + timedelta(days=1)
    second = adopt_pack(actor=greg, pack=propose_pack(actor=gina, pack=load()), effective_from=start)
    assert pack_in_force() == first
    clock.freeze(start)
    assert pack_in_force() == second
    assert pack_in_force(start - timedelta(hours=1)) == first


def test_others_may_not_touch_packs(gina: User, greg: User) -> None:
    olga = records.person("olga")
    pack = load()
    attempts: tuple[Callable[[], Pack], ...] = (
        lambda: load_pack(actor=olga, source=NEXT),
        lambda: propose_pack(actor=olga, pack=pack),
        lambda: adopt_pack(actor=olga, pack=propose_pack(actor=gina, pack=pack)),
        lambda: refuse_pack(actor=olga, pack=pack, reason="x"),
        lambda: withdraw_pack(actor=olga, pack=pack, reason="x"),
    )
    for attempt in attempts:
        with refused(Forbidden, "forbidden"):
            attempt()


def test_the_first_pack_comes_with_the_portal_and_only_the_first() -> None:
    pack = adopt_at_bootstrap(actor=Command("bootstrap"), pack=load())
    assert pack_in_force() == pack
    assert pack.adopted_by is None
    other = load(NEXT.replace("2026.2", "2026.3"))
    with refused(Conflict, "bootstrapped"):
        adopt_at_bootstrap(actor=Command("bootstrap"), pack=other)


def test_the_command_loads_a_file_or_a_shipped_pack_and_names_bad_lines(tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_pack", "baseline-small", stdout=out)
    assert out.getvalue().startswith("baseline-small 2026.1 is stored (draft), sha256:")
    bad = tmp_path / "bad.yaml"
    bad.write_text(NEXT.replace("due_days: 7", "due_days: 0"))
    with pytest.raises(CommandError, match=r"line \d+: findings.severities.0.due_days"):
        call_command("load_pack", str(bad))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_pack", str(tmp_path / "none.yaml"))
    assert Pack.objects.count() == 1
