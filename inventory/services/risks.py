"""The risk register: risks are identified, analysed, treated, accepted, reviewed, closed and reopened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Offer, Reason
from governance.policy.sections import Risks
from inventory import delegations
from inventory.lifecycle import RISK, RiskFacts
from inventory.models import Risk, System
from inventory.risks import rules_of_risks
from inventory.rules import content_version
from inventory.services.permitted import allowed, require

LONGEST_TEXT = 10_000
TREATS_IT = "You treat this risk; another person gives it to somebody else."
ACCEPTED_IT = "This person accepted what remains of the risk; somebody else treats it."
TREATMENTS = frozenset({"transfer", "mitigate", "avoid"})


def risk_version(risk: Risk) -> str:
    """What a client has seen of this risk."""
    return content_version("risk", risk.pk, risk.state, risk.updated_at.timestamp())


def identify_risk(
    *,
    actor: User,
    system: System,
    title: str,
    area: str,
    source: str = "",
    cause: str = "",
    effect: str = "",
    door: Door = Door.WEB,
) -> Risk:
    """Write down what could go wrong. Raises InvalidInput, Forbidden, Conflict `no_policy`."""
    with acting(actor, door=door, verb="risk.identify"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.RISK_CHANGE, locked)
        rules_in_force()
        checks = Checks()
        values = {
            "title": checks.text("title", title, limit=200, required=True),
            "area": checks.choice("area", area, Risk.Area.values),
            "source": _text(checks, "source", source),
            "cause": _text(checks, "cause", cause),
            "effect": _text(checks, "effect", effect),
        }
        checks.done()
        now = portal_now()
        return Risk.objects.create(system=locked, created_by=actor, created_at=now, updated_at=now, **values)


def analyse_risk(
    *,
    actor: User,
    risk: Risk,
    likelihood: str,
    consequence: str,
    consulted: str = "",
    expected: str = "",
    door: Door = Door.WEB,
) -> Risk:
    """Say how likely it is and how bad; the level follows from the pack's matrix. An acceptance ends with it."""
    with acting(actor, door=door, verb="risk.analyse"):
        locked = _lock(risk, actor, expected)
        checks = Checks()
        values = _graded(checks, likelihood, consequence)
        values["consulted"] = _text(checks, "consulted", consulted)
        return _move(locked, "analyse", actor, checks, {**values, "assessed_by": actor, **_UNACCEPTED})


def treat_risk(
    *,
    actor: User,
    risk: Risk,
    treatment: str,
    plan: str,
    owner: User,
    due: datetime,
    residual_likelihood: str,
    residual_consequence: str,
    cost: Decimal | None = None,
    benefit: Decimal | None = None,
    review_at: datetime | None = None,
    expected: str = "",
    door: Door = Door.WEB,
) -> Risk:
    """Say what is done about it, by whom and when, what it costs and returns, and what remains."""
    with acting(actor, door=door, verb="risk.treat"):
        locked = _lock(risk, actor, expected)
        checks = Checks()
        values: dict[str, Any] = {
            "treatment": checks.choice("treatment", treatment, TREATMENTS),
            "plan": checks.text("plan", plan, limit=LONGEST_TEXT, required=True, lines=True),
            "owner": owner,
            "due": checks.instant("due", due),
            "cost": _money(checks, "cost", cost),
            "benefit": _money(checks, "benefit", benefit),
            "review_at": checks.instant("review_at", review_at),
            **_graded(checks, residual_likelihood, residual_consequence, "residual_"),
        }
        if owner.kind != User.Kind.HUMAN or not owner.is_active:
            checks.refuse("owner", "Must be a person with an open account.")
        return _move(locked, "treat", actor, checks, {**values, "assessed_by": actor, **_UNACCEPTED})


