"""The closed vocabulary of checks: what a requirement of a pack can ask. Pure functions, each able to fail.

A check gets the case (facts, pack, environment, instant, purpose) and the requirement's parameters, and answers
Met, Unmet or NotApplicable. What it cannot know counts as unmet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from governance.canonical import digest
from governance.inputs import InvalidInput
from governance.policy.binding import moved
from governance.policy.checking import (
    BUILDERS,
    GOVERNANCE,
    OWNERS,
    REGISTER,
    Case,
    Check,
    Met,
    NotApplicable,
    Parameters,
    Purpose,
    Result,
    RollbackParameters,
    StageParameters,
    Unmet,
    add_check,
    text_digest,
    written,
)
from governance.policy.completeness import standings
from governance.policy.facts import FindingFact, LoweredFact, ReviewFact, ShareFact, SubmissionFacts
from governance.policy.schema import Stage
from governance.policy.tiering import assess

# Whoever asks for the checks gets those of this file; parts that know more add theirs when the portal starts.
CHECKS: Mapping[str, Check] = REGISTER.checks


@add_check("release_known", never_waivable=True)
def release_known(case: Case, _: Parameters) -> Result:
    """The question is about exactly one release."""
    if case.several:
        return Unmet(
            f"ambiguous: {case.asked_for} belongs to several releases ({', '.join(case.several)}).",
            "Name the system and the release.", ("whoever asks the gate",), case.system_page,
        )  # fmt: skip
    if case.facts.release is None:
        return Unmet(
            f"The portal knows no release {case.asked_for}." if case.asked_for else "The portal knows no such release.",
            "Describe the release in the portal, or correct the name or digest.", BUILDERS, case.system_page,
        )  # fmt: skip
    return Met(f"Release {case.facts.release.version} is known.")


@add_check("owner")
def owner(case: Case, _: Parameters) -> Result:
    """Somebody answers for the system now: its owner, or for the pack's days a deputy."""
    for holder in case.facts.owner.owners:
        if holder.holds_at(case.at):
            return Met(f"{holder.name} owns the system.", holder.until)
    ends = [h.until for h in case.facts.owner.owners if h.until is not None and h.until <= case.at]
    days = case.pack.access.deputy_days if case.pack.access else 0
    if ends and days:
        limit = max(ends) + timedelta(days=days)
        deputy = next((h for h in case.facts.owner.deputies if h.holds_at(case.at)), None)
        if deputy is not None and case.at < limit:
            until = min(limit, deputy.until) if deputy.until else limit
            return Met(f"{deputy.name} stands in as deputy owner.", until)
    return Unmet(
        "Nobody owns this system now." if not ends else "The last owner's role has ended and nobody took over.",
        "Assign an owner.", GOVERNANCE, case.system_page,
    )  # fmt: skip


@add_check("tier")
def tier(case: Case, _: Parameters) -> Result:
    """The tier on record is what the answers come to under the pack in force."""
    system = case.facts.system
    fix = "Answer the tier questionnaire."
    page = f"{case.system_page}questionnaire/" if system else case.system_page
    if system is None or not system.tier:
        return Unmet("The system has no tier: its questionnaire is not answered.", fix, OWNERS, page)
    known = case.pack.tier(system.tier)
    if known is None:
        return Unmet(f"The policy in force has no tier “{system.tier}”.", fix, OWNERS, page)
    try:
        now = assess(case.pack, system.answers)
    except InvalidInput:
        return Unmet("The answers do not fit the questionnaire of the policy in force.", fix, OWNERS, page)
    if now.tier != system.tier:
        lowered = system.lowered
        if lowered and (lowered.from_tier, lowered.to_tier) == (now.tier, system.tier):
            return _lowered(case, lowered, known.title)
        return Unmet(
            f"On record is tier “{known.title}”, but under the policy in force the answers come to “{now.tier}”.",
            "Save the answers again, then renew the approval.", OWNERS, page,
        )  # fmt: skip
    return Met(f"Tier “{known.title}”.")


