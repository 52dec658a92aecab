"""What the inventory tells the policy: the system, who owns it, the release, its artifacts, documents, the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from governance.policy.completeness import groups_of, says_something
from governance.policy.facts import (
    ArtifactFact,
    AssetFact,
    ControlFact,
    DependencyFacts,
    DocumentFact,
    FailureFacts,
    Fragment,
    Holder,
    LegacyFact,
    LoweredFact,
    OwnerFacts,
    ReleaseFacts,
    RiskFact,
    RollbackFacts,
    SystemFacts,
    aim,
    contribute,
    instant,
)

RELEASES = "SELECT r.system_id, r.id AS release_id FROM inventory_release r WHERE r.id = ANY(%(releases)s)"

# The release a system is judged by: the newest approved one, else the newest that is still meant.
SYSTEMS = """
SELECT s.id AS system_id, (
    SELECT r.id FROM inventory_release r WHERE r.system_id = s.id AND r.state NOT IN ('discarded', 'retired')
    ORDER BY (r.state = 'approved') DESC, r.id DESC LIMIT 1) AS release_id
FROM inventory_system s WHERE s.id = ANY(%(systems)s)
"""

# Every release there is, a number of systems at a time by key.
INVENTORY = """
SELECT s.id AS system_id, r.id AS release_id
FROM (SELECT id FROM inventory_system WHERE id > %(after)s ORDER BY id LIMIT %(most)s) s
LEFT JOIN inventory_release r ON r.system_id = s.id
"""

SYSTEM = """
SELECT json_build_object(
    'id', s.id, 'slug', s.slug, 'name', s.name, 'tier', s.tier, 'phase', s.phase, 'answers', s.answers,
    'intended_use', s.intended_use, 'regimes', s.regimes, 'affected_groups', s.affected_groups,
    'units', (SELECT json_agg(u.slug) FROM inventory_unitclosure c JOIN inventory_unit u ON u.id = c.ancestor_id
              WHERE c.descendant_id = s.unit_id),
    'lowered', (SELECT json_build_object('id', w.id, 'from_tier', w.from_tier, 'to_tier', w.to_tier,
                                         'until', w.review_at)
                FROM inventory_loweredtier w WHERE w.system_id = s.id AND w.state = 'granted'))
FROM inventory_system s WHERE s.id = target.system_id
"""

# The newest word on each control of the system.
CONTROLS = """
SELECT json_agg(json_build_object('control', c.control, 'state', c.state, 'shown', c.shown) ORDER BY c.control)
FROM (SELECT DISTINCT ON (f.control) f.control, f.state, (f.evidence_id IS NOT NULL OR f.url <> '') AS shown
      FROM inventory_controlfact f WHERE f.system_id = target.system_id ORDER BY f.control, f.id DESC) c
"""

# Every owner there was, because a deputy's days count from the end of the last one; of deputies the present ones.
# Two branches, so that each finds its assignments by an index.
OWNER = """
SELECT json_agg(json_build_object(
    'role', a.role, 'person', p.id, 'name', p.name, 'since', a.since, 'until', a.until,
    'active', p.is_active AND p.closed_at IS NULL AND p.kind = 'human') ORDER BY a.since, a.id)
FROM (
    SELECT o.id, o.role, o.since, o.until, o.person_id FROM inventory_assignment o
    WHERE o.system_id = target.system_id
      AND (o.role = 'owner' OR (o.role = 'deputy_owner' AND (o.until IS NULL OR o.until > portal_now())))
    UNION ALL
    SELECT d.id, d.role, d.since, d.until, d.person_id
    FROM inventory_system s
    JOIN inventory_unitclosure c ON c.descendant_id = s.unit_id
    JOIN inventory_assignment d ON d.unit_id = c.ancestor_id
    WHERE s.id = target.system_id AND d.role = 'deputy_owner' AND (d.until IS NULL OR d.until > portal_now())) a
JOIN access_user p ON p.id = a.person_id
"""

RELEASE = """
SELECT json_build_object('id', r.id, 'version', r.version, 'state', r.state)
FROM inventory_release r WHERE r.id = target.release_id
"""

ARTIFACTS = """
SELECT json_agg(json_build_object(
    'name', a.name, 'kind', a.kind, 'sha256', a.sha256,
    'complete', a.kind <> 'service' OR (a.vendor <> '' AND a.model_id <> '')) ORDER BY a.name, a.id)
FROM inventory_artifact a WHERE a.release_id = target.release_id
"""

ROLLBACK = """
SELECT json_build_object(
    'named', (SELECT json_build_object('id', t.id, 'version', t.version, 'state', t.state)
              FROM inventory_release r JOIN inventory_release t ON t.id = r.rollback_target_id
              WHERE r.id = target.release_id AND t.system_id = r.system_id),
    'approved', (SELECT json_agg(json_build_object('id', o.id, 'version', o.version, 'state', o.state)
                                  ORDER BY o.created_at DESC, o.id DESC)
                 FROM inventory_release o
                 WHERE o.system_id = target.system_id AND o.id <> target.release_id AND o.state = 'approved'))
