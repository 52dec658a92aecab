"""What the inventory puts on shared pages: navigation, My work, answers on a system's page, figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.db.models.functions import Least
from django.http import HttpRequest
from django.urls import reverse

from governance.access import rights
from governance.access.models import Identity, User
from governance.access.services.people import put_forward
from governance.access.vocabulary import OrganisationRole, Permission
from governance.policy.queries import pack_in_force, rules
from governance.web import lists, slots
from governance.web.slots import ActionSource, Answer, Entry, Group, Place, Stat, WorkItem, WorkSource
from inventory import dependencies, handing_over, queries
from inventory.gap_report import unmet_duties
from inventory.legacy import to_confirm
from inventory.list_views import above_list
from inventory.listings import RISKS, SYSTEMS
from inventory.lowered import to_decide
from inventory.models import Release, System
from inventory.registries import unapproved_aliases
from inventory.risks import to_look_at
from inventory.views import controls, evaluations, imports, legacy, transparency, values
from inventory.views.deployments import deployment_actions
from inventory.views.releases import address as release_address
from inventory.views.releases import release_actions
from inventory.views.systems import system_actions

LONGEST = 50


def register() -> None:
    """Fill the slots; called once, at start."""
    lists.LISTINGS.register(SYSTEMS)
    lists.LISTINGS.register(RISKS)
    lists.keep_views(above_list)
    slots.NAVIGATION.register(Entry("systems", "Models & systems", "inventory:system_list", "box", _everybody, 20))
    slots.NAVIGATION.register(Entry("assets", "Assets", "inventory:asset_list", "database", _everybody, 25))
    slots.NAVIGATION.register(Entry("gaps", "Gap report", "inventory:gap_report", "list-check", _everybody, 55))
    card = "inventory/_evaluations.html"
    slots.TABS.register(slots.Tab("controls", "Controls", "inventory/_controls.html", controls.system_tab, order=40))
    slots.TABS.register(slots.Tab("value", "Value", "inventory/_value.html", values.system_tab, order=45))
    slots.PANELS.register(slots.Panel("evaluations", Place.RELEASE, card, evaluations.release_card, order=80))
    slots.NAVIGATION.register(Entry("risks", "Risks", "inventory:risk_list", "alert-triangle", _everybody, 35))
    slots.PANELS.register(slots.Panel("legacy", Place.RELEASE, "inventory/_legacy.html", legacy.release_card, order=15))
    slots.WORK.register(WorkSource("risks-due", Group.DUE, risks_due, None, 60))
    slots.NAVIGATION.register(Entry("units", "Units", "inventory:unit_list", "sitemap", _everybody, 60))
    slots.NAVIGATION.register(
        Entry("imports", "Imports", "inventory:import_list", "file-import", imports.may_see_imports, 70)
    )
    slots.ACCOUNT.register(Entry("tokens", "Tokens of machines", "inventory:token_list", "key", _everybody, 80))
    slots.WORK.register(WorkSource("unread", Group.WAITING, imports.unread_values, imports.unread_count, 400))
    slots.ACTIONS.register(ActionSource("inventory-system", Place.SYSTEM, system_actions, 50))
    slots.ACTIONS.register(ActionSource("transparency", Place.SYSTEM, transparency.system_actions, 68))
    slots.WORK.register(WorkSource("transparency", Group.WAITING, transparency.waiting, None, 47))
    slots.ACTIONS.register(ActionSource("inventory-release", Place.RELEASE, release_actions, 200))
    slots.ACTIONS.register(ActionSource("deployments", Place.SYSTEM, deployment_actions, 60))
    slots.WORK.register(WorkSource("untiered", Group.WAITING, untiered, untiered_count, 300))
    slots.WORK.register(WorkSource("lower-tiers", Group.WAITING, lower_tiers_waiting, None, 45))
    slots.WORK.register(WorkSource("legacy-approvals", Group.WAITING, legacy_waiting, None, 46))
    slots.WORK.register(WorkSource("drafts", Group.STARTED, drafts, None, 100))
    slots.WORK.register(WorkSource("aliases", Group.WAITING, unapproved_aliases, None, 9))
    slots.WORK.register(WorkSource("left-behind", Group.DUE, left_behind, None, 5))
    slots.WORK.register(WorkSource("links", Group.WAITING, links_waiting, None, 10))
    slots.STATS.register(Stat("tier-phase", "inventory/_tier_phase.html", tier_phase, 100))
    questions = (
        ("which", "Which system is it?", _which, "inventory/_answer_which.html"),
        ("where", "Where does it belong, since when?", _where, "inventory/_answer_where.html"),
        ("data", "On what data?", _data, "inventory/_answer_data.html"),
        ("owner", "Who owns it?", _owner, "inventory/_answer_people.html"),
        ("incident", "Who answers an incident?", _incident, "inventory/_answer_people.html"),
        ("missing", "What is missing?", _missing, "inventory/_answer_missing.html"),
    )
    for place, (key, question, answer, template) in enumerate(questions):
        order = 900 if key == "missing" else 10 * (place + 1)
        slots.ANSWERS.register(Answer(key, question, answer, template, order))


def _everybody(person: User) -> bool:
    return True


def untiered(person: User) -> Iterable[WorkItem]:
    """Systems the person owns whose questionnaire nobody has answered."""
    for system in queries.owned_without_tier(person)[:LONGEST]:
        where = reverse("inventory:system_answer", args=[system.slug])
        yield WorkItem(system.name, where, "Answer the questionnaire", "has no risk tier", icon="list-check")


def untiered_count(person: User) -> int:
    """How many of them."""
    return queries.owned_without_tier(person).count()


def lower_tiers_waiting(person: User) -> Iterable[WorkItem]:
    """Lower tiers somebody else proposed and this person may decide on."""
    for lowered in to_decide(person)[:LONGEST]:
        yield WorkItem(
            str(lowered), reverse("inventory:lowered_detail", args=[lowered.pk]), "Decide on the lower tier",
            about=f"proposed by {lowered.proposed_by}", since=lowered.proposed_at, icon="scale",
        )  # fmt: skip


def legacy_waiting(person: User) -> Iterable[WorkItem]:
    """Legacy approvals somebody else brought in and this person may confirm."""
    for approval in to_confirm(person)[:LONGEST]:
        yield WorkItem(
            str(approval), reverse("inventory:legacy_detail", args=[approval.pk]), "Confirm or refuse it",
            about=f"brought in by {approval.brought_by}", since=approval.brought_at, icon="archive",
        )  # fmt: skip


def risks_due(person: User) -> Iterable[WorkItem]:
    """Risks the person treats, by when; and when they are looked at again."""
    nearest = to_look_at(person).order_by(Least("due", "review_at"), "id")
    for risk in rights.visible(person, nearest)[: slots.READ]:
        where = reverse("inventory:risk_detail", args=[risk.pk])
        moments = [moment for moment in (risk.due, risk.review_at) if moment is not None]
        yield WorkItem(
            str(risk), where, "Treat it or look again", risk.system.name, due=min(moments), icon="alert-triangle"
        )


def links_waiting(person: User) -> Iterable[WorkItem]:
    """What takes two of governance and another has begun: links of single sign-on, and people put forward."""
    if not rights.can(person, Permission.PERSON_CHANGE):
        return
    waiting = Identity.objects.waiting().exclude(person=person).exclude(linked_by=person)
    for identity in waiting.select_related("person")[:LONGEST]:
        yield WorkItem(
            f"Single sign-on of {identity.person}", reverse("admin:access_identity_change", args=[identity.pk]),
            "Confirm that the account is theirs", f"subject {identity.subject}", since=identity.linked_at, icon="link",
        )  # fmt: skip
    for each in put_forward().exclude(put_forward_by=person).exclude(pk=person.pk)[:LONGEST]:
        yield WorkItem(
            f"Governance for {each}", reverse("admin:access_user_change", args=[each.pk]),
            "Give the role, or end what they were put forward for", icon="users",
        )  # fmt: skip


def left_behind(person: User) -> Iterable[WorkItem]:
    """Closed people whose systems nobody owns yet, for whoever hands over."""
    if not rights.can(person, Permission.PERSON_CHANGE):
        return
    for each in handing_over.closed_with_systems():
        yield WorkItem(
            f"What {each} left", reverse("inventory:hand_over", args=[each.pk]), "Hand it over", since=each.closed_at,
            icon="users",
        )  # fmt: skip


def drafts(person: User) -> Iterable[WorkItem]:
    """Releases the person described that are drafts or in review."""
    for release in rights.visible(person, queries.started_by(person))[:LONGEST]:
        yield WorkItem(
            f"{release.system.name} {release.version}", release_address(release),
            release.get_state_display(), "", since=release.updated_at, icon="package",
        )  # fmt: skip


def tier_phase(request: HttpRequest) -> Mapping[str, Any] | None:
    """Tier × phase of every system, for those who see all of them."""
    person = request.user
    if not isinstance(person, User) or not person.groups.filter(name__in=[*OrganisationRole]).exists():
        return None
    counted = queries.tier_phase_counts(rights.visible(person, System.objects.all()))
    numbers = {(row["tier"], row["phase"]): row["number"] for row in counted}
    pack = pack_in_force()
    order = [known.id for known in rules(pack).document.tiers.order] if pack else []
    found = {tier for tier, _ in numbers}
    tiers = [tier for tier in order if tier in found] + sorted(found - {*order, ""}) + sorted(found & {""})
    phases = [phase for phase in System.Phase if any(at == phase for _, at in numbers)]
    most = max(numbers.values(), default=0)
    rows = [
        {"tier": tier, "cells": [_cell(numbers.get((tier, phase), 0), most, tier, phase) for phase in phases],
         "total": sum(numbers.get((tier, phase), 0) for phase in phases)}
        for tier in tiers
    ]  # fmt: skip
    return {"rows": rows, "phases": phases, "total": sum(numbers.values())}


def _cell(number: int, most: int, tier: str, phase: str) -> dict[str, Any]:
    heat = 0 if not number else 1 + min(3, (4 * number - 1) // max(most, 1))
    return {"number": number, "heat": heat, "href": f"?tier={tier or 'none'}&phase={phase}"}


def _which(request: HttpRequest, system: System) -> Mapping[str, Any]:
    return {"system": system, "names": list(system.external_ids.all())}


def _where(request: HttpRequest, system: System) -> Mapping[str, Any]:
    return {"system": system, "path": queries.path_of(system.unit)}


def _data(request: HttpRequest, system: System) -> Mapping[str, Any]:
    person = cast("User", request.user)
    release = queries.releases_of(system).filter(state=Release.State.APPROVED).first()
    newest = release or queries.releases_of(system).exclude(state=Release.State.DISCARDED).first()
    return {
        "system": system, "release": newest, "datasets": list(queries.datasets_of(newest)) if newest else [],
        "shared": dependencies.datasets_below(person, system)[:LONGEST],
    }  # fmt: skip


def _owner(request: HttpRequest, system: System) -> Mapping[str, Any]:
    return _with_roles(system, {"owner", "deputy_owner"})


def _incident(request: HttpRequest, system: System) -> Mapping[str, Any]:
    found = _with_roles(system, {"incident_manager"})
    return found if found["people"] else {**_with_roles(system, {"owner"}), "note": "no incident manager: the owner"}


def _with_roles(system: System, roles: set[str]) -> dict[str, Any]:
    people = [assignment for assignment in queries.people_now(system) if assignment.role in roles]
    return {"people": people, "system": system}


def _missing(request: HttpRequest, system: System) -> Mapping[str, Any]:
    person = request.user
    allowed = rights.permissions_of(person, system)
    roles = {assignment.role for assignment in queries.people_now(system)}
    change = reverse("inventory:system_change", args=[system.slug])
    assign = reverse("inventory:assignment_create", args=[system.slug])
    wanted = (
        ("owner" not in roles, "Nobody owns it.", Permission.ASSIGNMENT_CHANGE, f"{assign}?role=owner", "Name an owner",
         "owner"),
        (not system.purpose, "Its purpose is not described.", Permission.SYSTEM_CHANGE, change, "Describe it", ""),
        (not system.intended_use, "Its intended use is not described.", Permission.SYSTEM_CHANGE, change, "Describe it",
         ""),
        (not system.tier, "It has no risk tier.", Permission.SYSTEM_CHANGE,
         reverse("inventory:system_answer", args=[system.slug]), "Answer the questionnaire", "tier"),
        (system.phase in {System.Phase.NOT_STATED, System.Phase.UNKNOWN}, "Its phase is not known.",
         Permission.SYSTEM_CHANGE, "", "", ""),
        (not system.releases.exclude(state=Release.State.DISCARDED).exists(), "No release is described.",
         Permission.RELEASE_CHANGE, reverse("inventory:release_create", args=[system.slug]), "Describe one", ""),
    )  # fmt: skip
    rows = [
        {"text": text, "href": href if permission in allowed else "", "action": action}
        for missing, text, permission, href, action, _ in wanted
        if missing
    ]
    said = {check for missing, *_, check in wanted if missing and check}
    here = reverse("inventory:system_detail", args=[system.slug])
    for duty in unmet_duties(system):
        if duty.check not in said:
            href = duty.href if duty.href != here else ""
            rows.append({"text": duty.reason, "href": href, "action": "Mend it", "about": duty.title})
    return {"rows": rows}