def _lowered(case: Case, lowered: LoweredFact, title: str) -> Result:
    """A lower tier than the answers come to counts until the date it was to be looked at again."""
    if case.at < lowered.until:
        return Met(f"Tier “{title}”, lowered by a decision until {written(lowered.until)}.", lowered.until)
    return Unmet(
        f"The tier was lowered to “{title}” only until {written(lowered.until)}.",
        "Propose it again, or end it and renew the approval in the tier the answers come to.", OWNERS,
        f"/lowered-tiers/{lowered.id}/",
    )  # fmt: skip


@add_check("documents")
def documents(case: Case, _: Parameters) -> Result:
    """Every document the tier demands exists, is filled and names a contact."""
    found = standings(case.pack, case.facts.system, case.facts.documents, case.at, owed_only=True)
    wanted = [document for document in found if document.demanded]
    coming = min((d.starts for d in found if d.starts and case.at < d.starts and not d.complete), default=None)
    if not wanted and coming:
        return Met(f"No document is demanded before {written(coming)}.", coming)
    if not wanted:
        return NotApplicable("The policy demands no document for this tier.")
    missing = [document for document in wanted if document.problem]
    if missing:
        said = "; ".join(document.problem for document in missing)
        return Unmet(f"{said}.", "Complete the documents.", BUILDERS, case.document_page(*missing))
    return Met("The documents are complete.", coming)


@add_check("artifacts", never_waivable=True)
def artifacts(case: Case, _: Parameters) -> Result:
    """The bill of materials names at least one artifact, each bound by a digest or fully described as a service."""
    if not case.facts.artifacts:
        return Unmet("The release lists no artifact.", "Add artifacts with SHA-256.", BUILDERS, case.release_page)
    vague = [a.name for a in case.facts.artifacts if len(a.sha256) != 64 or not a.complete]
    if vague:
        return Unmet(f"Not bound: {', '.join(vague)}.", "State digest or service.", BUILDERS, case.release_page)
    services = [a.name for a in case.facts.artifacts if a.kind == "service"]
    note = f" Not bound to vendor weights: {', '.join(services)}." if services else ""
    count = len(case.facts.artifacts)
    return Met(f"{count} artifact{'s' if count != 1 else ''} listed.{note}")


@add_check("digest", never_waivable=True)
def presented_digest(case: Case, _: Parameters) -> Result:
    """What is presented is in the bill of materials, and the bill is the one that was frozen for review."""
    current = frozenset((a.name, a.sha256) for a in case.facts.artifacts)
    submission = case.submission
    if submission is not None and submission.artifacts != current:
        return Unmet(
            f"The bill of materials differs from the one frozen in submission {submission.number}.",
            "Describe a new release with the new content.", BUILDERS, case.release_page,
        )  # fmt: skip
    known = {sha256 for _, sha256 in current}
    foreign = [sha256 for sha256 in case.digests if sha256 not in known]
    if foreign:
        return Unmet(
            f"sha256:{foreign[0]} is no artifact of this release.",
            "Deploy the reviewed artifact, or describe a new release with the new one.", BUILDERS, case.release_page,
        )  # fmt: skip
    if not case.digests:
        return Met("No digest was presented: the answer holds for the recorded artifacts only.")
    return Met("Every presented digest is an artifact of this release.")


def _concerns(case: Case, definition: Stage) -> bool:
    """Whether the stage is for this system: it names no regime, or one the system is in scope of."""
    declared = case.facts.system.regimes if case.facts.system else frozenset()
    return not definition.regimes or bool(declared & set(definition.regimes))