"""

# The beginning of each section (completeness.TELLING) tells whether it says something.
DOCUMENTS = """
SELECT json_agg(json_build_object(
    'template', d.template, 'title', d.title, 'revision', n.number, 'contact', n.contact,
    'sections', (SELECT json_object_agg(w.key, left(w.value, 400)) FROM jsonb_each_text(n.sections) w))
    ORDER BY d.template)
FROM inventory_document d
CROSS JOIN LATERAL (SELECT v.number, v.contact, v.sections FROM inventory_documentrevision v
                    WHERE v.document_id = d.id ORDER BY v.number DESC LIMIT 1) n
WHERE d.system_id = target.system_id
"""


def regimes_in_scope(lines: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The regimes a system was declared to be in the scope of."""
    return frozenset(str(line["regime"]) for line in lines if line.get("scope") == "in")


# The end of an edge is named with its kind; an edge without a version means the newest. Everything below is walked as a
# set, so a ring ends by itself.
DEPENDENCIES = """
SELECT json_build_object(
    'direct', (SELECT json_agg(json_build_array(e.end_name, e.version)) FROM (
        SELECT coalesce('asset:' || a.slug, 'system:' || y.slug) AS end_name,
               coalesce(v.version, (SELECT n.version FROM inventory_assetversion n
                                    WHERE n.asset_id = d.on_asset_id ORDER BY n.id DESC LIMIT 1), '') AS version
        FROM inventory_dependency d
        LEFT JOIN inventory_asset a ON a.id = d.on_asset_id
        LEFT JOIN inventory_system y ON y.id = d.on_system_id
        LEFT JOIN inventory_assetversion v ON v.id = d.version_id
        WHERE coalesce(d.asset_id, d.system_id * -1) = -target.system_id AND d.ended_at IS NULL) e),
    'unusual', (
        WITH RECURSIVE below (node, direct) AS (
            SELECT coalesce(d.on_asset_id, d.on_system_id * -1), true FROM inventory_dependency d
            WHERE coalesce(d.asset_id, d.system_id * -1) = -target.system_id AND d.ended_at IS NULL
            UNION
            SELECT coalesce(d.on_asset_id, d.on_system_id * -1), false FROM below b
            JOIN inventory_dependency d ON coalesce(d.asset_id, d.system_id * -1) = b.node AND d.ended_at IS NULL)
        SELECT json_agg(json_build_object('id', a.id, 'slug', a.slug, 'name', a.name, 'state', a.state,
                                            'direct', b.direct) ORDER BY NOT b.direct, a.name, a.id)
        FROM (SELECT node, bool_or(direct) AS direct FROM below GROUP BY node) b
        JOIN inventory_asset a ON a.id = b.node AND a.state <> 'active'))
"""


RISKS = """
SELECT jsonb_agg(jsonb_build_object(
    'id', k.id, 'title', k.title, 'state', k.state, 'likelihood', k.likelihood, 'consequence', k.consequence,
    'residual_likelihood', k.residual_likelihood, 'residual_consequence', k.residual_consequence,
    'accepted_until', k.accepted_until) ORDER BY k.id)
FROM inventory_risk k WHERE k.system_id = target.system_id AND k.state <> 'closed'
"""


# The words compared with past incidents are those of inventory.past_incidents.queries.WORDS.
FAILURES = """
SELECT json_build_object(
    'modes', (SELECT count(*) FROM inventory_failuremode f
              WHERE f.system_id = target.system_id AND f.ended_at IS NULL),
    'unanswered', (SELECT json_agg(i.title ORDER BY l.id) FROM inventory_lookalike l
                   JOIN inventory_pastincident i ON i.id = l.incident_id
                   WHERE l.system_id = target.system_id AND l.answer = ''),
    'searched_at', n.at, 'described', n.id IS NULL OR n.words_digest = md5(
        concat_ws(E'\\n', s.name, s.purpose, s.intended_use, s.affected_groups, s.outputs)),
    'told_of', (SELECT max(i.changed_at) FROM inventory_pastincident i))
FROM inventory_system s
LEFT JOIN LATERAL (SELECT c.id, c.at, c.words_digest FROM inventory_lookalikesearch c
                   WHERE c.system_id = s.id ORDER BY c.id DESC LIMIT 1) n ON true
WHERE s.id = target.system_id
"""


# One at most is open for a version; the release asked about need not be approved here, that is the point.
LEGACY = """
SELECT json_build_object(
    'id', g.id, 'approved_on', g.approved_on, 'approved_by', g.approved_by, 'reference', g.reference,
    'until', g.until, 'confirmed_at', g.decided_at, 'sha256', g.sha256)
FROM inventory_release r
JOIN inventory_legacyapproval g ON g.system_id = r.system_id AND g.version = r.version AND g.state = 'confirmed'
WHERE r.id = target.release_id
"""


