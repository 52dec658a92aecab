"""Reading documents: how each stands against its template, and what the record knows that they may take over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.policy.completeness import (
    Completeness,
    asked_sections,
    groups_of,
    says_something,
    standing,
    standings,
)
from governance.policy.facts import DocumentFact, SystemFacts
from governance.policy.queries import pack_in_force, rules
from governance.policy.schema import DocumentTemplate, PackDocument
from inventory import queries
from inventory.documents.recorded import Record
from inventory.facts import regimes_in_scope
from inventory.models import Artifact, Document, DocumentDraft, DocumentRevision, EvidenceLink, Release, System


def policy_now() -> PackDocument | None:
    """The rules in force, if any are."""
    pack = pack_in_force()
    return rules(pack).document if pack else None


def templates_of(pack: PackDocument | None) -> tuple[DocumentTemplate, ...]:
    """The templates a pack has."""
    return pack.documents.templates if pack and pack.documents else ()


def template_named(pack: PackDocument | None, name: str) -> DocumentTemplate | None:
    """One of them."""
    return next((template for template in templates_of(pack) if template.id == name), None)


def system_facts(system: System) -> SystemFacts:
    """What completeness has to know of a system."""
    return SystemFacts(
        id=system.pk, slug=system.slug, name=system.name, tier=system.tier, phase=system.phase,
        regimes=regimes_in_scope(system.regimes), affected_groups=groups_of(system.affected_groups),
    )  # fmt: skip


def fact_of(revision: DocumentRevision) -> DocumentFact:
    """A revision as the checks see it."""
    filled = frozenset(name for name, text in revision.sections.items() if says_something(str(text)))
    document = revision.document
    return DocumentFact(document.template, document.title, revision.number, filled, revision.contact.strip())


def newest_revisions(system: System) -> list[DocumentRevision]:
    """The newest revision of each document, by title."""
    found = (
        DocumentRevision.objects.filter(document__system=system)
        .select_related("document", "author")
        .order_by("document_id", "-number")
        .distinct("document_id")
    )
    return sorted(found, key=lambda revision: (revision.document.title, revision.document_id))


def standing_of(
    system: System, template: DocumentTemplate, revision: DocumentRevision | None, pack: PackDocument,
    at: datetime | None = None,
) -> Completeness:  # fmt: skip
    """How one revision stands against its template."""
    fact = fact_of(revision) if revision else None
    return standing(template, fact, system_facts(system), pack, at or portal_now())


def standings_of(
    system: System, pack: PackDocument, revisions: Iterable[DocumentRevision]
) -> dict[str, Completeness]:  # fmt: skip
    """Template → how the system's document on it stands."""
    found = standings(pack, system_facts(system), [fact_of(revision) for revision in revisions], portal_now())
    return {state.template: state for state in found}


def section_titles(system: System, template: DocumentTemplate | None) -> dict[str, str]:
    """Section id → heading, in the template's order."""
    asked = asked_sections(template, groups_of(system.affected_groups)) if template else ()
    return {section.id: section.title for section in asked}


def title_of(name: str) -> str:
    """A heading for a section no template knows."""
    if name.startswith("card-"):
        return f"Further text {name.removeprefix('card-').lstrip('0')}"
    return name.replace("-", " ").replace("_", " ").capitalize()


def record_of(system: System) -> Record:
    """What the record knows, by the names templates use."""
    people = queries.people_now(system)
    release = (
        Release.objects.filter(system=system)
        .exclude(state=Release.State.DISCARDED)
        .order_by("-id")
        .prefetch_related("artifacts")
        .first()
    )
    artifacts = list(release.artifacts.all()) if release else []
    texts = (
        "name", "purpose", "objectives", "intended_use", "out_of_scope_use", "human_oversight", "outputs", "tier",
        "demographic_variables", "vendor",
    )  # fmt: skip
    return {
        **{name: getattr(system, name) for name in texts},
        "unit": system.unit.name,
        "owner": ", ".join(a.person.get_full_name() for a in people if a.role == Role.OWNER),
        "people": tuple(f"{a.person.get_full_name()}: {a.get_role_display()}" for a in people if a.role != Role.VIEWER),
        "affected_groups": groups_of(system.affected_groups),
        "regimes": tuple(sorted(regimes_in_scope(system.regimes))),
        "personal_data": "" if system.personal_data in _NOT_SAID else system.get_personal_data_display(),
        "release": release.version if release else "",
        "artifacts": tuple(_line(artifact) for artifact in artifacts),
        "datasets": tuple(_line(artifact) for artifact in artifacts if artifact.kind == Artifact.Kind.DATASET),
    }


_NOT_SAID = frozenset({"", "not_stated", "unknown"})


def _line(artifact: Artifact) -> str:
    digest = f", sha256:{artifact.sha256[:12]}…" if artifact.sha256 else ""
    return f"{artifact.name} {artifact.version} ({artifact.get_kind_display()}{digest})"


def draft_of(system: System, template: str, person_id: int) -> DocumentDraft | None:
    """What the person typed and has not saved."""
    return DocumentDraft.objects.filter(system=system, template=template, person_id=person_id).first()


def evidence_of(document: Document) -> QuerySet[EvidenceLink]:
    """The files attached to a document, newest first."""
    return document.evidence.select_related("file", "added_by")
