"""Which role may do what. Data: synchronised to tables after every migration, never edited by hand."""

from governance.access.vocabulary import OrganisationRole, Permission, Role, Scope

P = Permission

_OWNER = frozenset(
    {
        P.ASSET_CHANGE, P.ASSET_RESTORE, P.ASSET_STOP, P.ASSIGNMENT_DEVELOPER, P.CHANGE_ANSWER,
        P.CHANGE_IMPLEMENT, P.CHANGE_RAISE,
        P.CONDITION_FULFIL, P.DEPENDENCY_CHANGE, P.DOCUMENT_CHANGE, P.FINDING_RESPOND, P.GATE_CHECK,
        P.HOLD_PLACE, P.INCIDENT_REPORT, P.LEDGER_VIEW, P.RELEASE_CHANGE, P.RELEASE_RETIRE, P.RELEASE_SUBMIT,
        P.RISK_CHANGE, P.SYSTEM_CHANGE, P.SYSTEM_RETIRE, P.SYSTEM_VIEW, P.TOKEN_MINT, P.WAIVER_REQUEST,
    }
)  # fmt: skip

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _OWNER,
    Role.DEPUTY_OWNER: _OWNER,
    Role.DEVELOPER: frozenset(
        {
            P.ASSET_CHANGE, P.ASSET_STOP, P.CHANGE_IMPLEMENT, P.CHANGE_RAISE, P.CONDITION_FULFIL, P.DEPENDENCY_CHANGE,
            P.DOCUMENT_CHANGE, P.FINDING_RESPOND, P.GATE_CHECK, P.INCIDENT_REPORT, P.RELEASE_CHANGE, P.RELEASE_SUBMIT,
            P.RISK_CHANGE, P.SYSTEM_VIEW, P.TOKEN_MINT,
        }
    ),
    Role.VALIDATOR: frozenset(
        {
            P.CHANGE_VERIFY, P.CONDITION_CONFIRM, P.FINDING_RAISE, P.FINDING_VERIFY, P.GATE_CHECK, P.HOLD_PLACE,
            P.INCIDENT_REPORT, P.SIGN_VALIDATION, P.SYSTEM_VIEW,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            P.CHANGE_VERIFY, P.FINDING_RAISE, P.FINDING_VERIFY, P.GATE_CHECK, P.LEDGER_VIEW, P.SIGN_AUDIT,
            P.SYSTEM_VIEW,
        }
    ),
    Role.APPROVER: frozenset(
        {
            P.CHANGE_APPROVE, P.CHANGE_VERIFY, P.GATE_CHECK, P.RELEASE_REINSTATE, P.RELEASE_REVOKE, P.SIGN_APPROVAL,
            P.SYSTEM_VIEW,
        }
    ),
    Role.RISK_OFFICER: frozenset(
        {
            P.ASSET_RESTORE, P.ASSET_STOP, P.FINDING_ACCEPT, P.GATE_CHECK, P.HOLD_LIFT, P.HOLD_PLACE,
            P.INCIDENT_REPORT, P.RELEASE_REINSTATE, P.RELEASE_REVOKE, P.RISK_ACCEPT, P.RISK_CHANGE,
            P.SYSTEM_VIEW, P.WAIVER_GRANT,
        }
    ),
    Role.INCIDENT_MANAGER: frozenset(
        {P.ASSET_STOP, P.GATE_CHECK, P.INCIDENT_REPORT, P.INCIDENT_RUN, P.RELEASE_SUSPEND, P.SYSTEM_VIEW}
    ),
    Role.VIEWER: frozenset({P.SYSTEM_VIEW}),
}  # fmt: skip

ORGANISATION_PERMISSIONS: dict[OrganisationRole, frozenset[Permission]] = {
    OrganisationRole.GOVERNANCE: frozenset(
        {
            P.ASSET_CHANGE, P.ASSET_RESTORE, P.ASSET_STOP, P.ASSIGNMENT_CHANGE, P.DEPENDENCY_CHANGE,
            P.IMPORT_RUN, P.LEDGER_VIEW, P.PACK_CHANGE, P.PERSON_CHANGE, P.SYSTEM_ADD,
            P.SYSTEM_CHANGE, P.SYSTEM_VIEW, P.TOKEN_MINT, P.UNIT_CHANGE, P.GATE_CHECK,
        }
    ),
    OrganisationRole.EXAMINER: frozenset({P.GATE_CHECK, P.LEDGER_VIEW, P.SYSTEM_VIEW}),
}  # fmt: skip

SCOPE_PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    Scope.GATE_CHECK: frozenset({P.GATE_CHECK}),
    Scope.RELEASE_WRITE: frozenset(
        {P.CHANGE_IMPLEMENT, P.CHANGE_RAISE, P.RELEASE_CHANGE, P.RELEASE_SUBMIT, P.SYSTEM_VIEW}
    ),
    Scope.DEPLOYMENT_WRITE: frozenset(),
    Scope.MEASUREMENT_WRITE: frozenset(),
    Scope.ALERT_WRITE: frozenset(),
}
