"""What the proof of independence asks of changes: who decided, ratified or verified what they had a hand in."""

from __future__ import annotations

from collections.abc import Callable

from governance.validation import independence

LOWERED = """array_position(ARRAY['none', 'minor', 'material'], x.materiality::text)
        <= array_position(ARRAY['none', 'minor', 'material'], x.computed::text)"""


def _acts(*verbs: str, where: Callable[[str, str], str]) -> str:
    """SQL: the changes `x` somebody did one of these to, where it holds of who did it and when."""
    return " UNION ALL ".join(
        f"""SELECT y.slug, '', x.{verb}_by_id, x.{verb}_at, 'changes_change', x.id
        FROM changes_change x JOIN inventory_system y ON y.id = x.system_id
        {independence.place("changes_change", "x.id", f"x.{verb}_at", f"{verb}_at")}
        WHERE x.{verb}_by_id IS NOT NULL AND ({where(f"x.{verb}_by_id", f"x.{verb}_at")})"""
        for verb in verbs
    )


def _hand(kind: str, column: str) -> Callable[[str, str], str]:
    """SQL: whether a person had this kind of hand in change `x` until an instant; `column` names one who has it."""
    return lambda person, at: (
        f"""{person} = x.{column} OR EXISTS (SELECT FROM changes_contribution c
            WHERE c.change_id = x.id AND c.person_id = {person} AND c.kind = '{kind}' AND c.at <= {at})"""
    )


def _for_one(permission: str, hands: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """SQL: whether a person had the right only as lent, and by people with such a hand."""
    return lambda person, at: independence.in_the_place_of(permission, person, at, hands("f.person_id", at))


_ASKED, _CARRIED_OUT = _hand("request", "requester_id"), _hand("implementation", "implemented_by_id")


def _wrote(person: str, at: str) -> str:
    """SQL: whether a person asked for change `x` or carried it out."""
    return f"coalesce({_ASKED(person, at)} OR {_CARRIED_OUT(person, at)}, false)"


def _decides_nothing(person: str, at: str) -> str:
    """SQL: whether a person wrote change `x`, builds its system, or lowered what was approved."""
    lowered = f"coalesce(x.state <> 'rejected' AND {person} = x.overridden_by_id AND {LOWERED}, false)"
    return f"{_wrote(person, at)} OR {independence.built(person, at, 'x.created_at')} OR {lowered}"


RULES = {
    "change.requester": (
        "decided on, ratified or verified a change they asked for or described",
        _acts("decided", "ratified", "verified", where=_ASKED),
    ),
    "change.builder": (
        "decided on or ratified a change of a system they owned or developed since it was asked for",
        _acts("decided", "ratified", where=lambda person, at: independence.built(person, at, "x.created_at")),
    ),
    "change.implementer": (
        "ratified or verified a change they carried out",
        _acts("ratified", "verified", where=_CARRIED_OUT),
    ),
    "change.lowered": (
        "approved a change they lowered themselves",
        _acts(
            "decided", where=lambda person, _: f"x.state <> 'rejected' AND {person} = x.overridden_by_id AND {LOWERED}"
        ),
    ),
    "change.decided_for_one_who_may_not": (
        "decided on or ratified a change on behalf of somebody who had a hand in it or built the system",
        _acts("decided", "ratified", where=_for_one("change.approve", _decides_nothing)),
    ),
    "change.verified_for_one_who_may_not": (
        "verified a change on behalf of somebody who asked for it or carried it out",
        _acts("verified", where=_for_one("change.verify", _wrote)),
    ),
}


def register() -> None:
    """Have these proven too; called once at start."""
    independence.add(RULES)
