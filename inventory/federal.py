"""The systems in the columns the US federal inventory of 2025 asks for (OMB M-25-21), with the nine `hi_` fields.

The nine are asked of high-impact uses only. A duty the gate judges answers yes or no; what nobody has recorded in a
form that answers it stays blank, for a blank can be filled and a wrong no cannot be told from a right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.models import QuerySet

from governance.lifecycle import Conflict
from governance.policy.gaps import MET, UNMET
from inventory import gap_report
from inventory.exports import csv_lines, unit_paths
from inventory.models import DocumentRevision, System

ASSESSMENT: Final = "impact-assessment"
HEADER: Final = (
    "use_case_id", "use_case_name", "agency", "bureau", "stage", "high_impact", "purpose_benefits", "outputs",
    "vendor_name", "contains_pii", "demo_features", "hi_testing_conducted", "hi_assessment_completed",
    "hi_potential_impacts", "hi_independent_review", "hi_ongoing_monitoring", "hi_training_established",
    "hi_failsafe_presence", "hi_appeal_process", "hi_public_consultation",
)  # fmt: skip
_STAGES: Final[dict[str, str]] = {
    System.Phase.PLANNED: "pre-deployment",
    System.Phase.DEVELOPMENT: "pre-deployment",
    System.Phase.PILOT: "pilot",
    System.Phase.PRODUCTION: "deployed",
    System.Phase.RETIRED: "retired",
}
_HIGH: Final = (System.Impact.RIGHTS, System.Impact.SAFETY, System.Impact.BOTH)
_DUTIES: Final = ("technical-validation", "process-audit", "monitoring")
_SAID: Final = {MET: "Yes", UNMET: "No"}
_YES_NO: Final[dict[str, str]] = {System.Known.YES: "Yes", System.Known.NO: "No"}


def omb_2025_csv(systems: QuerySet[System]) -> Iterator[str]:
    """The given systems in their order, formulas neutralised as in every file we write."""
    return csv_lines(HEADER, _rows(systems))


def _rows(systems: QuerySet[System]) -> Iterator[list[object]]:
    paths, high = unit_paths(), systems.filter(impact__in=_HIGH)
    duties = _duties(high)
    revised = DocumentRevision.objects.filter(document__template=ASSESSMENT, document__system__in=high.order_by())
    assessed = set(revised.values_list("document__system_id", flat=True))
    for system in systems.defer("search").iterator(chunk_size=2000):
        path = paths[system.unit_id]
        nine = _nine(system, duties.get(system.slug, {}), system.pk in assessed) if system.impact in _HIGH else [""] * 9
        yield [
            system.slug, system.name, path[0], path[-1] if len(path) > 1 else "", _STAGES.get(system.phase, ""),
            _impact(system), system.purpose, system.outputs, system.vendor, _YES_NO.get(system.personal_data, ""),
            system.demographic_variables, *nine,
        ]  # fmt: skip


def _impact(system: System) -> str:
    if system.impact in _HIGH:
        return "high-impact"
    return "not high-impact" if system.impact == System.Impact.NEITHER else ""


def _nine(system: System, duties: Mapping[str, str], assessed: bool) -> list[object]:
    """Training, fail-safe, appeal and consultation are told in one text here, which no yes or no can be read from."""
    tested, reviewed, watched = (duties.get(duty, "") for duty in _DUTIES)
    return [tested, "Yes" if assessed else "", system.affected_groups, reviewed, watched, "", "", "", ""]


def _duties(systems: QuerySet[System]) -> dict[str, dict[str, str]]:
    """By system, how the duties stand that answer one of the nine; nothing while no policy pack is in force."""
    try:
        judged = gap_report.standing(systems, frozenset(_DUTIES))
        return {slug: {duty.id: _SAID[duty.status] for duty in found if duty.status in _SAID} for slug, found in judged}
    except Conflict:
        return {}
