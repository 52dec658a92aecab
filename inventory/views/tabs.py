"""What each tab of a system's page shows; only the one that is open is asked of the database."""

from __future__ import annotations

from typing import Any

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger import queries as ledger
from governance.policy.queries import pack_in_force
from inventory import dependencies, queries
from inventory.documents import reading
from inventory.lowered import of_system
from inventory.models import System
from inventory.risks import heat_map, risk_rows, rules_of_risks
from inventory.services.lowering import lower_tiers
from inventory.views.imported import imported_records

MOST_EDGES = 200
TABS = (
    ("releases", "Releases"),
    ("people", "People"),
    ("description", "Description"),
    ("documents", "Documents"),
    ("dependencies", "Dependencies"),
    ("risks", "Risks"),
    ("tier", "Risk tier"),
    ("imported", "Imported record"),
    ("ledger", "Timeline"),
)


def tab_context(tab: str, person: User, system: System, allowed: frozenset[str]) -> dict[str, Any]:
    """The context of one tab."""
    if tab == "releases":
        return {"releases": queries.releases_of(system)[:100]}
    if tab == "people":
        return {
            "people": queries.people_now(system),
            "past_people": queries.past_people_of(system)[:50],
            "can_assign": bool({Permission.ASSIGNMENT_CHANGE, Permission.ASSIGNMENT_DEVELOPER} & allowed),
        }
    if tab == "documents":
        return {"documents": document_rows(system)}
    if tab == "dependencies":
        return dependency_rows(person, system, allowed)
    if tab == "risks":
        return risk_register(system, allowed)
    if tab == "tier":
        return {
            "questionnaire": answered(system), "pack": pack_in_force(), "lowerings": of_system(system.pk),
            "may_lower": Permission.SYSTEM_CHANGE in allowed and bool(lower_tiers(system)),
        }  # fmt: skip
    if tab == "imported":
        return {"imported": imported_records(system)}
    if tab == "ledger" and Permission.LEDGER_VIEW in allowed:
        return {"timeline": ledger.told(ledger.events_of_system(system.pk))}
    return {}


def risk_register(system: System, allowed: frozenset[str]) -> dict[str, Any]:
    """The open risks of a system and their heat map."""
    risks = risk_rows().filter(system=system)
    section = rules_of_risks()
    where = f"/risks/?system={system.slug}&"
    return {
        "risks": risks.exclude(state="closed")[:MOST_EDGES],
        "heat": heat_map(risks, section, where) if section else None,
        "may_identify": Permission.RISK_CHANGE in allowed and section is not None,
    }


def dependency_rows(person: User, system: System, allowed: frozenset[str]) -> dict[str, Any]:
    """What the system depends on, what depends on it, and how much of that the person may not see."""
    edges = dependencies.edges(person)
    needing = list(edges.filter(on_system=system, ended_at=None)[:MOST_EDGES])
    total = system.dependents.filter(ended_at=None).count()
    return {
        "needs": edges.filter(system=system, ended_at=None)[:MOST_EDGES],
        "needing": needing,
        "hidden": max(total - len(needing), 0),
        "may_link": Permission.DEPENDENCY_CHANGE in allowed,
    }


def document_rows(system: System) -> list[dict[str, Any]]:
    """A row per template of the pack in force and per further document the system has."""
    pack = reading.policy_now()
    written = {revision.document.template: revision for revision in reading.newest_revisions(system)}
    standings = reading.standings_of(system, pack, written.values()) if pack else {}
    rows: list[dict[str, Any]] = [
        {"template": template.id, "title": template.title, "purpose": template.purpose,
         "newest": written.pop(template.id, None), "standing": standings[template.id]}
        for template in reading.templates_of(pack)
    ]  # fmt: skip
    rows.sort(key=lambda row: not (row["standing"] and row["standing"].demanded))
    rows.extend(
        {"template": name, "title": revision.document.title, "purpose": "", "newest": revision, "standing": None}
        for name, revision in written.items()
    )
    return rows


def answered(system: System) -> list[dict[str, str]]:
    """Question and answer in words; answers to questions the pack no longer asks are kept and said to be old."""
    pack = pack_in_force()
    rows = []
    left = dict(system.answers)
    for question in pack.document["tiers"]["questionnaire"] if pack else []:
        given = left.pop(question["id"], "")
        label = next((option["label"] for option in question["options"] if option["value"] == given), str(given))
        rows.append({"question": question["text"], "answer": label, "old": ""})
    rows.extend({"question": name, "answer": str(value), "old": "yes"} for name, value in left.items())
    return rows
