"""What was approved beside what runs: deployments with what the gate had said, and the two ways they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Exists, OuterRef, QuerySet, Subquery, Value, When

from governance.access import rights
from governance.access.models import User
from governance.database.clock import portal_now
from governance.gate.models import GateCheck
from governance.policy.checking import Purpose
from governance.policy.schema import PackDocument
from governance.validation.models import Submission
from incidents.watching import running_episodes
from inventory.deployments import deployments, enforcing, not_approved, place_of, running, silent
from inventory.models import Deployment, Release, ReportingPlace, System

MOST = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A deployment with the last answer of the gate before it was reported, and the incident it opened, if any."""

    row: Deployment
    environment: str
    check: GateCheck | None
    alert: object | None
    heard: datetime | None = None
    silent: bool = False

    @property
    def place(self) -> str:
        """Where it runs, in words."""
        return place_of(self.environment, self.row.cluster)

    @property
    def enforces(self) -> bool:
        """Whether the gate enforces there for its system."""
        return bool(getattr(self.row, "enforces", True))

    @property
    def approved(self) -> bool:
        """Whether its release is approved now."""
        return self.row.release is not None and self.row.release.state == Release.State.APPROVED


def with_checks(rows: QuerySet[Deployment], document: PackDocument | None) -> QuerySet[Deployment]:
    """The rows with the key of the last check of the gate on them, and whether it enforces there."""
    asked = GateCheck.objects.filter(
        release=OuterRef("release"), environment=OuterRef("environment"), purpose=Purpose.DEPLOY, at__lte=OuterRef("at")
    )
    enforces = Case(
        When(enforcing(document, portal_now()), then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    return rows.annotate(check_id=Subquery(asked.order_by("-at", "-pk").values("pk")[:1]), enforces=enforces)


def told(
    rows: Sequence[Deployment], titles: Mapping[str, str], document: PackDocument | None = None
) -> list[Shown]:  # fmt: skip
    """What pages show of rows of `with_checks`; few statements whatever their number."""
    checks = GateCheck.objects.in_bulk({row.check_id for row in rows if row.check_id})  # type: ignore[attr-defined]
    alerts = running_episodes(rows)
    places = ReportingPlace.objects.filter(system__in={row.system_id for row in rows})
    heard = {(one.system_id, one.environment, one.cluster): one for one in places}
    quiet = set(
        silent(document, portal_now()).filter(pk__in=[one.pk for one in heard.values()]).values_list("pk", flat=True)
    )
    found = []
    for row in rows:
        place = heard.get((row.system_id, row.environment, row.cluster))
        found.append(
            Shown(
                row, titles.get(row.environment, row.environment),
                checks.get(row.check_id), alerts.get(row.pk),  # type: ignore[attr-defined]  # annotated
                place.last_heard if place else None, place is not None and place.pk in quiet,
            )
        )  # fmt: skip
    return found


def unheard(person: User, document: PackDocument | None) -> QuerySet[ReportingPlace]:
    """Places of systems the person sees that are silent for longer than the policy lets them; the longest first."""
    return rights.visible(person, silent(document, portal_now()))


def unapproved(person: User, document: PackDocument | None) -> QuerySet[Deployment]:
    """What the person sees running, where the gate enforces, without an approval; the longest running first."""
    seen = rights.visible(person, running())
    return with_checks(not_approved(seen, document, portal_now()), document).order_by("since", "pk")


def absent(person: User) -> QuerySet[Release]:
    """The newest approved release of each system in use the person sees, where no report says that it runs.

    An older one that is still approved is something to fall back to, and need not run.
    """
    newer = Release.objects.filter(system=OuterRef("system"), state=Release.State.APPROVED, pk__gt=OuterRef("pk"))
    there = running().filter(release=OuterRef("pk"))
    first = Submission.objects.filter(release=OuterRef("pk"), state=Submission.State.APPROVED).order_by("closed_at")
    approved = Release.objects.filter(~Exists(newer), ~Exists(there), state=Release.State.APPROVED)
    approved = approved.exclude(system__phase=System.Phase.RETIRED).select_related("system")
    return (
        rights.visible(person, approved).annotate(approved_at=Subquery(first.values("closed_at")[:1])).order_by("-pk")
    )


def of_release(release: Release, document: PackDocument | None) -> QuerySet[Deployment]:
    """Where a release runs and ran."""
    return with_checks(deployments().filter(release=release), document)


def of_system(system: System, document: PackDocument | None) -> QuerySet[Deployment]:
    """What of a system runs and ran where."""
    return with_checks(deployments().filter(system=system), document)
