"""Named reads of changes: the facts the machine decides on, what a person could do, what lists show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission, Role
from governance.changes.lifecycle import CHANGE, FOLLOW_UP, ChangeFacts, FollowUpFacts, offered_work
from governance.changes.models import Change, Contribution, FollowUp, Opinion, Revalidation
from governance.changes.planning import Window
from governance.changes.rules import Asked, missing, rank
from governance.database.clock import PortalNow
from governance.ledger.models import Event
from governance.ledger.queries import events_of_system
from governance.lifecycle import Offer
from governance.policy.changing import asked_kinds
from governance.policy.drift import Content, Difference, differences, uncovered
from governance.policy.queries import facts_of as policy_facts
from governance.policy.queries import pack_in_force, rules
from governance.policy.sections import Changes
from governance.validation.models import Contribution as ReleaseContribution
from governance.validation.models import Submission
from governance.validation.routes import FULL
from inventory import delegations
from inventory.dependencies import Reached, Spread, blast_radius
from inventory.deployments import deployments
from inventory.models import Asset, Assignment, Dependency, Deployment, Release, System, Unit, UnitClosure
from inventory.rules import content_version

OPEN_STATES = ("draft", "in_approval", "approved", "implemented")
REPORTS = 20
_OWNING = (Role.OWNER, Role.DEPUTY_OWNER)
_MAY_BE_LENT = (Permission.CHANGE_APPROVE, Permission.CHANGE_VERIFY)
_SHOWN_AS = {"ratify_rolled_back": "ratify", "refuse_rolled_back": "refuse"}


def rules_of_changes() -> Changes | None:
    """What the pack in force says about changes; None where no pack is in force or it is silent."""
    pack = pack_in_force()
    return rules(pack).document.changes if pack else None


def changes() -> QuerySet[Change]:
    """Changes with what a list shows of them."""
    return Change.objects.select_related("system", "requester", "target_release")


def whole_changes() -> QuerySet[Change]:
    """Changes with everything a page shows of them."""
    return changes().select_related(
        "rollback_release", "pack", "overridden_by", "decided_by", "implemented_by", "verified_by", "rolled_back_by",
        "ratified_by",
    ).prefetch_related("assets__asset", "opinions__system", "opinions__person")  # fmt: skip


def of_release(release: Release) -> QuerySet[Change]:
    """Changes the release carries out or is gone back to."""
    return changes().filter(Q(target_release=release) | Q(rollback_release=release), system=release.system_id)


def planned() -> QuerySet[Change]:
    """Changes with a whole window, with what a calendar shows of them."""
    return changes().filter(planned_from__isnull=False, planned_until__isnull=False)


def windows(planned: Sequence[Change]) -> list[Window]:
    """The windows of planned changes, each with the units above its system, in one statement."""
    above: dict[int, set[str]] = {}
    closure = UnitClosure.objects.filter(descendant__in={change.system.unit_id for change in planned})
    for unit, slug in closure.values_list("descendant_id", "ancestor__slug"):
        above.setdefault(unit, set()).add(slug)
    return [
        Window(
            change=change.pk, name=str(change), system=change.system_id, system_name=change.system.name,
            tier=change.system.tier, units=frozenset(above.get(change.system.unit_id, ())), since=change.planned_from,
            until=change.planned_until, emergency=change.emergency,
        )
        for change in planned
        if change.planned_from is not None and change.planned_until is not None
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deployed:
    """What was reported of the release that carries a change out, or of the one gone back to, since that was done."""

    release: Release | None
    rows: tuple[Deployment, ...]
    missing: str


def deployed(change: Change) -> Deployed:
    """Where the release of a change runs and ran since it was carried out, or rolled back; the newest report first.

    A change that is said to be carried out by a release nobody reported is said so: nothing else shows that what was
    approved is what was done.
    """
    back = change.state == Change.State.ROLLED_BACK
    release = change.rollback_release if back else change.target_release
    begun = change.rolled_back_at if back else change.implemented_at
    if release is None:
        return Deployed(None, (), "")
    ran = Q(until=None) | Q(until__gt=begun) if begun else Q(until=None)
    rows = tuple(deployments().filter(ran, system=change.system_id, release=release)[:REPORTS])
    done = "the change was rolled back" if back else "the change was carried out"
    missing = f"No report says that release {release.version} runs anywhere since {done}."
    return Deployed(release, rows, missing if begun and not rows else "")


def version_of(change: Change) -> str:
    """A word that changes whenever the change is written."""
    return content_version("change", change.pk, change.state, change.updated_at.isoformat())


def held_since(system: System, moment: datetime, roles: tuple[Role, ...]) -> frozenset[int]:
    """Everybody who held one of these roles on the system, directly or by unit, since a moment."""
    above = UnitClosure.objects.filter(descendant=system.unit_id).values("ancestor")
    held = Assignment.objects.filter(
        Q(system=system) | Q(unit__in=above),
        Q(until=None) | (Q(until__gt=moment) & Q(until__gt=F("since"))),
        role__in=roles,
        since__lte=PortalNow(),
    )
    return frozenset(held.values_list("person_id", flat=True))


def facts_of(person: User, change: Change, *, seen: str | None = None, comment: str | None = None) -> ChangeFacts:
    """What the change machine decides on for this person; `seen` is None when asked in advance."""
    hands = list(Contribution.objects.filter(change=change).values_list("person_id", "kind"))
    release_hands = (
        ReleaseContribution.objects.filter(release=change.target_release_id) if change.target_release_id else None
    )
    return ChangeFacts(
        person_ids=frozenset({person.pk}),
        by_person=person.kind == User.Kind.HUMAN,
        author_ids=frozenset(who for who, kind in hands if kind == "request"),
        owner_ids=held_since(change.system, change.created_at, _OWNING),
        developer_ids=held_since(change.system, change.created_at, (Role.DEVELOPER,)),
        release_contributor_ids=frozenset(release_hands.values_list("person_id", flat=True))
        if release_hands is not None
        else frozenset(),
        implementer_ids=frozenset(who for who, kind in hands if kind == "implementation"),
        lowered_by_id=lowered_by(change),
        emergency=change.emergency,
        ratification=change.ratification,
        version=version_of(change),
        seen=seen,
        missing=lacks(change),
        objections=objections(person, change),
        comment=comment,
        release_blockers=release_blockers(change),
        rollback_blockers=rollback_blockers(change, change.rollback_release),
        lent=delegations.lenders(person, _MAY_BE_LENT, change.system_id, change.system.unit_id),
    )


def newest_opinions(change: Change) -> list[Opinion]:
    """What counts of what owners said: the newest for each system."""
    said = Opinion.objects.filter(change=change).select_related("system", "person").order_by("id")
    return list({one.system_id: one for one in said}.values())


def heard(person: User, change: Change) -> list[Opinion]:
    """What owners said to a change, for the systems the person may see: an opinion names its system."""
    return _heard(person, list(change.opinions.all()))


def objections(person: User, change: Change) -> tuple[str, ...]:
    """A sentence for each objection that counts; one for a system the person may not see names nothing of it."""
    against = [one for one in newest_opinions(change) if not one.agrees]
    told = set(_heard(person, against))
    return tuple(
        f"{one.person} objects for {one.system.name}: {one.comment}"
        if one in told
        else "An owner of a system you may not see objects."
        for one in against
    )


def _heard(person: User, opinions: list[Opinion]) -> list[Opinion]:
    if not opinions:
        return []
    systems = System.objects.filter(pk__in={one.system_id for one in opinions})
    seen = set(rights.visible(person, systems).order_by().values_list("pk", flat=True))
    return [one for one in opinions if one.system_id in seen]


def dependants(person: User, change: Change) -> Spread:
    """Everything that depends on the system of a change or on an asset it is about, as far as the person may see."""
    starts: list[Asset | System] = [change.system, *(one.asset for one in change.assets.all())]
    spreads = [blast_radius(person, start) for start in starts]
    nearest: dict[int, Reached] = {}
    for one in sorted((one for spread in spreads for one in spread.reached), key=lambda one: one.depth):
        if one.node != -change.system_id:
            nearest.setdefault(one.node, one)
    reached = tuple(sorted(nearest.values(), key=lambda one: (one.depth, one.kind == "asset", one.name, one.node)))
    hidden = max((spread.hidden for spread in spreads), default=0)
    return Spread(reached, len(reached) + hidden, hidden, max((spread.depth for spread in spreads), default=0))


def reaches(person: User, change: Change, system: System) -> bool:
    """Whether a change that is put up, or done, reaches a system the person may see."""
    return change.state != Change.State.DRAFT and system.pk in {one.id for one in dependants(person, change).systems}


def kind_of(change: Change) -> str:
    """The kind of a change in the words of the policy that judged it."""
    section = rules(change.pack).document.changes
    return next((kind.title for kind in (section.kinds if section else ()) if kind.id == change.kind), change.kind)


def foundations(planned: Sequence[Window]) -> dict[int, frozenset[int]]:
    """Which of the systems of these windows builds directly on which other of them."""
    systems = {window.system for window in planned}
    found: dict[int, set[int]] = {}
    edges = Dependency.objects.filter(system__in=systems, on_system__in=systems, ended_at=None)
    for system, needed in edges.values_list("system_id", "on_system_id"):
        if system is not None and needed is not None:
            found.setdefault(system, set()).add(needed)
    return {system: frozenset(needed) for system, needed in found.items()}


def lowered_by(change: Change) -> int | None:
    """Who lowered what the change comes to, if that is how it stands."""
    lowered = rank(change.materiality) <= rank(change.computed)
    return change.overridden_by_id if lowered else None


def lacks(change: Change) -> tuple[str, ...]:
    """What the request lacks before anybody decides on it, by the policy in force."""
    section = rules_of_changes()
    if section is None:
        return ("a policy in force that says how changes are handled",)
    return missing(
        section,
        Asked(
            what=change.what, why=change.why, rollback_plan=change.rollback_plan, test_plan=change.test_plan,
            planned=change.planned_from is not None and change.planned_until is not None, answers=change.answers,
            emergency=change.emergency, unpermitted=_unpermitted(change),
        ),
    )  # fmt: skip


def _unpermitted(change: Change) -> tuple[str, ...]:
    """The assets a change is about whose use was refused."""
    refused = Asset.objects.filter(changes__change=change, permission=Asset.Consent.REFUSED).order_by("name")
    return tuple(refused.values_list("name", flat=True)) if change.pk else ()


def release_blockers(change: Change) -> tuple[str, ...]:
    """What stands against the release that is to carry the change out.

    A material change needs a release that went through every stage of a review, put up for it after the request's
    text stood still.
    """
    release = change.target_release
    material = change.materiality == Change.Materiality.MATERIAL
    if release is None:
        if not material:
            return ()
        return ("A material change is carried out by a release that was reviewed for it: name the release.",)
    if release.state != Release.State.APPROVED:
        return (f"Release {release.version}, which carries it out, is {release.get_state_display().lower()}.",)
    reviewed = Submission.objects.filter(
        release=release,
        state=Submission.State.APPROVED,
        route=FULL,
        submitted_at__gt=change.submitted_at or change.created_at,
    )
    if material and not reviewed.exists():
        return (
            f"Release {release.version} was not fully reviewed since this request was submitted. "
            "Describe a new release, or renew the approval of this one.",
        )
    return ()


def approved_before(change: Change) -> Release | None:
    """The release approved last before the one that carries the change out, and approved still; None without one."""
    if change.target_release_id is None:
        return None
    earlier = Submission.objects.filter(
        release__system=change.system_id, state=Submission.State.APPROVED, release__state=Release.State.APPROVED
    ).exclude(release=change.target_release_id)
    newest = earlier.select_related("release").order_by("-closed_at", "-id").first()
    return newest.release if newest else None


def rollback_blockers(change: Change, release: Release | None) -> tuple[str, ...]:
    """What stands against going back to a release."""
    if release is None:
        none = "There is no other approved release to go back to; have one approved, or suspend this one."
        return (none,) if change.target_release_id else ()
    if release.state != Release.State.APPROVED:
        return (f"Release {release.version} is {release.get_state_display().lower()}; go back to an approved one.",)
    return ()


def change_offers(person: User, change: Change) -> tuple[Offer, ...]:
    """What this person could do about a change, with what stands against it."""
    allowed, facts = rights.permissions_of(person, change), facts_of(person, change)
    moves = CHANGE.offered(change.state, allowed=allowed, facts=replace(facts, rollback_blockers=()))
    shown = [replace(offer, verb=_SHOWN_AS.get(offer.verb, offer.verb)) for offer in moves]
    return (*shown, *offered_work(change.state, allowed=allowed, facts=facts))


def events_of(change: Change) -> QuerySet[Event]:
    """What happened to a change."""
    return events_of_system(change.system_id).filter(table_name="changes_change", key=str(change.pk))


def follow_ups() -> QuerySet[FollowUp]:
    """Work that follows by itself, with what a list or page shows of it."""
    return FollowUp.objects.select_related(
        "system", "owner", "asset", "change", "pack", "revalidation", "settled_by"
    ).defer("system__search", "asset__search", "pack__document", "pack__source")


def follow_up_facts(person: User, follow_up: FollowUp) -> FollowUpFacts:
    """What the machine of follow-up work decides on for this person."""
    return FollowUpFacts(
        person.pk, person.kind == User.Kind.HUMAN, follow_up.owner_id, unrenewed=_unrenewed(follow_up)
    )  # fmt: skip


def _unrenewed(follow_up: FollowUp) -> tuple[str, ...]:
    """The releases a campaign asks to be reviewed again that still stand on an approval from before it."""
    campaign = follow_up.revalidation
    if campaign is None or follow_up.state != FollowUp.State.OPEN:
        return ()
    before = approvals(ends_before=campaign.ends_before).filter(
        release__system=follow_up.system_id, closed_at__lte=follow_up.opened_at
    )
    return tuple(before.order_by("release").values_list("release__version", flat=True))


def approvals(*, tier: str = "", unit: Unit | None = None, ends_before: datetime | None = None) -> QuerySet[Submission]:
    """The running approvals of systems in use, of a tier, of a unit with all below it, that end before an instant.

    Of each release the newest: a renewal leaves the approval before it as it was.
    """
    newer = Submission.objects.filter(
        release=OuterRef("release"), state=Submission.State.APPROVED, number__gt=OuterRef("number")
    )
    found = Submission.objects.filter(
        ~Exists(newer), state=Submission.State.APPROVED, release__state=Release.State.APPROVED
    )
    found = found.exclude(release__system__phase=System.Phase.RETIRED)
    if tier:
        found = found.filter(release__system__tier=tier)
    if unit is not None:
        below = UnitClosure.objects.filter(ancestor=unit).values("descendant")
        found = found.filter(release__system__unit__in=below)
    if ends_before is not None:
        found = found.filter(valid_until__lt=ends_before)
    return found.order_by()


def revalidations() -> QuerySet[Revalidation]:
    """Campaigns with their people."""
    return Revalidation.objects.select_related("unit", "started_by", "ended_by")


@dataclass(frozen=True, slots=True)
class Rounds:
    """How far a campaign has come among the systems somebody sees."""

    open: int = 0
    done: int = 0
    moot: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.open + self.done + self.moot


def progress(person: User, of: Iterable[Revalidation]) -> dict[int, Rounds]:
    """How far each campaign has come, in one statement, counting systems this person sees."""
    keys = [campaign.pk for campaign in of]
    seen = rights.visible(person, FollowUp.objects.filter(revalidation__in=keys)).order_by()
    found: dict[int, Rounds] = {key: Rounds() for key in keys}
    for key, state, number in seen.values_list("revalidation", "state").annotate(number=Count("pk")):
        if key is not None:
            found[key] = replace(found[key], **{state: number})
    return found


def follow_up_offers(person: User, follow_up: FollowUp) -> tuple[Offer, ...]:
    """What this person could do about it, with what stands against it."""
    allowed = rights.permissions_of(person, follow_up)
    return FOLLOW_UP.offered(follow_up.state, allowed=allowed, facts=follow_up_facts(person, follow_up))


def owners_of(systems: Iterable[int]) -> dict[int, int]:
    """Who owns each of these systems now; one without an owner is left out."""
    held = Assignment.objects.filter(
        Q(until=None) | Q(until__gt=PortalNow()), system__in=list(systems), role=Role.OWNER, since__lte=PortalNow()
    )
    return {system: person for system, person in held.values_list("system_id", "person_id") if system is not None}


def events_of_follow_up(follow_up: FollowUp) -> QuerySet[Event]:
    """What happened to it."""
    return events_of_system(follow_up.system_id).filter(table_name="changes_followup", key=str(follow_up.pk))


@dataclass(frozen=True, slots=True)
class Drift:
    """How a release that is not approved yet differs from what was approved last, and what of it nobody asked for."""

    version: str
    found: tuple[Difference, ...]
    bare: tuple[Difference, ...]


def drift_of(release: Release, now: Content | None = None) -> Drift | None:
    """The drift of a release, or of the package `now` frozen from it; None where nothing is to be compared."""
    section = rules_of_changes()
    facts = policy_facts([release]).get(release.pk)
    if section is None or facts is None or facts.predecessor is None:
        return None
    predecessor = facts.predecessor
    found = differences(predecessor.before, now or predecessor.now)
    return Drift(predecessor.version, found, uncovered(found, asked_kinds(section, facts)))