def accept_risk(
    *, actor: User, risk: Risk, until: datetime, reason: str, expected: str = "", door: Door = Door.WEB
) -> Risk:
    """Accept what remains, until an instant from which it counts again: another person than who described it."""
    with acting(actor, door=door, verb="risk.accept"):
        locked = _lock(risk, actor, expected)
        checks = Checks()
        end = checks.instant("until", until)
        if end is not None and end <= portal_now():
            checks.refuse("until", "Must lie in the future.")
        values = {
            "accepted_by": actor,
            "accepted_until": end,
            "acceptance": checks.text("reason", reason, limit=2000, required=True, lines=True),
        }
        if not locked.treatment:
            values["treatment"] = Risk.Treatment.ACCEPT
        return _move(locked, "accept", actor, checks, values)


def review_risk(
    *,
    actor: User,
    risk: Risk,
    residual_likelihood: str,
    residual_consequence: str,
    review_at: datetime | None = None,
    expected: str = "",
    door: Door = Door.WEB,
) -> Risk:
    """Look at it again: what remains now, and when it is looked at next. An acceptance of something else ends."""
    with acting(actor, door=door, verb="risk.review"):
        locked = _lock(risk, actor, expected)
        checks = Checks()
        values = _graded(checks, residual_likelihood, residual_consequence, "residual_")
        values["review_at"] = checks.instant("review_at", review_at)
        if any(getattr(locked, name) != values[name] for name in ("residual_likelihood", "residual_consequence")):
            values |= {"assessed_by": actor, **_UNACCEPTED}
        return _move(locked, "review", actor, checks, values)


def entrust_risk(
    *, actor: User, risk: Risk, owner: User | None = None, review_at: datetime | None = None, reason: str,
    expected: str = "", door: Door = Door.WEB,
) -> Risk:  # fmt: skip
    """Have somebody else treat it, or look at it again by another day; what was graded and accepted stands.

    Nobody gives away what they treat themselves (they could accept it then), nor to whoever accepted what remains.
    Raises InvalidInput, Forbidden `sod.same_person`, Conflict.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="risk.entrust", reason=reason):
        locked = _lock(risk, actor, expected)
        require(actor, Permission.RISK_CHANGE, locked)
        values: dict[str, Any] = {}
        if owner is not None:
            values["owner"] = owner
            if locked.owner_id == actor.pk != owner.pk:
                raise Forbidden(Reason("sod.same_person", TREATS_IT))
            _may_treat(checks, owner, locked)
        moment = checks.instant("review_at", review_at)
        if moment is not None:
            values["review_at"] = moment
            if moment <= portal_now():
                checks.refuse("review_at", "Must lie in the future.")
        if not values:
            checks.refuse("owner", "Say who treats it, or when it is looked at again.")
        return _move(locked, "entrust", actor, checks, values)


def close_risk(*, actor: User, risk: Risk, reason: str, expected: str = "", door: Door = Door.WEB) -> Risk:
    """Say that it can no longer happen, and why: another person than who wrote it down."""
    return _because("close", actor, risk, reason, expected, door)


def reopen_risk(*, actor: User, risk: Risk, reason: str, expected: str = "", door: Door = Door.WEB) -> Risk:
    """Take a closed risk up again; it has to be analysed anew."""
    return _because("reopen", actor, risk, reason, expected, door)


def hand_over_risk(*, actor: User, risk: Risk, owner: User, reason: str, door: Door = Door.WEB) -> Risk:
    """Have somebody else treat what a closed account was to treat; neither who accepted what remains of it.

    Raises InvalidInput, Forbidden `sod.same_person`, Conflict `state`.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="risk.hand_over", reason=reason):
        checks.done()
        locked = _lock(risk, actor, "")
        require(actor, Permission.ASSIGNMENT_CHANGE, locked)
        if locked.owner is None or locked.owner.closed_at is None:
            raise Conflict(
                Reason(
                    "state", "Only of a closed account a risk is handed over; name who treats it with the treatment."
                )
            )
        if locked.state == Risk.State.CLOSED:
            raise Conflict(Reason("state", "This risk is closed; nobody has to treat it."))
        _may_treat(checks, owner, locked)
        checks.done()
        locked.owner, locked.updated_at = owner, portal_now()
        locked.save(update_fields=["owner", "updated_at"])
        return locked