@add_check("stage", StageParameters, never_waivable=True)
def stage(case: Case, parameters: StageParameters) -> Result:
    """A review stage is signed by enough people, for the digest of the submission that counts."""
    definition = next((s for s in case.pack.stages if s.id == parameters.stage), None)
    submission = case.submission
    if submission is None:
        level = case.facts.system.tier if case.facts.system else ""
        if definition is not None and case.pack.tier(level) and level not in definition.tiers:
            return NotApplicable("This tier does not need the stage.")
        if definition is not None and not _concerns(case, definition):
            return NotApplicable("The stage is for systems in scope of a regime that this one is not.")
        return Unmet("The release was never submitted for review.", "Submit it.", BUILDERS, case.release_page)
    review = next((r for r in submission.reviews if r.stage == parameters.stage), None)
    if review is None:
        asked = definition is None or case.pack.tier(submission.tier) is None or submission.tier in definition.tiers
        asked = asked and (definition is None or _concerns(case, definition))
        if asked and submission.pack_digest == case.pack_digest:
            return Unmet(f"Submission {submission.number} lacks this stage.", "Submit again.", BUILDERS,
                         case.release_page)  # fmt: skip
        return NotApplicable("The submission was made where this stage was not asked for.")
    if review.state == "signed" and review.approvals >= review.quorum:
        return Met(f"{review.approvals} of {review.quorum} signed submission {_signed(submission, review)}.")
    who = f"{review.role.replace('_', ' ')}s of this system"
    if review.state in {"waiting", "open"}:
        return Unmet(
            f"{review.approvals} of {review.quorum} signed {review.title.lower()} of submission {submission.number}.",
            f"Ask one of the {who} to review it.", (who,), f"/reviews/{review.id}/",
        )  # fmt: skip
    return Unmet(
        f"{review.title} of submission {submission.number} is {review.state}.",
        "Answer the review and submit again.", BUILDERS, f"/reviews/{review.id}/",
    )  # fmt: skip


def _signed(submission: SubmissionFacts, review: ReviewFact) -> str:
    """Which submission a signature stands on: its own, or the one the approval is carried by."""
    carrier = submission.carrier
    if carrier is None or review.own:
        return str(submission.number)
    if submission.route == "light":
        return f"{carrier.number} of release {carrier.version}, which this light review leans on"
    return f"{carrier.number} of release {carrier.version}, in whose envelope this one ships"


@add_check("approval_current", never_waivable=True)
def approval_current(case: Case, _: Parameters) -> Result:
    """The release is approved, not stopped, and its approval has not run out.

    Something already running is not stopped by the end of an approval, only by suspension or revocation.
    """
    release, submission = case.facts.release, case.facts.counting
    if release is None:
        return Unmet("There is no release to approve.", "Describe the release.", BUILDERS, case.system_page)
    if release.state != "approved":
        return _not_approved(case, release.state)
    if submission is None or submission.state != "approved":
        return Unmet("No submission is approved.", "Submit the release.", BUILDERS, case.release_page)
    if submission.closed_at is None or submission.valid_until is None or case.at < submission.closed_at:
        return Unmet("The approval has no known time.", "Renew the approval.", BUILDERS, case.release_page)
    if (carried := _carried(case, submission)) is not None:
        return carried
    if case.purpose is Purpose.CONTINUE:
        return Met(f"Submission {submission.number} was approved and is not revoked.")
    if case.at >= submission.valid_until:
        return Unmet(
            f"The approval of submission {submission.number} ended on {written(submission.valid_until)}.",
            "Renew the approval.", BUILDERS, case.release_page,
        )  # fmt: skip
    route = f" {_ROUTES[submission.route].format(submission.carrier.version)}" if submission.carrier else ""
    return Met(f"Approved{route} until {written(submission.valid_until)}.", submission.valid_until)


_ROUTES = {"light": "by a light review that leans on release {}", "envelope": "inside the envelope of release {}"}


def _carried(case: Case, submission: SubmissionFacts) -> Unmet | None:
    """What stands against leaning on another release's review: it no longer counts, or a metric left the envelope."""
    carrier = submission.carrier
    if carrier is None:
        if submission.route == "full":
            return None
        return Unmet("The review this approval leans on is unknown.", "Describe a new release.", BUILDERS,
                     case.release_page)  # fmt: skip
    if carrier.state != "approved":
        return Unmet(
            f"The approval leans on the review of release {carrier.version}, which is {carrier.state}.",
            "Describe a new release and have it reviewed.", BUILDERS, f"/releases/{carrier.release}/",
        )  # fmt: skip
    if carrier.crossed:
        return Unmet(
            f"Measured outside the envelope of release {carrier.version}: {', '.join(carrier.crossed)}.",
            "Describe a new release and have it reviewed.", BUILDERS, case.release_page,
        )  # fmt: skip
    return None


