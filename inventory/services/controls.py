"""Control facts: recorded one by one or together, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.controls import controls_of
from inventory.controls.standing import Subject, noun_of
from inventory.models import Asset, ControlFact, EvidenceLink, System
from inventory.services.assets import require_on_asset
from inventory.services.permitted import require

MOST = 100
FIELDS = ("control", "state", "note", "url", "evidence", "stated_on")


def record_controls(
    *, actor: User, subject: Subject, facts: Sequence[Mapping[str, object]], door: Door = Door.WEB
) -> list[ControlFact]:
    """Say how controls of a system or an asset stand, all or none; what was said before stays, the newest counts.

    Each has `control` (an id of the catalogue), `state` and `stated_on` (the day it speaks of), and may have `note`,
    `url` (https) and `evidence` (the number of a file attached to the system). Raises InvalidInput naming
    `facts.<position>.<field>`, Forbidden, Conflict `state` for a retired system.
    """
    with acting(actor, door=door, verb="control.record"):
        locked = _locked(actor, subject)
        checks, now = Checks(), portal_now()
        if not facts or len(facts) > MOST:
            checks.refuse("facts", f"Must hold 1 to {MOST} facts.")
        checks.done()
        lines = [_cleaned(checks.below(f"facts.{place}"), locked, one, now.date()) for place, one in enumerate(facts)]
        checks.done()
        about: dict[str, Any] = {noun_of(locked): locked}
        return ControlFact.objects.bulk_create(
            ControlFact(recorded_by=actor, recorded_at=now, **about, **line) for line in lines
        )


def _locked(actor: User, subject: Subject) -> Subject:
    if isinstance(subject, Asset):
        asset = Asset.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=subject.pk)
        require_on_asset(actor, Permission.ASSET_CHANGE, asset)
        return asset
    system = System.objects.select_for_update(no_key=True).get(pk=subject.pk)
    require(actor, Permission.DOCUMENT_CHANGE, system)
    if system.phase == System.Phase.RETIRED:
        raise Conflict(Reason("state", "Nothing is said about the controls of a retired system any more."))
    return system


def _cleaned(checks: Checks, subject: Subject, fact: Mapping[str, object], today: date) -> dict[str, Any]:
    for unknown in sorted({str(name)[:60] for name in fact} - set(FIELDS)):
        checks.refuse(unknown, "Is no field of a control fact.")
    known = [control.id for control in controls_of(noun_of(subject))]
    day = checks.day("stated_on", fact.get("stated_on"))
    values: dict[str, Any] = {
        "control": checks.choice("control", fact.get("control"), known),
        "state": checks.choice("state", fact.get("state"), ControlFact.State.values),
        "note": checks.text("note", fact.get("note") or "", limit=4000, lines=True),
        "url": _address(checks, fact.get("url") or ""),
        "evidence": _evidence(checks, subject, fact.get("evidence")),
        "stated_on": day,
    }
    if fact.get("stated_on") is None:
        checks.refuse("stated_on", "Is required.")
    elif day and day > today:
        checks.refuse("stated_on", "Lies in the future.")
    if values["state"] == ControlFact.State.NOT_APPLICABLE and not values["note"]:
        checks.refuse("note", "Say why it does not apply.")
    return values


def _address(checks: Checks, value: object) -> str:
    url = checks.text("url", value, limit=1000)
    try:
        parts = urlsplit(url)
        whole = parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        whole = False
    if url and (not whole or any(character.isspace() for character in url)):
        checks.refuse("url", "Must be an address that begins with https://.")
    return url


def _evidence(checks: Checks, subject: Subject, key: object) -> EvidenceLink | None:
    if key is None:
        return None
    found = None
    if isinstance(subject, System) and isinstance(key, int) and not isinstance(key, bool):
        found = EvidenceLink.objects.filter(system=subject, pk=key).first()
    if found is None:
        checks.refuse("evidence", "Must be the number of a file attached to this system.")
    return found
