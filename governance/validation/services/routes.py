"""The shorter ways of a release: which one is open to it, measured against the last full review."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from governance.database.clock import portal_now
from governance.lifecycle import Reason
from governance.policy.decide import Rules, Status, lines_of
from governance.policy.facts import ChangeFact
from governance.policy.models import Pack
from governance.policy.queries import facts_of, pack_in_force, rules
from governance.policy.schema import PackDocument, Stage
from governance.validation.models import Contribution, Hold, SignOff, Submission
from governance.validation.routes import ENVELOPE, FULL, LIGHT, Asked, Carrier, carrying, leaving
from governance.validation.services import packages
from inventory.envelopes import Result, read
from inventory.facts import regimes_in_scope
from inventory.models import Evaluation, Release, System

_STOPPED: Mapping[str, str] = {
    Release.State.IN_REVIEW: "in review", Release.State.REJECTED: "rejected", Release.State.SUSPENDED: "suspended",
    Release.State.REVOKED: "revoked",
}  # fmt: skip
_AGAINST = frozenset({"findings", "holds", "incidents"})


def last_reviewed(system: System) -> Submission | None:
    """The newest approved package of a system that went through every stage."""
    approved = Submission.objects.filter(release__system=system, state=Submission.State.APPROVED, route=FULL)
    return approved.select_related("release", "pack").order_by("-closed_at", "-id").first()


def stages_of(document: PackDocument, system: System, route: str) -> tuple[Stage, ...]:
    """The stages a release of this system goes through on a route, by its tier and the regimes it is in scope of."""
    stages = document.stages_for(system.tier, regimes_in_scope(system.regimes))
    if route == LIGHT:
        light = document.changes.light_stages if document.changes else ()
        return tuple(stage for stage in stages if stage.id in light)
    return () if route == ENVELOPE else stages


def open_routes(release: Release) -> dict[str, tuple[Reason, ...]]:
    """For each shorter way the policy and the last review offer at all, what stands against it now."""
    pack, carrier = pack_in_force(), last_reviewed(release.system)
    if pack is None or carrier is None or release.state != Release.State.DRAFT:
        return {}
    document = rules(pack).document
    if document.changes is None:
        return {}
    light = stages_of(document, release.system, LIGHT)
    routes = [LIGHT] if light and len(light) < len(stages_of(document, release.system, FULL)) else []
    if envelope_of(carrier):
        routes.append(ENVELOPE)
    return {route: against(release, route, pack=pack, carrier=carrier, at=portal_now()) for route in routes}


def envelope_of(submission: Submission) -> dict[str, object]:
    """The envelope a package was signed with; empty for none."""
    found = json.loads(submission.manifest)["release"].get("envelope")
    return found if isinstance(found, dict) else {}


def against(
    release: Release, route: str, *, pack: Pack, carrier: Submission | None, at: datetime
) -> tuple[Reason, ...]:
    """What stands against a shorter way for a release as it is now; empty when it is open."""
    document = rules(pack).document
    package = packages.freeze(
        release, number=0, renewal=False, submitter_id=0, at=at, pack=pack,
        stages=stages_of(document, release.system, route),
    )  # fmt: skip
    now = json.loads(package.text)
    before = json.loads(carrier.manifest) if carrier else now
    changes = changes_of(release)
    asked = Asked(
        tier=release.system.tier, pack_digest=pack.digest, section=document.changes,
        changes=changes, at=at, hands=with_a_hand(carrier, release, changes), holds=_holds(carrier, release),
        stopped=_stopped(release, route, before, rules(pack), at),
    )  # fmt: skip
    said = carrying(_carrier(carrier), asked, before, now)
    if carrier is not None and route == ENVELOPE:
        said += leaving(read(before["release"].get("envelope")), asked, before, now, results_of(release))
    if route == LIGHT and not stages_of(document, release.system, LIGHT):
        said += ("The policy in force knows no light review for this tier.",)
    return tuple(Reason("blocked", sentence) for sentence in said)


def results_of(release: Release) -> tuple[Result, ...]:
    """Every value ever recorded for a release: who may add a better one later does not hide a worse one."""
    return tuple(
        Result(row.metric, row.slice, row.value, row.holds, row.method)
        for row in Evaluation.objects.filter(release=release)
    )


def _carrier(submission: Submission | None) -> Carrier | None:
    if submission is None:
        return None
    return Carrier(
        version=submission.release.version, number=submission.number, state=submission.release.state,
        tier=submission.tier, pack_digest=submission.pack_digest, valid_until=submission.valid_until,
    )  # fmt: skip


def changes_of(release: Release) -> tuple[ChangeFact, ...]:
    """The changes that bear on a release."""
    facts = facts_of([release]).get(release.pk)
    return facts.changes if facts else ()


def with_a_hand(carrier: Submission | None, release: Release, changes: Iterable[ChangeFact] = ()) -> tuple[str, ...]:
    """Who signed the reviewed release, or approved the change this one carries out, and had a hand in this one.

    A change can be pointed at another release after its approval: who approved it is judged anew.
    """
    if carrier is None:
        return ()
    hands = Contribution.objects.filter(release=release)
    signed = SignOff.objects.filter(submission=carrier, person__in=hands.values("person")).select_related("person")
    deciders = {person for change in changes if change.carries_out for person in change.deciders}
    approved = hands.filter(person__in=deciders).select_related("person")
    said = {f"{each.person.name} signed release {carrier.release.version}" for each in signed}
    said |= {f"{each.person.name} approved a change of this release" for each in approved}
    return tuple(sorted(said))


def _stopped(release: Release, route: str, before: Mapping[str, Any], rules: Rules, at: datetime) -> tuple[str, ...]:
    """What was decided against parts of this release in a review, or stands against another release that holds them.

    Whoever sends a release back, stops it or holds it judged its content, not its version.
    """
    reviewed = {line["sha256"] for line in before["artifacts"]}
    mine = set(release.artifacts.values_list("sha256", flat=True)) - reviewed
    alike = list(
        Release.objects.filter(system=release.system_id)
        .filter(Q(pk=release.pk) | Q(artifacts__sha256__in=mine))
        .distinct().order_by("pk")
    )  # fmt: skip
    said = [f"Release {each.version} holds the same parts and is {_STOPPED[each.state]}." for each in alike
            if each.pk != release.pk and each.state in _STOPPED]  # fmt: skip
    for last in _last_sent_back(alike):
        if last.state == Submission.State.REJECTED or last.route == FULL or route == ENVELOPE:
            said.append(f"The last review of these parts, in release {last.release.version}, ended {last.state}.")
    facts = facts_of([each for each in alike if each.pk != release.pk])
    for other in facts.values():
        lines = lines_of(other, rules, None, at, _AGAINST)
        name = other.release.version if other.release else ""
        said += [f"Release {name} holds the same parts. {one.reason}" for one in lines if one.status is Status.UNMET]
    return tuple(said)


def _last_sent_back(releases: Iterable[Release]) -> list[Submission]:
    """Of these releases, the newest package nobody took back, where it was rejected or sent back."""
    kept = Submission.objects.filter(release__in=releases).exclude(state=Submission.State.WITHDRAWN)
    newest = kept.select_related("release")
    last = newest.order_by("release_id", "-number").distinct("release_id")
    return [one for one in last if one.state in (Submission.State.REJECTED, Submission.State.RETURNED)]


def _holds(carrier: Submission | None, release: Release) -> tuple[str, ...]:
    """Holds on the system, on the reviewed release or on this one."""
    releases = [release.pk, *([carrier.release_id] if carrier else [])]
    placed = Hold.objects.filter(system=release.system_id, state=Hold.State.PLACED)
    return tuple(
        f"A hold is placed: {hold.reason}" for hold in placed if hold.release_id is None or hold.release_id in releases
    )
