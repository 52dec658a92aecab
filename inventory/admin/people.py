"""People, machines, their roles and tokens in the governance team's window. Everything goes through the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from governance.access.models import Identity, Token, User
from governance.access.services.identities import confirm_identity, end_identity, link_identity
from governance.access.services.people import (
    change_person,
    create_person,
    end_organisation_role,
    grant_organisation_role,
)
from governance.access.vocabulary import OrganisationRole, Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.web.office import OfficeVerb, Records, office
from inventory.models import Assignment, System, Unit
from inventory.services.assignments import assign, end_assignment
from inventory.services.people import close_person
from inventory.services.tokens import revoke_token

P = Permission


class PersonForm(forms.Form):
    """A new person; they set their password through “forgotten password”."""

    username = forms.CharField(max_length=150)
    name = forms.CharField(label="Printed name", max_length=150)
    email = forms.EmailField()


class PersonChangeForm(forms.Form):
    """What may change of a person."""

    name = forms.CharField(label="Printed name", max_length=150)
    email = forms.EmailField()


class SubjectForm(forms.Form):
    """Whom the provider of single sign-on knows a person as."""

    subject = forms.CharField(
        max_length=255, help_text="The `sub` of their account there: never an e-mail address that may pass to another."
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=500)


class OrganisationRoleForm(forms.Form):
    """An organisation-wide role."""

    role = forms.ChoiceField(
        choices=[(role.value, role.value.capitalize()) for role in OrganisationRole],
        help_text="Governance takes two: the first puts the person forward, the second gives or ends it.",
    )
    reason = forms.CharField(max_length=500, required=False)


class AssignmentForm(forms.Form):
    """A role on one system or one unit, named by their addresses."""

    person = forms.CharField(label="User name", max_length=150)
    role = forms.ChoiceField(choices=Assignment.Roles.choices)
    system = forms.SlugField(label="System (its address)", max_length=120, required=False)
    unit = forms.SlugField(label="or unit (its address)", max_length=120, required=False)
    until = forms.DateTimeField(label="Until (UTC)", required=False)
    reason = forms.CharField(max_length=500, required=False)


def _create(actor: User, obj: None, values: Mapping[str, Any]) -> User:
    return create_person(actor=actor, door=Door.ADMIN, **values)


def _change(actor: User, obj: User, values: Mapping[str, Any]) -> User:
    return change_person(actor=actor, person=obj, door=Door.ADMIN, **values)


def _close(actor: User, obj: User, values: Mapping[str, Any]) -> User:
    return close_person(actor=actor, person=obj, reason=values["reason"], door=Door.ADMIN)


def _after_closing(closed: User) -> str:
    """What a person left is handed over next; a machine leaves nothing."""
    if closed.kind != User.Kind.HUMAN:
        return reverse("admin:access_user_change", args=[closed.pk])
    return reverse("inventory:hand_over", args=[closed.pk])


def _grant(actor: User, obj: User, values: Mapping[str, Any]) -> User:
    grant_organisation_role(
        actor=actor, person=obj, role=OrganisationRole(values["role"]), reason=values["reason"], door=Door.ADMIN
    )
    return obj


def _take(actor: User, obj: User, values: Mapping[str, Any]) -> User:
    end_organisation_role(
        actor=actor, person=obj, role=OrganisationRole(values["role"]), reason=values["reason"], door=Door.ADMIN
    )
    return obj


def _assign(actor: User, obj: None, values: Mapping[str, Any]) -> Assignment:
    person = User.objects.filter(username__iexact=values["person"]).first()
    if person is None:
        raise InvalidInput({"person": ["There is no account of that name."]})
    return assign(
        actor=actor,
        person=person,
        role=values["role"],
        system=_of_address(System, "system", values["system"]),
        unit=_of_address(Unit, "unit", values["unit"]),
        until=values["until"],
        reason=values["reason"],
        door=Door.ADMIN,
    )


def _of_address(model: type[Any], field: str, slug: str) -> Any:
    if not slug:
        return None
    found = model.objects.filter(slug=slug).first()
    if found is None:
        raise InvalidInput({field: [f"There is no {field} of that address."]})
    return found


def _end(actor: User, obj: Assignment, values: Mapping[str, Any]) -> Assignment:
    return end_assignment(actor=actor, assignment=obj, reason=values["reason"], door=Door.ADMIN)


def _revoke(actor: User, obj: Token, values: Mapping[str, Any]) -> Token:
    return revoke_token(actor=actor, token=obj, door=Door.ADMIN)


def _link(actor: User, obj: User, values: Mapping[str, Any]) -> Identity:
    return link_identity(actor=actor, person=obj, subject=values["subject"], door=Door.ADMIN)


def _confirm_identity(actor: User, obj: Identity, values: Mapping[str, Any]) -> Identity:
    return confirm_identity(actor=actor, identity=obj, door=Door.ADMIN)


def _end_identity(actor: User, obj: Identity, values: Mapping[str, Any]) -> Identity:
    return end_identity(actor=actor, identity=obj, door=Door.ADMIN)


@admin.register(User, site=office)
class PersonRecords(Records):
    """People and machines; never their passwords."""

    permission: ClassVar = P.PERSON_CHANGE
    list_display = ("username", "name", "kind", "email", "is_active", "last_login", "closed_at")
    list_filter = ("kind", "is_active", "groups")
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    fields = (
        "username", "name", "email", "kind", "sponsor", "groups", "governance", "is_active", "is_staff", "is_superuser",
        "date_joined", "last_login", "closed_at", "closed_reason",
    )  # fmt: skip
    verbs: ClassVar = {
        "create": OfficeVerb("Add a person", P.PERSON_CHANGE, "person.create", _create, PersonForm, of_list=True),
        "rename": OfficeVerb(
            "Change name or address", P.PERSON_CHANGE, "person.change", _change, PersonChangeForm, filled=True
        ),
        "grant": OfficeVerb(
            "Give an organisation-wide role", P.PERSON_CHANGE, "person.change", _grant, OrganisationRoleForm
        ),
        "take": OfficeVerb(
            "End an organisation-wide role", P.PERSON_CHANGE, "person.change", _take, OrganisationRoleForm
        ),
        "link": OfficeVerb(
            "Propose a link of single sign-on", P.PERSON_CHANGE, "person.link_identity", _link, SubjectForm
        ),
        "close": OfficeVerb(
            "Close the account", P.PERSON_CHANGE, "person.close", _close, ReasonForm, then=_after_closing
        ),
    }

    @admin.display(description="Put forward for governance")
    def governance(self, person: User) -> str:
        """By whom, until another member of governance gives the role."""
        if person.put_forward_by is None:
            return "no"
        return f"by {person.put_forward_by}; it takes another member of governance to give the role"


@admin.register(Identity, site=office)
class IdentityRecords(Records):
    """Accounts of single sign-on and the people they sign in as; those that wait for confirmation first."""

    permission: ClassVar = P.PERSON_CHANGE
    list_display = ("person", "issuer", "subject", "stands", "linked_by", "linked_at", "confirmed_by", "confirmed_at")
    list_select_related = ("person", "linked_by", "confirmed_by")
    search_fields = ("person__username", "subject")
    ordering = (F("ended_at").desc(nulls_first=True), F("confirmed_at").desc(nulls_first=True), "-id")
    fields = (
        "person", "issuer", "subject", "stands", "linked_by", "linked_at", "confirmed_by", "confirmed_at", "ended_at",
    )  # fmt: skip
    verbs: ClassVar = {
        "confirm": OfficeVerb(
            "Confirm that the account is theirs", P.PERSON_CHANGE, "person.confirm_identity", _confirm_identity
        ),
        "end": OfficeVerb("End it", P.PERSON_CHANGE, "person.end_identity", _end_identity),
    }

    @admin.display(description="Signs in")
    def stands(self, identity: Identity) -> str:
        """Whether the account signs anybody in."""
        if identity.ended_at is not None:
            return "no, ended"
        return "yes" if identity.confirmed_at is not None else "no, waits for somebody else to confirm it"


@admin.register(Group, site=office)
class OrganisationRoleRecords(Records):
    """Organisation-wide roles and what they may do: written by migrations."""

    permission: ClassVar = P.PERSON_CHANGE
    fields = ("name", "permissions")
    ordering = ("name",)


@admin.register(Assignment, site=office)
class AssignmentRecords(Records):
    """Who holds or held which role where."""

    list_display = ("person", "role", "system", "unit", "since", "until", "assigned_by")
    list_select_related = ("person", "system", "unit", "assigned_by")
    list_filter = ("role",)
    search_fields = ("person__username", "person__name", "system__name", "unit__name")
    ordering = ("-since", "-id")
    fields = (
        "person",
        "role",
        "system",
        "unit",
        "since",
        "until",
        "assigned_by",
        "reason",
        "ended_by",
        "delegated_from",
    )
    verbs: ClassVar = {
        "create": OfficeVerb(
            "Give a role", P.ASSIGNMENT_CHANGE, "assignment.create", _assign, AssignmentForm, of_list=True
        ),
        "end": OfficeVerb("End this role now", P.ASSIGNMENT_CHANGE, "assignment.end", _end, ReasonForm),
    }


@admin.register(Token, site=office)
class TokenRecords(Records):
    """Machines' tokens; their text and digest are shown nowhere."""

    permission: ClassVar = P.PERSON_CHANGE
    list_display = ("token_key", "name", "user", "minted_by", "expiry", "last_used", "revoked_at")
    list_select_related = ("user", "minted_by")
    search_fields = ("token_key", "name", "minted_by__username")
    fields = (
        "token_key", "name", "description", "user", "minted_by", "scopes", "created", "expiry", "last_used",
        "revoked_at", "revoked_by",
    )  # fmt: skip
    verbs: ClassVar = {
        "revoke": OfficeVerb("Revoke", P.PERSON_CHANGE, "token.revoke", _revoke),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Token]:
        """All of them, for whoever may look at all."""
        found: QuerySet[Token] = super().get_queryset(request)
        return found
