"""One change to many systems: choose it, read what changes and what is refused and why, then do it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Conflict
from governance.web.pages import Declared, WritingPage
from inventory.models import System, Unit
from inventory.services.together import CHANGES, MOST, REFUSED, UNCHANGED, Together, change_together

LABELS = {
    "phase": "Phase", "origin": "Origin", "impact": "Declared impact", "own_role": "Our own role",
    "personal_data": "Personal data",
}  # fmt: skip
NO_MOVE = frozenset({"not_stated", "unknown", "retired"})
MOST_UNITS = 200


class SystemsTogether(WritingPage):
    """Change one thing of the systems that were ticked in the list."""

    permission = Declared.SIGNED_IN
    verb = "system.change"
    template_name = "inventory/systems_together.html"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask what to change, show what it comes to, or do it, as the button says."""
        self.refuse_unknown({"system", "page", "change", "reason", "seen", "do"})
        posted, do = request.POST, request.POST.get("do", "choose")
        slugs = posted.get("page", "").split() if do == "page" else posted.getlist("system")
        if not slugs:
            raise InvalidInput({"system": ["Tick at least one system."]})
        if len(slugs) > MOST:
            raise InvalidInput({"system": [f"At most {MOST} systems are changed at once."]})
        if do not in {"check", "apply"}:
            return self._choose(slugs)
        field, _, value = posted.get("change", "").partition("=")
        told: dict[str, Any] = {"field": field, "value": value, "reason": posted.get("reason", "")}
        try:
            seen = posted.get("seen", "") if do == "apply" else ""
            done = change_together(
                actor=self.person, systems=slugs, seen=seen, only_try=do == "check", door=Door.WEB, **told
            )
        except InvalidInput as invalid:
            return self._choose(slugs, invalid.errors, status=400)
        except Conflict as conflict:
            if conflict.code != "stale":
                raise
            fresh = change_together(actor=self.person, systems=slugs, only_try=True, door=Door.WEB, **told)
            return self._summary(fresh, told["reason"], slugs, 409, stale=str(conflict))
        if do == "check":
            return self._summary(done, told["reason"], slugs, 200)
        return self._summary(done, told["reason"], slugs, 200, applied=True)

    def _choose(self, slugs: list[str], errors: Any = None, status: int = 200) -> HttpResponseBase:
        seen = rights.visible(self.person, System.objects.filter(slug__in=[s for s in slugs if "\0" not in s]))
        units = rights.visible(self.person, Unit.objects.order_by("name"), Permission.SYSTEM_ADD)
        groups = [(label, _words(field)) for field, label in LABELS.items()]
        groups.append(("Unit", [(f"unit={unit.slug}", unit.name) for unit in units[:MOST_UNITS]]))
        return self.show(
            status, systems=seen.order_by("name", "id").only("slug", "name"), groups=[one for one in groups if one[1]],
            errors=errors, reason=self.request.POST.get("reason", ""), change=self.request.POST.get("change", ""),
        )  # fmt: skip

    def _summary(
        self, done: Together, reason: str, slugs: list[str], status: int, *, applied: bool = False, stale: str = ""
    ) -> HttpResponseBase:
        counted = {"changes": done.of(CHANGES), "unchanged": done.of(UNCHANGED), "refused": done.of(REFUSED)}
        return self.show(
            status, done=done, reason=reason, slugs=slugs, applied=applied, stale=stale, **counted,
            what=LABELS.get(done.field, "Unit"), change=f"{done.field}={done.value}",
        )  # fmt: skip


def _words(field: str) -> list[tuple[str, str]]:
    """The words a field takes, as the one select names them."""
    choices = System._meta.get_field(field).flatchoices  # type: ignore[union-attr]
    return [(f"{field}={word}", str(label)) for word, label in choices if field != "phase" or word not in NO_MOVE]