def _not_approved(case: Case, state: str) -> Unmet:
    """What to do about a release in another state than approved."""
    fixes = {
        "draft": ("Submit it for review.", BUILDERS),
        "in_review": ("Wait for the open reviews.", ("reviewers of this system",)),
        "suspended": ("Have it reinstated.", ("risk officers of this system", "approvers of this system")),
    }
    fix, who = fixes.get(state, ("Describe a new release.", BUILDERS))
    return Unmet(f"The release is {state.replace('_', ' ')}, not approved.", fix, who, case.release_page)


@add_check("context_current")
def context_current(case: Case, _: Parameters) -> Result:
    """Tier, intended use, answers and what the system depends on are those the reviewers saw."""
    system, submission = case.facts.system, case.submission
    if system is None or submission is None:
        return Unmet("Nothing was submitted to compare with.", "Submit the release.", BUILDERS, case.release_page)
    changed = []
    if system.tier != submission.tier:
        changed.append("the tier")
    if text_digest(system.intended_use) != submission.intended_use_digest:
        changed.append("the intended use")
    if digest(system.answers) != submission.answers_digest:
        changed.append("the questionnaire answers")
    if case.facts.dependencies.direct != submission.dependencies:
        changed.append(f"what it depends on ({moved(submission.dependencies, case.facts.dependencies.direct)})")
    if changed:
        return Unmet(
            f"Changed since submission {submission.number}: {', '.join(changed)}.",
            "Renew the approval, so that reviewers see it.", BUILDERS, case.release_page,
        )  # fmt: skip
    return Met("Tier, intended use, answers and dependencies are as reviewed.")


@add_check("findings")
def findings(case: Case, _: Parameters) -> Result:
    """No finding that blocks is open."""
    blocking, ends = [], []
    for finding in case.facts.findings:
        blocks, until = _finding_blocks(case, finding)
        if blocks:
            blocking.append(finding)
        elif until is not None:
            ends.append(until)
    if blocking:
        names = "; ".join(f"“{f.title}” ({f.severity}, {f.state})" for f in blocking)
        return Unmet(
            f"Blocking findings: {names}.", "Answer them and have the answers verified.",
            (*BUILDERS, "reviewers of this system"), case.release_page,
        )  # fmt: skip
    return Met("No blocking finding is open.", min(ends, default=None))


def _finding_blocks(case: Case, finding: FindingFact) -> tuple[bool, datetime | None]:
    """Whether a finding blocks now, and if not, when it will. An unknown severity or state blocks."""
    severity = case.pack.severity(finding.severity)
    blocks = finding.blocking or severity is None or severity.blocking
    overdue_blocks = severity is not None and severity.blocking_when_overdue
    if finding.state in {"closed", "withdrawn"}:
        return False, None
    if finding.state == "accepted" and finding.accepted_until is not None and case.at < finding.accepted_until:
        return False, finding.accepted_until if blocks or overdue_blocks else None
    if blocks:
        return True, None
    if overdue_blocks and finding.due is not None:
        return case.at >= finding.due, finding.due
    return False, None


def _served(share: ShareFact) -> str:
    if not share.told:
        return f"what runs in {share.environment} tells no share, and at most {share.most:f} percent may be served"
    return f"{share.served.normalize():f} percent of {share.environment} is served, at most {share.most:f} may be"


