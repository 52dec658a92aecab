"""Named reads of incidents: the facts the machine decides on, what a person could do, what lists show."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.ledger.models import Event
from governance.ledger.queries import events_of_system
from governance.lifecycle import Offer, Reason
from governance.policy.queries import pack_in_force, rules
from governance.policy.sections import Clock, Incidents, Playbook
from governance.validation.models import Submission
from incidents.lifecycle import INCIDENT, IncidentFacts, offered_work
from incidents.models import (
    OPEN_STATES,
    ActionItem,
    ActionLink,
    AffectedRelease,
    ContributingFactor,
    Foresight,
    Incident,
    IncidentUpdate,
    Participant,
    PostIncidentReview,
    PublicSummary,
    RegulatorClock,
    ServiceCheck,
    SimilarIncident,
    Why,
)
from incidents.playbooks import playbooks_now
from incidents.rules import Closing, ReviewWritten, missing_for_close, missing_in_review
from inventory.models import Release

UNDER_WORK = [*OPEN_STATES, Incident.State.RESOLVED]
REVIEW_PARTS = ("response", "detection", "analysis", "mitigation")


def rules_of_incidents() -> Incidents | None:
    """What the pack in force says about incidents; None where no pack is in force or it is silent."""
    pack = pack_in_force()
    return rules(pack).document.incidents if pack else None


def incidents() -> QuerySet[Incident]:
    """Incidents with what a list shows of them."""
    affected = AffectedRelease.objects.select_related("release").order_by("id")
    return Incident.objects.select_related("system", "reporter", "commander", "status_by").prefetch_related(
        Prefetch("affected", affected)
    )


def whole_incidents() -> QuerySet[Incident]:
    """Incidents with everything a page shows of them."""
    return (
        incidents()
        .select_related(
            "remedy_release", "duplicate_of", "closed_by", "post_review__begun_by", "post_review__completed_by"
        )
        .prefetch_related(
            Prefetch("checks", ServiceCheck.objects.select_related("passed_by", "added_by")),
            Prefetch("actions", ActionItem.objects.select_related("owner", "done_by")),
            Prefetch("actions__became", ActionLink.objects.select_related(*ActionLink.TARGETS)),
            "playbook_versions__proposed_by",
            "playbook_versions__decided_by",
            "timeline__author",
            "updates__sent_by",
            "updates__recipients__person",
            "links__added_by",
            "participants__person",
            Prefetch("clocks", RegulatorClock.objects.select_related("started_by", "reported_by", "dropped_by")),
            "measures__taken_by",
            "measures__ended_by",
            "stops__release",
            "stops__hold",
            "stops__by",
            "evidence_holds__placed_by",
            "evidence_holds__lifted_by",
        )
    )


def analysed_incidents(person: User) -> QuerySet[Incident]:
    """Incidents with what stands in their analysis, without links to incidents this person may not see."""
    seen = Q(other=None) | Q(other__in=rights.visible(person, Incident.objects.all()).values("pk"))
    similar = SimilarIncident.objects.filter(seen, taken_back_at=None).select_related("other__system", "past", "by")
    return whole_incidents().prefetch_related(
        Prefetch("whys", Why.objects.filter(taken_back_at=None).select_related("by")),
        Prefetch("factors", ContributingFactor.objects.filter(taken_back_at=None).select_related("by")),
        Prefetch("similar", similar.defer("past__search")),
        Prefetch("foresights", Foresight.objects.filter(taken_back_at=None).select_related("risk", "by")),
    )


def summarised(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """These incidents with what is told of them outside."""
    versions = PublicSummary.objects.select_related("written_by", "decided_by")
    return rows.select_related("system__unit").prefetch_related(Prefetch("summaries", versions))


def updates_due() -> QuerySet[IncidentUpdate]:
    """Promises that stand: the newest word to an audience named a time, and the incident is still worked on."""
    later = IncidentUpdate.objects.filter(
        incident=OuterRef("incident"), audience=OuterRef("audience"), pk__gt=OuterRef("pk")
    )
    promised = IncidentUpdate.objects.filter(next_due__isnull=False, incident__state__in=UNDER_WORK)
    return promised.exclude(Exists(later))


def open_on(release: Release) -> QuerySet[Incident]:
    """Open incidents that name the release, or its whole system."""
    here = Q(affected=None) | Q(affected__release=release) | Q(remedy_release=release)
    return incidents().filter(here, system=release.system_id, state__in=OPEN_STATES).distinct()


def counting_when(incident: Incident) -> int | None:
    """The release of the system that was approved last when the incident was reported; None where none was."""
    approved = Submission.objects.filter(
        release__system=incident.system_id, closed_at__lte=incident.reported_at, valid_until__isnull=False
    )
    return approved.order_by("-closed_at", "-id").values_list("release_id", flat=True).first()


def facts_of(person: User, incident: Incident) -> IncidentFacts:
    """What the incident machine decides on for this person."""
    rules_now = rules_of_incidents()
    review = review_of(incident)
    have = Closing(
        root_cause=bool(incident.root_cause),
        impact=bool(incident.impact_by_class),
        review=bool(incident.review),
        action_items=any(not item.playbook for item in incident.actions.all()),
        functions=frozenset(one.function for one in _others(incident)),
        review_complete=review is not None and review.completed_at is not None,
    )
    checks = list(incident.checks.all())
    return IncidentFacts(
        actor_id=person.pk,
        reporter_id=incident.reporter_id,
        commander_id=incident.commander_id,
        two_person_close=incident.two_person_close,
        checks=len(checks),
        open_checks=tuple(check.text for check in checks if check.passed_at is None),
        missing_for_close=missing_for_close(
            rules_now.closing if rules_now else (),
            have,
            functions_for(rules_now, incident.severity),
            full_review=full_review_for(rules_now, incident.severity),
        ),
        standing=tuple(measure.text for measure in incident.measures.all() if measure.ended_at is None),
        reports_owed=tuple(one.title for one in incident.clocks.all() if one.is_open and one.binding),
        evidence_held=any(held.lifted_at is None for held in incident.evidence_holds.all()),
    )


def _others(incident: Incident) -> list[Participant]:
    """Those who take part besides whoever leads, who speaks for no function the policy wants to hear."""
    return [one for one in incident.participants.all() if one.person_id != incident.commander_id]


def review_of(incident: Incident) -> PostIncidentReview | None:
    """The review of an incident, if anybody began it."""
    return getattr(incident, "post_review", None)


def full_review_for(rules_now: Incidents | None, severity: str) -> bool:
    """Whether the policy wants the full review of an incident so severe before it is closed."""
    return any(one.full_review for one in (rules_now.severities if rules_now else ()) if one.id == severity)


def review_wanted(incident: Incident) -> bool:
    """Whether the policy in force wants the full review of this incident before it is closed."""
    return full_review_for(rules_of_incidents(), incident.severity)


def review_lacks(incident: Incident) -> tuple[str, ...]:
    """What the review of an incident lacks before it is complete, in words."""
    review = review_of(incident)
    have = ReviewWritten(
        **{name: bool(review and getattr(review, name)) for name in REVIEW_PARTS},
        root_cause=bool(incident.root_cause), impact=bool(incident.impact_by_class), lessons=bool(incident.review),
        agreed=frozenset(one.function for one in _others(incident) if one.agreed_at),
    )  # fmt: skip
    return missing_in_review(have, functions_for(rules_of_incidents(), incident.severity))


def functions_for(rules_now: Incidents | None, severity: str) -> tuple[str, ...]:
    """The functions that must have taken part before an incident so severe is closed."""
    return rules_now.review_functions.get(severity, ()) if rules_now else ()


def incident_offers(person: User, incident: Incident) -> tuple[Offer, ...]:
    """What this person could do about an incident, with what stands against it."""
    allowed = rights.permissions_of(person, incident)
    moves = INCIDENT.offered(incident.state, allowed=allowed, facts=facts_of(person, incident))
    return tuple(_of_review(person, incident, offer) for offer in moves + offered_work(incident.state, allowed=allowed))


def _of_review(person: User, incident: Incident, offer: Offer) -> Offer:
    """What stands against a verb of the review besides right and state."""
    if offer.reasons or offer.verb not in {"write_review", "agree_review", "complete_review"}:
        return offer
    review = review_of(incident)
    mine = [one for one in incident.participants.all() if one.person_id == person.pk]
    if offer.verb == "agree_review" and not mine:
        reason = Reason("forbidden", "Only who takes part in this incident agrees with its review.")
        return Offer(offer.verb, (reason,), forbidden=True)
    if review is not None and review.completed_at is not None:
        return Offer(offer.verb, (Reason("state", "The review is complete."),))
    if offer.verb == "agree_review" and all(one.agreed_at for one in mine):
        return Offer(offer.verb, (Reason("state", "You agree with the review as it is written."),))
    if review is None and offer.verb != "write_review":
        return Offer(offer.verb, (Reason("state", "Nobody began the review yet."),))
    if offer.verb == "complete_review" and (lacks := review_lacks(incident)):
        return Offer(offer.verb, (Reason("blocked", f"The review still lacks: {'; '.join(lacks)}."),))
    return offer


def pressable(incident: Incident, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Without what would say twice: evidence is held once, and let go only where it is held."""
    held = any(one.lifted_at is None for one in incident.evidence_holds.all())
    senseless = "hold_evidence" if held else "lift_evidence"
    return tuple(offer for offer in offers if offer.verb != senseless)


