"""Writing the gate's answer: the document of the API and its plain text. No database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from governance.gate.asking import Question
from governance.policy.checking import written
from governance.policy.decide import Decision, Line, Status
from governance.policy.facts import Facts

# An answer is for the moment it is given in; whoever waits longer asks again.
HOLDS_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PackName:
    """The pack that decided."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with what it was about and under which rules."""

    question: Question
    decision: Decision
    enforced: bool
    environment: str
    facts: Facts
    pack: PackName | None
    at: datetime

    @property
    def refused(self) -> bool:
        """Whether an enforcing caller must stop."""
        return self.enforced and not self.decision.allowed


def document(answer: Answer) -> dict[str, Any]:
    """The answer as the API gives it."""
    facts, decision, question = answer.facts, answer.decision, answer.question
    end = answer.at + HOLDS_FOR
    if decision.closes_at is not None:
        end = min(end, decision.closes_at)
    submission = facts.counting if facts.release else None
    return {
        "decision": "allow" if decision.allowed else "deny",
        "enforced": answer.enforced,
        "system": facts.system.slug if facts.system else question.system or None,
        "release": facts.release.version if facts.release else question.release or None,
        "environment": answer.environment,
        "purpose": str(question.purpose),
        "submission": {"number": submission.number, "digest": submission.digest} if submission else None,
        "policy": (
            {"pack": answer.pack.name, "version": answer.pack.version, "digest": answer.pack.digest}
            if answer.pack
            else None
        ),
        "evaluated_at": stamp(answer.at),
        "valid_until": stamp(end),
        "closes_at": stamp(decision.closes_at),
        "closes_because": decision.closes_because,
        "nonce": question.nonce,
        "requirements": [requirement(line) for line in decision.lines],
        "attestation": None,
    }


def requirement(line: Line) -> dict[str, Any]:
    """One requirement as the API gives it."""
    return {
        "id": line.id,
        "title": line.title,
        "status": str(line.status),
        "reason": line.reason,
        "fix": line.fix,
        "who": list(line.who),
        "href": line.href or None,
        "sources": list(line.sources),
        "until": stamp(line.until),
    }


def text(answer: Answer) -> str:
    """The answer for people reading a build log: ALLOW or DENY, then a line for each unmet requirement.

    What stands on an approval from before the portal is told as well, whatever was decided.
    """
    facts, question, decision = answer.facts, answer.question, answer.decision
    about = f"{facts.system.slug} {facts.release.version}" if facts.system and facts.release else question.words
    observed = "" if answer.enforced else " (observed, not enforced)"
    lines = [f"{'ALLOW' if decision.allowed else 'DENY'} {about} to {answer.environment}{observed}"]
    if decision.closes_at is not None:
        lines.append(f"closes {written(decision.closes_at)}: {decision.closes_because}")
    lines += [
        " ".join(filter(None, [f"{line.id}:", line.reason, line.fix, _who(line), line.href]))
        for line in decision.lines
        if line.status is Status.UNMET
    ]
    lines += [" ".join(filter(None, [f"legacy {line.id}:", line.reason, line.href])) for line in decision.legacy]
    return "\n".join(" ".join(line.split()) for line in lines) + "\n"


def _who(line: Line) -> str:
    return f"[{', '.join(line.who)}]" if line.who else ""


def stamp(moment: datetime | None) -> str | None:
    """An instant in UTC as RFC 3339 writes it."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
