"""The check of controls: what the policy wants protected about a system is protected, and that is written. Pure."""

from __future__ import annotations

from governance.policy.checking import BUILDERS, Case, Met, Parameters, Result, Unmet, add_check


class ControlParameters(Parameters):
    """Which controls, by the ids of the catalogue, and whether each needs evidence."""

    controls: tuple[str, ...]
    with_evidence: bool = False


_SAID = {"partly": "only partly", "no": "no", "unknown": "not known"}


def controls(case: Case, parameters: ControlParameters) -> Result:
    """Each control the policy names for the system is in place, or said not to apply; what nobody knows is not."""
    said = {one.control: one for one in case.facts.controls}
    lacking = []
    for name in parameters.controls:
        fact = said.get(name)
        if fact is None:
            lacking.append(f"{_title(name)}: nobody said")
        elif fact.state in _SAID:
            lacking.append(f"{_title(name)}: {_SAID[fact.state]}")
        elif parameters.with_evidence and fact.state == "yes" and not fact.shown:
            lacking.append(f"{_title(name)}: no evidence")
    if lacking:
        return Unmet(
            f"Controls are not in place: {'; '.join(lacking)}.", "Put them in place and record what shows it.",
            BUILDERS, f"{case.system_page}?tab=controls",
        )  # fmt: skip
    return Met(f"{len(parameters.controls)} controls are in place or do not apply.")


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def register() -> None:
    """Add the check to the vocabulary; called once at start, before any pack is read."""
    add_check("controls", ControlParameters)(controls)
