"""Whether the sections of a pack agree with each other; each problem names the place it stands at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import available_timezones

from pydantic import ValidationError

from governance.access.roles import ROLE_PERMISSIONS
from governance.policy.checks import CHECKS
from governance.policy.legacy import COVERABLE, COVERED
from governance.policy.schema import Documents, PackDocument, Question, Regime, Requirement
from governance.policy.sections import Level, Monitoring

Place = tuple[str | int, ...]
Problem = tuple[Place, str]

CORE = ("release_known", "artifacts", "digest", "approval_current", "holds")
NEEDS_SECTION = {"changes": "changes", "documents": "documents", "findings": "findings", "risks": "risks"}


def problems(document: PackDocument) -> list[Problem]:
    """Everything that stands against the pack."""
    return [
        *_twice(document), *_tiers(document), *_stages(document), *_approvals(document), *_environments(document),
        *_requirements(document), *_other_sections(document), *_regimes(document), *_access(document),
    ]  # fmt: skip


def _repeated(place: Place, ids: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield place, f"“{name}” stands here {count} times"


def _unknown(place: Place, names: Iterable[str], known: Iterable[str], noun: str) -> Iterator[Problem]:
    valid = set(known)
    for name in names:
        if name not in valid:
            yield place, f"there is no {noun} “{name}”; known: {', '.join(sorted(valid))}"


def _twice(document: PackDocument) -> Iterator[Problem]:
    yield from _repeated(("tiers", "order"), (t.id for t in document.tiers.order))
    yield from _repeated(("tiers", "questionnaire"), (q.id for q in document.tiers.questionnaire))
    yield from _repeated(("stages",), (s.id for s in document.stages))
    yield from _repeated(("requirements",), (r.id for r in document.requirements))
    yield from _repeated(("regimes",), (r.id for r in document.all_regimes))
    yield from _repeated(("overlays",), (overlay.id for overlay in document.overlays))
    names = [name for e in document.environments for name in (e.id, *e.aliases)]
    yield from _repeated(("environments",), names)
    if document.findings:
        yield from _repeated(("findings", "severities"), (s.id for s in document.findings.severities))
    if document.documents:
        yield from _repeated(("documents", "templates"), (t.id for t in document.documents.templates))


def _access(document: PackDocument) -> Iterator[Problem]:
    """A rule nobody enforces would be believed."""
    if document.access and document.access.second_confirmation:
        yield ("access", "second_confirmation"), "the portal does not ask a second person to confirm a role yet"


def _matrix(
    place: Place, matrix: Mapping[str, Mapping[str, str]], rows: tuple[Level, ...], columns: tuple[Level, ...],
    values: Iterable[str], noun: str,
) -> Iterator[Problem]:  # fmt: skip
    known = set(values)
    for row in rows:
        if row.id not in matrix:
            yield place, f"the matrix has no row “{row.id}”"
            continue
        for column in columns:
            if column.id not in matrix[row.id]:
                yield (*place, row.id), f"the row has no column “{column.id}”"
        for name, value in matrix[row.id].items():
            yield from _unknown((*place, row.id), [name], (c.id for c in columns), "column")
            yield from _unknown((*place, row.id, name), [value], known, noun)
    yield from _unknown(place, matrix, (r.id for r in rows), "row")


def _tiers(document: PackDocument) -> Iterator[Problem]:
    tiers = document.tiers
    known = [tier.id for tier in tiers.order]
    axes = {"likelihood": tiers.likelihood, "loss": tiers.loss}
    yield from _matrix(("tiers", "matrix"), tiers.matrix, tiers.likelihood, tiers.loss, known, "tier")
    questions = {question.id: question for question in tiers.questionnaire}
    for axis in axes:
        if all(question.axis != axis for question in tiers.questionnaire):
            yield ("tiers", "questionnaire"), f"no question feeds the axis “{axis}”"
    for position, question in enumerate(tiers.questionnaire):
        levels = [level.id for level in axes[question.axis]] if question.axis else []
        yield from _question(("tiers", "questionnaire", position), question, levels)
    for position, rule in enumerate(tiers.rules):
        place: Place = ("tiers", "rules", position)
        yield from _unknown((*place, "at_least"), [rule.at_least], known, "tier")
        for name, values in rule.when.items():
            yield from _unknown((*place, "when"), [name], questions, "question")
            if name in questions:
                possible = [option.value for option in questions[name].options]
                yield from _unknown((*place, "when", name), values, possible, "answer")


def _question(place: Place, question: Question, levels: list[str]) -> Iterator[Problem]:
    yield from _repeated((*place, "options"), (option.value for option in question.options))
    for number, option in enumerate(question.options):
        here = (*place, "options", number)
        if question.axis is None:
            if option.level is not None:
                yield here, "the question feeds no axis, so its answers have no level"
        elif option.level is None:
            yield here, f"the answer needs a level of “{question.axis}”"
        else:
            yield from _unknown(here, [option.level], levels, "level")


def _stages(document: PackDocument) -> Iterator[Problem]:
    tiers = [tier.id for tier in document.tiers.order]
    checked = {r.parameters.get("stage") for r in document.requirements if r.check == "stage"}
    for position, stage in enumerate(document.stages):
        place: Place = ("stages", position)
        yield from _unknown((*place, "tiers"), stage.tiers, tiers, "tier")
        yield from _unknown((*place, "regimes"), stage.regimes, (r.id for r in document.all_regimes), "regime")
        if not stage.permission.startswith("review.sign_"):
            yield (*place, "permission"), "a stage is signed with a right to sign (review.sign_…)"
        elif stage.permission not in ROLE_PERMISSIONS.get(stage.role, ()):
            yield (*place, "role"), f"the role “{stage.role}” does not hold the right “{stage.permission}”"
        if stage.id not in checked:
            yield place, f"no requirement checks the stage “{stage.id}”"
    for tier in tiers:
        if not any(tier in stage.tiers and not stage.regimes for stage in document.stages):
            yield ("stages",), f"the tier “{tier}” has no stage: nobody would sign"


def _approvals(document: PackDocument) -> Iterator[Problem]:
    tiers = [tier.id for tier in document.tiers.order]
    place: Place = ("approvals", "validity_days")
    yield from _unknown(place, document.approvals.validity_days, tiers, "tier")
    for tier in tiers:
        if tier not in document.approvals.validity_days:
            yield place, f"the tier “{tier}” has no validity"
    zone = document.approvals.time_zone
    if zone is not None and zone not in available_timezones():
        yield ("approvals", "time_zone"), f"there is no time zone “{zone}”"
    if (legacy := document.approvals.legacy) is not None:
        place = ("approvals", "legacy")
        if legacy.until.tzinfo is None:
            yield (*place, "until"), "the instant needs a time zone"
        yield from _unknown((*place, "tiers"), legacy.tiers, tiers, "tier")
        checks = {requirement.id: requirement.check for requirement in document.requirements}
        yield from _unknown((*place, "covers"), legacy.covers, checks, "requirement")
        for name in legacy.covers:
            if name in checks and checks[name] not in COVERED | COVERABLE:
                yield (*place, "covers"), f"no approval from before stands in for “{name}”"


def _environments(document: PackDocument) -> Iterator[Problem]:
    tiers = [tier.id for tier in document.tiers.order]
    for position, environment in enumerate(document.environments):
        for number, start in enumerate(environment.starts):
            place: Place = ("environments", position, "starts", number)
            yield from _unknown(place, start.tiers, tiers, "tier")
            if start.since.tzinfo is None:
                yield (*place, "since"), "the instant needs a time zone"


def _requirements(document: PackDocument) -> Iterator[Problem]:
    for name in CORE:
        if not any(r.check == name and _everywhere(r) for r in document.requirements):
            yield ("requirements",), f"every pack checks “{name}” for every tier and environment"
    for position, requirement in enumerate(document.requirements):
        yield from _requirement(document, ("requirements", position), requirement)


def _everywhere(requirement: Requirement) -> bool:
    applies = requirement.applies
    return not (applies.tiers or applies.environments or applies.regimes)


def _requirement(document: PackDocument, place: Place, requirement: Requirement) -> Iterator[Problem]:
    check = CHECKS.get(requirement.check)
    if check is None:
        yield from _unknown((*place, "check"), [requirement.check], CHECKS, "check")
        return
    try:
        check.parameters.model_validate(requirement.parameters)
    except ValidationError as error:
        for item in error.errors():
            yield (*place, "parameters"), f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
    if requirement.check == "stage":
        if not _everywhere(requirement):
            yield (*place, "applies"), "a stage applies by its own tiers"
        stages = [stage.id for stage in document.stages]
        yield from _unknown((*place, "parameters"), [str(requirement.parameters.get("stage"))], stages, "stage")
    if requirement.check == "audit_findings" and document.findings is not None:
        named, known = requirement.parameters.get("severities", ()), [each.id for each in document.findings.severities]
        yield from _unknown((*place, "parameters"), named if isinstance(named, tuple) else (), known, "severity")
    if requirement.waivable and check.never_waivable:
        yield (*place, "waivable"), f"“{requirement.check}” can never be waived"
    if requirement.longest_waiver_days and not requirement.waivable:
        yield (*place, "longest_waiver_days"), "only a waivable requirement has a longest waiver"
    section = NEEDS_SECTION.get(requirement.check)
    if section and getattr(document, section) is None:
        yield (*place, "check"), f"the section “{section}” is switched off"
    yield from _references(document, place, requirement)


def _references(document: PackDocument, place: Place, requirement: Requirement) -> Iterator[Problem]:
    """What a requirement names elsewhere in the pack."""
    applies, here = requirement.applies, (*place, "applies")
    yield from _unknown(here, applies.tiers, (tier.id for tier in document.tiers.order), "tier")
    yield from _unknown(here, applies.environments, (e.id for e in document.environments), "environment")
    regimes = {regime.id: regime for regime in document.all_regimes}
    yield from _unknown(here, applies.regimes, regimes, "regime")
    for number, source in enumerate(requirement.sources):
        at: Place = (*place, "sources", number)
        yield from _unknown(at, [source.regime], regimes, "regime")
        if source.regime in regimes:
            yield from _unknown(at, [source.clause], (c.id for c in regimes[source.regime].clauses), "clause")


def _other_sections(document: PackDocument) -> Iterator[Problem]:
    tiers = [tier.id for tier in document.tiers.order]
    if document.documents:
        yield from _documents(document.documents, tiers, [regime.id for regime in document.all_regimes])
    yield from _monitoring(document, tiers)
    if document.changes:
        yield from _changes(document)
    if document.risks:
        risks = document.risks
        levels = [level.id for level in risks.levels]
        yield from _matrix(("risks", "matrix"), risks.matrix, risks.likelihood, risks.consequence, levels, "level")
        yield from _unknown(("risks", "appetite"), risks.appetite, tiers, "tier")
        yield from _unknown(("risks", "appetite"), risks.appetite.values(), levels, "level")
    if document.incidents:
        yield from _incidents(document)
    if document.cover:
        stages = [stage.id for stage in document.stages]
        for position, limit in enumerate(document.cover.longest_open):
            place: Place = ("cover", "longest_open", position)
            yield from _unknown((*place, "stages"), limit.stages, stages, "stage")
            yield from _unknown((*place, "tiers"), limit.tiers, tiers, "tier")


def _monitoring(document: PackDocument, tiers: list[str]) -> Iterator[Problem]:
    sections: list[tuple[Place, Monitoring | None]] = [(("monitoring",), document.monitoring)]
    for number, overlay in enumerate(document.overlays):
        sections.append((("overlays", number, "monitoring"), overlay.monitoring))
        if not overlay.regimes and not overlay.monitoring:
            yield ("overlays", number), "an overlay brings regimes or monitoring duties"
    for place, section in sections:
        for position, duty in enumerate(section.duties if section else ()):
            yield from _unknown((*place, "duties", position), [duty.tier], tiers, "tier")


def _documents(documents: Documents, tiers: list[str], regimes: list[str]) -> Iterator[Problem]:
    for position, template in enumerate(documents.templates):
        place: Place = ("documents", "templates", position)
        yield from _unknown((*place, "tiers"), template.tiers, tiers, "tier")
        yield from _unknown((*place, "regimes"), template.regimes, regimes, "regime")
        yield from _repeated((*place, "sections"), (section.id for section in template.sections))


def _changes(document: PackDocument) -> Iterator[Problem]:
    changes = document.changes
    if changes is None:
        return
    tiers = [tier.id for tier in document.tiers.order]
    kinds = [kind.id for kind in changes.kinds]
    questions = {question.id: question for question in changes.questions}
    yield from _repeated(("changes", "kinds"), kinds)
    yield from _repeated(("changes", "questions"), (question.id for question in changes.questions))
    yield from _repeated(("changes", "rules"), (rule.id for rule in changes.rules))
    for position, question in enumerate(changes.questions):
        options = [option.value for option in question.options]
        yield from _repeated(("changes", "questions", position, "options"), options)
        yield from _unknown(("changes", "questions", position, "blocking"), question.blocking, options, "answer")
    for position, rule in enumerate(changes.rules):
        place: Place = ("changes", "rules", position)
        yield from _unknown((*place, "kinds"), rule.kinds, kinds, "kind of change")
        yield from _unknown((*place, "tiers"), rule.tiers, tiers, "tier")
        for name, values in rule.when.items():
            yield from _unknown((*place, "when"), [name], questions, "question")
            if name in questions:
                possible = [option.value for option in questions[name].options]
                yield from _unknown((*place, "when", name), values, possible, "answer")
    yield from _unknown(("changes", "light_stages"), changes.light_stages, (s.id for s in document.stages), "stage")
    for position, envelope in enumerate(changes.envelopes):
        yield from _unknown(("changes", "envelopes", position), envelope.kinds, kinds, "kind of change")
        yield from _unknown(("changes", "envelopes", position), envelope.tiers, tiers, "tier")
    for position, freeze in enumerate(changes.freezes):
        place = ("changes", "freezes", position)
        yield from _unknown((*place, "environments"), freeze.environments, (e.id for e in document.environments),
                            "environment")  # fmt: skip
        yield from _unknown((*place, "tiers"), freeze.tiers, tiers, "tier")
        if freeze.since.tzinfo is None or freeze.until.tzinfo is None:
            yield place, "the instants need a time zone"
        elif freeze.until <= freeze.since:
            yield (*place, "until"), "a freeze ends after it begins"


def _incidents(document: PackDocument) -> Iterator[Problem]:
    incidents = document.incidents
    if incidents is None:
        return
    severities = [severity.id for severity in incidents.severities]
    yield from _matrix(
        ("incidents", "matrix"), incidents.matrix, incidents.impact, incidents.urgency, severities, "severity"
    )
    yield from _unknown(("incidents", "review_functions"), incidents.review_functions, severities, "severity")
    types = [kind.id for kind in incidents.types]
    tiers = [tier.id for tier in document.tiers.order]
    if rule := incidents.running_unapproved:
        here: Place = ("incidents", "running_unapproved")
        yield from _unknown(here, [rule.type], types, "type of incident")
        yield from _unknown(here, [rule.impact], (level.id for level in incidents.impact), "impact")
        yield from _unknown(here, [rule.urgency], (level.id for level in incidents.urgency), "urgency")
    yield from _repeated(("incidents", "playbooks"), (playbook.id for playbook in incidents.playbooks))
    for position, playbook in enumerate(incidents.playbooks):
        yield from _unknown(("incidents", "playbooks", position, "tiers"), playbook.tiers, tiers, "tier")
        yield from _unknown(("incidents", "playbooks", position), [playbook.type], types, "type of incident")
    clocks = [clock.id for clock in incidents.clocks]
    regimes = [regime.id for regime in document.all_regimes]
    for position, clock in enumerate(incidents.clocks):
        place: Place = ("incidents", "clocks", position)
        if clock.regime is not None:
            yield from _unknown(place, [clock.regime], regimes, "regime")
        if clock.after is not None:
            yield from _unknown(place, [clock.after], clocks[:position], "clock above it")
        yield from _unknown((*place, "types"), clock.types, types, "type of incident")
        if clock.zone not in available_timezones():
            yield (*place, "zone"), f"“{clock.zone}” is no time zone"


def _regimes(document: PackDocument) -> Iterator[Problem]:
    known = [regime.id for regime in document.all_regimes]
    placed: list[tuple[Place, Regime]] = [(("regimes", number), each) for number, each in enumerate(document.regimes)]
    for number, overlay in enumerate(document.overlays):
        placed += [(("overlays", number, "regimes", below), each) for below, each in enumerate(overlay.regimes)]
    for place, regime in placed:
        yield from _repeated((*place, "clauses"), (clause.id for clause in regime.clauses))
        if regime.ends is not None and regime.ends <= regime.starts:
            yield (*place, "ends"), "a regime ends after it starts"
        if regime.superseded_by is not None:
            yield from _unknown((*place, "superseded_by"), [regime.superseded_by], known, "regime")
