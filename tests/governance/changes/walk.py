"""Changes brought where a test needs them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from governance.changes.models import Change
from governance.changes.services import (
    approve_change,
    carry_out_emergency,
    create_change,
    describe_change,
    implement_change,
    name_release,
    reject_change,
    roll_back_change,
    submit_change,
    verify_change,
    withdraw_change,
)
from governance.database.clock import portal_now
from inventory.models import Release
from tests.governance.validation.scene import Scene

ANSWERS = {"data-permission": "yes", "interfaces-compatible": "yes", "significant-design-change": "no"}
TEXTS: dict[str, Any] = {
    "what": "Replace the tokenizer by its newest version.",
    "why": "The old one is out of support.",
    "rollback_plan": "Deploy the release before.",
    "test_plan": "Score last month's payments with both.",
}


def asked(scene: Scene, by: str = "developer", kind: str = "code", **more: Any) -> Change:
    """A complete draft; of a minor kind unless told otherwise."""
    now = portal_now()
    window = {"planned_from": now + timedelta(days=2), "planned_until": now + timedelta(days=2, hours=4)}
    fields = {"kind": kind, "title": "New tokenizer", "answers": ANSWERS, **TEXTS, **window, **more}
    return create_change(actor=scene[by], system=scene.system, **fields)


def in_approval(scene: Scene, **more: Any) -> Change:
    """Put up for approval by its developer."""
    return submit_change(actor=scene["developer"], change=asked(scene, **more))


def approved(scene: Scene, **more: Any) -> Change:
    """Approved by an approver."""
    return approve_change(actor=scene["approver"], change=in_approval(scene, **more))


def implemented(scene: Scene, **more: Any) -> Change:
    """Carried out by its developer."""
    return implement_change(actor=scene["developer"], change=approved(scene, **more))


def emergency(scene: Scene, **more: Any) -> Change:
    """Carried out before anybody approved it."""
    change = asked(scene, emergency=True, **more)
    return carry_out_emergency(actor=scene["developer"], change=change, reason="Payments are declined.")


def in_state(scene: Scene, state: str) -> Change:
    """A minor change in this state, by the shortest way."""
    if state == "draft":
        return asked(scene)
    if state == "withdrawn":
        return withdraw_change(actor=scene["developer"], change=asked(scene))
    if state == "in_approval":
        return in_approval(scene)
    if state == "rejected":
        return reject_change(actor=scene["approver"], change=in_approval(scene), reason="Not now.")
    if state == "approved":
        return approved(scene)
    change = implemented(scene)
    if state == "closed":
        return verify_change(actor=scene["validator"], change=change, verification="Seen.")
    if state == "rolled_back":
        return roll_back_change(actor=scene["developer"], change=change, reason="It failed.")
    return change


def with_release(scene: Scene, change: Change) -> Release:
    """A release described, reviewed and approved for the change, and named by it."""
    release = scene.approved().release
    name_release(actor=scene["developer"], change=change, release=release)
    return release


__all__ = [
    "ANSWERS",
    "TEXTS",
    "approved",
    "asked",
    "describe_change",
    "emergency",
    "implemented",
    "in_approval",
    "in_state",
    "with_release",
]
