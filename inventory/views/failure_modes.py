"""A system's worksheet of failure modes, the past incidents that look like it, and the incidents of others."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import ActionPage, DetailPage, ObjectFormPage
from inventory.failure_forms import AnswerForm, FailureModeForm
from inventory.models import FailureMode, LookAlike, System
from inventory.past_incidents.queries import worksheet
from inventory.services.failure_modes import (
    answer_look_alike,
    end_failure_mode,
    search_look_alikes,
    write_failure_mode,
)

P = Permission


def address(system: System) -> str:
    """Where a system's worksheet is."""
    return reverse("inventory:failure_modes", args=[system.slug])


class FailureWorksheet(DetailPage[System]):
    """How a system fails, and what happened to others like it."""

    permission = P.SYSTEM_VIEW
    template_name = "inventory/failure_modes.html"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def context(self) -> dict[str, Any]:
        """Adds the worksheet and whether the person may write on it."""
        may = P.RISK_CHANGE in rights.permissions_of(self.person, self.object)
        return {**super().context(), "system": self.object, "sheet": worksheet(self.object), "may": may}


class FailureModeWrite(ObjectFormPage[System]):
    """Write down one way a system fails."""

    permission = P.RISK_CHANGE
    verb = "failure_mode.write"
    template_name = "web/form.html"
    form_class = FailureModeForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        lead = "Think of one bad day: what happened, to whom, under which circumstances, and what you did about it."
        words = {"heading": "Write down a failure mode", "pretitle": self.object.name, "lead": lead}
        return {**super().context(), **words, "cancel": address(self.object)}

    def save(self, form: Any) -> HttpResponseBase:
        """Write it down."""
        write_failure_mode(actor=self.person, system=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done("The failure mode is written down.", address(self.object))


class FailureModeEnd(ActionPage[FailureMode]):
    """Say that a failure mode no longer counts."""

    permission = P.RISK_CHANGE
    verb = "failure_mode.end"
    fields = frozenset({"reason"})

    def objects(self) -> QuerySet[FailureMode]:
        """Failure modes with their system."""
        return FailureMode.objects.select_related("system").defer("system__search")

    def act(self) -> HttpResponseBase:
        """End it."""
        end_failure_mode(actor=self.person, mode=self.object, reason=self.text("reason", 500), door=Door.WEB)
        return self.done("The failure mode no longer counts.", address(self.object.system))


class LookAlikesPropose(ActionPage[System]):
    """Look for past incidents like a system."""

    permission = P.RISK_CHANGE
    verb = "look_alike.search"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def act(self) -> HttpResponseBase:
        """Look."""
        search = search_look_alikes(actor=self.person, system=self.object, door=Door.WEB)
        found = f"{search.found} past incidents look like this system." if search.found else "Nothing looks like it."
        return self.done(found, address(self.object))


class LookAlikeAnswer(ObjectFormPage[LookAlike]):
    """Say whether a past incident could happen here."""

    permission = P.RISK_CHANGE
    verb = "look_alike.answer"
    template_name = "inventory/look_alike.html"
    form_class = AnswerForm

    def objects(self) -> QuerySet[LookAlike]:
        """Look-alikes with their incident and system."""
        rows = LookAlike.objects.select_related("system", "incident")
        return rows.defer("system__search", "incident__search")

    def initial(self) -> dict[str, Any]:
        """What was said so far."""
        return {"answer": self.object.answer, "reason": self.object.reason}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": "Could this happen here?", "pretitle": self.object.system.name}
        return {
            **super().context(), **words, "incident": self.object.incident, "cancel": address(self.object.system)
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Record the answer."""
        answer_look_alike(actor=self.person, look_alike=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done("The answer is recorded.", address(self.object.system))
