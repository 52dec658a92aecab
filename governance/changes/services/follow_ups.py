"""Work that follows by itself: opened by what happened, handed over, finished, or said to be needless."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.changes.lifecycle import FOLLOW_UP
from governance.changes.models import Change, FollowUp
from governance.changes.queries import approvals, follow_up_facts, owners_of, rules_of_changes
from governance.changes.services.moving import said
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from inventory.announcements import AssetStopped
from inventory.models import System
from inventory.services.permitted import allowed, require

NO_OWNER = "Must be somebody who may carry out changes of this system."
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one cause asks of one system; `about` is the field of the cause and its key, or `origin` and a page."""

    system: int
    about: tuple[str, int | str]

    @property
    def field(self) -> dict[str, int | str]:
        """The cause as the record keeps it."""
        name, value = self.about
        return {name if name == "origin" else f"{name}_id": value}

    step: str
    title: str
    text: str


def open_for_stopped_asset(fact: AssetStopped) -> None:
    """Ask for a review of every system that stands on an asset which stopped; what is open already stays one."""
    state = fact.state.replace("_", " ")
    standing = System.objects.filter(pk__in=fact.systems).exclude(phase=System.Phase.RETIRED)
    wanted = [
        Wanted(
            key, ("asset", fact.asset), fact.state, f"Review the use of “{fact.name}”, which is {state}",
            "Say what the system still gets from it, since when that may be wrong, and what replaces it. "
            "Ask for the change that follows, and name it here.",
        )
        for key in standing.order_by("pk").values_list("pk", flat=True)
    ]  # fmt: skip
    summary = f"“{fact.name}” is {state}"
    with acting(Command("follow_up"), door=Door.JOB, verb="follow_up.open"):
        open_follow_ups(FollowUp.Cause.ASSET, wanted, due=due_after("asset"), summary=summary)


def open_after_roll_back(change: Change) -> None:
    """Ask for what must follow a roll-back: the release before is put back everywhere, and the cause is found."""
    key, back = change.pk, change.rollback_release
    brought = f" wherever {change.target_release.version} runs" if change.target_release else ""
    title = f"Put release {back.version} back{brought}" if back else "Bring back what was there before the change"
    wanted = [
        Wanted(
            change.system_id, ("change", key), "put-back", title,
            "Follow the roll-back plan of the request. Say where it was done and what showed that it works.",
        ),
        Wanted(
            change.system_id, ("change", key), "find-cause", f"Find out why CHG-{key} failed",
            "Say what the tests did not see, and ask for the change that replaces this one, or why none does.",
        ),
    ]  # fmt: skip
    with acting(Command("follow_up"), door=Door.JOB, verb="follow_up.open"):
        open_follow_ups(
            FollowUp.Cause.ROLL_BACK, wanted, due=due_after("roll_back"), summary=f"CHG-{key} was rolled back"
        )


def open_after_change(change: Change) -> None:
    """Ask for a new look at what is approved once a material change works that no release of its own carried.

    A change that a release carries is reviewed with that release.
    """
    if change.materiality != Change.Materiality.MATERIAL or change.target_release_id is not None:
        return
    if not approvals().filter(release__system=change.system_id).exists():
        return
    title = f"Have what is approved reviewed again after {change}"
    wanted = Wanted(
        change.system_id, ("change", change.pk), "review-again", title[:300],
        "The change is material, and no release of its own was reviewed with it. Renew the approvals it touches, or "
        "say why they still stand.",
    )  # fmt: skip
    with acting(Command("follow_up"), door=Door.JOB, verb="follow_up.open"):
        open_follow_ups(
            FollowUp.Cause.CHANGE, [wanted], due=due_after("change"), summary=f"CHG-{change.pk} took effect"
        )


def open_after_incident(*, system: int, number: int, title: str) -> None:
    """Ask, after a grave incident was closed, whether what is approved on its system may stand as it is."""
    if not approvals().filter(release__system=system).exists():
        return
    title_of_work = f"Review again what is approved, after INC-{number}"
    wanted = Wanted(
        system, ("origin", f"/incidents/{number}/"), "review-again", title_of_work,
        f"“{title}” happened under an approval. Renew the approvals it casts doubt on, or say why they still stand.",
    )  # fmt: skip
    with acting(Command("follow_up"), door=Door.JOB, verb="follow_up.open"):
        open_follow_ups(
            FollowUp.Cause.INCIDENT, [wanted], due=due_after("incident"), summary=f"INC-{number} was closed"
        )


def due_after(cause: str) -> datetime | None:
    """Until when what follows from a cause that happens now is to be done; None where the policy does not say."""
    section = rules_of_changes()
    days = {str(name): days for name, days in section.follow_up_days.items()}.get(cause) if section else None
    return None if days is None else portal_now() + timedelta(days=days)


