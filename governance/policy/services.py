"""The verbs of policy packs: load, edit as a new draft, propose, adopt by a second person, refuse, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.announcements import PackAdopted, PackWithdrawn
from governance.policy.editing import VERSION, Place, rewritten, settings
from governance.policy.lifecycle import PACK, PackFacts
from governance.policy.models import Pack
from governance.policy.packs import PackInvalid, digest, parse, rules_of, stored
from governance.web.announcements import announce

_EVER_ADOPTED = {"state__in": [Pack.State.ADOPTED, Pack.State.WITHDRAWN]}


def load_pack(*, actor: User | Command, source: str, door: Door = Door.COMMAND) -> Pack:
    """Store a pack as a draft; loading the same content again returns what is there.

    Raises PackInvalid with the line of every error, Conflict `duplicate` when the version stands for other content.
    """
    with acting(actor, door=door, verb="pack.load"):
        _require(actor)
        document = parse(source)
        fingerprint = digest(document)
        there = Pack.objects.filter(name=document.pack, version=document.version).first()
        if there is not None:
            if there.digest == fingerprint:
                return there
            raise Conflict(
                Reason(
                    "duplicate",
                    f"{document.pack} {document.version} is loaded already with other content; give it a new version.",
                )
            )
        return Pack.objects.create(
            name=document.pack, version=document.version, title=document.title, source=source,
            document=stored(document), digest=fingerprint, loaded_at=portal_now(),
        )  # fmt: skip


def edit_pack(*, actor: User, pack: Pack, version: str, values: Mapping[str, object], door: Door = Door.ADMIN) -> Pack:
    """Store a new draft that says what a pack says, but for its version and the settings named.

    Raises InvalidInput naming each setting there is not or that a value does not fit, Conflict `duplicate` when the
    version stands for other content.
    """
    with acting(actor, door=door, verb="pack.load"):
        _require(actor)
        known = {each.name: each for each in settings(rules_of(pack.digest, pack.document).document, pack.source)}
        checks = Checks()
        changes: dict[Place, str | int] = {VERSION: version}
        if version == pack.version:
            checks.refuse("version", "Give the draft a version of its own.")
        for name, value in values.items():
            if name not in known:
                checks.refuse(name[:100], "There is no such setting.")
            elif not isinstance(value, int) or type(value) is not type(known[name].value):
                a_word = isinstance(known[name].value, bool)
                checks.refuse(name, "Must be true or false." if a_word else "Must be a whole number.")
            elif value != known[name].value:
                changes[known[name].place] = value
        checks.done()
        try:
            return load_pack(actor=actor, source=rewritten(pack.source, changes), door=door)
        except PackInvalid as invalid:
            names = {".".join(map(str, each.place)): name for name, each in known.items()}
            for error in invalid.errors:
                checks.refuse(names.get(error.place, error.place or "version"), error.message)
            raise InvalidInput(checks.errors) from invalid


def propose_pack(*, actor: User, pack: Pack, door: Door = Door.ADMIN) -> Pack:
    """Put a draft up for adoption by somebody else."""
    with acting(actor, door=door, verb="pack.propose"):
        locked = _locked(pack)
        locked.state = _decide(actor, locked, "propose", PackFacts(portal_now(), actor.pk))
        locked.proposed_by = actor
        locked.save(update_fields=["state", "proposed_by"])
        return locked


def adopt_pack(*, actor: User, pack: Pack, effective_from: datetime | None = None, door: Door = Door.ADMIN) -> Pack:
    """Adopt a proposed pack, in force from an instant that is not past (now if none is given).

    Raises Forbidden `sod.same_person` for the person who proposed it, Conflict for a past or taken instant,
    InvalidInput for one outside the calendar.
    """
    with acting(actor, door=door, verb="pack.adopt"):
        locked = _locked(pack)
        now = portal_now()
        checks = Checks()
        start = checks.instant("effective_from", effective_from) or now
        checks.done()
        taken = Pack.objects.filter(state=Pack.State.ADOPTED, effective_from=start).exists()
        facts = PackFacts(now, actor.pk, locked.proposed_by_id, start, taken)
        locked.state = _decide(actor, locked, "adopt", facts)
        locked.adopted_by, locked.effective_from = actor, start
        locked.save(update_fields=["state", "adopted_by", "effective_from"])
        announce(PackAdopted(locked.pk))
        return locked


def refuse_pack(*, actor: User, pack: Pack, reason: str, door: Door = Door.ADMIN) -> Pack:
    """Send a proposed pack back to draft, saying why."""
    with acting(actor, door=door, verb="pack.refuse", reason=reason):
        locked = _locked(pack)
        locked.state = _decide(actor, locked, "refuse", PackFacts(portal_now(), actor.pk))
        locked.proposed_by = None
        locked.save(update_fields=["state", "proposed_by"])
        return locked


def withdraw_pack(*, actor: User, pack: Pack, reason: str, door: Door = Door.ADMIN) -> Pack:
    """Take back an adopted pack before it comes into force."""
    with acting(actor, door=door, verb="pack.withdraw", reason=reason):
        locked = _locked(pack)
        facts = PackFacts(portal_now(), actor.pk, locked.proposed_by_id, locked.effective_from)
        locked.state = _decide(actor, locked, "withdraw", facts)
        locked.save(update_fields=["state"])
        announce(PackWithdrawn(locked.pk, actor.pk, reason))
        return locked


def adopt_at_bootstrap(*, actor: Command, pack: Pack, door: Door = Door.COMMAND) -> Pack:
    """Put the first pack in force while the portal is set up, in the portal's own name.

    Raises Conflict once any pack was ever adopted: from then on it takes two people.
    """
    with acting(actor, door=door, verb="pack.adopt", reason="set up with the portal"):
        locked = _locked(pack)
        if (
            locked.state == Pack.State.ADOPTED
            and Pack.objects.exclude(pk=locked.pk).filter(**_EVER_ADOPTED).count() == 0
        ):
            return locked
        if Pack.objects.filter(**_EVER_ADOPTED).exists():
            raise Conflict(Reason("bootstrapped", "A pack was adopted before; from now on two people adopt one."))
        now = portal_now()
        locked.state = PACK.decide("adopt_at_bootstrap", locked.state, allowed=(), facts=PackFacts(now))
        locked.effective_from = now
        locked.save(update_fields=["state", "effective_from"])
        return locked


def _locked(pack: Pack) -> Pack:
    return Pack.objects.select_for_update().get(pk=pack.pk)


def _require(actor: User | Command) -> None:
    if isinstance(actor, User):
        rights.require(actor, Permission.PACK_CHANGE)


def _decide(actor: User, pack: Pack, verb: str, facts: PackFacts) -> str:
    return PACK.decide(verb, pack.state, allowed=rights.permissions_of(actor), facts=facts)
