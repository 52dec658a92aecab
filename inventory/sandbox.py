"""What a spreadsheet comes to under a pack: tiers, owners nobody named, duties. Pure: the gate's own facts and checks.

Rows become facts as registered systems do, with what a spreadsheet can know. A tier is computed from answers that
stand in columns of their own, headed by the id of a question or by the question itself; where one is missing the tier
stays unknown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.policy.completeness import groups_of
from governance.policy.decide import Rules
from governance.policy.facts import Facts, Holder, OwnerFacts, SystemFacts
from governance.policy.gaps import UNKNOWN_TIER, Duty, count, duties, empty_table
from governance.policy.schema import PackDocument, Question
from governance.policy.tiering import assess, validate_answers
from inventory.imports.editing import OWNERS
from inventory.imports.folding import fold
from inventory.imports.reading import ReadRow, one_line

RETIRED = "retired"
LONGEST_OWNER = 300
NOBODY = frozenset({"", "-", "?", "n/a", "na", "nobody", "none", "not assigned", "tba", "tbd", "unassigned", "unknown"})
_BLANKS = re.compile(r"[\s_\-]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a file answers the questionnaire (question to column), and which column names owners."""

    answers: Mapping[str, str]
    owner: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One row: the tier its answers come to, who owns it by its own word, and how it stands with each duty."""

    line: int
    name: str
    unit: str
    phase: str
    tier: str
    tier_reason: str
    owner: str
    duties: Mapping[str, tuple[str, str]]


def columns_of(header: Sequence[str], names: Sequence[str], pack: PackDocument) -> Columns:
    """What the heads say: `names` are the columns as their mapping calls them, in the same order."""
    asked = {
        _plain(text): question.id for question in pack.tiers.questionnaire for text in (question.id, question.text)
    }
    answers: dict[str, str] = {}
    owner = ""
    for head, name in zip(header, names, strict=True):
        question = asked.get(_plain(head))
        if question is not None:
            answers.setdefault(question, name)
        elif not owner and fold(head.replace("_", " ")) in OWNERS:
            owner = name
    return Columns(answers, owner)


def judged(rows: Iterable[ReadRow], columns: Columns, rules: Rules, at: datetime) -> Iterator[Judged]:
    """Every row under the pack; retired systems owe nothing any more."""
    for row in rows:
        cells = {**row.kept, **row.written}
        answers, unread = _answers(cells, columns, rules.document)
        tier, reason = _tier(answers, unread, rules.document)
        owner = one_line(cells.get(columns.owner, ""))[:LONGEST_OWNER]
        owner = "" if fold(owner) in NOBODY else owner
        phase = row.values.get("phase", "not_stated")
        found = () if phase == RETIRED else duties(_facts(row, tier, answers, owner, at), rules, at)
        yield Judged(
            row.line, row.name, row.units[-1] if row.units else "", phase, tier or UNKNOWN_TIER, reason, owner,
            {duty.id: (duty.status, duty.reason) for duty in found},
        )  # fmt: skip


def figures(lines: Sequence[Judged], columns: Columns, pack: PackDocument, *, encoding: str) -> dict[str, Any]:
    """What the whole file comes to: tiers, owners, which questions have no column, and duties by tier."""
    table = empty_table(pack)
    for line in lines:
        count(table, line.tier, (Duty(name, status, reason) for name, (status, reason) in line.duties.items()))
    tiers, phases = Counter(line.tier for line in lines), Counter(line.phase for line in lines)
    return {
        "rows": len(lines),
        "encoding": encoding,
        "tiers": {tier: tiers[tier] for tier in [*(known.id for known in pack.tiers.order), UNKNOWN_TIER]},
        "phases": dict(sorted(phases.items())),
        "units": len({line.unit for line in lines if line.unit}),
        "unowned": sum(1 for line in lines if not line.owner),
        "owner_column": columns.owner,
        "questions": [
            {"id": question.id, "text": question.text, "column": columns.answers.get(question.id, "")}
            for question in pack.tiers.questionnaire
        ],
        "duties": table,
    }  # fmt: skip


def _answers(
    cells: Mapping[str, str], columns: Columns, pack: PackDocument
) -> tuple[dict[str, str], dict[str, str]]:  # fmt: skip
    """The answers that are read, and by question what stands there instead of one."""
    found, unread = {}, {}
    for question in pack.tiers.questionnaire:
        written = cells.get(columns.answers.get(question.id, ""), "").strip()
        value = _option(question, written)
        if value:
            found[question.id] = value
        elif written:
            unread[question.id] = f"“{one_line(written)[:60]}” is no answer to: {question.text}"
    return found, unread


def _option(question: Question, written: str) -> str:
    """The answer a cell gives, by its word or by its text; nothing where it gives none."""
    plain = _plain(written)
    return next((each.value for each in question.options if plain in (_plain(each.value), _plain(each.label))), "")


def _tier(answers: Mapping[str, str], unread: Mapping[str, str], pack: PackDocument) -> tuple[str, str]:
    missing = {**validate_answers(pack, answers), **unread}
    if missing:
        return "", " ".join(missing[question.id] for question in pack.tiers.questionnaire if question.id in missing)
    decision = assess(pack, answers)
    return decision.tier, decision.explanation


def _facts(row: ReadRow, tier: str, answers: Mapping[str, str], owner: str, at: datetime) -> Facts:
    """The row as the policy sees a system without a release; an owner the file names counts as one."""
    system = SystemFacts(
        id=0, slug="", name=row.name, tier=tier, phase=row.values.get("phase", ""), answers=answers,
        intended_use=row.values.get("intended_use", ""),
        affected_groups=groups_of(row.values.get("affected_groups", "")),
    )  # fmt: skip
    owners = (Holder(person=0, name=owner, since=at, until=None, active=True),) if owner else ()
    return Facts(system=system, owner=OwnerFacts(owners=owners))


def _plain(text: str) -> str:
    """A head or an answer as people vary it: case, blanks, hyphens and underscores do not count."""
    return _BLANKS.sub(" ", text).strip().rstrip("?.").casefold()
