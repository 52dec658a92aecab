"""Lending a role for a while: what a person may lend, what they lent and were lent, and the form that lends it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import ActionPage, Declared, ObjectFormPage, Page
from inventory import delegations
from inventory.forms import DelegationForm
from inventory.models import Assignment
from inventory.services.delegations import delegate, end_delegation, refuse_unlendable

MOST, REASON = 50, 500


class DelegationList(Page):
    """A person's own roles that sign stages, and every delegation of theirs."""

    permission = Declared.SIGNED_IN
    template_name = "inventory/delegations.html"
    takes = frozenset()

    def context(self) -> dict[str, Any]:
        """Roles to lend, what runs or will, and what is over."""
        longest = delegations.longest()
        return {
            **super().context(), "roles": delegations.lendable(self.person), "days": longest.days if longest else None,
            "running": delegations.unended(self.person), "ended": delegations.ended(self.person, MOST),
        }  # fmt: skip


class DelegationCreate(ObjectFormPage[Assignment]):
    """Lend one role; the form is for its holder alone."""

    permission = Permission.SYSTEM_VIEW
    verb = "assignment.delegate"
    template_name = "web/form.html"
    form_class = DelegationForm

    def objects(self) -> QuerySet[Assignment]:
        """Roles with where they stand."""
        return Assignment.objects.select_related("person", "system", "unit")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form; not to somebody whose role it is not. Raises Forbidden."""
        refuse_unlendable(self.person, self.object)
        return super().get(request, *args, **kwargs)

    def form_arguments(self) -> dict[str, Any]:
        """Who lends it, and the policy's limit."""
        longest = delegations.longest()
        return {"lender": self.person, "days": longest.days if longest else None}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        role, place = self.object.get_role_display(), self.object.system or self.object.unit
        return {
            **super().context(), "heading": "Delegate a role", "pretitle": f"{role} · {place}", "submit": "Delegate",
            "cancel": reverse("inventory:delegation_list"),
            "lead": "Whoever you name has your rights of this role while the delegation runs, and signs in their own "
            "name on your behalf. You two are one person of a quorum. It ends with its time, with your role, or when "
            "either of you ends it.",
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """The service judges what may be lent to whom."""
        lent = delegate(actor=self.person, assignment=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done(f"{lent.person} stands in for you.", reverse("inventory:delegation_list"))


class DelegationEnd(ActionPage[Assignment]):
    """End a delegation now."""

    permission = Permission.SYSTEM_VIEW
    verb = "assignment.end"
    fields = frozenset({"reason"})

    def objects(self) -> QuerySet[Assignment]:
        """Delegations."""
        return delegations.delegations()

    def act(self) -> HttpResponseBase:
        """The service judges who may end it."""
        end_delegation(actor=self.person, assignment=self.object, reason=self.text("reason", REASON), door=Door.WEB)
        return self.done("The delegation has ended.", reverse("inventory:delegation_list"))