VERBS_OF_RISK: dict[str, Callable[..., Risk]] = {
    "analyse": analyse_risk,
    "treat": treat_risk,
    "accept": accept_risk,
    "review": review_risk,
    "entrust": entrust_risk,
    "close": close_risk,
    "reopen": reopen_risk,
}
_UNACCEPTED: dict[str, Any] = {"accepted_by": None, "accepted_until": None, "acceptance": ""}


def risk_offers(risk: Risk, person: User) -> tuple[Offer, ...]:
    """Every verb the person could press on the risk, with what blocks it."""
    return RISK.offered(risk.state, allowed=allowed(person, risk), facts=_facts(person, risk))


def rules_in_force() -> Risks:
    """The risk section of the pack in force. Raises Conflict `no_policy` where there is none."""
    section = rules_of_risks()
    if section is None:
        raise Conflict(Reason("no_policy", "No policy pack in force says how risks are graded."))
    return section


def _may_treat(checks: Checks, owner: User, risk: Risk) -> None:
    """Refuse whom the risk cannot be given to; whoever accepted what remains of it treats it neither."""
    if owner.kind != User.Kind.HUMAN or not owner.is_active or not can(owner, Permission.SYSTEM_VIEW, risk):
        checks.refuse("owner", "Must be a person with an open account who may see the system.")
    elif risk.accepted_by_id == owner.pk:
        raise Forbidden(Reason("sod.same_person", ACCEPTED_IT))


def _because(verb: str, actor: User, risk: Risk, reason: str, expected: str, door: Door) -> Risk:
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb=f"risk.{verb}", reason=reason[:500]):
        locked = _lock(risk, actor, expected)
        return _move(locked, verb, actor, checks, dict(_UNACCEPTED))


def _facts(actor: User, risk: Risk) -> RiskFacts:
    authors = frozenset({risk.created_by_id, risk.assessed_by_id} - {None})
    right = Permission.RISK_ACCEPT
    lent = delegations.lenders(actor, [right], risk.system_id, risk.system.unit_id).get(right, frozenset())
    return RiskFacts(actor.pk, authors, risk.owner_id, lent)  # type: ignore[arg-type]


def _lock(risk: Risk, actor: User, expected: str) -> Risk:
    system = System.objects.select_for_update(no_key=True).get(pk=risk.system_id)
    locked = Risk.objects.select_for_update(no_key=True).get(pk=risk.pk)
    locked.system = system
    require(actor, Permission.SYSTEM_VIEW, locked)
    if expected and expected != risk_version(locked):
        raise Conflict(Reason("stale", "Somebody changed this risk in the meantime; look at it again."))
    return locked


def _move(risk: Risk, verb: str, actor: User, checks: Checks, values: dict[str, Any]) -> Risk:
    """The only writer of Risk.state: who may and when comes before what was typed."""
    state = RISK.decide(verb, risk.state, allowed=allowed(actor, risk), facts=_facts(actor, risk))
    checks.done()
    for name, value in {**values, "state": state, "updated_at": portal_now()}.items():
        setattr(risk, name, value)
    risk.save(update_fields=[*values, "state", "updated_at"])
    return risk


def _graded(checks: Checks, likelihood: str, consequence: str, prefix: str = "") -> dict[str, Any]:
    rules = rules_in_force()
    likely = checks.choice(f"{prefix}likelihood", likelihood, [level.id for level in rules.likelihood])
    bad = checks.choice(f"{prefix}consequence", consequence, [level.id for level in rules.consequence])
    level = rules.matrix[likely][bad] if likely and bad else ""
    return {f"{prefix}likelihood": likely, f"{prefix}consequence": bad, f"{prefix}level": level}


def _text(checks: Checks, name: str, value: str) -> str:
    return checks.text(name, value, limit=LONGEST_TEXT, lines=True)


def _money(checks: Checks, name: str, value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 12 or value < 0:
        checks.refuse(name, "Must be an amount from 0 to 999,999,999,999.99.")
        return None
    return value.quantize(Decimal("0.01"))