def checks_for(person: User, incident: Incident) -> list[tuple[ServiceCheck, bool]]:
    """The checks of an incident, each with whether this person is barred from passing it."""
    barred = incident.two_person_close
    return [
        (check, barred and person.pk in {check.added_by_id, incident.commander_id}) for check in incident.checks.all()
    ]


def playbooks_for(incident: Incident) -> list[Playbook]:
    """The playbooks, as they are now, for an incident of this type on a system of this tier that were not begun yet."""
    begun = {item.playbook for item in incident.actions.all()}
    return [
        book
        for book in playbooks_now(rules_of_incidents())
        if book.type == incident.type
        and book.id not in begun
        and (not book.tiers or incident.system.tier in book.tiers)
    ]


def clocks_to_start(incident: Incident) -> list[tuple[Clock, bool]]:
    """The pack's clocks that do not run yet and may be started, each with whether its type suggests it."""
    rules_now = rules_of_incidents()
    running = {one.clock for one in incident.clocks.all() if one.dropped_at is None}
    rows = [row for row in (rules_now.clocks if rules_now else ()) if row.id not in running and row.after is None]
    return sorted(((row, incident.type in row.types) for row in rows), key=lambda pair: not pair[1])


def events_of(incident: Incident) -> QuerySet[Event]:
    """What happened to an incident and what hangs on it."""
    of_system = events_of_system(incident.system_id)
    return of_system.filter(
        Q(table_name="incidents_incident", key=str(incident.pk)) | Q(after__incident_id=incident.pk)
    )
