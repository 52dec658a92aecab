"""Every permission word of the portal, in one place; URLs, guards, roles, ledger verbs and pages use these."""

from enum import StrEnum


class Permission(StrEnum):
    """`noun.verb` rights on a system (or everything below a unit), alphabetical."""

    ALERT_ASSIGN = "alert.assign"
    ALERT_HANDLE = "alert.handle"
    ALERT_POST = "alert.post"
    ASSET_CHANGE = "asset.change"
    ASSET_RESTORE = "asset.restore"
    ASSET_STOP = "asset.stop"
    ASSIGNMENT_CHANGE = "assignment.change"
    ASSIGNMENT_DEVELOPER = "assignment.developer"
    CAMPAIGN_RUN = "campaign.run"
    CERTIFICATION_GIVE = "certification.give"
    CHANGE_ANSWER = "change.answer"
    CHANGE_APPROVE = "change.approve"
    CHANGE_IMPLEMENT = "change.implement"
    CHANGE_RAISE = "change.raise"
    CHANGE_VERIFY = "change.verify"
    CONDITION_CONFIRM = "condition.confirm"
    CONDITION_FULFIL = "condition.fulfil"
    DEPENDENCY_CHANGE = "dependency.change"
    DEPLOYMENT_REPORT = "deployment.report"
    DOCUMENT_CHANGE = "document.change"
    ENGAGEMENT_RUN = "engagement.run"
    FINDING_ACCEPT = "finding.accept"
    FINDING_RAISE = "finding.raise"
    FINDING_RESPOND = "finding.respond"
    FINDING_VERIFY = "finding.verify"
    GATE_CHECK = "gate.check"
    HOLD_LIFT = "hold.lift"
    HOLD_PLACE = "hold.place"
    IMPORT_RUN = "import.run"
    INCIDENT_CHECK = "incident.check"
    INCIDENT_REPORT = "incident.report"
    INCIDENT_RUN = "incident.run"
    LEDGER_VIEW = "ledger.view"
    LEGACY_APPROVAL_CONFIRM = "legacy_approval.confirm"
    MEASUREMENT_POST = "measurement.post"
    MONITORING_CHANGE = "monitoring.change"
    PACK_CHANGE = "pack.change"
    PERSON_CHANGE = "person.change"
    PLAYBOOK_DECIDE = "playbook.decide"
    RELEASE_CHANGE = "release.change"
    RELEASE_REINSTATE = "release.reinstate"
    RELEASE_RETIRE = "release.retire"
    RELEASE_REVOKE = "release.revoke"
    RELEASE_SUBMIT = "release.submit"
    RELEASE_SUSPEND = "release.suspend"
    REVIEW_ASSIGN = "review.assign"
    RISK_ACCEPT = "risk.accept"
    RISK_CHANGE = "risk.change"
    SIGN_APPROVAL = "review.sign_approval"
    SIGN_AUDIT = "review.sign_audit"
    SIGN_ETHICS = "review.sign_ethics"
    SIGN_VALIDATION = "review.sign_validation"
    SYSTEM_ADD = "system.add"
    SYSTEM_CHANGE = "system.change"
    SYSTEM_RETIRE = "system.retire"
    SYSTEM_VIEW = "system.view"
    TIER_LOWER = "tier.lower"
    TOKEN_MINT = "token.mint"  # noqa: S105  a permission word, not a secret
    TRANSPARENCY_DECIDE = "transparency.decide"
    UNIT_CHANGE = "unit.change"
    WAIVER_GRANT = "waiver.grant"
    WAIVER_REQUEST = "waiver.request"
    WEBHOOK_CHANGE = "webhook.change"

    @property
    def words(self) -> str:
        """What the right is to, as it follows “the right to”."""
        noun, _, verb = self.replace("_", " ").partition(".")
        return _RIGHT_TO.get(self, f"{verb} {noun}")


