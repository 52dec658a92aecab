"""Which release of a system runs where: what pipelines were last let through, environment by environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from governance.changes.models import Change
from governance.gate.models import GateCheck
from governance.policy.checks import Purpose
from governance.policy.packs import PackInvalid
from governance.policy.queries import pack_in_force, rules
from governance.validation.models import Submission
from governance.web import slots
from inventory.models import Release, System


def running(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """The release last let into each environment, and the approved ones with the day of their approval.

    The portal knows what its gate let through, not what a cluster does with it; the words say so. Where the gate only
    observes, a denied pipeline went ahead all the same.
    """
    went = Q(decision=GateCheck.Decision.ALLOW) | Q(enforced=False)
    let_through = (
        GateCheck.objects.filter(went, system=system, purpose=Purpose.DEPLOY)
        .exclude(release=None)
        .select_related("release")
        .order_by("environment", "-at", "-id")
        .distinct("environment")
    )
    titles = _environments()
    order = {name: place for place, name in enumerate(titles)}
    known = sorted(let_through, key=lambda check: (order.get(check.environment, len(order)), check.environment))
    return {
        "running": [(titles.get(check.environment, check.environment), check) for check in known],
        "approved": _approved(system),
    }


def change_running(request: HttpRequest, change: Change) -> Mapping[str, Any] | None:
    """Where pipelines were last let through with the release that carries a change out, or is gone back to."""
    back = change.state == Change.State.ROLLED_BACK
    release = change.rollback_release if back else change.target_release
    if release is None:
        return None
    went = Q(decision=GateCheck.Decision.ALLOW) | Q(enforced=False)
    checks = GateCheck.objects.filter(went, system=change.system_id, release=release, purpose=Purpose.DEPLOY)
    newest = checks.select_related("release").order_by("environment", "-at", "-id").distinct("environment")
    found = {check.environment: check for check in newest}
    titles = _environments() if found else {}
    return {"release": release, "running": [(titles.get(name, name), check) for name, check in found.items()]}


def _approved(system: System) -> list[Submission]:
    """The first approval of each release that is approved now, the newest first."""
    first: dict[int, Submission] = {}
    approvals = Submission.objects.filter(
        release__system=system, release__state=Release.State.APPROVED, state=Submission.State.APPROVED
    )
    for approval in approvals.select_related("release").order_by("closed_at", "id"):
        first.setdefault(approval.release_id, approval)
    return list(reversed(first.values()))


def _environments() -> dict[str, str]:
    """The environments of the pack in force, the strictest first."""
    pack = pack_in_force()
    try:
        document = rules(pack).document if pack else None
    except PackInvalid:
        return {}
    places = sorted(document.environments, key=lambda each: (-each.order, each.id)) if document else []
    return {place.id: place.title for place in places}


def register() -> None:
    """Answer the question on the system's page, and on that of a change; called once, at start."""
    slots.PANELS.register(
        slots.Panel("change-running", slots.Place.CHANGE, "gate/_change_running.html", change_running)
    )
    slots.ANSWERS.register(
        slots.Answer("running", "Which release runs where, since when?", running, "gate/_answer_running.html", 15)
    )
