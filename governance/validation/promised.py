"""What a condition can have the portal check: a closed list, each a pure function over the facts of the release.

A condition names one of these with its parameters when it is signed; it is covered by the signature and never
changes. While the check does not hold the condition cannot be reported as fulfilled. What cannot be known counts as
not holding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from governance.inputs import Checks
from governance.policy.completeness import AskedSection, section_name, standings
from governance.policy.decide import Rules, Status, line_of
from governance.policy.facts import Facts

LONGEST = 200
_HIGHEST = Decimal(10) ** 12


class Kind(StrEnum):
    """What is checked."""

    AT_LEAST = "evaluation_at_least"
    AT_MOST = "evaluation_at_most"
    MONITORED = "metric_monitored"
    WRITTEN = "section_written"
    NO_FINDING = "no_open_finding"
    REQUIREMENT = "requirement_met"
    SHARE = "share_at_most"


TITLES: Mapping[str, str] = {
    Kind.AT_LEAST: "Evaluation result at least a value",
    Kind.AT_MOST: "Evaluation result at most a value",
    Kind.MONITORED: "Metric is monitored",
    Kind.WRITTEN: "Section of a document is written",
    Kind.NO_FINDING: "No open finding of a severity",
    Kind.REQUIREMENT: "Requirement of the policy is met",
    Kind.SHARE: "Share of an environment at most a percentage",
}


@dataclass(frozen=True, slots=True)
class Promised:
    """A check with its parameters: `of` a metric, `template/section`, severity, requirement or environment."""

    kind: str
    of: str
    slice: str = ""
    value: str = ""

    def __str__(self) -> str:
        where = f" on {self.slice}" if self.slice else ""
        told = {
            Kind.AT_LEAST: f"The newest result of {self.of}{where} is at least {self.value}",
            Kind.AT_MOST: f"The newest result of {self.of}{where} is at most {self.value}",
            Kind.MONITORED: f"The metric {self.of}{where} is monitored",
            Kind.WRITTEN: f"The section {self.of} is written",
            Kind.NO_FINDING: f"No finding of severity {self.of} is open",
            Kind.REQUIREMENT: f"The requirement {self.of} of the policy is met",
            Kind.SHARE: f"At most {self.value} percent of {self.of} is served by this release",
        }
        return told.get(Kind(self.kind), "") if self.kind in set(Kind) else f"Unknown check {self.kind}"


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest value of a metric on a slice, whatever the method."""

    metric: str
    slice: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Served:
    """One deployment of the release that runs, and the percent of its environment it serves, where that was told."""

    environment: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the checks look at."""

    facts: Facts
    rules: Rules
    results: tuple[Newest, ...]
    at: datetime
    running: tuple[Served, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a check holds now, and what was found; `href` is where it is mended."""

    holds: bool
    found: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """What a check may name: metrics of the catalogue; sections, severities, requirements, environments of the pack."""

    metrics: Collection[str]
    sections: Collection[str]
    severities: Collection[str]
    requirements: Collection[str]
    environments: Collection[str] = ()

    def of(self, kind: str) -> Collection[str]:
        """What this kind of check may be of."""
        return {
            Kind.WRITTEN: self.sections, Kind.NO_FINDING: self.severities, Kind.REQUIREMENT: self.requirements,
            Kind.SHARE: self.environments,
        }.get(Kind(kind), self.metrics)  # fmt: skip


def names_of(rules: Rules, metrics: Collection[str]) -> Names:
    """What checks under this pack may name."""
    document = rules.document
    templates = document.documents.templates if document.documents else ()
    severities = document.findings.severities if document.findings else ()
    return Names(
        metrics, [f"{template.id}/{section.id}" for template in templates for section in template.sections],
        [severity.id for severity in severities],
        [each.id for each in document.requirements if each.check != "conditions"],
        [each.id for each in document.environments],
    )  # fmt: skip


def read(checks: Checks, names: Names, given: Promised) -> Promised | None:
    """The check as it will be kept; None where none was asked for. Notes what is wrong with its parameters."""
    if not given.kind:
        if given.of or given.slice or given.value:
            checks.refuse("check", "Say what is checked, or leave its details empty.")
        return None
    kind = checks.choice("check", given.kind, list(Kind))
    if not kind:
        return None
    of = given.of.strip()
    if of not in names.of(kind):
        known = ", ".join(sorted(names.of(kind))) or "nothing"
        checks.refuse("check_of", f"Must be one of: {known}.")
    part = checks.text("check_slice", given.slice, limit=LONGEST)
    if part and kind not in (Kind.AT_LEAST, Kind.AT_MOST, Kind.MONITORED):
        checks.refuse("check_slice", "Only a metric has a slice.")
    value = _value(checks, given.value.strip(), wanted=kind in (Kind.AT_LEAST, Kind.AT_MOST, Kind.SHARE))
    if kind == Kind.SHARE and value and not 0 < Decimal(value) <= 100:
        checks.refuse("check_value", "Must be a percentage above 0 and at most 100.")
    return Promised(kind, of, part, value)


