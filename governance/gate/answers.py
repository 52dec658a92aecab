"""Which release of a system runs where: as it is reported, and where nothing is, what was last let through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from governance.changes.models import Change
from governance.changes.queries import deployed
from governance.gate.models import GateCheck
from governance.policy.checking import Purpose
from governance.validation.models import Submission
from governance.web import slots
from inventory import deployments
from inventory.deployments import document_in_force, titles
from inventory.models import Deployment, Release, System


def running(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """What is reported to run in each environment, and the approved releases with the day of their approval.

    Where nobody reports, the portal knows what its gate let through, not what a cluster does with it; the words say
    so. Where the gate only observes, a denied pipeline went ahead all the same.
    """
    went = Q(decision=GateCheck.Decision.ALLOW) | Q(enforced=False)
    let_through = (
        GateCheck.objects.filter(went, system=system, purpose=Purpose.DEPLOY)
        .exclude(release=None)
        .select_related("release")
        .order_by("environment", "-at", "-id")
        .distinct("environment")
    )
    names = titles(document_in_force())
    order = {name: place for place, name in enumerate(names)}
    reported = list(there(system, order))
    let = [check for check in let_through if check.environment not in {row.environment for row in reported}]
    known = sorted(let, key=lambda check: (order.get(check.environment, len(order)), check.environment))
    return {
        "reported": [(names.get(row.environment, row.environment), row) for row in reported],
        "running": [(names.get(check.environment, check.environment), check) for check in known],
        "approved": _approved(system),
    }


def there(system: System, order: Mapping[str, int]) -> list[Deployment]:
    """What is reported to run of a system, the strictest environment first."""
    rows = deployments.running().filter(system=system)
    return sorted(rows, key=lambda row: (order.get(row.environment, len(order)), row.environment, row.pk))


def change_running(request: HttpRequest, change: Change) -> Mapping[str, Any] | None:
    """Where the release that carries a change out, or is gone back to, is reported to run, and was let through."""
    reported = deployed(change)
    release = reported.release
    if release is None:
        return None
    went = Q(decision=GateCheck.Decision.ALLOW) | Q(enforced=False)
    checks = GateCheck.objects.filter(went, system=change.system_id, release=release, purpose=Purpose.DEPLOY)
    newest = checks.select_related("release").order_by("environment", "-at", "-id").distinct("environment")
    found = {check.environment: check for check in newest}
    names = titles(document_in_force()) if found or reported.rows else {}
    return {
        "release": release, "missing": reported.missing,
        "reported": [(names.get(row.environment, row.environment), row) for row in reported.rows],
        "running": [(names.get(name, name), check) for name, check in found.items()],
    }  # fmt: skip


def _approved(system: System) -> list[Submission]:
    """The first approval of each release that is approved now, the newest first."""
    first: dict[int, Submission] = {}
    approvals = Submission.objects.filter(
        release__system=system, release__state=Release.State.APPROVED, state=Submission.State.APPROVED
    )
    for approval in approvals.select_related("release").order_by("closed_at", "id"):
        first.setdefault(approval.release_id, approval)
    return list(reversed(first.values()))


def register() -> None:
    """Answer the question on the system's page, and on that of a change; called once, at start."""
    slots.PANELS.register(
        slots.Panel("change-running", slots.Place.CHANGE, "gate/_change_running.html", change_running)
    )
    slots.ANSWERS.register(
        slots.Answer("running", "Which release runs where, since when?", running, "gate/_answer_running.html", 15)
    )
