"""Whether a release may take a shorter way than a full review: a light one, or none inside an envelope. Pure.

Both are measured against the last release that went through every stage, never against one that took a short way
itself: many small steps do not add up to a large one nobody looked at. Everything that is not expressly let through
has to be as it was reviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from governance.policy.drift import content_of, differences, uncovered
from governance.policy.facts import ChangeFact
from governance.policy.sections import Changes
from inventory.envelopes import Envelope, Result, crossed

FULL, LIGHT, ENVELOPE = "full", "light", "envelope"
ASKED = frozenset({"approved", "implemented", "closed"})
SETTLED_OTHERWISE = frozenset({"draft", "withdrawn"})
# What of the system may move without a new look: where it is in life, and who is reached.
LOOSE = ("phase", "links", "responsibilities", "unit")
# Parts of a package judged by rules of their own; every other part stays as it was reviewed, whatever it is.
JUDGED = frozenset({"submission", "release", "artifacts", "evaluations", "system", "stages", "route"})
_LINE = ("vendor", "model_id", "region")
_UNRATIFIED = {"due": "was carried out in an emergency and is not ratified yet", "refused": "was refused afterwards"}

Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Carrier:
    """The reviewed release beside which another is measured, as far as the decision looks at it."""

    version: str
    number: int
    state: str
    tier: str
    pack_digest: str
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything a shorter way is decided on. `holders` names whoever holds, `hands` signers with a hand in it."""

    tier: str
    pack_digest: str
    section: Changes | None
    changes: tuple[ChangeFact, ...]
    at: datetime
    hands: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


def carrying(carrier: Carrier | None, asked: Asked, before: Manifest, now: Manifest) -> tuple[str, ...]:
    """What stands against leaning on a reviewed release at all."""
    if carrier is None:
        return ("No fully reviewed release of this system is approved that this one could lean on.",)
    name, said = f"release {carrier.version}", []
    if carrier.state != "approved":
        said.append(f"The reviewed {name} is {carrier.state.replace('_', ' ')}, not approved.")
    if carrier.valid_until is None or asked.at >= carrier.valid_until:
        said.append(f"The approval of the reviewed {name} has ended.")
    if carrier.pack_digest != asked.pack_digest:
        said.append(f"The policy is another than the one {name} was reviewed under.")
    if carrier.tier != asked.tier:
        said.append(f"The tier is another than when {name} was reviewed.")
    said += [*(f"{person} and had a hand in this one." for person in asked.hands), *asked.holds, *asked.stopped]
    return (*said, *_changes(asked, before, now))


def _changes(asked: Asked, before: Manifest, now: Manifest) -> Iterable[str]:
    """Approved changes of no great weight, covering every difference, name the release."""
    section = asked.section
    named = [change for change in asked.changes if change.carries_out and change.state not in SETTLED_OTHERWISE]
    if section is None or not named:
        yield "No approved change request names this release as the one that carries it out."
        return
    for change in named:
        if change.state not in ASKED:
            yield f"CHG-{change.id} is {change.state.replace('_', ' ')}, not approved."
        elif change.ratification in _UNRATIFIED:
            yield f"CHG-{change.id} {_UNRATIFIED[change.ratification]}; nobody approved it."
        if change.materiality == "material":
            yield f"CHG-{change.id} is material; it takes a full review."
    kinds = [kind for kind in section.kinds if kind.id in {change.kind for change in named}]
    for difference in uncovered(differences(content_of(before), content_of(now)), kinds):
        yield f"No change request covers that {difference.text}."


def permitted_kinds(section: Changes, tier: str) -> frozenset[str]:
    """The kinds of change that the policy lets into an envelope for a tier; none for a tier it does not know."""
    return frozenset(
        kind for each in section.envelopes if not each.tiers or tier in each.tiers for kind in each.kinds if tier
    )


def leaving(
    envelope: Envelope | None, asked: Asked, before: Manifest, now: Manifest, results: Iterable[Result]
) -> tuple[str, ...]:
    """Everything by which a release leaves the envelope of the reviewed one; empty when it stays inside."""
    if envelope is None:
        return ("The reviewed release was approved without an envelope.",)
    said = []
    if asked.at >= envelope.until:
        said.append("The envelope has ended.")
    permitted = permitted_kinds(asked.section, asked.tier) if asked.section else frozenset()
    for change in asked.changes:
        if change.carries_out and change.state in ASKED and change.kind not in envelope.kinds & permitted:
            said.append(f"A change of kind “{change.kind}” is not in the envelope, or not by the policy in force.")
    if now["release"].get("envelope"):
        said.append("A release that ships in an envelope states none of its own.")
    found = tuple(results)
    said += [*_artifacts(envelope, before, now), *_rest(before, now), *_unmeasured(before, found)]
    return (*said, *crossed(envelope, found))


def _artifacts(envelope: Envelope, before: Manifest, now: Manifest) -> Iterable[str]:
    old = {line["name"]: line for line in before["artifacts"]}
    new = {line["name"]: line for line in now["artifacts"]}
    for name in sorted({*old, *new}):
        was, here = old.get(name), new.get(name)
        if was is None or here is None:
            yield f"{name} is {'new' if was is None else 'gone'}; an envelope lets parts be replaced only."
        elif was != here and (was["kind"] != here["kind"] or here["kind"] not in envelope.artifacts):
            yield f"{name} is another {here['kind']}, which the envelope does not let be replaced."
        elif any(was[key] != here[key] for key in _LINE):
            yield f"{name} comes from elsewhere."


def _rest(before: Manifest, now: Manifest) -> Iterable[str]:
    for part in sorted({*before, *now} - JUDGED):
        if before.get(part) != now.get(part):
            yield f"The package's {part.replace('_', ' ')} changed since the review."
    for name in sorted({*before["system"], *now["system"]} - set(LOOSE)):
        if before["system"].get(name) != now["system"].get(name):
            yield f"The system's {name.replace('_', ' ')} changed since the review."


def _unmeasured(before: Manifest, found: tuple[Result, ...]) -> Iterable[str]:
    """What the review looked at counts here: measured by the same method, and against the threshold it had there."""
    for line in before["evaluations"]:
        of = f" ({line['slice']})" if line["slice"] else ""
        kind = (line["metric"], line["slice"], line["method"])
        values = sorted({each.value for each in found if (each.metric, each.slice, each.method) == kind})
        if not values:
            yield f"{line['metric']}{of} was measured for the review and is not measured here, not by the same method."
        if line["threshold"] is None:
            continue
        threshold, higher = Decimal(line["threshold"]), line["direction"] == "higher"
        for value in values:
            if value < threshold if higher else value > threshold:
                yield f"{line['metric']}{of} is {value.normalize():f} and misses the threshold it had in the review."
