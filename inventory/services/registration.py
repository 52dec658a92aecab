"""A registration step by step: what is typed is kept for its person alone until the system is registered with it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.queries import pack_in_force, rules
from inventory import queries
from inventory.guided import answers_of, description
from inventory.models import RegistrationDraft, System, Unit
from inventory.services.systems import create_system

MOST_DRAFTS = 50
LONGEST = 10_000


def keep_draft(*, actor: User, draft: RegistrationDraft | None, values: Mapping[str, str]) -> RegistrationDraft:
    """Keep what was typed on one step beside what was typed on others. Not governed: nothing of it counts.

    Raises InvalidInput for text that cannot be kept, Conflict when too many registrations are begun.
    """
    checks = Checks()
    kept = {name: checks.text(name, value, limit=LONGEST, lines=True) for name, value in values.items()}
    checks.done()
    with transaction.atomic():
        if draft is None:
            if RegistrationDraft.objects.filter(person=actor).count() >= MOST_DRAFTS:
                raise Conflict(Reason("too_many", "You have begun 50 registrations; finish or drop one first."))
            return RegistrationDraft.objects.create(person=actor, typed=kept, updated_at=portal_now())
        locked = RegistrationDraft.objects.select_for_update().get(pk=draft.pk, person=actor)
        locked.typed = {**locked.typed, **kept}
        locked.updated_at = portal_now()
        locked.save(update_fields=["typed", "updated_at"])
        return locked


def drop_draft(*, actor: User, draft: RegistrationDraft) -> None:
    """Throw one's own draft away."""
    RegistrationDraft.objects.filter(pk=draft.pk, person=actor).delete()


def register_draft(*, actor: User, draft: RegistrationDraft, door: Door = Door.WEB) -> System:
    """Register the system a draft describes, with its answers and the tier that follows; the draft is gone then.

    Raises InvalidInput naming the fields, Forbidden, Conflict for a draft that was registered in the meantime.
    """
    with acting(actor, door=door, verb="system.create"):
        locked = RegistrationDraft.objects.select_for_update().filter(pk=draft.pk, person=actor).first()
        if locked is None:
            raise Conflict(Reason("state", "This registration is finished or dropped already."))
        adopted = pack_in_force()
        pack = rules(adopted).document if adopted else None
        values: Mapping[str, str] = locked.typed
        answers = answers_of(values, pack)
        system = create_system(
            actor=actor, unit=_unit(actor, values.get("unit", "")), name=values.get("name", ""),
            phase=values.get("phase", "") or System.Phase.NOT_STATED, answers=answers or None, door=door,
            **description(values, pack),
        )  # fmt: skip
        locked.delete()
        return system


def _unit(actor: User, key: str) -> Unit:
    units = rights.visible(actor, queries.unit_choices(), Permission.SYSTEM_ADD)
    unit = units.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 18 else None
    if unit is None:
        raise InvalidInput({"unit": ["Choose the business unit it belongs to."]})
    return unit