def _value(checks: Checks, text: str, *, wanted: bool) -> str:
    """A number in one spelling, so that the signature covers what is shown."""
    if not wanted:
        if text:
            checks.refuse("check_value", "Only an evaluation result or a share is compared with a value.")
        return ""
    try:
        number = Decimal(text) if len(text) <= 30 and text.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number) > _HIGHEST:
        checks.refuse("check_value", "Must be a number like 0.85.")
        return ""
    fitting = number.quantize(Decimal("0.00000001")).normalize()
    return f"{fitting:f}" if fitting else "0"


def standing(promised: Promised, known: Known) -> Standing:
    """Whether the check holds now."""
    look = _LOOKS.get(promised.kind)
    if look is None:
        return Standing(False, "The portal does not know this check.")
    return look(promised, known)


def _compared(promised: Promised, known: Known) -> Standing:
    page = f"/releases/{known.facts.release.id}/" if known.facts.release else ""
    values = [each.value for each in known.results if (each.metric, each.slice) == (promised.of, promised.slice)]
    if not values:
        return Standing(False, f"No result of {promised.of} is recorded for this release.", page)
    wanted, least = Decimal(promised.value), promised.kind == Kind.AT_LEAST
    worst = min(values) if least else max(values)
    holds = worst >= wanted if least else worst <= wanted
    return Standing(holds, f"Recorded: {worst.normalize():f}.", page)


def _monitored(promised: Promised, known: Known) -> Standing:
    page = f"/systems/{known.facts.system.slug}/monitoring/" if known.facts.system else ""
    watched = any((each.metric, each.slice) == (promised.of, promised.slice) for each in known.facts.monitoring)
    return Standing(watched, "It is monitored." if watched else "Nothing watches it.", page)


def _written(promised: Promised, known: Known) -> Standing:
    template, _, section = promised.of.partition("/")
    page = f"/systems/{known.facts.system.slug}/documents/{template}/" if known.facts.system else ""
    for document in standings(known.rules.document, known.facts.system, known.facts.documents, known.at):
        if document.template != template:
            continue
        asked = [each for each in document.sections if section in (each.id, _whole(section, each))]
        if asked:
            said = all(each.filled for each in asked)
            return Standing(said, "It is written." if said else "It says nothing yet.", page)
    return Standing(False, "The policy in force asks for no such section.", page)


def _whole(section: str, asked: AskedSection) -> str:
    """The section a part for one affected group belongs to."""
    return section if asked.group and asked.id == section_name(section, asked.group) else ""


def _no_finding(promised: Promised, known: Known) -> Standing:
    page = f"/releases/{known.facts.release.id}/" if known.facts.release else ""
    count = sum(
        each.severity == promised.of
        and not (each.state == "accepted" and each.accepted_until is not None and known.at < each.accepted_until)
        for each in known.facts.findings
    )
    return Standing(count == 0, f"{count or 'None'} open.", page)


def _required(promised: Promised, known: Known) -> Standing:
    line = line_of(known.facts, known.rules, known.at, promised.of)
    if line is None:
        return Standing(False, "The policy in force has no such requirement.")
    return Standing(line.status in (Status.MET, Status.NOT_APPLICABLE), line.reason, line.href)


def _share(promised: Promised, known: Known) -> Standing:
    page = f"/systems/{known.facts.system.slug}/" if known.facts.system else ""
    there = [each.share for each in known.running if each.environment == promised.of]
    told = [share for share in there if share is not None]
    if len(told) < len(there):
        return Standing(False, f"What runs in {promised.of} tells no share.", page)
    served = sum(told, Decimal(0))
    return Standing(served <= Decimal(promised.value), f"Reported: {served:f} percent.", page)


_LOOKS: Mapping[str, Callable[[Promised, Known], Standing]] = {
    Kind.AT_LEAST: _compared,
    Kind.AT_MOST: _compared,
    Kind.MONITORED: _monitored,
    Kind.WRITTEN: _written,
    Kind.NO_FINDING: _no_finding,
    Kind.REQUIREMENT: _required,
    Kind.SHARE: _share,
}
