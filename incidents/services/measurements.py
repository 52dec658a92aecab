"""Measurements: recorded in one statement a batch, judged by the monitoring plan, all or nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from psycopg.errors import UniqueViolation

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Command, Door, acting
from incidents.drift import drift
from incidents.measuring import WORSE, Limits, Point, Run, continues, runs
from incidents.models import Alert, MonitoringPlan
from incidents.services.alerts import follow
from inventory.models import System

MOST = 5000
FIELDS = frozenset({"system", "metric", "slice", "at", "value"})
AHEAD = timedelta(minutes=5)  # how far a sender's clock may run before ours
_MOST_ERRORS = 50

# One statement keeps the points and judges all of them. Nearly always none is known, and to ask before each is dear:
# only where the unique key then objects, a second statement leaves known points out, and CLASH looks for those that
# came with another value before.
_RECORD = """
WITH sent AS MATERIALIZED (
    SELECT * FROM unnest(%(systems)s::bigint[], %(metrics)s::text[], %(slices)s::text[], %(instants)s::timestamptz[],
        %(values)s::float8[]) AS point (system_id, metric, slice, at, value)
), kept AS (
    INSERT INTO incidents_measurement (system_id, metric, slice, at, value, received_at)
    SELECT system_id, metric, slice, at, value, (SELECT portal_now()) FROM sent ORDER BY system_id, metric, slice, at
    {known}
    RETURNING id
), judged AS (
    SELECT plan.id, min(sent.at) AS first, count(*) FILTER (WHERE CASE plan.direction
            WHEN 'lower' THEN sent.value > least(plan.warning, plan.critical)
            ELSE sent.value < greatest(plan.warning, plan.critical) END) AS breaches,
        EXISTS (SELECT FROM incidents_alert a WHERE a.plan_id = plan.id AND a.ends_at IS NULL
            AND a.source IN ('monitoring', 'silence')) AS open
    FROM sent JOIN incidents_monitoringplan plan USING (system_id, metric, slice)
    WHERE plan.ended_at IS NULL GROUP BY plan.id
)
SELECT (SELECT count(*) FROM kept), (SELECT json_agg(judged) FROM judged WHERE breaches > 0 OR open)
"""
RECORD = _RECORD.format(known="")
RECORD_UNKNOWN = _RECORD.format(known="ON CONFLICT (system_id, metric, slice, at) DO NOTHING")
# Looked up one by one: a plan that reads the whole table instead grows with it.
CLASH = """
SELECT sent.metric, sent.slice, sent.at::text
FROM unnest(%(systems)s::bigint[], %(metrics)s::text[], %(slices)s::text[], %(instants)s::timestamptz[],
    %(values)s::float8[]) AS sent (system_id, metric, slice, at, value)
CROSS JOIN LATERAL (
    SELECT value FROM incidents_measurement m WHERE m.system_id = sent.system_id AND m.metric = sent.metric
        AND m.slice = sent.slice AND m.at = sent.at OFFSET 0) known
WHERE known.value <> sent.value LIMIT 20
"""
# The points since the first one sent and the few before it that may belong to the same run.
POINTS = """
SELECT wanted.plan_id, point.at, point.value FROM unnest(%(plans)s::bigint[], %(since)s::timestamptz[])
    AS wanted (plan_id, since)
JOIN incidents_monitoringplan plan ON plan.id = wanted.plan_id
CROSS JOIN LATERAL (
    (SELECT at, value FROM incidents_measurement m WHERE m.system_id = plan.system_id AND m.metric = plan.metric
        AND m.slice = plan.slice AND m.at >= wanted.since ORDER BY at DESC LIMIT 10000)
    UNION ALL
    (SELECT at, value FROM incidents_measurement m WHERE m.system_id = plan.system_id AND m.metric = plan.metric
        AND m.slice = plan.slice AND m.at < wanted.since ORDER BY at DESC LIMIT plan.breaches_needed)
) point ORDER BY wanted.plan_id, point.at
"""


_Key = tuple[int, str, str, datetime]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch came to: points taken (known ones included), breaches among them, points that were new."""

    accepted: int
    breaches: int
    new: int


@dataclass(frozen=True, slots=True)
class _Words:
    """Metrics and slices of a batch that were looked at before: the same few stand in a thousand points."""

    metrics: set[str]
    slices: dict[str, str]


@dataclass(slots=True)
class _Batch:
    """The columns of a batch, and the points already in it."""

    systems: list[int]
    metrics: list[str]
    slices: list[str]
    instants: list[datetime]
    values: list[float]

    def as_arrays(self) -> dict[str, str]:
        """The columns as PostgreSQL writes arrays: the driver would take longer than everything else together."""
        return {
            "systems": _array(map(str, self.systems)), "metrics": _array(self.metrics),
            "slices": _array(map(_quoted, self.slices)), "values": _array(map(repr, self.values)),
            "instants": _array(at.isoformat() for at in self.instants),
        }  # fmt: skip


