"""Giving a role on a system and ending it, and the directory of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import ActionPage, ObjectFormPage
from inventory import queries
from inventory.forms import AssignmentForm
from inventory.models import Assignment, System
from inventory.services.assignments import assign, end_assignment


class AssignmentCreate(ObjectFormPage[System]):
    """Give a person a role on a system. Only who may give one sees the people to choose from."""

    permission = Permission.ASSIGNMENT_DEVELOPER
    verb = "assignment.create"
    template_name = "inventory/assignment_form.html"
    form_class = AssignmentForm
    lookups = {"slug": "slug"}

    def authorise(self, target: Model | None) -> None:
        """Giving any role covers giving the developer's."""
        if not rights.can(self.person, Permission.ASSIGNMENT_CHANGE, target):
            super().authorise(target)

    def form_arguments(self) -> dict[str, Any]:
        """Who may only name developers is offered no other role."""
        return {"every_role": rights.can(self.person, Permission.ASSIGNMENT_CHANGE, self.object)}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def initial(self) -> dict[str, Any]:
        """The role asked for by a link."""
        role = self.request.GET.get("role", "")
        return {"role": role if role in Assignment.Roles.values else ""}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Give a role", "pretitle": self.object.name, "submit": "Give the role",
            "cancel": people_tab(self.object),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """The service judges who may give which role to whom."""
        values: Mapping[str, Any] = form.cleaned_data
        given = assign(
            actor=self.person, door=Door.WEB, person=values["person"], role=values["role"], system=self.object,
            until=values["until"], reason=values["reason"],
        )  # fmt: skip
        return self.done(f"{given.person} is now {given.get_role_display().lower()}.", people_tab(self.object))


class AssignmentEnd(ActionPage[Assignment]):
    """End a role on a system now."""

    permission = Permission.SYSTEM_VIEW
    verb = "assignment.end"
    lookups = {"pk": "pk", "system__slug": "slug"}
    fields = frozenset({"reason"})

    def objects(self) -> QuerySet[Assignment]:
        """Direct roles of the system."""
        return Assignment.objects.filter(system__isnull=False).select_related("system", "person")

    def act(self) -> HttpResponseBase:
        """The service judges who may end it."""
        ended = end_assignment(
            actor=self.person, door=Door.WEB, assignment=self.object, reason=self.text("reason", 500)
        )
        assert self.object.system is not None  # noqa: S101  direct roles only
        return self.done(
            f"{ended.person} is no longer {ended.get_role_display().lower()}.", people_tab(self.object.system)
        )


def people_tab(system: System) -> str:
    """Where a system's people are shown."""
    return reverse("inventory:system_detail", args=[system.slug]) + "?tab=people"
