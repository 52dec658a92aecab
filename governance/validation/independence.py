"""Proof of independence: what people did, read from the acts themselves, and every act they were not independent for.

Read from tables, not from rights as they stand: a violation is named however it got in, also with triggers off. The
statements are written apart from the checks of the seal, so that a mistake in one is not repeated in the other. Apps
further on add theirs.

Where a system stood in the tree of units when an act was done is read from the events of the ledger before the event
of the act: the tables know the tree of today only, and a later move neither makes nor mends a violation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection

from governance.ledger.differences import Difference

LIVE = "('draft', 'in_review', 'approved', 'suspended')"


@dataclass(frozen=True, slots=True)
class Violation:
    """One act that its person was not independent for, or not entitled to."""

    rule: str
    sentence: str
    system: str
    release: str
    person: str
    at: datetime
    table: str
    key: int
    person_id: int = 0
    username: str = ""

    def __str__(self) -> str:
        return f"{self.system} {self.release}: {self.person} {self.sentence} ({self.table} {self.key})"


def _as_of(table: str, key: str, field: str, now: str) -> str:
    """SQL: a field of a row as the newest event before `moment.event` left it; as it is now if no event tells."""
    return f"""coalesce((SELECT jsonb_build_array(e.after->'{field}') FROM ledger_event e
            WHERE e.table_name = '{table}' AND e.key = {key}::text AND e.id < moment.event AND e.after ? '{field}'
            ORDER BY e.id DESC LIMIT 1), jsonb_build_array({now}))->>0"""


def place(table: str, key: str, at: str, field: str) -> str:
    """SQL: `place.units`, the unit of system `y` and those above it when the act on record was done.

    The act is found by its event; one that left none is placed by its time.
    """
    return f"""CROSS JOIN LATERAL (SELECT coalesce(
        (SELECT min(e.id) FROM ledger_event e WHERE e.table_name = '{table}' AND e.key = {key}::text
            AND (e.after->>'{field}')::timestamptz = {at}),
        (SELECT max(e.id) + 1 FROM ledger_event e WHERE e.at <= {at})) AS event) moment
    {_units()}"""


def settled(table: str, value: str, field: str = "state") -> str:
    """SQL: `moment.at`, when a field of row `x` last came to a value by its events, and `place.units` as of then.

    What left no event is placed in the present.
    """
    return f"""CROSS JOIN LATERAL (SELECT coalesce(max(e.id), (SELECT max(l.id) + 1 FROM ledger_event l)) AS event,
            coalesce(max(e.at), portal_now()) AS at
        FROM ledger_event e WHERE e.table_name = '{table}' AND e.key = x.id::text AND e.after->>'{field}' = {value}
            AND e.before->>'{field}' IS DISTINCT FROM e.after->>'{field}') moment
    {_units()}"""


def _units() -> str:
    """SQL: `place.units`, the unit of system `y` and those above it before `moment.event`."""
    of_parent = "(SELECT u.parent_id FROM inventory_unit u WHERE u.id = line.unit)"
    return f"""CROSS JOIN LATERAL (
        WITH RECURSIVE line (unit) AS (
            SELECT ({_as_of("inventory_system", "y.id", "unit_id", "y.unit_id")})::bigint
            UNION
            SELECT ({_as_of("inventory_unit", "line.unit", "parent_id", of_parent)})::bigint
            FROM line WHERE line.unit IS NOT NULL)
        SELECT array_agg(line.unit) AS units FROM line WHERE line.unit IS NOT NULL) place"""


def built(person: str, at: str, since: str) -> str:
    """SQL: whether a person built system `y` at some time from an instant until another, as the units stood then."""
    return f"""EXISTS (SELECT FROM inventory_assignment a
        WHERE a.person_id = {person} AND a.role IN ('owner', 'deputy_owner', 'developer')
          AND a.since <= {at} AND (a.until IS NULL OR (a.until > a.since AND a.until > {since}))
          AND (a.system_id = y.id OR a.unit_id = ANY (place.units)))"""


def in_the_place_of(permission: str, person: str, at: str, hands: str) -> str:
    """SQL: whether a person had a right on system `y` then only as lent, and by people `f` with a hand in the matter.

    Needs `place`.
    """
    held = f"""FROM inventory_assignment a LEFT JOIN inventory_assignment f ON f.id = a.delegated_from_id
            JOIN access_rolepermission h ON h.role = a.role JOIN auth_permission p ON p.id = h.permission_id
            WHERE a.person_id = {person} AND p.codename = '{permission}' AND a.since <= {at}
              AND (a.until IS NULL OR a.until > {at}) AND (a.system_id = y.id OR a.unit_id = ANY (place.units))"""
    return f"""EXISTS (SELECT {held}) AND NOT EXISTS (SELECT {held} AND (f.id IS NULL OR NOT ({hands})))"""


def _had_a_hand(person: str, at: str) -> str:
    """SQL: whether a person had a hand in release `r`, or built its system since it was begun, until an instant."""
    return f"""({built(person, at, "r.created_at")} OR EXISTS (SELECT FROM validation_contribution c
        WHERE c.release_id = r.id AND c.person_id = {person} AND c.at <= {at}))"""


def _building(person: str, at: str) -> str:
    """SQL: whether a person built system `y` at an instant, or before it what may still ship of it."""
    begun = f"""(SELECT coalesce(min(l.created_at), {at}) FROM inventory_release l
        WHERE l.system_id = y.id AND l.state IN {LIVE} AND l.created_at <= {at})"""
    return f"""({built(person, at, begun)} OR EXISTS (
        SELECT FROM validation_contribution c JOIN inventory_release l ON l.id = c.release_id
        WHERE l.system_id = y.id AND l.state IN {LIVE} AND c.person_id = {person} AND c.at <= {at}))"""


def _by_two(table: str) -> str:
    """SQL: the decisions `x` of two people in a table, with their system `y`."""
    return f"""SELECT y.slug, '', x.decided_by_id, x.decided_at, '{table}', x.id
        FROM {table} x JOIN inventory_system y ON y.id = x.system_id"""


def _by_two_there(table: str) -> str:
    return f"{_by_two(table)} {place(table, 'x.id', 'x.decided_at', 'decided_at')}"


def _by_two_for(table: str, permission: str, begun_by: str) -> str:
    """SQL: those decided by somebody who had the right only from who began it or builds the system."""
    hands = f"f.person_id = x.{begun_by} OR {_building('f.person_id', 'x.decided_at')}"
    return f"""{_by_two_there(table)} WHERE x.decided_by_id IS NOT NULL
        AND {in_the_place_of(permission, "x.decided_by_id", "x.decided_at", hands)}"""


SIGNED = """SELECT y.slug, r.version, s.person_id, s.signed_at, 'validation_signoff', s.id
    FROM validation_signoff s JOIN validation_submission b ON b.id = s.submission_id
    JOIN validation_review w ON w.id = s.review_id
    JOIN inventory_release r ON r.id = b.release_id JOIN inventory_system y ON y.id = r.system_id"""
WAIVED = """SELECT y.slug, '', x.decided_by_id, x.decided_at, 'validation_waiver', x.id
    FROM validation_waiver x JOIN inventory_system y ON y.id = x.system_id"""
SIGNED_THERE = f"{SIGNED} {place('validation_signoff', 's.id', 's.signed_at', 'signed_at')}"
WAIVED_THERE = f"{WAIVED} {place('validation_waiver', 'x.id', 'x.decided_at', 'decided_at')}"
FINDING = """SELECT y.slug, r.version, {0}, moment.at, 'validation_finding', x.id
    FROM validation_finding x JOIN inventory_release r ON r.id = x.release_id
    JOIN inventory_system y ON y.id = r.system_id
    """
FOUND = FINDING.format("x.verified_by_id") + settled("validation_finding", "'closed'")
ACCEPTED = FINDING.format("x.accepted_by_id") + settled("validation_finding", "'accepted'")
CONFIRMED = f"""SELECT y.slug, r.version, x.confirmed_by_id, moment.at, 'validation_condition', x.id
    FROM validation_condition x JOIN validation_submission b ON b.id = x.submission_id
    JOIN inventory_release r ON r.id = b.release_id JOIN inventory_system y ON y.id = r.system_id
    {settled("validation_condition", "'met'")}"""
HELD = """SELECT y.slug, '', x.lifted_by_id, x.lifted_at, 'validation_hold', x.id
    FROM validation_hold x JOIN inventory_system y ON y.id = x.system_id"""
HELD_THERE = f"{HELD} {place('validation_hold', 'x.id', 'x.lifted_at', 'lifted_at')}"
RISKED = f"""SELECT y.slug, '', x.accepted_by_id, moment.at, 'inventory_risk', x.id
    FROM inventory_risk x JOIN inventory_system y ON y.id = x.system_id
    {settled("inventory_risk", "x.accepted_by_id::text", "accepted_by_id")}"""
# A release does not say who reinstated it; the events do.
REINSTATED = f"""SELECT y.slug, r.version, e.actor_id, e.at, 'inventory_release', r.id
    FROM ledger_event e JOIN inventory_release r ON e.key = r.id::text JOIN inventory_system y ON y.id = r.system_id
    CROSS JOIN LATERAL (SELECT e.id AS event) moment {_units()}
    WHERE e.table_name = 'inventory_release' AND e.op = 'U'
      AND e.before->>'state' = 'suspended' AND e.after->>'state' = 'approved'"""
LENDER = _had_a_hand("f.person_id", "moment.at")
RULES: dict[str, tuple[str, str]] = {
    "signed.contributor": (
        "signed a release they had a hand in",
        f"""{SIGNED} WHERE EXISTS (SELECT FROM validation_contribution c
            WHERE c.release_id = r.id AND c.person_id = s.person_id AND (c.at <= s.signed_at OR b.state = 'open'))""",
    ),
    "signed.submitter": (
        "signed a release they submitted",
        f"""{SIGNED} WHERE EXISTS (SELECT FROM validation_submission o
            WHERE o.release_id = r.id AND o.submitter_id = s.person_id AND o.submitted_at <= s.signed_at)""",
    ),
    "signed.builder": (
        "signed a release of a system they owned or developed since it was begun",
        f"{SIGNED_THERE} WHERE {built('s.person_id', 's.signed_at', 'r.created_at')}",
    ),
    "signed.twice": (
        "signed more than one stage of a package",
        f"""{SIGNED} WHERE EXISTS (SELECT FROM validation_signoff o
            WHERE o.submission_id = s.submission_id AND o.person_id = s.person_id AND o.id < s.id)""",
    ),
    "signed.without_role": (
        "signed a stage without its role",
        f"""{SIGNED_THERE} WHERE NOT EXISTS (SELECT FROM inventory_assignment a
            WHERE a.person_id = s.person_id AND a.role = w.role AND a.since <= s.signed_at
              AND (a.until IS NULL OR a.until > s.signed_at)
              AND (a.system_id = y.id OR a.unit_id = ANY (place.units))
              AND a.delegated_from_id IS NULL = (s.delegation_id IS NULL)
              AND (s.delegation_id IS NULL OR (a.id = s.delegation_id AND EXISTS (
                  SELECT FROM inventory_assignment f WHERE f.id = a.delegated_from_id AND f.role = a.role
                    AND f.delegated_from_id IS NULL AND f.since <= s.signed_at
                    AND (f.until IS NULL OR f.until > s.signed_at)))))""",
    ),
    "signed.for_one_who_may_not": (
        "signed on behalf of somebody who had a hand in the release or its system",
        f"""{SIGNED_THERE} JOIN inventory_assignment lent ON lent.id = s.delegation_id
            JOIN inventory_assignment f ON f.id = lent.delegated_from_id
            WHERE {built("f.person_id", "s.signed_at", "r.created_at")} OR EXISTS (
                SELECT FROM validation_contribution c WHERE c.release_id = r.id AND c.person_id = f.person_id
                  AND c.at <= s.signed_at)""",
    ),
    "signed.twice_for_one": (
        "signed on behalf of somebody whose signature the package carries already, or beside their own delegate",
        f"""{SIGNED} JOIN inventory_assignment lent ON lent.id = s.delegation_id
            JOIN inventory_assignment f ON f.id = lent.delegated_from_id
            WHERE EXISTS (SELECT FROM validation_signoff o
                LEFT JOIN inventory_assignment ol ON ol.id = o.delegation_id
                LEFT JOIN inventory_assignment of ON of.id = ol.delegated_from_id
                WHERE o.submission_id = s.submission_id AND o.id <> s.id
                  AND f.person_id IN (o.person_id, of.person_id))""",
    ),
    "signed.off_the_record": (
        "signed without an event of the ledger",
        f"""{SIGNED} WHERE NOT EXISTS (SELECT FROM ledger_event e
            WHERE e.table_name = 'validation_signoff' AND e.key = s.id::text AND e.op = 'I'
              AND e.actor_id = s.person_id)""",
    ),
    "waiver.requester": (
        "decided an exception they asked for",
        f"{WAIVED} WHERE x.decided_by_id = x.requested_by_id AND x.state IN ('granted', 'refused', 'revoked')",
    ),
    "waiver.builder": (
        "decided an exception for a system they built",
        f"{WAIVED_THERE} WHERE x.decided_by_id IS NOT NULL AND {_building('x.decided_by_id', 'x.decided_at')}",
    ),
    "finding.responder": (
        "verified their own answer to a finding",
        f"{FOUND} WHERE x.verified_by_id = x.responded_by_id",
    ),
    "finding.contributor": (
        "verified a finding of a release they had a hand in",
        f"{FOUND} WHERE x.verified_by_id IS NOT NULL AND {_had_a_hand('x.verified_by_id', 'moment.at')}",
    ),
    "finding.for_one_who_may_not": (
        "verified a finding on behalf of somebody who answered it or had a hand in the release",
        f"""{FOUND} WHERE x.state = 'closed' AND {
            in_the_place_of(
                "finding.verify", "x.verified_by_id", "moment.at", f"{LENDER} OR f.person_id = x.responded_by_id"
            )
        }""",
    ),
    "finding.accepted_by_party": (
        "accepted the risk of a finding they raised or answered",
        f"{ACCEPTED} WHERE x.accepted_by_id IN (x.raised_by_id, x.responded_by_id)",
    ),
    "finding.accepted_by_contributor": (
        "accepted the risk of a finding of a release they had a hand in",
        f"{ACCEPTED} WHERE x.accepted_by_id IS NOT NULL AND {_had_a_hand('x.accepted_by_id', 'moment.at')}",
    ),
    "finding.accepted_for_one_who_may_not": (
        "accepted the risk of a finding on behalf of somebody who raised or answered it or had a hand in the release",
        f"""{ACCEPTED} WHERE x.state = 'accepted' AND {
            in_the_place_of(
                "finding.accept",
                "x.accepted_by_id",
                "moment.at",
                f"{LENDER} OR f.person_id IN (x.raised_by_id, coalesce(x.responded_by_id, x.raised_by_id))",
            )
        }""",
    ),
    "condition.claimer": (
        "confirmed a condition they called fulfilled",
        f"{CONFIRMED} WHERE x.confirmed_by_id = x.claimed_by_id",
    ),
    "condition.contributor": (
        "confirmed a condition of a release they had a hand in",
        f"{CONFIRMED} WHERE x.confirmed_by_id IS NOT NULL AND {_had_a_hand('x.confirmed_by_id', 'moment.at')}",
    ),
    "condition.for_one_who_may_not": (
        "confirmed a condition on behalf of somebody who called it fulfilled or had a hand in the release",
        f"""{CONFIRMED} WHERE x.state = 'met' AND {
            in_the_place_of(
                "condition.confirm", "x.confirmed_by_id", "moment.at", f"{LENDER} OR f.person_id = x.claimed_by_id"
            )
        }""",
    ),
    "waiver.for_one_who_may_not": (
        "decided an exception on behalf of somebody who asked for it or built the system",
        f"""{WAIVED_THERE} WHERE x.state IN ('granted', 'refused') AND {
            in_the_place_of(
                "waiver.grant",
                "x.decided_by_id",
                "x.decided_at",
                f"f.person_id = x.requested_by_id OR {_building('f.person_id', 'x.decided_at')}",
            )
        }""",
    ),
    "hold.placer": (
        "lifted a hold they placed",
        f"{HELD} WHERE x.lifted_by_id = x.placed_by_id",
    ),
    "hold.builder": (
        "lifted a hold of a system they built",
        f"{HELD_THERE} WHERE x.lifted_by_id IS NOT NULL AND {_building('x.lifted_by_id', 'x.lifted_at')}",
    ),
    "hold.for_one_who_may_not": (
        "lifted a hold on behalf of somebody who placed it or built the system",
        f"""{HELD_THERE} WHERE x.state = 'lifted' AND {
            in_the_place_of(
                "hold.lift",
                "x.lifted_by_id",
                "x.lifted_at",
                f"f.person_id = x.placed_by_id OR {_building('f.person_id', 'x.lifted_at')}",
            )
        }""",
    ),
    "release.suspender": (
        "reinstated a release they suspended",
        f"{REINSTATED} AND e.actor_id = (e.before->>'suspended_by_id')::bigint",
    ),
    "release.builder": (
        "reinstated a release they had a hand in, or whose system they built",
        f"{REINSTATED} AND {_had_a_hand('e.actor_id', 'e.at')}",
    ),
    "release.for_one_who_may_not": (
        "reinstated a release on behalf of somebody who suspended it or had a hand in it",
        f"""{REINSTATED} AND {
            in_the_place_of(
                "release.reinstate",
                "e.actor_id",
                "e.at",
                f"{_had_a_hand('f.person_id', 'e.at')}"
                " OR f.person_id = coalesce((e.before->>'suspended_by_id')::bigint, 0)",
            )
        }""",
    ),
    "tier.proposer": (
        "decided on a lower tier they proposed",
        f"{_by_two('inventory_loweredtier')} WHERE x.decided_by_id = x.proposed_by_id",
    ),
    "tier.builder": (
        "decided on a lower tier of a system they built",
        f"""{_by_two_there("inventory_loweredtier")} WHERE x.decided_by_id IS NOT NULL
            AND {_building("x.decided_by_id", "x.decided_at")}""",
    ),
    "tier.for_one_who_may_not": (
        "decided on a lower tier on behalf of somebody who proposed it or built the system",
        _by_two_for("inventory_loweredtier", "tier.lower", "proposed_by_id"),
    ),
    "legacy_approval.bringer": (
        "decided on a legacy approval they brought in",
        f"{_by_two('inventory_legacyapproval')} WHERE x.decided_by_id = x.brought_by_id",
    ),
    "legacy_approval.builder": (
        "decided on a legacy approval of a system they built",
        f"""{_by_two_there("inventory_legacyapproval")} WHERE x.decided_by_id IS NOT NULL
            AND {_building("x.decided_by_id", "x.decided_at")}""",
    ),
    "legacy_approval.for_one_who_may_not": (
        "decided on a legacy approval on behalf of somebody who brought it in or built the system",
        _by_two_for("inventory_legacyapproval", "legacy_approval.confirm", "brought_by_id"),
    ),
    "risk.accepted_by_party": (
        "accepted a risk they wrote down, graded or treat",
        f"{RISKED} WHERE x.accepted_by_id IN (x.created_by_id, x.assessed_by_id, x.owner_id)",
    ),
    "risk.accepted_for_one_who_may_not": (
        "accepted a risk on behalf of somebody who wrote it down, graded or treats it",
        f"""{RISKED} WHERE x.accepted_by_id IS NOT NULL AND {
            in_the_place_of(
                "risk.accept",
                "x.accepted_by_id",
                "moment.at",
                "coalesce(f.person_id IN (x.created_by_id, x.assessed_by_id, x.owner_id), false)",
            )
        }""",
    ),
    "role.to_oneself": (
        "gave a role to themselves",
        """SELECT coalesce(y.slug, 'unit ' || a.unit_id), '', a.person_id, a.since, 'inventory_assignment', a.id
            FROM inventory_assignment a LEFT JOIN inventory_system y ON y.id = a.system_id
            WHERE a.assigned_by_id = a.person_id""",
    ),
}


def add(rules: Mapping[str, tuple[str, str]]) -> None:
    """Prove more: rules of apps further on, each with its sentence and its query; filled at start."""
    RULES.update(rules)


def statement() -> str:
    """One statement that finds every violation of every rule, with the printed names of who is meant."""
    parts = (
        f"SELECT '{rule}', q.* FROM ({query}) q (system, release, person_id, at, table_name, key)"
        for rule, (_, query) in RULES.items()
    )
    united = " UNION ALL ".join(parts)
    return f"""SELECT v.*, coalesce(u.name, '?'), coalesce(u.username, '') FROM ({united})
        v (rule, system, release, person_id, at, table_name, key)
        LEFT JOIN access_user u ON u.id = v.person_id ORDER BY v.at DESC, v.rule, v.key"""


def violations() -> list[Violation]:
    """Every act that its person was not independent for, newest first; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(statement())
        return [_read(row) for row in cursor.fetchall()]


def dependent(snapshot: psycopg.Connection[Any]) -> Iterable[Difference]:
    """The same, as what the verification of the ledger tells."""
    for row in snapshot.execute(statement()).fetchall():
        found = _read(row)
        yield Difference(None, found.table, str(found.key), found.rule, "an independent person", str(found))


def nothing_to_note(_: psycopg.Connection[Any]) -> Iterable[str]:
    """Everything can be looked at."""
    return ()


def _read(row: tuple[Any, ...]) -> Violation:
    rule, system, release, person_id, at, table, key, person, username = row
    return Violation(rule, RULES[rule][0], system, release, person, at, table, key, person_id or 0, username)