def _array(items: Iterable[str]) -> str:
    return "{" + ",".join(items) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def record_measurements(
    *, actor: User | Command, measurements: Sequence[Mapping[str, object]], door: Door = Door.API
) -> Recorded:
    """Keep a batch, all or none, and let breaches have their consequences. The same batch again has no effect.

    Each has `system` (its slug), `metric`, `at` (ISO 8601 with zone) and `value`, and may have `slice`. Raises
    InvalidInput naming `measurements.<position>.<field>`; a point that is known with another value is refused.
    """
    with acting(actor, door=door, verb="measurement.record"):
        if not measurements or len(measurements) > MOST:
            raise InvalidInput({"measurements": [f"Must hold 1 to {MOST:,} measurements."]})
        batch = _read(measurements, _systems(actor, measurements), portal_now() + AHEAD)
        new, judged = _keep(batch)
        if new and judged:
            _judge({one["id"]: datetime.fromisoformat(one["first"]) for one in judged})
    return Recorded(len(measurements), sum(one["breaches"] for one in judged), new)


def _keep(batch: _Batch) -> tuple[int, list[Any]]:
    """How many points were new, and the plans that points of the batch concern. Raises InvalidInput for a clash."""
    sent = batch.as_arrays()
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(RECORD, sent)
                new, judged = cursor.fetchone()
        except IntegrityError as error:
            if not isinstance(error.__cause__, UniqueViolation):
                raise
            cursor.execute(RECORD_UNKNOWN, sent)
            new, judged = cursor.fetchone()
            cursor.execute(CLASH, sent)
            if clashes := cursor.fetchall():
                raise InvalidInput({"measurements": [_clash(*one) for one in clashes]}) from None
    return new, _read_json(judged)


def record_histograms(
    *, actor: User, system: str, slice: str, at: str, expected: Sequence[float], actual: Sequence[float],
    door: Door = Door.API,
) -> tuple[Recorded, dict[str, float]]:  # fmt: skip
    """Measure how far two histograms lie apart and keep each measure under its metric. Raises InvalidInput."""
    try:
        found = drift(expected, actual).by_metric()
    except ValueError as error:
        raise InvalidInput({"actual": [str(error)]}) from error
    points = [
        {"system": system, "metric": metric, "slice": slice, "at": at, "value": value}
        for metric, value in found.items()
    ]
    return record_measurements(actor=actor, measurements=points, door=door), found


def _systems(actor: User | Command, measurements: Sequence[Mapping[str, object]]) -> dict[str, int]:
    words = {word for one in measurements if isinstance(word := one.get("system"), str)}
    systems = System.objects.filter(slug__in=words)
    if isinstance(actor, User):
        systems = rights.visible(actor, systems, Permission.MEASUREMENT_POST)
    return dict(systems.values_list("slug", "pk"))


def _read(measurements: Sequence[Mapping[str, object]], systems: Mapping[str, int], latest: datetime) -> _Batch:
    checks = Checks()
    batch = _Batch([], [], [], [], [])
    known: dict[_Key, float] = {}
    words = _Words(set(), {"": ""})
    line = checks.below("")
    for place, one in enumerate(measurements):
        line.prefix = f"measurements.{place}."
        key, value = _point(line, one, systems, words, latest)
        if len(checks.errors) >= _MOST_ERRORS:
            break
        if known.setdefault(key, value) != value:
            line.refuse("value", "Stands in this batch twice, with different values.")
    checks.done()
    for (system, metric, of, at), value in known.items():
        batch.systems.append(system)
        batch.metrics.append(metric)
        batch.slices.append(of)
        batch.instants.append(at)
        batch.values.append(value)
    return batch


def _point(
    line: Checks, one: Mapping[str, object], systems: Mapping[str, int], words: _Words, latest: datetime
) -> tuple[_Key, float]:
    """One measurement as it is kept."""
    metric, slug, of = one.get("metric"), one.get("system"), one.get("slice", "")
    if not isinstance(metric, str) or metric not in words.metrics:
        metric = line.slug("metric", metric, limit=60)
        words.metrics.add(metric)
    system = systems.get(slug) if isinstance(slug, str) else None
    if system is None:
        line.refuse("system", "No system you may post measurements of has this slug.")
    if not one.keys() <= FIELDS:
        line.refuse(str(sorted(set(one) - FIELDS)[0])[:60], "Is no field of a measurement.")
    kept = words.slices.get(of) if isinstance(of, str) else None
    if kept is None:
        kept = line.text("slice", of, limit=200)
        if isinstance(of, str) and not line.errors:
            words.slices[of] = kept
    at, value = _instant(line, one.get("at"), latest), _value(line, one.get("value"))
    return (system or 0, metric, kept, at), value


