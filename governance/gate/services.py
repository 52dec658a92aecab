"""Asking the gate and keeping what it said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from governance.access import rights
from governance.access.models import Token, User
from governance.access.vocabulary import Permission, Scope
from governance.gate import statement
from governance.gate.answering import Answer, PackName
from governance.gate.asking import Question
from governance.gate.statement import Caller, Found, Row
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, announcement
from governance.lifecycle import Forbidden, Reason
from governance.policy.decide import Asked, Decision, Line, Rules, Status, decide, enforced
from governance.policy.facts import Facts
from governance.policy.packs import known_rules, rules_of
from inventory.models import System


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks (a machine, or a person), and what the database told: enough to answer and to record."""

    row: Row
    found: tuple[Found, ...]
    person: User | None = None

    @property
    def subject(self) -> str:
        """Whose calls are counted."""
        return f"token:{self.row.caller.token_id}" if self.row.caller else f"person:{self.person and self.person.pk}"

    @property
    def actor(self) -> User:
        """Who the ledger names."""
        return _machine(self.row.caller) if self.row.caller else cast(User, self.person)


def ask_by_token(question: Question, digest: str) -> Asking | None:
    """What a machine's token gets to know; None when the token is not accepted.

    Raises NotVisible for a system the token does not reach, Forbidden when it reaches it without `gate:check`.
    """
    row = statement.ask(question, token=digest)
    if row.caller is None:
        return None
    if question.system:
        scopes = row.found[0].scopes if row.found else frozenset[str]()
        if not scopes:
            raise rights.NotVisible
        if Scope.GATE_CHECK not in scopes:
            raise Forbidden(Reason("scope", f"This token does not have the scope {Scope.GATE_CHECK}."))
    return Asking(row, _releases(question, row))


def ask_as_person(question: Question, person: User) -> Asking:
    """What a signed-in person gets to know. Raises NotVisible or Forbidden as for a token."""
    systems: tuple[int, ...] = ()
    if question.system:
        system = System.objects.filter(slug=question.system).first()
        if system is None:
            raise rights.NotVisible
        rights.require(person, Permission.GATE_CHECK, system)
    else:
        visible = rights.visible(person, System.objects.all(), Permission.GATE_CHECK)
        matching = visible.filter(releases__artifacts__sha256__in=question.digests)
        systems = tuple(matching.values_list("pk", flat=True).distinct())
    row = statement.ask(question, token=None, systems=systems)
    return Asking(row, _releases(question, row), person)


def answer(question: Question, asking: Asking) -> Answer:
    """The decision under the pack in force. Raises InvalidInput for an environment the pack does not have."""
    row = asking.row
    facts = asking.found[0].facts if len(asking.found) == 1 else Facts()
    if row.pack is None:
        return _without_rules(question, facts, row.at)
    rules = _rules(row.pack)
    environment = rules.document.environment(question.environment)
    if environment is None:
        names = ", ".join(known.id for known in rules.document.environments)
        raise InvalidInput({"environment": [f"Must be one of: {names}."]})
    several = tuple(_name(found.facts) for found in asking.found) if len(asking.found) > 1 else ()
    decision = decide(
        facts, rules, environment, row.at, question.purpose, Asked(question.digests, question.words, several)
    )
    return Answer(question, decision, enforced(facts, environment, row.at), environment.id, facts, row.pack, row.at)


def record(asking: Asking, given: Answer) -> None:
    """Keep an enforcing check as evidence, in one statement that is a transaction of its own."""
    question, facts, row = given.question, given.facts, asking.row
    actor = asking.actor
    submission = facts.counting if facts.release else None
    statement.insert_check(
        {
            "acting": announcement(actor, door=Door.API, verb="gate.check"),
            "at": given.at,
            "asked_by": actor.pk,
            "token": row.caller.token_id if row.caller else None,
            "system": facts.system.id if facts.system else None,
            "release": facts.release.id if facts.release else None,
            "submission": submission.id if submission else None,
            "asked_for": question.words[:300],
            "environment": given.environment,
            "purpose": str(question.purpose),
            "sha256": json.dumps(question.digests),
            "nonce": question.nonce or "",
            "decision": "allow" if given.decision.allowed else "deny",
            "enforced": given.enforced,
            "unmet": json.dumps([line.id for line in given.decision.unmet]),
            "waived": json.dumps([line.id for line in given.decision.waived]),
            "legacy": json.dumps([line.id for line in given.decision.legacy]),
            "pack": row.pack.digest if row.pack else None,
            "pipeline": json.dumps(asdict(question.pipeline) if question.pipeline else {}),
        }
    )


def _rules(pack: PackName) -> Rules:
    """The parsed pack; its document is fetched once per process."""
    known = known_rules(pack.digest)
    if known is not None:
        return known
    document: Mapping[str, object] = statement.document_of(pack.digest) or {}
    return rules_of(pack.digest, document)


def _without_rules(question: Question, facts: Facts, at: datetime) -> Answer:
    line = Line(
        "policy", "A policy is in force", Status.UNMET, "No policy pack is in force.",
        "Have one adopted.", ("governance team",), "",
    )  # fmt: skip
    return Answer(question, Decision(False, (line,)), True, question.environment, facts, None, at)


def _releases(question: Question, row: Row) -> tuple[Found, ...]:
    """The releases found; for a named system without a matching release, the system alone."""
    releases = tuple(found for found in row.found if found.release_id is not None)
    return releases or (row.found if question.system else ())


def _name(facts: Facts) -> str:
    return f"{facts.system.slug} {facts.release.version}" if facts.system and facts.release else "unknown"


def _machine(caller: Caller) -> User:
    """The machine as the ledger names it, without asking for it again."""
    machine = User(pk=caller.user_id, name=caller.name, kind=caller.kind, sponsor_id=caller.sponsor_id)
    machine.token = Token(pk=caller.token_id, minted_by_id=caller.minted_by_id, user_id=caller.user_id)
    return machine
