"""How what the portal checks of conditions stands: the facts of their releases, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from governance.database.clock import portal_now
from governance.lifecycle import Reason
from governance.policy.facts import Facts
from governance.policy.queries import facts_of, pack_in_force, rules
from governance.validation.models import Condition
from governance.validation.promised import Known, Newest, Served, Standing, standing
from inventory.deployments import running
from inventory.evaluations import newest_of
from inventory.models import Release

NO_POLICY = Standing(False, "No policy pack is in force yet.")


def standings_of(conditions: Iterable[Condition]) -> dict[int, Standing]:
    """How the check of each of these conditions stands now, by its key; those without a check are left out."""
    checked = [each for each in conditions if each.check_kind]
    releases = {each.submission.release_id: each.submission.release for each in checked}
    known = {key: known_of(release) for key, release in releases.items()}
    found: dict[int, Standing] = {}
    for each in checked:
        promised, about = each.promised, known[each.submission.release_id]
        assert promised is not None  # noqa: S101  only those with a check
        found[each.pk] = standing(promised, about) if about is not None else NO_POLICY
    return found


def known_of(release: Release) -> Known | None:
    """What checks of this release look at; None while no policy is in force."""
    pack = pack_in_force()
    if pack is None:
        return None
    results = tuple(Newest(row.metric, row.slice, row.value) for row in newest_of(release))
    there = running().filter(release=release).values_list("environment", "share")
    served = tuple(Served(environment, share) for environment, share in there)
    return Known(facts_of([release]).get(release.pk, Facts()), rules(pack), results, portal_now(), served)


def missing_of(condition: Condition) -> tuple[Reason, ...]:
    """What stands against calling a condition fulfilled: that what the portal checks of it does not hold."""
    found = standings_of([condition]).get(condition.pk)
    if found is None or found.holds:
        return ()
    return (Reason("blocked", f"Not yet: {condition.promised}. {found.found}", found.href),)