def _instant(line: Checks, value: object, latest: datetime) -> datetime:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at.year < 2000:
        line.refuse("at", "Must be an instant with its time zone, like 2026-11-21T10:00:00Z.")
        return latest
    if at > latest:
        line.refuse("at", "Lies in the future.")
        return latest
    return at.astimezone(UTC)


def _value(line: Checks, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 and math.isfinite(value):
        return float(value)
    line.refuse("value", "Must be a finite number.")
    return 0.0


def _clash(metric: str, slice: str, at: str) -> str:
    of = f" of {slice}" if slice else ""
    return f"{metric}{of} at {at} is known with another value; what was measured is never changed."


def _read_json(value: Any) -> list[Any]:
    return (json.loads(value) if isinstance(value, str) else value) or []


def _judge(since: Mapping[int, datetime]) -> None:
    """Open, continue and end the alerts of plans; whoever posts to the same plan waits until this is decided."""
    plans = MonitoringPlan.objects.filter(pk__in=since)
    list(
        System.objects.select_for_update(no_key=True)
        .filter(monitoring_plans__in=plans)
        .order_by("pk")
        .values_list("pk")
    )
    locked = list(plans.select_related("system", "answers").select_for_update(no_key=True, of=("self",)).order_by("pk"))
    now = portal_now()
    with connection.cursor() as cursor:
        cursor.execute(POINTS, {"plans": list(since), "since": list(since.values())})
        rows = cursor.fetchall()
    points = {
        plan: [Point(at, value) for _, at, value in of_plan] for plan, of_plan in groupby(rows, key=lambda row: row[0])
    }
    Alert.objects.filter(plan__in=locked, source=Alert.Source.SILENCE, ends_at=None).update(ends_at=now)
    for plan in locked:
        judge_plan(plan, points.get(plan.pk, []), now)


def judge_plan(plan: MonitoringPlan, points: Sequence[Point], now: datetime) -> None:
    """What the points of a plan mean for its alerts."""
    if not points:
        return
    limits, cooldown = Limits(plan.direction, plan.warning, plan.critical), timedelta(minutes=plan.cooldown_minutes)
    near = Q(ends_at=None) | Q(ends_at__gte=points[0].at - cooldown)
    alerts = list(plan.alerts.filter(near, source=Alert.Source.MONITORING).order_by("-starts_at"))
    touched: set[int] = set()
    for run in runs(points, limits, plan.breaches_needed):
        same = next((one for one in alerts if continues(run, one.starts_at, one.ends_at, cooldown)), None)
        if same is None:
            same = _begin(plan, run, now)
            alerts.insert(0, same)
        else:
            _continue(same, plan, run, now)
        touched.add(same.pk)
    for alert in alerts:
        if alert.ends_at is None and alert.pk not in touched:
            _end(
                alert, next((p for p in points if p.at > alert.starts_at and limits.level(p.value) is None), None), now
            )


def _end(alert: Alert, good: Point | None, now: datetime) -> None:
    if good is not None:
        alert.ends_at, alert.last_heard = good.at, now
        alert.save(update_fields=["ends_at", "last_heard"])


def _begin(plan: MonitoringPlan, run: Run, now: datetime) -> Alert:
    alert = Alert.objects.create(
        source=Alert.Source.MONITORING, fingerprint=f"plan:{plan.pk}", starts_at=run.start, ends_at=run.end,
        first_heard=now, last_heard=now, system=plan.system, plan=plan,
        name=f"{plan} is outside its limits"[:200], summary=_summary(plan, run), level=run.level,
        follows=plan.follows, labels={"metric": plan.metric, "slice": plan.slice},
    )  # fmt: skip
    follow(alert)
    return alert


def _continue(alert: Alert, plan: MonitoringPlan, run: Run, now: datetime) -> None:
    graver = WORSE[run.level] > WORSE[alert.level]
    alert.ends_at, alert.last_heard, alert.heard = run.end, now, alert.heard + 1
    if graver:
        alert.level = run.level
        alert.plan, alert.system, alert.summary = plan, plan.system, _summary(plan, run)
    alert.save(update_fields=["ends_at", "last_heard", "heard", "level", "summary"])
    if graver:
        follow(alert)


def _summary(plan: MonitoringPlan, run: Run) -> str:
    limit = plan.critical if run.level == "critical" else plan.warning
    side = "above" if plan.direction == "lower" else "below"
    return f"{run.last.value:g} {plan.unit} is {side} the {run.level} limit of {limit:g}.".replace("  ", " ")
