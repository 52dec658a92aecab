"""Freezing a release: gathers everything under review into one canonical manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from governance import canonical
from governance.access.models import User
from governance.ledger.models import Event
from governance.policy.models import Pack
from governance.policy.queries import rules
from governance.policy.schema import PackDocument, Stage
from governance.policy.tiering import in_words
from governance.validation.models import Contribution, Submission
from governance.validation.routes import FULL, LIGHT
from governance.validation.rules import manifest
from inventory.controls import catalogue
from inventory.dependencies import needs_of
from inventory.evaluations import newest_of
from inventory.models import (
    Artifact,
    ControlFact,
    Dependency,
    DocumentRevision,
    Evaluation,
    FailureMode,
    LookAlike,
    Release,
    Risk,
    System,
)

_SYSTEM_TEXTS = (
    "slug", "name", "purpose", "objectives", "intended_use", "out_of_scope_use", "affected_groups",
    "human_oversight", "outputs", "phase", "origin", "vendor", "impact", "own_role", "personal_data",
    "demographic_variables", "tier", "tier_reason", "tier_pack", "stakeholders",
)  # fmt: skip
# What people write about a system that reviewers judge; the trigger of contributions watches the same columns.
DESCRIPTION = (
    "purpose", "objectives", "intended_use", "out_of_scope_use", "affected_groups", "human_oversight", "outputs",
    "demographic_variables", "answers",
)  # fmt: skip
_ARTIFACT_TEXTS = ("name", "kind", "version", "uri", "sha256", "vendor", "model_id", "region")


@dataclass(frozen=True)
class Package:
    """A manifest's bytes and what stands in columns beside them."""

    text: str
    digest: str
    revisions: tuple[DocumentRevision, ...]
    dependencies: tuple[Dependency, ...]
    risks: tuple[Risk, ...]
    results: tuple[Evaluation, ...]
    failure_modes: tuple[FailureMode, ...]
    look_alikes: tuple[LookAlike, ...]
    controls: tuple[ControlFact, ...]

    @property
    def bound_dependencies(self) -> list[list[str]]:
        """(end, version) of each dependency: what an approval is bound to."""
        return [[edge.end_name, edge.meant_version] for edge in self.dependencies]


def freeze(
    release: Release,
    *,
    number: int,
    renewal: bool,
    submitter_id: int,
    at: datetime,
    pack: Pack,
    stages: tuple[Stage, ...],
    route: str = FULL,
    carrier: Submission | None = None,
) -> Package:
    """The package of `release` as it is now, under `pack`; the caller holds the release's lock."""
    revisions = current_revisions(release.system)
    dependencies = needs_of(release.system)
    results = newest_of(release)
    risks = tuple(Risk.objects.filter(system=release.system).exclude(state=Risk.State.CLOSED).order_by("id"))
    modes = tuple(FailureMode.objects.filter(system=release.system, ended_at=None).order_by("id"))
    alikes = tuple(LookAlike.objects.filter(system=release.system).select_related("incident").order_by("id"))
    controls = current_controls(release.system, dependencies)
    content = manifest(
        release=_release(release),
        system=_system(release.system, rules(pack).document),
        artifacts=[_artifact(artifact) for artifact in release.artifacts.all()],
        documents=[_document(revision) for revision in revisions],
        dependencies=[_dependency(edge) for edge in dependencies],
        risks=[_risk(risk) for risk in risks],
        evaluations=[_evaluation(result) for result in results],
        failure_modes=[_failure_mode(mode) for mode in modes],
        look_alikes=[_look_alike(alike) for alike in alikes],
        controls=[_control(fact) for fact in controls],
        stages=[stage.model_dump(mode="json", exclude={"tiers", "regimes"}) for stage in stages],
        route=_route(route, carrier),
        policy={"pack": pack.name, "version": pack.version, "digest": pack.digest},
        submission={"number": number, "renewal": renewal, "submitter": submitter_id, "at": at.isoformat()},
    )
    text = canonical.canonical(content).decode()
    return Package(
        text, canonical.digest(content), revisions, dependencies, risks, results, modes, alikes, controls
    )  # fmt: skip


def current_revisions(system: System) -> tuple[DocumentRevision, ...]:
    """The newest revision of each document of the system."""
    return tuple(
        DocumentRevision.objects.filter(document__system=system)
        .select_related("document")
        .order_by("document_id", "-number")
        .distinct("document_id")
    )


