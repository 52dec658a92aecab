"""What validation adds to a release's and a system's detail."""

from __future__ import annotations

from collections.abc import Iterable

from governance.access.models import User
from governance.lifecycle import Offer
from governance.rest.parts import Part, contribute
from governance.rest.serializers import Offered
from governance.validation import certifications as reads
from governance.validation import queries
from governance.validation.api import serializers as shapes
from governance.validation.api import stops
from governance.validation.api.certifications import CertificationShown
from governance.validation.models import Certification, Condition, Finding, Hold, Review, Submission, Waiver
from inventory import queries as inventory
from inventory.models import Release, System


def _actions(release: Release, person: User) -> Iterable[Offer]:
    others = [
        offer
        for offer in inventory.release_offers(release, person)
        if offer.verb not in queries.RELEASE_VERBS and offer.verb != "renew_suspended"
    ]
    return [*queries.release_offers(person, release), *others]


def _submissions(release: Release, person: User) -> Iterable[Submission]:
    return release.submissions.select_related("submitter", "pack", "carried_by__release")


def _reviews(release: Release, person: User) -> Iterable[Review]:
    return queries.reviews().filter(submission__release=release).order_by("-submission__number", "order", "id")


def _findings(release: Release, person: User) -> Iterable[Finding]:
    return queries.findings().filter(release=release)


def _conditions(release: Release, person: User) -> Iterable[Condition]:
    return queries.conditions().filter(submission__release=release)


def _release_holds(release: Release, person: User) -> Iterable[Hold]:
    return queries.holds().filter(release=release)


def _system_holds(system: System, person: User) -> Iterable[Hold]:
    return queries.holds().filter(system=system, state=Hold.State.PLACED)


def _system_waivers(system: System, person: User) -> Iterable[Waiver]:
    standing = (Waiver.State.REQUESTED, Waiver.State.GRANTED)
    return queries.waivers().filter(system=system, state__in=standing)


def _certifications(system: System, person: User) -> Iterable[Certification]:
    return reads.open_ones().filter(system=system)


def register() -> None:
    """Fill the details; called once at start, after the inventory."""
    contribute("release", Part("available_actions", Offered, _actions))
    contribute("release", Part("submissions", shapes.SubmissionShown, _submissions))
    contribute("release", Part("reviews", shapes.ReviewListed, _reviews))
    contribute("release", Part("findings", stops.FindingShown, _findings))
    contribute("release", Part("conditions", stops.ConditionShown, _conditions))
    contribute("release", Part("holds", stops.HoldShown, _release_holds))
    contribute("system", Part("holds", stops.HoldShown, _system_holds))
    contribute("system", Part("waivers", stops.WaiverShown, _system_waivers))
    contribute("system", Part("certifications", CertificationShown, _certifications))
