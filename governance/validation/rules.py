"""Pure decisions of validation: who is independent, which stages open when, what the manifest says. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from governance.lifecycle import Conflict, Reason

# Rises when a part is added: a package of an earlier number did not freeze what came later (2: controls).
MANIFEST_SCHEMA = "countersign.submission/2"


@dataclass(frozen=True)
class Independence:
    """A person beside everybody who had a hand in a release, since it was created.

    `person_ids` is the person who wants to sign. The sets hold people: whoever acted through a machine stands
    there as the person who minted its token and as its sponsor.
    """

    person_ids: frozenset[int] = frozenset()
    submitter_ids: frozenset[int] = frozenset()
    owner_ids: frozenset[int] = frozenset()
    developer_ids: frozenset[int] = frozenset()
    contributor_ids: frozenset[int] = frozenset()
    signed_stages: tuple[str, ...] = ()


NOBODY = Independence()


def independence(facts: Independence) -> tuple[Reason, ...]:
    """Every reason why this person is not independent of the release; empty when they are."""
    reasons = [
        Reason(code, text)
        for code, people, text in (
            ("sod.submitter", facts.submitter_ids, "You submitted this release; somebody else signs it."),
            ("sod.owner", facts.owner_ids, "Recused: you own this system, or did since the release was described."),
            ("sod.developer", facts.developer_ids, "You developed this system since the release was described."),
            ("sod.contributor", facts.contributor_ids, "You contributed to this release; somebody else signs it."),
        )
        if facts.person_ids & people
    ]
    if facts.signed_stages:
        stages = ", ".join(facts.signed_stages)
        reasons.append(
            Reason("sod.same_person", f"You signed “{stages}” of this submission; each stage needs another person.")
        )
    return tuple(reasons)


def refuse_unread(seen: str, version: str) -> None:
    """Raise Conflict `stale` unless what is judged is what was read; `seen` is empty where nobody said what they read.

    Asked under the lock: between the page and the click the answer may have been sent back and given anew.
    """
    if seen and seen != version:
        raise Conflict(Reason("stale", "What is said here changed since you read it. Open the form again and read it."))


@dataclass(frozen=True)
class OnBehalf:
    """Somebody a person would sign for, under a role they lent.

    `had_a_hand` says that this somebody is not independent of the release; `signed_here` and `signed_stages` what of
    the submission carries a signature of theirs already, given by themselves or by another delegate.
    """

    delegation_id: int
    name: str
    had_a_hand: bool = False
    signed_here: bool = False
    signed_stages: tuple[str, ...] = ()


def for_whom(lent: Iterable[OnBehalf]) -> OnBehalf | None:
    """The first somebody this person may sign for; None when there is none."""
    return next((each for each in lent if not (each.had_a_hand or each.signed_here or each.signed_stages)), None)


_UNFIT = {
    "sod.submitter": "submitted this release",
    "sod.owner": "owns this system, or did since the release was described",
    "sod.developer": "developed this system since the release was described",
    "sod.contributor": "contributed to this release",
}


def unfit(facts: Independence, *, holds_role: bool) -> tuple[Reason, ...]:
    """Every reason why somebody else should not be asked to review a stage, said about them; empty when they may be."""
    reasons = [
        Reason(reason.code, f"This person {_UNFIT[reason.code]}.")
        for reason in independence(facts)
        if reason.code in _UNFIT
    ]
    if facts.signed_stages:
        stages = ", ".join(facts.signed_stages)
        reasons.append(Reason("sod.same_person", f"This person signed “{stages}” of this submission."))
    if not holds_role and not reasons:
        reasons.append(Reason("forbidden", "This person does not hold the role this stage asks for."))
    return tuple(reasons)


def opened_orders(reviews: Iterable[tuple[int, bool]]) -> int | None:
    """The order number of the stages that may be open now: the lowest that is not signed; None when all are.

    `reviews` holds (order, signed) for each review of a submission. Stages of one order run side by side.
    """
    waiting = [order for order, signed in reviews if not signed]
    return min(waiting) if waiting else None


def unfilled(wanted: Mapping[str, tuple[int, frozenset[int]]]) -> dict[str, int]:
    """How many people each stage lacks when everybody signs one stage at most; stages that lack nobody are left out.

    `wanted` holds for each stage its quorum and who may sign it.
    """
    seats = [stage for stage, (quorum, _) in wanted.items() for _ in range(quorum)]
    taken: dict[int, int] = {}

    def seat(number: int, seen: set[int]) -> bool:
        for person in sorted(wanted[seats[number]][1] - seen):
            seen.add(person)
            if person not in taken or seat(taken[person], seen):
                taken[person] = number
                return True
        return False

    empty = [stage for number, stage in enumerate(seats) if not seat(number, set())]
    return {stage: empty.count(stage) for stage in wanted if stage in empty}


def manifest(
    *,
    release: Mapping[str, Any],
    system: Mapping[str, Any],
    artifacts: Iterable[Mapping[str, Any]],
    documents: Iterable[Mapping[str, Any]],
    dependencies: Iterable[Mapping[str, Any]],
    risks: Iterable[Mapping[str, Any]],
    evaluations: Iterable[Mapping[str, Any]],
    failure_modes: Iterable[Mapping[str, Any]],
    look_alikes: Iterable[Mapping[str, Any]],
    controls: Iterable[Mapping[str, Any]],
    stages: Iterable[Mapping[str, Any]],
    route: Mapping[str, Any],
    policy: Mapping[str, Any],
    submission: Mapping[str, Any],
) -> dict[str, Any]:
    """The frozen package as one document: everything a reviewer sees and everything the gate compares.

    Lists are ordered by name, so that the same content has the same bytes and the same digest.
    """
    return {
        "schema": MANIFEST_SCHEMA,
        "submission": dict(submission),
        "system": dict(system),
        "release": dict(release),
        "artifacts": sorted((dict(artifact) for artifact in artifacts), key=lambda line: str(line["name"])),
        "documents": sorted((dict(document) for document in documents), key=lambda line: str(line["template"])),
        "risks": sorted((dict(risk) for risk in risks), key=lambda line: int(line["id"])),
        "evaluations": sorted((dict(result) for result in evaluations), key=lambda line: int(line["id"])),
        "failure_modes": sorted((dict(mode) for mode in failure_modes), key=lambda line: int(line["id"])),
        "look_alikes": sorted((dict(alike) for alike in look_alikes), key=lambda line: int(line["id"])),
        "controls": sorted((dict(fact) for fact in controls), key=lambda line: int(line["id"])),
        "dependencies": sorted((dict(edge) for edge in dependencies), key=lambda line: str(line["on"])),
        "stages": [dict(stage) for stage in stages],
        "route": dict(route),
        "policy": dict(policy),
    }