def current_controls(system: System, dependencies: tuple[Dependency, ...]) -> tuple[ControlFact, ...]:
    """The newest word on each control of the system, and of each asset it depends on itself."""
    assets = [edge.on_asset_id for edge in dependencies if edge.on_asset_id is not None]
    newest = (
        ControlFact.objects.filter(Q(system=system) | Q(asset__in=assets))
        .select_related("asset", "evidence__file")
        .defer("asset__search")
        .order_by("system_id", "asset_id", "control", "-id")
        .distinct("system_id", "asset_id", "control")
    )
    return tuple(sorted(newest, key=lambda fact: fact.pk))


def authors_since_last_approval(system: System, revisions: tuple[DocumentRevision, ...]) -> frozenset[int]:
    """Who wrote what stands in these documents and is not already in the system's last approved package.

    A later revision keeps most of an earlier one's text, so every revision in between counts, also one saved
    before the release existed.
    """
    approved = _last_approved_revisions(system)
    authors: set[int] = set()
    for revision in revisions:
        known = approved.get(revision.document.template, 0)
        newer = DocumentRevision.objects.filter(
            document=revision.document, number__gt=known, number__lte=revision.number
        )
        authors.update(newer.values_list("author_id", flat=True))
    return frozenset(authors)


def describers_since_last_approval(system: System) -> frozenset[int]:
    """Who wrote what the package says of the system since its last approved package was frozen, as the ledger tells.

    A machine's act counts for its sponsor and for whoever minted its token; an import counts for nobody.
    """
    last = _last_approved(system)
    events = Event.objects.filter(table_name="inventory_system", key=str(system.pk), op__in=["I", "U"])
    if last is not None:
        events = events.filter(at__gt=last.submitted_at)
    people: set[int | None] = set()
    for event in events.exclude(verb="inventory.import"):
        before, after = event.before or {}, event.after or {}
        if any((before.get(name) or "") != (after.get(name) or "") for name in DESCRIPTION):
            people |= {event.sponsor_id, event.minter_id}
            if event.actor_kind == User.Kind.HUMAN:
                people.add(event.actor_id)
    return frozenset(person for person in people if person is not None)


def linkers_since_last_approval(system: System, dependencies: tuple[Dependency, ...]) -> frozenset[int]:
    """Who said what the system depends on, of what is not already in its last approved package."""
    last = _last_approved(system)
    return frozenset(
        edge.created_by_id
        for edge in dependencies
        if edge.created_by_id is not None and (last is None or edge.created_at > last.submitted_at)
    )


def risk_authors_since_last_approval(system: System, risks: tuple[Risk, ...]) -> frozenset[int]:
    """Who wrote down or graded a risk of the package since the last approved one; accepting is no contribution."""
    last = _last_approved(system)
    newer = [risk for risk in risks if last is None or risk.updated_at > last.submitted_at]
    people = {person for risk in newer for person in (risk.created_by_id, risk.assessed_by_id)}
    return frozenset(person for person in people if person is not None)


def failure_authors_since_last_approval(
    system: System, modes: tuple[FailureMode, ...], alikes: tuple[LookAlike, ...]
) -> frozenset[int]:
    """Who wrote down a failure mode, or answered a look-alike, of the package since the last approved one."""
    last = _last_approved(system)
    said = [(mode.created_by_id, mode.created_at) for mode in modes]
    said += [(each.answered_by_id, each.answered_at) for each in alikes if each.answered_by_id and each.answered_at]
    return frozenset(person for person, at in said if person and (last is None or at > last.submitted_at))


def control_authors_since_last_approval(system: System, controls: tuple[ControlFact, ...]) -> frozenset[int]:
    """Who said how a control of the package stands since the last approved one."""
    last = _last_approved(system)
    return frozenset(
        fact.recorded_by_id for fact in controls if last is None or fact.recorded_at > last.submitted_at
    )  # fmt: skip


def measurers(results: tuple[Evaluation, ...]) -> frozenset[int]:
    """Who recorded these results, as the ledger tells; a machine's act counts for its sponsor and token's minter."""
    keys = [str(result.pk) for result in results]
    people: set[int | None] = set()
    for event in Event.objects.filter(table_name="inventory_evaluation", key__in=keys, op="I"):
        people |= {event.sponsor_id, event.minter_id}
        if event.actor_kind == User.Kind.HUMAN:
            people.add(event.actor_id)
    return frozenset(person for person in people if person is not None)


def record_contributions(release: Release, people: frozenset[int], kind: str, at: datetime) -> None:
    """Note that these people had a hand in the release; once is enough."""
    Contribution.objects.bulk_create(
        [Contribution(release=release, person_id=person, kind=kind, at=at) for person in sorted(people)],
        ignore_conflicts=True,
    )


def _last_approved(system: System) -> Submission | None:
    # What went a shorter way was not looked at in every stage: its authors keep their hand in what follows.
    approved = Submission.objects.filter(release__system=system, state=Submission.State.APPROVED, route=FULL)
    return approved.order_by("-closed_at", "-id").first()


