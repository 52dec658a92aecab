"""One change to many rows on pages: choose it, read what changes and what is refused and why, then do it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Conflict
from governance.web.pages import WritingPage
from governance.web.together import CHANGES, MOST, REFUSED, UNCHANGED, Many, Together, change_many

TO = "to_"


class TogetherPage(WritingPage, abstract=True):
    """Change one thing of the rows that were ticked in a list."""

    template_name = "web/together.html"
    http_method_names = ["post"]
    many: ClassVar[Many]

    def context(self) -> dict[str, Any]:
        """Adds the words for the rows, and the way back."""
        return {**super().context(), "many": self.many, "back": reverse(self.many.page)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask what to change, show what it comes to, or do it, as the button says."""
        inputs = {f"{TO}{field.word}" for field in self.many.fields}
        self.refuse_unknown({"row", "page", "change", "reason", "seen", "do"} | inputs)
        posted, do = request.POST, request.POST.get("do", "choose")
        keys = posted.get("page", "").split() if do == "page" else posted.getlist("row")
        if not keys:
            raise InvalidInput({"row": [f"Tick at least one {self.many.noun}."]})
        if len(keys) > MOST:
            raise InvalidInput({"row": [f"At most {MOST} {self.many.plural} are changed at once."]})
        if do not in {"check", "apply"}:
            return self._choose(keys)
        field, named, value = posted.get("change", "").partition("=")
        value = value if named else posted.get(f"{TO}{field}", "")
        told: dict[str, Any] = {"field": field, "value": value, "reason": posted.get("reason", ""), "keys": keys}
        try:
            seen = posted.get("seen", "") if do == "apply" else ""
            done = change_many(
                self.many, actor=self.person, seen=seen, only_try=do == "check", door=Door.WEB, **told
            )  # fmt: skip
        except InvalidInput as invalid:
            return self._choose(keys, invalid.errors, status=400)
        except Conflict as conflict:
            if conflict.code != "stale":
                raise
            fresh = change_many(self.many, actor=self.person, only_try=True, door=Door.WEB, **told)
            return self._summary(fresh, told["reason"], keys, 409, stale=str(conflict))
        return self._summary(done, told["reason"], keys, 200, applied=do == "apply")

    def _choose(self, keys: list[str], errors: Any = None, status: int = 200) -> HttpResponseBase:
        rows = self.many.find(self.person, keys)
        posted = self.request.POST
        change, _, value = posted.get("change", "").partition("=")
        fields = [
            {
                "field": one, "choices": one.choices(self.person, rows) if one.choices else None,
                "value": posted.get(f"{TO}{one.word}", value if one.word == change else ""),
            }
            for one in self.many.fields
        ]  # fmt: skip
        chosen = [{"key": getattr(row, self.many.key), "name": self.many.name(row)} for row in rows]
        return self.show(
            status, chosen=chosen, fields=fields, errors=errors, reason=posted.get("reason", ""),
            change=change or (self.many.fields[0].word if len(self.many.fields) == 1 else ""),
        )  # fmt: skip

    def _summary(
        self, done: Together, reason: str, keys: list[str], status: int, *, applied: bool = False, stale: str = ""
    ) -> HttpResponseBase:
        field = self.many.field(done.field)
        counted = {"changes": done.of(CHANGES), "unchanged": done.of(UNCHANGED), "refused": done.of(REFUSED)}
        return self.show(
            status, done=done, reason=reason, keys=keys, applied=applied, stale=stale, **counted,
            what=field.label if field else "", words=field is not None and field.words,
            change=f"{done.field}={done.value}",
        )  # fmt: skip
