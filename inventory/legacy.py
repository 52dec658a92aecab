"""Named reads of approvals from before the portal: the rows, what waits for whom, and whether one counts now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.policy.facts import Facts
from governance.policy.legacy import standing
from governance.policy.packs import PackInvalid
from governance.policy.queries import facts_of, pack_in_force, rules
from inventory.models import LegacyApproval, Release


def legacy_rows() -> QuerySet[LegacyApproval]:
    """Records with what lists and pages show of them."""
    return LegacyApproval.objects.select_related(
        "system", "report", "report__file", "brought_by", "decided_by", "ended_by"
    ).defer("system__search")


def narrow(rows: QuerySet[LegacyApproval], wanted: Mapping[str, Any]) -> QuerySet[LegacyApproval]:
    """The records that fit the filters of the list; what waits or counts, unless asked otherwise."""
    state = wanted.get("state")
    if state != "all":
        states = [LegacyApproval.State.BROUGHT_IN, LegacyApproval.State.CONFIRMED]
        rows = rows.filter(state__in=[state] if state else states)
    if system := wanted.get("system"):
        rows = rows.filter(system__slug=system)
    return rows


def to_confirm(person: User) -> QuerySet[LegacyApproval]:
    """Records this person may confirm, by what the role allows."""
    waiting = legacy_rows().filter(state=LegacyApproval.State.BROUGHT_IN).exclude(brought_by=person)
    return rights.visible(person, waiting, Permission.LEGACY_APPROVAL_CONFIRM).order_by("brought_at", "id")


def release_of(approval: LegacyApproval) -> Release | None:
    """The release it would count for, once one of that version is described."""
    return Release.objects.filter(system=approval.system_id, version=approval.version).first()


def of_release(release: Release) -> LegacyApproval | None:
    """What is brought in or confirmed for the version of a release."""
    states = [LegacyApproval.State.BROUGHT_IN, LegacyApproval.State.CONFIRMED]
    return legacy_rows().filter(system=release.system_id, version=release.version, state__in=states).first()


def whether_it_counts(approval: LegacyApproval, release: Release | None) -> str:
    """In a sentence whether the gate counts it now, and if not, why."""
    if approval.state != LegacyApproval.State.CONFIRMED:
        return "It counts for nothing: only a confirmed one can."
    if release is None:
        return "No release of that version is described."
    pack = pack_in_force()
    try:
        document = rules(pack).document if pack else None
    except PackInvalid:
        document = None
    facts = facts_of([release]).get(release.pk, Facts())
    if document is None or facts.legacy is None:
        return "No policy is in force that could count it."
    found = standing(document, facts, facts.legacy, portal_now())
    return f"{found.words}." if found.until else found.words