@add_check("conditions")
def conditions(case: Case, _: Parameters) -> Result:
    """No condition of the approval is overdue for this environment, nor more of it served than one allows."""
    submission = case.submission
    waiting = [
        condition
        for condition in (submission.conditions if submission else ())
        if condition.state != "met"
        and (
            not condition.environments
            or case.environment is None
            or any(case.pack.environment(name) in (case.environment, None) for name in condition.environments)
        )
    ]
    overdue = [condition for condition in waiting if case.at >= condition.due]
    if overdue:
        return Unmet(
            f"Overdue: {'; '.join(f'“{c.text}” (due {written(c.due)})' for c in overdue)}.",
            "Fulfil the condition and have it confirmed.",
            tuple(sorted({c.owner or "owner of this system" for c in overdue})), case.release_page,
        )  # fmt: skip
    limits = [(c, c.share) for c in (submission.conditions if submission else ()) if c.share and c.state != "met"]
    here = [(c, s) for c, s in limits if case.pack.environment(s.environment) in (case.environment, None)]
    over = [(c, s) for c, s in (here if case.environment else limits) if not s.told or s.served > s.most]
    if over:
        return Unmet(
            f"{'; '.join(f'“{c.text}”: {_served(s)}' for c, s in over)}.",
            "Lower the share and report it with the deployment.",
            tuple(sorted({c.owner or "owner of this system" for c, _ in over})), case.release_page,
        )  # fmt: skip
    following = min((c.due for c in waiting), default=None)
    rest = f"; the next falls due {written(following)}" if following else ""
    rest += "".join(
        f"; at most {s.most:f} percent of {s.environment} may be served until “{c.text}” is confirmed" for c, s in here
    )
    return Met(f"No condition is overdue{rest}.", following)


@add_check("holds", never_waivable=True)
def holds(case: Case, _: Parameters) -> Result:
    """Nobody holds the release or its system."""
    if case.facts.holds:
        hold = case.facts.holds[0]
        what = "The whole system" if hold.whole_system else "This release"
        return Unmet(
            f"{what} is on hold by {hold.placed_by}: {hold.reason}",
            "Have another person lift the hold.", ("risk officers of this system",), case.release_page,
        )  # fmt: skip
    return Met("No hold is placed.")


@add_check("incidents")
def incidents(case: Case, _: Parameters) -> Result:
    """No incident is open on the release; the release an incident names as its remedy passes."""
    against = [incident for incident in case.facts.incidents if not incident.remedy]
    if against:
        names = "; ".join(f"INC-{i.id} “{i.title}” ({i.severity}, {i.state})" for i in against)
        return Unmet(
            f"Open incidents: {names}.", "Resolve them: pass every return-to-service check.",
            ("incident managers of this system",), f"/incidents/{against[0].id}/",
        )  # fmt: skip
    over = [i for i in case.facts.incidents if i.measure_until is not None and case.at >= i.measure_until]
    if over:
        names = "; ".join(
            f"INC-{i.id} “{i.measure}” (until {written(i.measure_until)})" for i in over if i.measure_until
        )
        return Unmet(
            f"A temporary measure has run out: {names}.", "End it, or take a measure that holds longer.",
            ("incident managers of this system",), f"/incidents/{over[0].id}/",
        )  # fmt: skip
    if case.facts.incidents:
        named = ", ".join(f"INC-{incident.id}" for incident in case.facts.incidents)
        until = min((i.measure_until for i in case.facts.incidents if i.measure_until is not None), default=None)
        rest = f" A temporary measure holds until {written(until)}." if until else ""
        return Met(f"This release is the remedy of {named}.{rest}", until)
    return Met("No incident is open.")


@add_check("rollback_target", RollbackParameters)
def rollback_target(case: Case, parameters: RollbackParameters) -> Result:
    """There is an approved release to go back to, once the system has one."""
    named, approved = case.facts.rollback.named, case.facts.rollback.approved
    if named is not None:
        if named.state == "approved":
            return Met(f"Release {named.version} is the roll-back target.")
        return Unmet(
            f"The roll-back target {named.version} is {named.state.replace('_', ' ')}.",
            "Describe a release with an approved roll-back target.", BUILDERS, case.release_page,
        )  # fmt: skip
    if not approved:
        return NotApplicable("No other release of this system is approved: there is nothing to go back to.")
    if parameters.must_be_named:
        return Unmet("No roll-back target is named.", "Name one in the release.", BUILDERS, case.release_page)
    return Met(f"Release {approved[0].version} can be rolled back to.")
