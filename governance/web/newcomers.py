"""What the portal tells somebody who holds no role yet."""

from __future__ import annotations

from django.db.models import Model, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.structure import structure
from governance.access.vocabulary import Permission

MOST_NAMED = 5


def whom_to_ask(person: User) -> str | None:
    """What somebody does who sees no system yet, with the names of those who give roles; None for everybody else."""
    systems: QuerySet[Model] = structure().system._default_manager.all()
    if rights.can(person, Permission.SYSTEM_VIEW) or rights.visible(person, systems).exists():
        return None
    givers = [str(giver) for giver in rights.holders(Permission.ASSIGNMENT_CHANGE).order_by("name")[:MOST_NAMED]]
    ask = f"Ask the governance team ({', '.join(givers)})" if givers else "Ask the governance team"
    return f"{ask}, or the owner of the system you work on, for a role; what it covers appears here at once."
