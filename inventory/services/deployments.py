"""Reports of what runs: taken in from pipelines, clusters and people, never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db.models import F, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.web.announcements import announce
from inventory.announcements import RunningReported
from inventory.deployments import document_in_force, environment_of, running
from inventory.models import Artifact, Deployment, Release, ReportingPlace, System
from inventory.services.permitted import require, said

MOST = 1000
MOST_DIGESTS = 100
AHEAD = timedelta(minutes=5)  # how far a reporter's clock may run before ours
ENTRY = frozenset({"system", "release", "sha256", "location", "strategy", "share"})
WHOLE = Decimal(100)
LOCATION = frozenset({"hosting", "provider", "region"})
PIPELINE = ("url", "revision", "actor")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Told(TypedDict, total=False):
    """What a report may say besides what runs."""

    release: str
    sha256: Sequence[object]
    location: Mapping[str, object]
    strategy: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report came to: what runs now of all it names, how much of it is new, and how much was ended."""

    running: tuple[Deployment, ...]
    new: int
    ended: int


@dataclass(frozen=True, slots=True)
class _Report:
    """Who says when, through what."""

    actor: User
    environment: str
    cluster: str
    source: str
    since: datetime | None
    pipeline: dict[str, str]


def report_deployment(
    *, actor: User, system: System, environment: str, source: str = Deployment.Source.CI, since: datetime | None = None,
    pipeline: Mapping[str, object] | None = None, cluster: str = "", door: Door = Door.API, **told: Unpack[Told],
) -> Reported:  # fmt: skip
    """Say what runs of a system in an environment, by its digests; what was said of it there before ends with that.

    With a `cluster` it is said of that place of the environment, and only what the same place said before ends.

    What is known already has no effect. A release nobody knows, or one these digests are no part of, is recorded as
    unknown with the word the reporter used: what runs is a fact, and a fact is not refused. Raises InvalidInput,
    Forbidden, NotVisible.
    """
    with acting(actor, door=door, verb="deployment.report"):
        require(actor, Permission.DEPLOYMENT_REPORT, system)
        checks = Checks()
        report = _report(checks, actor, (environment, cluster), source, since, pipeline)
        line = _entry(checks, told)
        checks.done()
        return _take(report, {system.pk: [line]})


def report_running(
    *, actor: User, environment: str, running: Sequence[Mapping[str, object]],
    source: str = Deployment.Source.CLUSTER, since: datetime | None = None, cluster: str = "", door: Door = Door.API,
) -> Reported:  # fmt: skip
    """Say all that runs in an environment; of the systems the actor reports on, those left out run there no more.

    With a `cluster` it is all that runs at that place, and nothing is said of the other places of the environment.

    Each has `system` (its slug) and `sha256`, and may have `release`, `location`, `strategy` and `share`; a system may
    stand there several times while one release takes the place of another. All or nothing. Raises InvalidInput naming
    `running.<position>.<field>`, Forbidden.
    """
    with acting(actor, door=door, verb="deployment.report"):
        checks = Checks()
        if len(running) > MOST:
            raise InvalidInput({"running": [f"Must hold at most {MOST:,} entries."]})
        report = _report(checks, actor, (environment, cluster), source, since, None)
        reach = rights.visible(actor, System.objects.defer("search"), Permission.DEPLOYMENT_REPORT)
        known = dict(reach.filter(slug__in=_words(running)).values_list("slug", "pk"))
        lines: dict[int, list[dict[str, Any]]] = {}
        for place, one in enumerate(running):
            below = checks.below(f"running.{place}")
            slug = one.get("system")
            key = known.get(slug) if isinstance(slug, str) else None
            if key is None:
                below.refuse("system", "No system you may report on has this slug.")
            lines.setdefault(key or 0, []).append(_entry(below, one))
        checks.done()
        there = _place(report).filter(system__in=reach.order_by().values("pk"))
        for gone in there.order_by().values_list("system", flat=True).distinct():
            lines.setdefault(gone, [])
        return _take(report, lines)


def end_deployment(
    *, actor: User, deployment: Deployment, reason: str = "", source: str = Deployment.Source.PERSON,
    door: Door = Door.WEB,
) -> Reported:  # fmt: skip
    """Say that nothing of a system runs at the place of a deployment any more.

    Raises Forbidden, NotVisible, Conflict `state` for a deployment that has ended.
    """
    reason = said(reason)
    with acting(actor, door=door, verb="deployment.end", reason=reason):
        System.objects.select_for_update(no_key=True).get(pk=deployment.system_id)
        require(actor, Permission.DEPLOYMENT_REPORT, deployment.system)
        if not running().filter(pk=deployment.pk).exists():
            raise Conflict(Reason("state", "This has ended already."))
        report = _Report(actor, deployment.environment, deployment.cluster, source, None, {})
        return _take(report, {deployment.system_id: []})


