"""Complete documents for tests that are about something else: what the policy in force demands, written in one go."""

from __future__ import annotations

from governance.access.models import User
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.policy.completeness import asked_sections, groups_of, owes
from governance.policy.facts import DocumentFact, SystemFacts
from governance.policy.packs import parse, shipped
from governance.policy.queries import pack_in_force, rules
from governance.policy.schema import PackDocument
from inventory.models import Document, DocumentRevision, FailureMode, Risk, System

SAID = "Said in a sentence."


def papers(pack: PackDocument, system: SystemFacts) -> tuple[DocumentFact, ...]:
    """The facts of complete documents, all that a system of any tier and regime could owe."""
    assert pack.documents is not None
    return tuple(
        DocumentFact(template.id, template.title, 1, frozenset(_names(template, system.affected_groups)), "team")
        for template in pack.documents.templates
    )


def _names(template: object, groups: tuple[str, ...]) -> list[str]:
    return [section.id for section in asked_sections(template, groups)]  # type: ignore[arg-type]


def write_papers(system: System, author: User) -> None:
    """Write every document the system owes by its present tier under the policy in force (else the baseline)."""
    adopted = pack_in_force()
    pack = rules(adopted).document if adopted else parse(shipped("baseline"))
    groups = groups_of(system.affected_groups)
    known = SystemFacts(id=system.pk, slug=system.slug, name=system.name, tier=system.tier, affected_groups=groups)
    assert pack.documents is not None
    with acting(Command("papers"), door=Door.COMMAND, verb="command.run"):
        for template in pack.documents.templates:
            if not owes(template, known, pack):
                continue
            document, begun = Document.objects.get_or_create(
                system=system, template=template.id, defaults={"title": template.title, "created_at": portal_now()}
            )
            if begun:
                DocumentRevision.objects.create(
                    document=document, number=1, sections=dict.fromkeys(_names(template, groups), SAID), author=author,
                    contact="team@example.org", created_at=portal_now(),
                )  # fmt: skip
        _say_how_it_fails(system, author)


def _say_how_it_fails(system: System, author: User) -> None:
    """One graded risk within every appetite, and one failure mode: what the top tier owes besides documents."""
    now = portal_now()
    if not Risk.objects.filter(system=system).exists():
        risk = Risk.objects.create(
            system=system, title="A score is late", area=Risk.Area.OPERATIONS, created_by=author, created_at=now,
            updated_at=now,
        )  # fmt: skip
        risk.state, risk.likelihood, risk.consequence, risk.level = "analysed", "rare", "small", "low"
        risk.assessed_by = author
        risk.save()
    if not FailureMode.objects.filter(system=system).exists():
        FailureMode.objects.create(
            system=system, what=SAID, who=SAID, when=SAID, how=SAID, created_by=author, created_at=now
        )
