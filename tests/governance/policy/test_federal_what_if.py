"""A stricter pack tried on the federal inventory names the gates that will change, and on the day exactly those do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.policy.services import adopt_pack, load_pack, propose_pack
from governance.validation.services import submit_release
from inventory.models import System, Unit
from inventory.services import answer_questionnaire
from inventory.services.artifacts import ArtifactInput
from inventory.services.releases import create_release
from tests.clocks import Clock
from tests.governance.access.people import appoint, join, person
from tests.governance.policy import records
from tests.governance.policy.test_replay import gates, stricter, told, written
from tests.governance.validation.scene import open_review, sign
from tests.papers import write_papers

pytestmark = [pytest.mark.shared, pytest.mark.django_db]

FILE = "2024_consolidated_ai_inventory_raw_v2.csv"
LOW = records.ANSWERS
UNFAMILIAR = {**LOW, "novelty": "familiar"}
MEDIUM = {**LOW, "essential": "yes"}
SAMPLE: Mapping[str, tuple[Mapping[str, str], int]] = {"low": (LOW, 30), "unfamiliar": (UNFAMILIAR, 15),
                                                       "medium": (MEDIUM, 15)}  # fmt: skip
SIGNERS = {"validator": Role.VALIDATOR, "approver": Role.APPROVER}


def pack() -> str:
    """The baseline, asking the middle tier for one document more and putting unfamiliar systems there."""
    return (
        stricter()
        .replace(
            "tiers: [high]\n      sections:\n        - id: steps",
            "tiers: [medium]\n      sections:\n        - id: steps",
        )
        .replace(
            "  rules:\n",
            "  rules:\n    - id: unfamiliar\n      title: Unfamiliar\n      when: {novelty: [familiar]}\n"
            "      at_least: medium\n      why: Nobody here has run it for years.\n",
            1,
        )
    )


def imported(folder: Path) -> list[System]:
    """The federal inventory, taken in."""
    with acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        Unit.objects.get_or_create(slug="bank", defaults={"name": "Bank"})
    call_command("import_inventory", str(folder / "federal-2024" / FILE), "--mapping", "omb-2024", "--json",
                 stdout=StringIO())  # fmt: skip
    return list(System.objects.order_by("id"))


def approve(system: System, owner: User, answers: Mapping[str, str], people: Mapping[str, User]) -> None:
    """Describe, submit and sign a release of an imported system, as people do."""
    appoint(owner, Role.OWNER, system=system)
    for name, role in SIGNERS.items():
        appoint(people[name], role, system=system)
    system = answer_questionnaire(actor=owner, system=system, answers=dict(answers))
    write_papers(system, owner)
    artifact = ArtifactInput(name="model", kind="model", version="1", sha256=f"{system.pk:064x}")
    release = create_release(actor=owner, system=system, version="1.0", artifacts=[artifact])
    submission = submit_release(actor=owner, release=release)
    while review := open_review(submission):
        sign(people[review.role], review)


def test_a_stricter_pack_over_the_federal_inventory_names_what_changes_and_on_the_day_exactly_that_changes(
    shared_data: Path, tmp_path: Path, clock: Clock
) -> None:
    records.pack()
    systems = imported(shared_data)
    people = {name: person(name) for name in SIGNERS}
    running = [system for system in systems if system.phase != "retired"]
    owner, remaining = person("olga"), iter(running[:: len(running) // 60])
    given = {kind: [next(remaining) for _ in range(count)] for kind, (_, count) in SAMPLE.items()}
    for kind, chosen in given.items():
        for system in chosen:
            approve(system, owner, SAMPLE[kind][0], people)
    clock.freeze()
    before = gates()
    assert len(before) == 60 * 4
    assert all(before.values())

    file = written(tmp_path, pack())
    report = told(file)
    assert report == told(file)
    assert report["systems"] == len(systems) == 2133
    expected = {
        (system.slug, "1.0", place) for kind in ("unfamiliar", "medium") for system in given[kind]
        for place in ("development", "staging", "canary", "production")
    }  # fmt: skip
    named = {(gate["system"], gate["release"], gate["environment"]): gate["requirements"] for gate in report["closed"]}
    assert named.keys() == expected
    assert report["opened"] == []
    assert {move["system"] for move in report["tiers"]} == {system.slug for system in given["unfamiliar"]}
    assert {tuple(named[system.slug, "1.0", "canary"]) for system in given["medium"]} == {("documents",)}

    gina, greg = (join(person(name), OrganisationRole.GOVERNANCE) for name in ("gina", "greg"))
    proposed = propose_pack(actor=gina, pack=load_pack(actor=gina, source=pack()))
    day = portal_now() + timedelta(days=10)
    adopt_pack(actor=greg, pack=proposed, effective_from=day)
    assert gates() == before
    clock.freeze(day - timedelta(microseconds=1))
    assert gates() == before
    clock.freeze(day)
    after = gates()
    assert {gate for gate in before if before[gate] != after[gate]} == expected
    assert not any(after[gate] for gate in expected)
