"""What runs, on pages: the list of all of it with what reconciliation found, and cards on systems and releases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission, Role
from governance.database.clock import portal_now
from governance.gate import reconciliation
from governance.gate.reconciliation import MOST
from governance.policy.schema import PackDocument
from governance.web import slots
from governance.web.pages import ListPage
from inventory.deployment_forms import DeploymentFilters
from inventory.deployments import ENDED, RUNNING, deployments, document_in_force, place_of, running, silent, titles
from inventory.models import Assignment, Deployment, Release, ReportingPlace, System

EARLIER, ON_CARD = 5, 50


class DeploymentList(ListPage[Deployment]):
    """What runs where of all a person sees; first what should not, and what should and does not."""

    permission = Permission.SYSTEM_VIEW
    template_name = "gate/deployment_list.html"
    filter_class = DeploymentFilters
    orders = {
        "place": ("environment", "cluster", "-at", "-id"), "newest": ("-at", "-id"), "oldest": ("at", "id"),
    }  # fmt: skip
    default_order = "place"
    document: PackDocument | None = None

    def filter_arguments(self) -> dict[str, Any]:
        """The environments of the policy in force."""
        self.document = document_in_force()
        return {"titles": titles(self.document)}

    def objects(self) -> QuerySet[Deployment]:
        """Deployments with their end, and what the gate had said."""
        return reconciliation.with_checks(deployments(), self.document)

    def narrow(self, rows: QuerySet[Deployment], wanted: Mapping[str, Any]) -> QuerySet[Deployment]:
        """The declared filters."""
        there = running().order_by().values("pk")
        if wanted.get("state") != "all":
            rows = rows.exclude(pk__in=there) if wanted.get("state") == ENDED else rows.filter(pk__in=there)
        if wanted.get("environment"):
            rows = rows.filter(environment=wanted["environment"])
        if wanted.get("cluster"):
            rows = rows.filter(cluster=wanted["cluster"])
        if wanted.get("system"):
            rows = rows.filter(system__slug=wanted["system"])
        return rows

    def context(self) -> dict[str, Any]:
        """Adds the two lists of reconciliation and the words of the policy."""
        context = super().context()
        names = titles(self.document)
        found = list(reconciliation.unapproved(self.person, self.document)[: MOST + 1])
        missing = list(reconciliation.absent(self.person)[: MOST + 1])
        quiet = list(reconciliation.unheard(self.person, self.document)[: MOST + 1])
        return {
            **context, "rows": reconciliation.told(context["slice"].rows, names, self.document),
            "unapproved": reconciliation.told(found[:MOST], names, self.document), "absent": missing[:MOST],
            "more_unapproved": len(found) > MOST, "more_absent": len(missing) > MOST, "most": MOST,
            "unheard": [
                (place_of(names.get(one.environment, one.environment), one.cluster), one) for one in quiet[:MOST]
            ],
            "more_unheard": len(quiet) > MOST, "address": self.request.build_absolute_uri("/").rstrip("/"),
        }  # fmt: skip


def system_card(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """What runs of a system now, and what ran before."""
    document = document_in_force()
    rows = reconciliation.of_system(system, document)
    return _card(request, rows, document, system=system)


def release_card(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """Where a release runs and ran; nothing before it could."""
    document = document_in_force()
    card = _card(request, reconciliation.of_release(release, document), document, system=release.system)
    empty = not (card["now"] or card["earlier"])
    return None if empty and release.state != Release.State.APPROVED else {**card, "release": release}


def _card(
    request: HttpRequest, rows: QuerySet[Deployment], document: PackDocument | None, *, system: System
) -> dict[str, Any]:
    found = list(rows.order_by(F("state").desc(), "-at", "-id")[:ON_CARD])
    there = len([row for row in found if row.state == RUNNING])  # type: ignore[attr-defined]  # annotated
    shown = reconciliation.told(found[: there + EARLIER], titles(document), document)
    return {
        "system": system, "now": shown[:there], "earlier": shown[there:],
        "may_report": rights.can(cast("User", request.user), Permission.DEPLOYMENT_REPORT, system),
        "address": request.build_absolute_uri("/").rstrip("/"),
    }  # fmt: skip


def _silent_of(person: User) -> QuerySet[ReportingPlace]:
    """Places of the person's own systems that have not been heard of for too long."""
    owned = Assignment.objects.current().filter(role=Role.OWNER, person=person, system__isnull=False)
    return silent(document_in_force(), portal_now()).filter(system__in=owned.values("system"))


def silent_places(person: User) -> Iterable[slots.WorkItem]:
    """Clusters that told what they run of the person's systems and are silent now."""
    for place in _silent_of(person)[:MOST]:
        where = f"{reverse('gate:deployment_list')}?system={place.system.slug}"
        yield slots.WorkItem(
            f"{place.system.name} in {place_of(place.environment, place.cluster)}", where,
            "Find out why it is silent", about="not heard since", since=place.last_heard, icon="cloud",
        )  # fmt: skip


def register() -> None:
    """Put the cards on the pages of systems and releases, and the list into the navigation; called once, at start."""
    card = "gate/_deployments.html"
    slots.PANELS.register(slots.Panel("deployments", slots.Place.SYSTEM, card, system_card, order=40))
    slots.PANELS.register(slots.Panel("release-deployments", slots.Place.RELEASE, card, release_card, order=20))
    slots.WORK.register(slots.WorkSource("silent-places", slots.Group.DUE, silent_places, None, 12))
    slots.NAVIGATION.register(
        slots.Entry("deployments", "What runs", "gate:deployment_list", "cloud", lambda person: True, order=43)
    )
