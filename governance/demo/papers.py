"""What the demonstration's people wrote about their systems: every section the policy asks for, in plain words."""

from __future__ import annotations

from governance.demo.story import SystemStory
from governance.policy.completeness import asked_sections, groups_of, owes
from governance.policy.facts import SystemFacts
from governance.policy.schema import DocumentTemplate, PackDocument

_MINE = "The team of {unit} builds and maintains it; its owner answers for it and may stop it at any hour."
_TESTED = (
    "Tested on three months it has not seen, overall and for the groups named here, and on 200 cases chosen to be "
    "hard. A second person repeated the figures from the raw files.\n\n"
    "| measure | overall | weakest group |\n| --- | --- | --- |\n| {measure} | met | met, by a narrower margin |"
)
# Section id → what a careful team writes there; the words in braces are those of the system's own record.
TEXTS = {
    "purpose": "{purpose}\n\nObjective: {objectives}",
    "use": "{intended_use}\n\nNot for: {out_of_scope_use}",
    "people": _MINE,
    "data": "Twelve months of the unit's own records, used under the purpose customers were told of. Duplicates and "
    "impossible dates are removed by the nightly checks; each group is at least 2 % of the sample.",
    "method": "Chosen over two simpler ways that missed the objective. It assumes that the world of the last twelve "
    "months still holds; the monthly comparison shows when it does not.",
    "content": "The artifacts of each release are listed with their digests on the release's page; nothing else runs.",
    "testing": _TESTED,
    "performance": _TESTED,
    "limits": "It is least sure about newcomers and rare cases, and says so with a low score. Affected first: "
    "{affected_groups}",
    "oversight": "{human_oversight}",
    "operation": "Runs in the bank's own cluster. Volume, score distribution and the objective are watched daily; the "
    "team on call is woken when one leaves its band.",
    "change": "Retrained every quarter or when a monitor says so. The release before stays deployable for a year.",
    "context": "{purpose}\n\n{intended_use}",
    "effects": "For good: faster answers and fewer arbitrary ones. For ill: {affected_groups} Reduced by: "
    "{human_oversight}",
    "alternatives": "Without it people decide by hand, slower and less evenly; rules alone missed the objective.",
    "remedies": "Complaints reach the unit within a day; a person decides afresh, and errors are made good. "
    "{human_oversight}",
    "consulted": "Customer care, the works council and two advocacy groups, in spring; the appeal route is theirs.",
    "balance": "The benefit outweighs what remains, as long as the monitors stay green. Looked at again every year.",
}


def papers(told: SystemStory, pack: PackDocument) -> dict[DocumentTemplate, dict[str, str]]:
    """Template → section → text, for every document the system owes."""
    groups = groups_of(told.affected_groups)
    known = SystemFacts(id=0, slug=told.slug, name=told.name, tier=told.tier, affected_groups=groups)
    templates = pack.documents.templates if pack.documents else ()
    return {
        template: {section.id: _text(told, section.id) for section in asked_sections(template, groups)}
        for template in templates
        if owes(template, known, pack)
    }


def _text(told: SystemStory, section: str) -> str:
    """The text of a section, filled with the system's own words."""
    text = TEXTS.get(section) or TEXTS.get(section.split("-")[0], TEXTS["purpose"])
    measure = told.objectives.split(".")[0].rstrip(":;,") or "the objective"
    return text.format(
        unit=told.unit, measure=measure, purpose=told.purpose, objectives=told.objectives or "none in numbers yet.",
        intended_use=told.intended_use, out_of_scope_use=told.out_of_scope_use or "anything else.",
        affected_groups=told.affected_groups or "nobody in particular.",
        human_oversight=told.human_oversight or "A person looks at a sample each month.",
    )  # fmt: skip