_RIGHT_TO: dict[str, str] = {
    "alert.assign": "assign alerts that name no system",
    "alert.handle": "handle alerts",
    "alert.post": "send alerts",
    "asset.change": "describe assets",
    "asset.restore": "bring an asset back into use",
    "asset.stop": "stop an asset",
    "assignment.change": "give and end roles",
    "assignment.developer": "appoint developers",
    "campaign.run": "start and end campaigns",
    "certification.give": "certify the record",
    "change.answer": "answer for a system a change reaches",
    "change.approve": "approve changes",
    "change.implement": "carry out changes",
    "change.raise": "raise changes",
    "change.verify": "verify changes",
    "condition.confirm": "confirm conditions",
    "condition.fulfil": "fulfil conditions",
    "dependency.change": "say what a system depends on",
    "document.change": "write documents",
    "engagement.run": "plan and settle audits",
    "finding.accept": "accept the risk of findings",
    "finding.raise": "raise findings",
    "finding.respond": "answer findings",
    "finding.verify": "verify answers to findings",
    "gate.check": "ask the gate",
    "hold.lift": "lift holds",
    "hold.place": "place holds",
    "import.run": "import an inventory",
    "incident.check": "pass the checks of a return to service",
    "incident.report": "report incidents",
    "incident.run": "run incidents",
    "ledger.view": "read the ledger",
    "legacy_approval.confirm": "confirm legacy approvals",
    "measurement.post": "post measurements",
    "monitoring.change": "say what is monitored",
    "pack.change": "change the policy",
    "person.change": "manage people",
    "playbook.decide": "decide on playbooks",
    "release.change": "describe releases",
    "release.reinstate": "reinstate releases",
    "release.retire": "retire releases",
    "release.revoke": "revoke approvals",
    "release.submit": "submit releases",
    "release.suspend": "suspend releases",
    "review.assign": "assign reviewers",
    "review.sign_approval": "sign release approvals",
    "review.sign_audit": "sign process audits",
    "review.sign_ethics": "sign ethics reviews",
    "review.sign_validation": "sign technical validations",
    "risk.accept": "accept risks",
    "risk.change": "work on risks",
    "system.add": "register systems",
    "system.change": "edit systems",
    "system.retire": "retire systems",
    "system.view": "see systems",
    "token.mint": "mint tokens",
    "transparency.decide": "decide what people outside may read",
    "unit.change": "change units",
    "waiver.grant": "grant exceptions",
    "waiver.request": "ask for exceptions",
    "webhook.change": "manage webhooks",
}


class Role(StrEnum):
    """Roles assigned on a system or a business unit (which covers its subtree)."""

    OWNER = "owner"
    DEPUTY_OWNER = "deputy_owner"
    DEVELOPER = "developer"
    VALIDATOR = "validator"
    AUDITOR = "auditor"
    APPROVER = "approver"
    RISK_OFFICER = "risk_officer"
    INCIDENT_MANAGER = "incident_manager"
    REVIEW_LEAD = "review_lead"
    VIEWER = "viewer"


class OrganisationRole(StrEnum):
    """Organisation-wide roles: Django groups of the same name."""

    GOVERNANCE = "governance"
    EXAMINER = "examiner"


class Scope(StrEnum):
    """What a machine's token may be allowed; nothing else is reachable by token without it."""

    GATE_CHECK = "gate:check"
    RELEASE_WRITE = "release:write"
    DEPLOYMENT_WRITE = "deployment:write"
    MEASUREMENT_WRITE = "measurement:write"
    ALERT_WRITE = "alert:write"


BUILDING_ROLES = frozenset({Role.OWNER, Role.DEPUTY_OWNER, Role.DEVELOPER})
REVIEWING_ROLES = frozenset({Role.VALIDATOR, Role.AUDITOR, Role.APPROVER})
# Roles that sign stages: whoever is away may lend one of these, and no other, for a while.
DELEGABLE_ROLES = REVIEWING_ROLES | {Role.RISK_OFFICER}
