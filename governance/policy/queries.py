"""Which pack is in force when, and its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import connection
from django.db.models import Model, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.database.clock import PortalNow, portal_now
from governance.lifecycle import Conflict, Offer, Reason
from governance.policy.checking import Purpose
from governance.policy.decide import Rules, decide
from governance.policy.enforcing import EnforcingReport, enforce
from governance.policy.facts import Facts, read, statement
from governance.policy.lifecycle import PACK, PackFacts
from governance.policy.models import Pack
from governance.policy.packs import rules_of
from governance.policy.replay import Report, replay

AT_ONCE = 1000
SYSTEMS_AT_ONCE = 250
KEY_LENGTH = 18


def pack_in_force(at: datetime | None = None) -> Pack | None:
    """The pack in force at an instant, now if none is given; None before the first comes into force."""
    moment = PortalNow() if at is None else at
    return (
        Pack.objects.filter(state=Pack.State.ADOPTED, effective_from__lte=moment)
        .order_by("-effective_from", "-id")
        .first()
    )


def rules(pack: Pack) -> Rules:
    """The parsed rules of a stored pack. Raises PackInvalid when what is stored is not what was loaded."""
    return rules_of(pack.digest, pack.document)


def rules_in_force(at: datetime | None = None) -> tuple[Pack, Rules]:
    """The pack in force with its rules. Raises Conflict where there is none: nothing is decided without rules."""
    pack = pack_in_force(at)
    if pack is None:
        raise Conflict(Reason("no_policy", "No policy pack is in force yet; have one adopted first."))
    return pack, rules(pack)


def facts_of(releases: Iterable[Model]) -> dict[int, Facts]:
    """Everything the policy knows about these releases by key, from one statement; unknown ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(statement(), {"releases": [release.pk for release in releases]})
        return {key: read(told) for key, told in cursor.fetchall()}


def facts_of_systems(systems: Iterable[int]) -> Iterator[Facts]:
    """Everything the policy knows about these systems, each with the release that counts: one statement a thousand."""
    sql = statement("systems")
    for keys in batched(systems, AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(sql, {"systems": keys})
            found = cursor.fetchall()
        yield from (read(told) for _, told in found)


def facts_of_inventory(size: int = SYSTEMS_AT_ONCE) -> Iterator[Facts]:
    """Everything the policy knows about every release there is, system by system; a system without one comes once.

    Read a batch of systems at a time by key, so that no more than one batch is held.
    """
    sql = statement("inventory")
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"after": after, "most": size})
            found = cursor.fetchall()
        if not found:
            return
        told = [read(text) for _, text in found]
        yield from sorted(told, key=_by_system)
        after = max(facts.system.id for facts in told if facts.system is not None)


def inventory_size() -> int:
    """How many systems there are to ask about."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM inventory_system")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _by_system(facts: Facts) -> tuple[int, int]:
    return facts.system.id if facts.system else 0, facts.release.id if facts.release else 0


def replayed(rules_to_try: Rules, name: str, progress: Callable[[int], None] = lambda done: None) -> Report:
    """What a pack would change now over the whole inventory, against the pack in force. Nothing is written."""
    now = portal_now()
    current = pack_in_force()
    before = rules(current) if current else None
    return replay(Report(name, rules_to_try), before, facts_of_inventory(), now, progress)


def enforced_today(
    rules_to_ask: Rules, name: str, progress: Callable[[int], None] = lambda done: None
) -> EnforcingReport:
    """What enforcing a pack everywhere would close now, over the whole inventory. Nothing is written."""
    return enforce(EnforcingReport(name, rules_to_ask), facts_of_inventory(), portal_now(), progress)


def packs() -> QuerySet[Pack]:
    """Every pack with its people, the newest first."""
    return Pack.objects.select_related("proposed_by", "adopted_by").order_by("-id")


def pack_named(key: str) -> Pack | None:
    """The pack of a key as somebody wrote it; None for one there is not."""
    return packs().filter(pk=key).first() if key.isdecimal() and len(key) <= KEY_LENGTH else None


def offers(person: User, pack: Pack) -> tuple[Offer, ...]:
    """What this person could do about a pack, with what blocks it."""
    now = portal_now()
    start = pack.effective_from if pack.state == Pack.State.ADOPTED else now
    facts = PackFacts(now, person.pk, pack.proposed_by_id, start)
    return PACK.offered(pack.state, allowed=rights.permissions_of(person), facts=facts)


def batched(keys: Iterable[int], size: int) -> Iterator[list[int]]:
    """The keys in lists of at most that many."""
    rest = iter(keys)
    while found := list(islice(rest, size)):
        yield found


def blockers_for_submission(release: Model) -> tuple[Reason, ...]:
    """What must be mended before the release may be put up for review, by the pack in force."""
    return _blockers(release, Purpose.REVIEW)


def blockers_for_approval(release: Model) -> tuple[Reason, ...]:
    """What must be mended before the last stage of the release's open submission may be signed."""
    return _blockers(release, Purpose.APPROVAL)


def _blockers(release: Model, purpose: Purpose) -> tuple[Reason, ...]:
    pack = pack_in_force()
    if pack is None:
        return (Reason("no_policy", "No policy pack is in force yet; have one adopted first."),)
    facts = facts_of([release]).get(release.pk, Facts())
    decision = decide(facts, rules(pack), None, portal_now(), purpose)
    return tuple(Reason("blocked", f"{line.reason} {line.fix}", line.href) for line in decision.unmet)
