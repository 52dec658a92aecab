"""What an incident is compared with: similar ones linked, and whether a risk had foreseen it."""

from __future__ import annotations

from typing import TypeVar

from governance.access.models import User
from governance.access.rights import visible
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from incidents.models import Foresight, Incident, SimilarIncident
from incidents.services.incidents import LONGEST_TEXT
from incidents.services.locking import lock_ready
from inventory.models import PastIncident, Risk
from inventory.services.risks import identify_risk

Said = TypeVar("Said", SimilarIncident, Foresight)
NOT_ALIKE = "Must be another incident you may see."
NOT_ITS_RISK = "Must be a risk of this system."


def link_similar(
    *,
    actor: User,
    incident: Incident,
    note: str,
    other: Incident | None = None,
    past: PastIncident | None = None,
    door: Door = Door.WEB,
) -> SimilarIncident:
    """Say that another incident, ours or somebody else's, went wrong alike, and how.

    Raises InvalidInput for none, for both and for one the actor may not see, Forbidden, Conflict `duplicate`, `state`.
    """
    with acting(actor, door=door, verb="incident.link_similar"):
        locked = lock_ready(actor, incident, "link_similar")
        checks = Checks()
        kept = checks.text("note", note, limit=1000, required=True)
        if (other is None) == (past is None):
            checks.refuse("other", "Name one incident: another one of ours, or one others had.")
        if other is not None and (
            other.pk == locked.pk or not visible(actor, Incident.objects.filter(pk=other.pk)).exists()
        ):
            checks.refuse("other", NOT_ALIKE)
        checks.done()
        if locked.similar.filter(other=other, past=past, taken_back_at=None).exists():
            raise Conflict(Reason("duplicate", "These two are linked already."))
        return SimilarIncident.objects.create(
            incident=locked, other=other, past=past, note=kept, at=portal_now(), by=actor
        )


def take_back_similar(*, actor: User, similar: SimilarIncident, door: Door = Door.WEB) -> SimilarIncident:
    """Say that two incidents are not alike after all. Raises Conflict `duplicate` the second time."""
    with acting(actor, door=door, verb="incident.take_back_similar"):
        lock_ready(actor, similar.incident, "take_back_similar")
        locked = SimilarIncident.objects.select_for_update().get(pk=similar.pk)
        return _taken_back(locked, actor)


def say_foreseen(
    *, actor: User, incident: Incident, risk: Risk | None, note: str = "", door: Door = Door.WEB
) -> Foresight:
    """Say which risk of the register had foreseen an incident; None: none had, and one is to be written down.

    Raises InvalidInput for a risk of another system, Forbidden, Conflict `duplicate`, `order` where the two contradict.
    """
    with acting(actor, door=door, verb="incident.say_foreseen"):
        locked = lock_ready(actor, incident, "say_foreseen")
        checks = Checks()
        kept = checks.text("note", note, limit=4000, lines=True, required=risk is None)
        if risk is not None and risk.system_id != locked.system_id:
            checks.refuse("risk", NOT_ITS_RISK)
        checks.done()
        standing = list(locked.foresights.filter(taken_back_at=None))
        if any(one.risk_id == (risk.pk if risk else None) or (risk is None and not one.foreseen) for one in standing):
            raise Conflict(Reason("duplicate", "This is written down already."))
        if any(one.foreseen != (risk is not None) for one in standing):
            raise Conflict(Reason("order", "That it was foreseen and that it was not is both written; take one back."))
        return Foresight.objects.create(
            incident=locked, foreseen=risk is not None, risk=risk, note=kept, at=portal_now(), by=actor
        )


def take_back_foresight(*, actor: User, foresight: Foresight, door: Door = Door.WEB) -> Foresight:
    """Take back what was said about foreseeing an incident. Raises Conflict `duplicate` the second time."""
    with acting(actor, door=door, verb="incident.take_back_foresight"):
        lock_ready(actor, foresight.incident, "take_back_foresight")
        locked = Foresight.objects.select_for_update().get(pk=foresight.pk)
        return _taken_back(locked, actor)


def write_risk(
    *,
    actor: User,
    incident: Incident,
    title: str,
    area: str,
    source: str = "",
    cause: str = "",
    effect: str = "",
    door: Door = Door.WEB,
) -> Risk:
    """Write down in the register the risk that an incident showed and none had foreseen.

    Raises InvalidInput, Forbidden without the right to change risks, Conflict `order` where nobody said that none had
    foreseen it, `duplicate` where the risk is written already.
    """
    with acting(actor, door=door, verb="incident.write_risk"):
        locked = lock_ready(actor, incident, "write_risk")
        said = Foresight.objects.select_for_update().filter(incident=locked, foreseen=False, taken_back_at=None).first()
        if said is None:
            raise Conflict(Reason("order", "First somebody says that no risk had foreseen this incident."))
        if said.risk_id is not None:
            raise Conflict(Reason("duplicate", "The risk is written down already."))
        risk = identify_risk(
            actor=actor, system=locked.system, title=title, area=area, source=source, cause=cause[:LONGEST_TEXT],
            effect=effect, door=door,
        )  # fmt: skip
        said.risk = risk
        said.save(update_fields=["risk"])
    return risk


def _taken_back(row: Said, actor: User) -> Said:
    if row.taken_back_at is not None:
        raise Conflict(Reason("duplicate", "This was taken back before."))
    row.taken_back_at, row.taken_back_by = portal_now(), actor
    row.save(update_fields=["taken_back_at", "taken_back_by"])
    return row
