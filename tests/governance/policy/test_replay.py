"""What a pack would change: said beforehand, the same each time, and on the day exactly that."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance import canonical
from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from governance.database.clock import portal_now
from governance.ledger.acting import Command
from governance.policy.decide import decide
from governance.policy.packs import parse, shipped
from governance.policy.queries import facts_of_inventory, pack_in_force, rules
from governance.policy.services import adopt_pack, load_pack, propose_pack
from tests.clocks import Clock
from tests.governance.access.people import join
from tests.governance.policy import records

pytestmark = pytest.mark.django_db
KEYS = ["pack", "digest", "systems", "opened", "closed", "tiers", "reviews", "documents"]
PLAN = """    - id: exit-plan
      title: Exit plan
      purpose: How to do without it
      tiers: [high]
      sections:
        - id: steps
          title: Steps
"""


def stricter() -> str:
    """The baseline, asking the high tier for one document more."""
    return shipped("baseline").replace('version: "2026.1"', 'version: "2027.1"').replace(
        "documents:\n  templates:\n", f"documents:\n  templates:\n{PLAN}"
    )  # fmt: skip


@pytest.fixture
def olga() -> User:
    """The owner of two running systems: a high one with all papers, and a low one."""
    records.pack()
    owner = records.person("olga")
    for slug, answers in (("fraud-scorer", records.HIGH_ANSWERS), ("lunch-menu", records.ANSWERS)):
        made = records.system(slug, answers=answers, owner=owner)
        records.submission(records.release(made, owner), owner, state="approved", days=90)
    return owner


def told(file: Path) -> dict[str, Any]:
    out = StringIO()
    call_command("policy_replay", str(file), "--json", stdout=out, stderr=StringIO())
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def written(folder: Path, source: str) -> Path:
    file = folder / "pack.yaml"
    file.write_text(source, encoding="utf-8")
    return file


def gates() -> dict[tuple[str, str, str], bool]:
    """What the pack in force says of every gate now."""
    pack = pack_in_force()
    assert pack is not None
    found = rules(pack)
    return {
        (facts.system.slug, facts.release.version, place.id): decide(facts, found, place, portal_now()).allowed
        for facts in facts_of_inventory()
        if facts.system and facts.release
        for place in found.document.environments
    }


def test_a_stricter_pack_names_every_gate_it_closes_and_only_those(olga: User, tmp_path: Path) -> None:
    report = told(written(tmp_path, stricter()))
    assert list(report) == KEYS
    assert report["pack"] == "baseline 2027.1"
    assert {(gate["system"], tuple(gate["requirements"])) for gate in report["closed"]} == {
        ("fraud-scorer", ("documents",))
    }
    assert [gate["environment"] for gate in report["closed"]] == sorted(
        environment.id for environment in parse(shipped("baseline")).environments
    )
    assert (report["systems"], report["opened"], report["tiers"]) == (2, [], [])
    assert (report["reviews"], report["documents"]) == (0, 1)


def test_the_pack_in_force_changes_nothing(olga: User, tmp_path: Path) -> None:
    report = told(written(tmp_path, shipped("baseline")))
    assert (report["opened"], report["closed"], report["tiers"]) == ([], [], [])
    assert (report["reviews"], report["documents"]) == (0, 0)


def test_a_laxer_pack_names_what_opens(olga: User, tmp_path: Path) -> None:
    lax = shipped("baseline")
    strict = load_pack(actor=Command("test"), source=stricter())
    gina, greg = (join(records.person(name), OrganisationRole.GOVERNANCE) for name in ("gina", "greg"))
    adopt_pack(actor=greg, pack=propose_pack(actor=gina, pack=strict))
    report = told(written(tmp_path, lax))
    assert {gate["system"] for gate in report["opened"]} == {"fraud-scorer"}
    assert {tuple(gate["requirements"]) for gate in report["opened"]} == {("documents",)}
    assert (report["closed"], report["documents"]) == ([], 0)


def test_a_tier_that_moves_costs_every_review_of_the_new_one(olga: User, tmp_path: Path) -> None:
    source = stricter().replace(
        "  rules:\n",
        "  rules:\n    - id: nothing-is-low\n      title: Nothing is low\n      when: {people-affected: [nothing]}\n"
        "      at_least: high\n      why: Because\n",
        1,
    )
    report = told(written(tmp_path, source))
    assert report["tiers"] == [{"system": "lunch-menu", "from": "low", "to": "high"}]
    assert {gate["system"] for gate in report["closed"]} == {"fraud-scorer", "lunch-menu"}
    assert report["reviews"] == len(parse(shipped("baseline")).stages_for("high"))
    assert report["documents"] > 1


def test_twice_is_the_same_bytes_and_nothing_is_written(olga: User, tmp_path: Path) -> None:
    file = written(tmp_path, stricter())
    with CaptureQueriesContext(connection) as caught:
        first = told(file)
    assert not [query["sql"] for query in caught if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    second = told(file)
    assert json.dumps(first) == json.dumps(second)
    rest = {key: value for key, value in first.items() if key != "digest"}
    policy = canonical.digest(parse(stricter()).model_dump(mode="json", exclude_unset=True))
    assert first["digest"] == canonical.digest({**rest, "policy": policy})


def test_adopted_for_a_day_it_changes_nothing_before_and_exactly_the_named_gates_then(
    olga: User, tmp_path: Path, clock: Clock
) -> None:
    clock.freeze()
    named = {(gate["system"], gate["release"], gate["environment"]) for gate in
             told(written(tmp_path, stricter()))["closed"]}  # fmt: skip
    before = gates()
    gina, greg = (join(records.person(name), OrganisationRole.GOVERNANCE) for name in ("gina", "greg"))
    pack = propose_pack(actor=gina, pack=load_pack(actor=gina, source=stricter()))
    day = portal_now() + timedelta(days=10)
    adopt_pack(actor=greg, pack=pack, effective_from=day)
    assert gates() == before
    clock.freeze(day - timedelta(microseconds=1))
    assert gates() == before
    clock.freeze(day)
    after = gates()
    assert {gate for gate in before if before[gate] != after[gate]} == named
    assert not any(after[gate] for gate in named)


def test_a_bad_file_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="line "):
        told(written(tmp_path, shipped("baseline").replace("due_days: 7", "due_days: 0")))
    with pytest.raises(CommandError, match="cannot be read"):
        told(tmp_path / "none.yaml")


def test_the_inventory_is_read_in_batches(olga: User) -> None:
    found = list(facts_of_inventory(1))
    assert [facts.system.slug for facts in found if facts.system] == ["fraud-scorer", "lunch-menu"]
    with CaptureQueriesContext(connection) as caught:
        list(facts_of_inventory(1))
    assert len(caught) == 3
