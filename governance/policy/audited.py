"""The check of audits: nothing that an audit found on the system, of the severities named, is left unsettled."""

from __future__ import annotations

from governance.policy.checking import BUILDERS, Case, Met, Parameters, Result, Unmet, add_check, written


class AuditedParameters(Parameters):
    """Which severities count, none named meaning every one; and whether only what is overdue does."""

    severities: tuple[str, ...] = ()
    only_overdue: bool = False


def audited(case: Case, parameters: AuditedParameters) -> Result:
    """Nothing an audit found stands open; where the pack says so, only what is overdue closes the gate."""
    counting = [
        one for one in case.facts.audit_findings if not parameters.severities or one.severity in parameters.severities
    ]
    against = [one for one in counting if not parameters.only_overdue or case.at >= one.due]
    if against:
        names = "; ".join(f"AF-{one.id} “{one.title}” ({one.severity}, due {written(one.due)})" for one in against)
        return Unmet(
            f"Found by an audit and not settled: {names}.",
            "Answer it, and have the team of the audit verify the answer.",
            (*BUILDERS, "the team of the audit"), f"/audit-findings/{against[0].id}/",
        )  # fmt: skip
    following = min((one.due for one in counting), default=None)
    rest = f" The next falls due {written(following)}." if following else ""
    return Met(f"Nothing that an audit found stands against it.{rest}", following)


def register() -> None:
    """Add the check to the vocabulary; called once at start, before any pack is read."""
    add_check("audit_findings", AuditedParameters)(audited)