def _last_approved_revisions(system: System) -> dict[str, int]:
    last = _last_approved(system)
    if last is None:
        return {}
    return {document["template"]: document["revision"] for document in json.loads(last.manifest)["documents"]}


def _route(route: str, carrier: Submission | None) -> dict[str, Any]:
    if carrier is None:
        return {"name": route, "reason": "Every release takes the full route."}
    about = f"{carrier.release.version}, submission {carrier.number}"
    reason = (
        f"A minor change: stages it does not go through again are those of release {about}."
        if route == LIGHT
        else f"Inside the envelope its reviewers signed with release {about}: no new review."
    )
    return {"name": route, "reason": reason, "carried_by": carrier.digest}


def _release(release: Release) -> dict[str, Any]:
    return {
        "id": release.pk,
        "version": release.version,
        "notes": release.notes,
        "lineage": release.lineage,
        "envelope": release.envelope,
        "predecessor": release.predecessor.version if release.predecessor else None,
        "rollback_target": release.rollback_target.version if release.rollback_target else None,
    }


def _system(system: System, document: PackDocument) -> dict[str, Any]:
    return {
        **{name: getattr(system, name) for name in _SYSTEM_TEXTS},
        "id": system.pk,
        "unit": system.unit.name,
        "answers": system.answers,
        "questionnaire": in_words(document, system.answers),
        "regimes": system.regimes,
        "links": system.links,
        "responsibilities": system.responsibilities,
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {**{name: getattr(artifact, name) for name in _ARTIFACT_TEXTS}, "configuration": artifact.configuration}


def _document(revision: DocumentRevision) -> dict[str, Any]:
    return {
        "template": revision.document.template,
        "title": revision.document.title,
        "revision": revision.number,
        "author": revision.author_id,
        "saved_at": revision.created_at.isoformat(),
        "sections": revision.sections,
        "digest": canonical.digest(revision.sections),
    }


def _dependency(edge: Dependency) -> dict[str, Any]:
    asset = edge.on_asset
    return {
        "on": edge.end_name,
        "name": edge.end.name,
        "kind": asset.kind if asset else "system",
        "relation": edge.relation,
        "version": edge.meant_version,
        "sha256": edge.meant_sha256,
        "state": asset.state if asset else "",
        "note": edge.note,
    }


_RISK_TEXTS = (
    "id", "title", "area", "source", "cause", "effect", "state", "likelihood", "consequence", "level", "consulted",
    "treatment", "plan", "residual_likelihood", "residual_consequence", "residual_level", "acceptance",
)  # fmt: skip


def _risk(risk: Risk) -> dict[str, Any]:
    return {
        **{name: getattr(risk, name) for name in _RISK_TEXTS},
        "cost": None if risk.cost is None else str(risk.cost),
        "benefit": None if risk.benefit is None else str(risk.benefit),
        "due": risk.due.isoformat() if risk.due else None,
        "accepted_by": risk.accepted_by_id,
        "accepted_until": risk.accepted_until.isoformat() if risk.accepted_until else None,
    }


def _failure_mode(mode: FailureMode) -> dict[str, Any]:
    texts = {name: getattr(mode, name) for name in ("id", "what", "who", "when", "how")}
    return {"name": f"Failure mode {mode.pk}", **texts}


def _look_alike(alike: LookAlike) -> dict[str, Any]:
    return {
        "id": alike.pk, "title": str(alike.incident), "source": alike.incident.source,
        "number": alike.incident.number, "answer": alike.answer, "reason": alike.reason,
    }  # fmt: skip


def _control(fact: ControlFact) -> dict[str, Any]:
    """One word on a control; its name tells those of an asset apart."""
    known = catalogue().get(fact.control)
    title = known.title if known else fact.control
    return {
        "id": fact.pk,
        "name": f"{title} ({fact.asset.name})" if fact.asset else title,
        "control": fact.control,
        "of": f"asset:{fact.asset.slug}" if fact.asset else "system",
        "state": fact.state,
        "note": fact.note,
        "url": fact.url,
        "evidence": fact.evidence.name if fact.evidence else "",
        "evidence_sha256": fact.evidence.file.sha256 if fact.evidence else "",
        "stated_on": fact.stated_on.isoformat(),
    }


def _evaluation(result: Evaluation) -> dict[str, Any]:
    texts = ("id", "metric", "slice", "direction", "dataset_version", "method", "note")
    return {
        "name": " · ".join(part for part in (result.metric, result.slice, result.method) if part),
        **{name: getattr(result, name) for name in texts},
        "value": f"{result.value:f}",
        "threshold": None if result.threshold is None else f"{result.threshold:f}",
    }