def _report(
    checks: Checks, actor: User, place: tuple[str, str], source: str, since: datetime | None,
    pipeline: Mapping[str, object] | None,
) -> _Report:  # fmt: skip
    moment = checks.instant("since", since)
    if moment is not None and moment > portal_now() + AHEAD:
        checks.refuse("since", "Lies in the future.")
    below, given = checks.below("pipeline"), dict(pipeline or {})
    for name in sorted(set(given) - set(PIPELINE)):
        below.refuse(str(name)[:60], "Is no field of this.")
    limits = {"url": 1000, "revision": 200, "actor": 200}
    kept = {name: below.text(name, given[name], limit=limits[name]) for name in PIPELINE if name in given}
    return _Report(
        actor=actor, environment=environment_of(checks, place[0], document_in_force()), since=moment,
        cluster=_cluster(checks, place[1]),
        source=checks.choice("source", source, Deployment.Source.values), pipeline=kept,
    )  # fmt: skip


def _cluster(checks: Checks, word: object) -> str:
    """The name of a place; a slug, so that one place has one name."""
    name = checks.text("cluster", word, limit=60)
    if name and not _NAME.fullmatch(name):
        checks.refuse("cluster", "Must be a name of lower-case letters, digits and hyphens, such as eu-1.")
    return name


def _place(report: _Report) -> QuerySet[Deployment]:
    """All that the place of a report ever said."""
    return Deployment.objects.filter(environment=report.environment, cluster=report.cluster)


def _words(entries: Iterable[Mapping[str, object]]) -> set[str]:
    return {word for one in entries if isinstance(word := one.get("system"), str)}


def _entry(checks: Checks, one: Mapping[str, object]) -> dict[str, Any]:
    """What runs, as a row keeps it."""
    for unknown in sorted({str(name)[:60] for name in one} - ENTRY):
        checks.refuse(unknown, "Is no field of this.")
    given = one.get("sha256")
    digests: list[str] = []
    if not isinstance(given, list | tuple) or not 1 <= len(given) <= MOST_DIGESTS:
        checks.refuse("sha256", f"Must be a list of 1 to {MOST_DIGESTS} SHA-256: what runs is known by its digest.")
    else:
        digests = sorted({checks.sha256("sha256", digest) for digest in given})
    location, strategy = one.get("location") or {}, one.get("strategy") or ""
    below = checks.below("location")
    if not isinstance(location, Mapping):
        checks.refuse("location", "Must be an object.")
        location = {}
    for unknown in sorted({str(name)[:60] for name in location} - LOCATION):
        below.refuse(unknown, "Is no field of this.")
    hosting = location.get("hosting") or ""
    return {
        "named": checks.text("release", one.get("release") or "", limit=120),
        "sha256": digests,
        "hosting": below.choice("hosting", hosting, Deployment.Hosting.values) if hosting else "",
        "provider": below.text("provider", location.get("provider") or "", limit=120),
        "region": below.text("region", location.get("region") or "", limit=120),
        "strategy": checks.choice("strategy", strategy, Deployment.Strategy.values) if strategy else "",
        "share": _share(checks, one.get("share")),
    }


def _share(checks: Checks, value: object) -> Decimal | None:
    """The percent of what serves the environment; None where nobody said."""
    if value is None:
        return None
    number = Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
    if number is None or not number.is_finite() or not 0 < number <= WHOLE or number != round(number, 2):
        checks.refuse("share", "Must be a percentage above 0 and at most 100, with at most two places.")
        return None
    return round(number, 2)


def _take(report: _Report, lines: Mapping[int, Sequence[dict[str, Any]]]) -> Reported:
    """Keep what is new of a report, system by system, and tell what is said of them now."""
    locked = System.objects.select_for_update(no_key=True).filter(pk__in=lines).order_by("pk")
    systems = {system.pk: system for system in locked.defer("search")}
    standing: dict[int, list[Deployment]] = {}
    for row in running().filter(system__in=lines, environment=report.environment, cluster=report.cluster):
        standing.setdefault(row.system_id, []).append(row)
    last = _last(report, lines)
    releases = _releases(lines)
    checks, now = Checks(), portal_now()
    rows: list[Deployment] = []
    ended = 0
    for key, system in systems.items():
        before, told = standing.get(key, []), [_resolved(one, releases.get(key, ())) for one in lines[key]]
        if _says_the_same(before, told):
            continue
        at, since = _moments(checks, last.get(key), report.since, now)
        ended += len(before)
        for one in told or [{"runs": False}]:
            rows.append(
                Deployment(
                    at=at, since=since, reported_by=report.actor, token=getattr(report.actor, "token", None),
                    source=report.source, system=system, environment=report.environment, cluster=report.cluster,
                    pipeline=report.pipeline, **one,
                )
            )  # fmt: skip
    checks.done()
    kept = Deployment.objects.bulk_create(rows)
    _hear(report, list(systems), now)
    announce(RunningReported(report.environment, tuple(systems)))
    unchanged = {row.system_id for row in kept}
    still = [row for key in systems if key not in unchanged for row in standing.get(key, [])]
    return Reported((*(row for row in kept if row.runs), *still), len([row for row in kept if row.runs]), ended)


