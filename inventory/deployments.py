"""What runs where: deployments with the end their successor gives them, and those nobody approved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from governance.inputs import Checks
from governance.policy.packs import PackInvalid
from governance.policy.queries import pack_in_force, rules
from governance.policy.schema import PackDocument
from governance.policy.sections import DeploymentReports
from inventory.models import Deployment, Release, ReportingPlace, System, UnitClosure

RUNNING, ENDED = "running", "ended"
APPROVED = Q(release__state=Release.State.APPROVED)


def deployments() -> QuerySet[Deployment]:
    """Everything that ran, with `until` (None: it runs) and `state`; the newest report first.

    Half-open: it ran from `since` to `until`, where what was reported next begins.
    """
    later = _later()
    rows = Deployment.objects.filter(runs=True).select_related("system", "release", "reported_by")
    return rows.annotate(
        until=Subquery(later.order_by("at").values("since")[:1]),
        state=Case(When(Exists(later), then=Value(ENDED)), default=Value(RUNNING)),
    ).order_by("-at", "-id")


def running() -> QuerySet[Deployment]:
    """What runs now, by the last report of each system and place."""
    rows = Deployment.objects.filter(~Exists(_later()), runs=True)
    return rows.select_related("system", "release", "reported_by").order_by("-at", "-id")


def _later() -> QuerySet[Deployment]:
    """What the same place said of the same system afterwards."""
    return Deployment.objects.filter(
        system=OuterRef("system"), environment=OuterRef("environment"), cluster=OuterRef("cluster"),
        at__gt=OuterRef("at"),
    )  # fmt: skip


def silent(document: PackDocument | None, at: datetime) -> QuerySet[ReportingPlace]:
    """Places that told more than once what runs, by whose last word something does, and that are silent for too long.

    The policy says how long; by 0 hours nobody waits for a report. A pipeline tells what it deploys and then nothing:
    only what runs the containers is waited for.
    """
    hours = (document.deployments if document else DeploymentReports()).longest_silence_hours
    if not hours:
        return ReportingPlace.objects.none()
    there = running().filter(
        system=OuterRef("system"), environment=OuterRef("environment"), cluster=OuterRef("cluster")
    )
    places = ReportingPlace.objects.filter(
        Exists(there), source=Deployment.Source.CLUSTER, heard__gt=1, last_heard__lte=at - timedelta(hours=hours)
    )
    return places.exclude(system__phase=System.Phase.RETIRED).select_related("system").order_by("last_heard", "pk")


def place_of(environment: str, cluster: str) -> str:
    """A place in words."""
    return f"{environment}, {cluster}" if cluster else environment


def not_approved(rows: QuerySet[Deployment], document: PackDocument | None, at: datetime) -> QuerySet[Deployment]:
    """Those among the rows whose release is not approved, or not known, where the gate enforces.

    Where it only observes, development for one, what is not approved may run.
    """
    return rows.filter(Q(release=None) | ~APPROVED, enforcing(document, at))


def enforcing(document: PackDocument | None, at: datetime) -> Q:
    """Deployments in environments that enforce for their system at that instant: `decide.enforced` for many at once.

    Without rules nobody said that an environment only observes, so all of them count; so does one the rules do not
    know.
    """
    if document is None:
        return Q(environment__isnull=False)
    known = [place.id for place in document.environments]
    wanted = ~Q(environment__in=known)
    for place in document.environments:
        if place.enforcement == "observe":
            continue
        here = Q(environment=place.id)
        if not place.starts:
            wanted |= here
        for start in place.starts:
            if start.since <= at:
                within = UnitClosure.objects.filter(ancestor__slug__in=start.units).values("descendant")
                units = Q(system__unit__in=within) if start.units else Q()
                tiers = Q(system__tier__in=["", *start.tiers]) if start.tiers else Q()
                wanted |= here & units & tiers
    return wanted


def document_in_force() -> PackDocument | None:
    """The rules in force; None while there are none that can be read."""
    pack = pack_in_force()
    try:
        return rules(pack).document if pack else None
    except PackInvalid:
        return None


def titles(document: PackDocument | None) -> dict[str, str]:
    """The environments by id, the strictest first."""
    places = sorted(document.environments, key=lambda each: (-each.order, each.id)) if document else []
    return {place.id: place.title for place in places}


def environment_of(checks: Checks, value: object, document: PackDocument | None) -> str:
    """The environment of that name or alias, as the gate understands it; without rules the word itself."""
    word = checks.text("environment", value, limit=60, required=True)
    if document is None or not word:
        return word
    found = document.environment(word)
    if found is None:
        checks.refuse("environment", f"Must be one of: {', '.join(place.id for place in document.environments)}.")
        return ""
    return found.id


def canonical(word: str) -> Any:
    """The id of the environment of that name or alias; a word the rules do not know stays as it is."""
    document = document_in_force()
    found = document.environment(word) if document else None
    return found.id if found else word