def read_system(data: Mapping[str, Any]) -> SystemFacts:
    """The system; a regime counts when the system was declared to be in its scope."""
    return SystemFacts(
        id=data["id"], slug=data["slug"], name=data["name"], tier=data["tier"], phase=data["phase"],
        answers=data["answers"], intended_use=data["intended_use"], regimes=regimes_in_scope(data["regimes"]),
        units=tuple(sorted(data["units"] or ())), affected_groups=groups_of(data["affected_groups"]),
        lowered=_lowered(data["lowered"]),
    )  # fmt: skip


def _lowered(row: Mapping[str, Any] | None) -> LoweredFact | None:
    return LoweredFact(**{**row, "until": datetime.fromisoformat(row["until"])}) if row else None


def read_owner(rows: list[Mapping[str, Any]]) -> OwnerFacts:
    """Owners and deputies."""
    holders = [(str(row["role"]), _holder(row)) for row in rows]
    return OwnerFacts(
        owners=tuple(holder for role, holder in holders if role == "owner"),
        deputies=tuple(holder for role, holder in holders if role == "deputy_owner"),
    )


def _holder(row: Mapping[str, Any]) -> Holder:
    return Holder(
        person=row["person"], name=row["name"], since=datetime.fromisoformat(row["since"]),
        until=instant(row["until"]), active=row["active"],
    )  # fmt: skip


def read_release(data: Mapping[str, Any]) -> ReleaseFacts:
    """The release."""
    return ReleaseFacts(id=data["id"], version=data["version"], state=data["state"])


def read_artifacts(rows: list[Mapping[str, Any]]) -> tuple[ArtifactFact, ...]:
    """The bill of materials."""
    return tuple(ArtifactFact(row["name"], row["kind"], row["sha256"], row["complete"]) for row in rows)


def read_rollback(data: Mapping[str, Any]) -> RollbackFacts:
    """The way back."""
    named, approved = data["named"], data["approved"] or ()
    return RollbackFacts(
        named=None if named is None else read_release(named), approved=tuple(read_release(row) for row in approved)
    )


def read_documents(rows: list[Mapping[str, Any]]) -> tuple[DocumentFact, ...]:
    """The newest revision of each document, with the sections that say something."""
    return tuple(
        DocumentFact(
            row["template"], row["title"], row["revision"],
            frozenset(name for name, text in (row["sections"] or {}).items() if says_something(str(text))),
            row["contact"].strip(),
        )
        for row in rows
    )  # fmt: skip


def read_dependencies(data: Mapping[str, Any]) -> DependencyFacts:
    """What the system depends on, and the assets below it that are not in normal use."""
    return DependencyFacts(
        direct=frozenset((end, version) for end, version in data["direct"] or ()),
        unusual=tuple(AssetFact(**row) for row in data["unusual"] or ()),
    )


def read_risks(rows: list[Mapping[str, Any]]) -> tuple[RiskFact, ...]:
    """Risks that are not closed."""
    return tuple(RiskFact(**{**row, "accepted_until": instant(row["accepted_until"])}) for row in rows)


def read_failures(data: Mapping[str, Any]) -> FailureFacts:
    """The worksheet of failure modes."""
    return FailureFacts(
        modes=data["modes"], unanswered=tuple(data["unanswered"] or ()), described=data["described"],
        searched_at=instant(data["searched_at"]), told_of=instant(data["told_of"]),
    )  # fmt: skip


def read_controls(rows: list[Mapping[str, Any]]) -> tuple[ControlFact, ...]:
    """The newest word on each control."""
    return tuple(ControlFact(**row) for row in rows)


def read_legacy(data: Mapping[str, Any]) -> LegacyFact:
    """The confirmed approval from before the portal."""
    return LegacyFact(
        id=data["id"], approved_on=date.fromisoformat(data["approved_on"]), approved_by=data["approved_by"],
        reference=data["reference"], until=datetime.fromisoformat(data["until"]),
        confirmed_at=datetime.fromisoformat(data["confirmed_at"]), sha256=frozenset(data["sha256"]),
    )  # fmt: skip


def register() -> None:
    """Tell the policy; called once at start."""
    aim("releases", RELEASES)
    aim("systems", SYSTEMS)
    aim("inventory", INVENTORY)
    contribute(Fragment("system", SYSTEM, read_system))
    contribute(Fragment("owner", OWNER, read_owner))
    contribute(Fragment("release", RELEASE, read_release))
    contribute(Fragment("artifacts", ARTIFACTS, read_artifacts))
    contribute(Fragment("rollback", ROLLBACK, read_rollback))
    contribute(Fragment("documents", DOCUMENTS, read_documents))
    contribute(Fragment("dependencies", DEPENDENCIES, read_dependencies))
    contribute(Fragment("risks", RISKS, read_risks))
    contribute(Fragment("failures", FAILURES, read_failures))
    contribute(Fragment("controls", CONTROLS, read_controls))
    contribute(Fragment("legacy", LEGACY, read_legacy))