def _hear(report: _Report, systems: list[int], now: datetime) -> None:
    """Remember that the place was heard of, whether it said anything new or not. The systems are locked."""
    where = {"environment": report.environment, "cluster": report.cluster}
    known = ReportingPlace.objects.filter(system__in=systems, **where)
    there = set(known.values_list("system", flat=True))
    known.update(last_heard=now, heard=F("heard") + 1, source=report.source)
    ReportingPlace.objects.bulk_create(
        ReportingPlace(system_id=key, source=report.source, first_heard=now, last_heard=now, **where)
        for key in systems
        if key not in there
    )


def _last(report: _Report, systems: Iterable[int]) -> dict[int, tuple[datetime, datetime]]:
    """When the last report of each system there came, and since when what it says holds."""
    newest = (
        _place(report).filter(system__in=list(systems))
        .order_by("system_id", "-at").distinct("system_id")
    )  # fmt: skip
    return {row.system_id: (row.at, row.since) for row in newest.only("system", "at", "since")}


def _moments(
    checks: Checks, last: tuple[datetime, datetime] | None, since: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """When the report counts as come (after every earlier one), and since when what it says holds."""
    at, begins = now, since or now
    if last is not None:
        at = max(now, last[0] + timedelta(microseconds=1))
        if since is not None and since < last[1]:
            checks.refuse(
                "since", f"Lies before what was reported last, which holds since {last[1]:%Y-%m-%dT%H:%M:%SZ}."
            )
        begins = max(begins, last[1])
    return at, begins


def _releases(lines: Mapping[int, Sequence[Mapping[str, Any]]]) -> dict[int, list[tuple[Release, set[str]]]]:
    """Releases of these systems that hold any of the digests, with those they hold: approved before newest."""
    digests = {digest for told in lines.values() for one in told for digest in one["sha256"]}
    held: dict[int, set[str]] = {}
    found = Artifact.objects.filter(sha256__in=digests, release__system__in=list(lines))
    found = found.exclude(release__state=Release.State.DISCARDED)
    for key, digest in found.values_list("release", "sha256") if digests else ():
        held.setdefault(key, set()).add(digest)
    by_system: dict[int, list[tuple[Release, set[str]]]] = {}
    for release in Release.objects.filter(pk__in=held).order_by("-created_at", "-pk") if held else ():
        by_system.setdefault(release.system_id, []).append((release, held[release.pk]))
    for known in by_system.values():
        known.sort(key=lambda one: one[0].state != Release.State.APPROVED)
    return by_system


def _resolved(line: Mapping[str, Any], known: Iterable[tuple[Release, set[str]]]) -> dict[str, Any]:
    """The line with the release it is about: the one named, or the first that holds all its digests; else none."""
    wanted = set(line["sha256"])
    fitting = [release for release, digests in known if wanted <= digests]
    if line["named"]:
        fitting = [release for release in fitting if release.version == line["named"]]
    return {**line, "release": fitting[0] if fitting else None}


def _says_the_same(standing: Sequence[Deployment], told: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a report only confirms what is known: the same releases, and no digest that was not known to run.

    A cluster that reports every minute would otherwise bury the story, and what a pipeline said would seem to end when
    the cluster sees only the container.
    """
    if len(standing) != len(told):
        return False
    rest = list(standing)
    for one in told:
        match = next((row for row in rest if _confirms(row, one)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def _confirms(row: Deployment, one: Mapping[str, Any]) -> bool:
    same = row.release_id == (one["release"].pk if one["release"] else None)
    digests = set(one["sha256"]) <= set(row.sha256) if row.release_id else set(one["sha256"]) == set(row.sha256)
    details = all(not one[name] or one[name] == getattr(row, name) for name in ("hosting", "provider", "region"))
    return same and digests and details and one["share"] in (None, row.share)


def judge_anew(release: Release) -> None:
    """Have what runs of a release judged again because it moved, without waiting for the next report.

    Called inside acting(), with its system locked.
    """
    for environment in running().filter(release=release).order_by().values_list("environment", flat=True).distinct():
        announce(RunningReported(environment, (release.system_id,), heard=False))
