"""A scene for tests of validation: one system in tier high, its builders, and people who may review it."""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.ledger.acting import Command, Door, acting
from governance.validation import queries
from governance.validation.models import Review, SignOff, Submission
from governance.validation.services import CheckInput, answer_checklist, sign_off, submit_release
from inventory.models import Release, System, Unit
from inventory.services import answer_questionnaire
from inventory.services.artifacts import ArtifactInput
from inventory.services.releases import create_release
from tests.governance.access.people import appoint, join, person, system, unit
from tests.inventory.scene import adopt_baseline
from tests.papers import write_papers

HIGH = {
    "decision-role": "decides",
    "error-detection": "rarely",
    "novelty": "proven",
    "people-affected": "rights-or-safety",
    "money": "large",
    "essential": "no",
    "vulnerable-groups": "no",
}
LOW = {**HIGH, "decision-role": "informs", "error-detection": "always", "people-affected": "nothing", "money": "small"}
SHA = "a" * 64
REVIEWERS = {
    "validator": Role.VALIDATOR,
    "validator2": Role.VALIDATOR,
    "auditor": Role.AUDITOR,
    "approver": Role.APPROVER,
    "approver2": Role.APPROVER,
    "riskofficer": Role.RISK_OFFICER,
    "incidents": Role.INCIDENT_MANAGER,
    "viewer": Role.VIEWER,
}
APPROVING = (SignOff.Decision.APPROVE, SignOff.Decision.APPROVE_WITH_CONDITIONS)
SIGNERS = {Role.VALIDATOR: "validator", Role.AUDITOR: "auditor", Role.APPROVER: "approver"}


@dataclass
class Scene:
    """Everybody by name; reviewing roles are held on the unit, building roles on the system."""

    unit: Unit
    system: System
    people: dict[str, User] = field(default_factory=dict)
    versions: int = 0

    def __getitem__(self, name: str) -> User:
        return self.people[name]

    def release(self, *, by: str = "developer") -> Release:
        """A draft with one artifact, described by a developer."""
        self.versions += 1
        return create_release(
            actor=self[by],
            system=self.system,
            version=f"1.{self.versions}.0",
            artifacts=[ArtifactInput(name="model", kind="model", version="1", sha256=SHA)],
        )

    def submitted(self, *, by: str = "owner") -> Submission:
        """A release under review."""
        return submit_release(actor=self[by], release=self.release())

    def approved(self) -> Submission:
        """A release everybody has signed."""
        return self.sign_all(self.submitted())

    def sign_all(self, submission: Submission) -> Submission:
        """Every stage signed by the person of its role."""
        while review := open_review(submission):
            sign(self[SIGNERS[Role(review.role)]], review)
        submission.refresh_from_db()
        submission.release.refresh_from_db()
        return submission


def open_review(submission: Submission) -> Review | None:
    """The first open stage."""
    return submission.reviews.filter(state=Review.State.OPEN).select_related("submission__release__system").first()


def review_of(submission: Submission, role: Role) -> Review:
    """The stage of a role."""
    return submission.reviews.select_related("submission__release__system").get(role=role)


def answer_rest(actor: User, review: Review) -> None:
    """Say yes to every item nobody has answered."""
    left = [CheckInput(line.id, "yes") for line in queries.checklist(review) if line.answer is None]
    if left:
        answer_checklist(actor=actor, review=review, answers=left)


def sign(
    actor: User,
    review: Review,
    decision: str = SignOff.Decision.APPROVE,
    comment: str = "Looked at it.",
    **more: object,
) -> SignOff:
    """Sign as somebody who has just entered their password, and answered what the stage's checklist still asks."""
    if decision in APPROVING and review.checklist and queries.may_answer(actor, review):
        answer_rest(actor, review)
    return sign_off(
        actor=actor,
        review=review,
        decision=decision,
        comment=comment,
        **{"digest": review.submission.digest, "confirmed_by": "password", "door": Door.WEB, **more},  # type: ignore[arg-type]
    )


def build(answers: dict[str, str] = HIGH, *, quorum: int = 1, stages: int = 1, checklists: bool = False) -> Scene:
    """Put the scene up: the baseline pack in force, a tiered system, its people.

    Its stages ask for nothing beside the signature, unless a test is about their `checklists`.
    """
    adopt_baseline(quorum=quorum, stages=stages, checklists=checklists)
    home = unit("cards")
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        scorer = system("scorer", home)
    people = {name: person(name) for name in ("owner", "deputy", "developer", "governor", "outsider", *REVIEWERS)}
    people["superuser"] = person("superuser", is_superuser=True, is_staff=True)
    join(people["governor"], OrganisationRole.GOVERNANCE)
    appoint(people["owner"], Role.OWNER, system=scorer)
    appoint(people["deputy"], Role.DEPUTY_OWNER, system=scorer)
    appoint(people["developer"], Role.DEVELOPER, system=scorer)
    for name, role in REVIEWERS.items():
        appoint(people[name], role, unit=home)
    scorer = answer_questionnaire(actor=people["owner"], system=scorer, answers=answers)
    write_papers(scorer, people["owner"])
    return Scene(home, scorer, people)
