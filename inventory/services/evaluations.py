"""Evaluation results of a release: recorded one by one or by the file, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.metrics import catalogue
from inventory.models import Evaluation, Release
from inventory.services.permitted import require
from inventory.services.releases import lock_release

MOST = 1000
FIELDS = ("metric", "slice", "value", "threshold", "direction", "dataset_version", "method", "note")
_OVER = frozenset({"discarded", "retired", "revoked", "rejected"})


def record_evaluations(
    *, actor: User, release: Release, results: Sequence[Mapping[str, object]], door: Door = Door.WEB
) -> list[Evaluation]:
    """Add results to a release, all or none; what was measured before stays, and the newest counts.

    Each result has `metric` (an id of the catalogue) and `value`, and may have `slice`, `threshold`, `direction` (only
    where it differs from the catalogue's), `dataset_version`, `method` and `note`. Raises InvalidInput naming
    `results.<position>.<field>`, Forbidden, Conflict `state` for a release that is over.
    """
    with acting(actor, door=door, verb="evaluation.record"):
        locked = lock_release(release, actor=actor)
        require(actor, Permission.RELEASE_CHANGE, locked)
        checks = Checks()
        if not results or len(results) > MOST:
            checks.refuse("results", f"Must hold 1 to {MOST} results.")
        checks.done()
        lines = [_cleaned(checks.below(f"results.{place}"), result) for place, result in enumerate(results)]
        checks.done()
        if locked.state in _OVER:
            state = locked.get_state_display().lower()
            raise Conflict(Reason("state", f"This release is {state}; nothing is measured on it any more."))
        now = portal_now()
        return Evaluation.objects.bulk_create(
            Evaluation(release=locked, created_by=actor, created_at=now, **line) for line in lines
        )


def _cleaned(checks: Checks, result: Mapping[str, object]) -> dict[str, Any]:
    for unknown in sorted({str(name)[:60] for name in result} - set(FIELDS)):
        checks.refuse(unknown, "Is no field of a result.")
    metrics = catalogue()
    metric = checks.choice("metric", result.get("metric"), metrics)
    usual = metrics[metric].direction if metric else "higher"
    return {
        "metric": metric,
        "slice": checks.text("slice", result.get("slice") or "", limit=200),
        "value": _number(checks, "value", result.get("value")) or Decimal(0),
        "threshold": None
        if result.get("threshold") in (None, "")
        else _number(checks, "threshold", result["threshold"]),
        "direction": checks.choice("direction", result.get("direction") or usual, Evaluation.Direction.values),
        "dataset_version": checks.text("dataset_version", result.get("dataset_version") or "", limit=200),
        "method": checks.choice("method", result.get("method") or "hold_out", Evaluation.Method.values),
        "note": checks.text("note", result.get("note") or "", limit=2000, lines=True),
    }


def _number(checks: Checks, name: str, value: object) -> Decimal | None:
    """A finite number of at most twelve digits before the point; eight behind it are kept."""
    try:
        number = Decimal(str(value)) if isinstance(value, int | float | str | Decimal) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        checks.refuse(name, "Must be a number below 1,000,000,000,000.")
        return None
    return number.quantize(Decimal("0.00000001"))