def open_follow_ups(cause: str, wanted: Sequence[Wanted], *, due: datetime | None, summary: str) -> int:
    """Open what is not open yet, for the owner each system has now, and tell every owner once. How many were new.

    For callers that act already: it opens no transaction of its own.
    """
    owners, now = owners_of(one.system for one in wanted), portal_now()
    newest = FollowUp.objects.order_by("-id").values_list("pk", flat=True).first() or 0
    FollowUp.objects.bulk_create(
        (
            FollowUp(
                system_id=one.system, cause=cause, step=one.step, title=one.title, text=one.text,
                owner_id=owners.get(one.system), due=due, opened_at=now, **one.field,
            )
            for one in wanted
        ),
        batch_size=AT_ONCE,
        ignore_conflicts=True,
    )  # fmt: skip
    if not wanted:
        return 0
    opened = list(
        FollowUp.objects.filter(pk__gt=newest, cause=cause, opened_at=now, **wanted[0].field)
        .select_related("owner", "system")
        .order_by("pk")
    )
    _tell(opened, summary, due)
    return len(opened)


def _tell(opened: Iterable[FollowUp], summary: str, due: datetime | None) -> None:
    """One notice for each owner, however many of the systems are theirs."""
    waiting: dict[int, list[FollowUp]] = {}
    for one in opened:
        if one.owner_id is not None:
            waiting.setdefault(one.owner_id, []).append(one)
    for mine in waiting.values():
        first, count = mine[0], len(mine)
        owner = first.owner
        assert owner is not None  # noqa: S101  grouped by it
        alone = count == 1
        announce(
            Topic.FOLLOW_UP_OPENED, first, people=[owner], due=due, text="" if alone else first.title,
            title=f"{summary}: {first.system if alone else f'{count} things to follow up'}",
            href=address(first) if alone else f"{reverse('changes:follow_up_list')}?mine=yes",
        )  # fmt: skip


def address(follow_up: FollowUp) -> str:
    """Where its page is."""
    return reverse("changes:follow_up_detail", args=[follow_up.pk])


def hand_over_follow_up(
    *, actor: User, follow_up: FollowUp, owner: User, reason: str = "", door: Door = Door.WEB
) -> FollowUp:
    """Give it to somebody else who may carry it out; what a closed account left, whoever gives roles may hand over too.

    Raises InvalidInput, Forbidden, Conflict.
    """
    reason = said("reason", reason, required=False)
    with acting(actor, door=door, verb="follow_up.hand_over", reason=reason[:500]):
        locked = _lock(follow_up, actor)
        if not _left_to(actor, locked):
            _decide("hand_over", locked, actor)
        checks = Checks()
        if not can(owner, Permission.CHANGE_IMPLEMENT, locked):
            checks.refuse("owner", NO_OWNER)
        checks.done()
        locked.owner = owner
        locked.save(update_fields=["owner"])
        announce(
            Topic.FOLLOW_UP_OPENED, locked, people=[owner], due=locked.due, actor=actor,
            title=f"Handed to you: {locked.title} ({locked.system})", href=address(locked),
        )  # fmt: skip
    return locked


def _left_to(actor: User, follow_up: FollowUp) -> bool:
    """Whether it is open, was somebody's whose account is closed, and this person gives roles here."""
    left = follow_up.owner is not None and follow_up.owner.closed_at is not None
    open_now = follow_up.state == FollowUp.State.OPEN
    return left and open_now and Permission.ASSIGNMENT_CHANGE in allowed(actor, follow_up)


def finish_follow_up(*, actor: User, follow_up: FollowUp, note: str, door: Door = Door.WEB) -> FollowUp:
    """Say what was done. Raises InvalidInput, Forbidden, Conflict."""
    return _settle("finish", actor, follow_up, note, door)


def drop_follow_up(*, actor: User, follow_up: FollowUp, note: str, door: Door = Door.WEB) -> FollowUp:
    """Say, not being its owner, why nothing is to be done. Raises InvalidInput, Forbidden, Conflict."""
    return _settle("drop", actor, follow_up, note, door)


def _settle(verb: str, actor: User, follow_up: FollowUp, note: str, door: Door) -> FollowUp:
    words = said("note", note)
    with acting(actor, door=door, verb=f"follow_up.{verb}", reason=words[:500]):
        locked = _lock(follow_up, actor)
        locked.state = _decide(verb, locked, actor)
        locked.settled_at, locked.settled_by, locked.note = portal_now(), actor, words
        locked.save(update_fields=["state", "settled_at", "settled_by", "note"])
    return locked


def _decide(verb: str, follow_up: FollowUp, actor: User) -> str:
    facts = follow_up_facts(actor, follow_up)
    return FOLLOW_UP.decide(verb, follow_up.state, allowed=allowed(actor, follow_up), facts=facts)


def _lock(follow_up: FollowUp, actor: User) -> FollowUp:
    """The record, locked after its system, if the actor may see it. Raises NotVisible."""
    system = System.objects.select_for_update(no_key=True).get(pk=follow_up.system_id)
    locked = FollowUp.objects.select_for_update(no_key=True).get(pk=follow_up.pk)
    locked.system = system
    require(actor, Permission.SYSTEM_VIEW, locked)
    return locked
