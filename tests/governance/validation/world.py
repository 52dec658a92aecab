"""Everything people can do to releases under review, done through the services and told to a clerk (bookkeeping)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.lifecycle import Refusal
from governance.policy.decide import Rules, decide
from governance.policy.queries import facts_of, rules_in_force
from governance.validation import services as verbs
from governance.validation.models import Condition, Finding, Hold, Review, Waiver
from incidents.models import Incident
from incidents.services import dismiss_incident, report_incident
from inventory.models import Release
from inventory.services.artifacts import ArtifactInput
from inventory.services.assignments import assign, end_assignment
from inventory.services.releases import create_release, set_artifacts
from tests.clocks import Clock
from tests.governance.access.people import appoint, person
from tests.governance.validation.bookkeeping import (
    BUILDERS,
    DUE,
    Book,
    Defect,
    Entry,
    Exemption,
    Promise,
    Recorded,
    Signature,
    Stop,
    judge,
)
from tests.governance.validation.scene import Scene, build

Gates = dict[tuple[int, str], bool]

RECORDED = """
SELECT r.id, r.state, a.number, coalesce(a.digest, ''), coalesce(a.manifest, ''),
    (SELECT json_agg(json_build_array(w.stage, p.username, o.digest, o.decision))
     FROM validation_signoff o JOIN validation_review w ON w.id = o.review_id JOIN access_user p ON p.id = o.person_id
     WHERE o.submission_id = a.id),
    (SELECT json_agg(json_build_array(x.name, x.sha256)) FROM inventory_artifact x WHERE x.release_id = r.id),
    (SELECT s.number FROM validation_submission s WHERE s.release_id = r.id AND s.state = 'open')
FROM inventory_release r
LEFT JOIN LATERAL (SELECT * FROM validation_submission s WHERE s.release_id = r.id AND s.state = 'approved'
    ORDER BY s.number DESC LIMIT 1) a ON true
WHERE r.system_id = %s
"""


@dataclass
class World:
    """One system under the hands of everybody. `book` is what the clerk wrote; a verb tells it what was allowed."""

    scene: Scene
    rules: Rules
    book: Book = field(default_factory=Book)
    clock: Clock = field(default_factory=Clock)
    tally: Counter[str] = field(default_factory=Counter)
    refused: str = ""

    def ask(self, verb: str, act: Callable[[], Any]) -> Any:
        """Do it; None where the portal refused."""
        self.tally["steps"] += 1
        self.refused = ""
        try:
            done = act()
        except Refusal as refusal:
            self.refused = refusal.code
        except InvalidInput:
            self.refused = "invalid"
        self.tally[f"{verb} {self.refused or 'ok'}"] += 1
        return None if self.refused else done

    def release(self, pk: int) -> Release:
        """The row."""
        return Release.objects.select_related("system").get(pk=pk)

    def content(self) -> str:
        """A content nobody had before."""
        self.tally["contents"] += 1
        return f"{self.tally['contents']:064x}"

    def describe(self, who: str) -> int | None:
        """A new draft."""
        sha, version = self.content(), f"1.{self.tally['contents']}"
        made = self.ask(
            "describe",
            lambda: create_release(
                actor=self.scene[who], system=self.scene.system, version=version, artifacts=[_model(sha)]
            ),
        )
        if made is None:
            return None
        self.book.releases[made.pk] = Entry(version, sha, {who, *BUILDERS})
        return int(made.pk)

    def edit(self, who: str, pk: int) -> None:
        """Other content."""
        sha = self.content()
        if self.ask(
            "edit",
            lambda: set_artifacts(actor=self.scene[who], release=self.release(pk), artifacts=[_model(sha)]) or True,
        ):
            assert self.book.releases[pk].open is None, "edited under review"
            self.book.releases[pk].content = sha
            self.book.releases[pk].hands.add(who)

    def submit(self, who: str, pk: int) -> None:
        """Put up for review, for the first time, again, or as a renewal."""
        renewal = self.book.releases[pk].approved is not None
        act = verbs.renew_release if renewal else verbs.submit_release
        made = self.ask("renew" if renewal else "submit", lambda: act(actor=self.scene[who], release=self.release(pk)))
        if made is not None:
            self.book.submitted(pk, made.number, made.digest, who, renewal=made.renewal)

    def withdraw(self, who: str, pk: int) -> None:
        """Take back what is under review."""
        act = verbs.withdraw_submission
        if self.ask("withdraw", lambda: act(actor=self.scene[who], release=self.release(pk))):
            package = self.book.releases[pk].open
            assert package is not None, "withdrew what was not under review"
            package.open = False

    def sign(self, who: str, pk: int, stage: str, decision: str, shown: str) -> None:
        """Decide on a stage of what is under review, having read the package with the digest `shown`."""
        entry = self.book.releases[pk]
        number = max(entry.packages)
        review = Review.objects.get(submission__release_id=pk, submission__number=number, stage=stage)
        due = portal_now() + timedelta(days=5)
        promised = [verbs.ConditionInput("Watch the drift.", self.scene["developer"], due, ("production",))]
        conditional = decision == "approve_with_conditions"
        made = self.ask(
            f"sign {decision}",
            lambda: verbs.sign_off(
                actor=self.scene[who], review=review, decision=decision, digest=shown, confirmed_by="password",
                comment="Read it.", conditions=promised if conditional else (),
            ),
        )  # fmt: skip
        if made is None:
            return
        self.book.signed(pk, number, Signature(stage, who, shown, decision), made.signed_at)
        for condition in made.conditions.all():
            self.book.promises[condition.pk] = Promise(pk, number, due, ("production",))
        self.tally["approved"] += self.book.releases[pk].approved == number

    def lend(self, who: str) -> None:
        """Make somebody a developer of the system, and end it again."""
        governor = self.scene["governor"]
        held = self.ask(
            "lend",
            lambda: assign(actor=governor, person=self.scene[who], role=Role.DEVELOPER, system=self.scene.system),
        )
        if held is not None:
            self.book.lent(who)
            end_assignment(actor=governor, assignment=held)

    def find(self, who: str, pk: int, severity: str) -> None:
        """Raise a finding."""
        made = self.ask(
            "find",
            lambda: verbs.raise_finding(
                actor=self.scene[who], release=self.release(pk), title="Leak", text="It leaks.", severity=severity,
                category="data",
            ),
        )  # fmt: skip
        if made is not None:
            days = DUE[severity]
            self.book.findings[made.pk] = Defect(pk, severity, made.raised_at + days if days else None)

    def handle_finding(self, who: str, pk: int, verb: str) -> None:
        """Respond, verify, reopen, accept for ten days, withdraw."""
        row, known = Finding.objects.get(pk=pk), self.book.findings[pk]
        until = portal_now() + timedelta(days=10)
        actor = self.scene[who]
        acts: dict[str, Callable[[], Finding]] = {
            "respond": lambda: verbs.respond_to_finding(actor=actor, finding=row, response="Mended."),
            "verify": lambda: verbs.verify_finding(actor=actor, finding=row, verification="Looked."),
            "reopen": lambda: verbs.reopen_finding(actor=actor, finding=row, reason="Not so."),
            "accept": lambda: verbs.accept_finding(actor=actor, finding=row, reason="Bearable.", until=until),
            "withdraw": lambda: verbs.withdraw_finding(actor=actor, finding=row, reason="A mistake."),
        }
        if not self.ask(f"finding {verb}", acts[verb]):
            return
        if verb in {"verify", "accept"}:
            assert who != known.answered_by, f"{who} judged their own answer"
            assert who not in self.book.releases[known.release].hands, f"{who} had a hand in it"
        known.state = {"respond": "answered", "verify": "closed", "reopen": "open", "accept": "accepted",
                       "withdraw": "withdrawn"}[verb]  # fmt: skip
        known.accepted_until = until if verb == "accept" else None
        known.answered_by = who if verb == "respond" else known.answered_by

    def handle_promise(self, who: str, pk: int, verb: str) -> None:
        """Claim, confirm, refuse a condition."""
        row, known = Condition.objects.get(pk=pk), self.book.promises[pk]
        actor = self.scene[who]
        acts: dict[str, Callable[[], Condition]] = {
            "claim": lambda: verbs.claim_condition(actor=actor, condition=row, evidence="A dashboard."),
            "confirm": lambda: verbs.confirm_condition(actor=actor, condition=row),
            "refuse": lambda: verbs.refuse_condition(actor=actor, condition=row, reason="Not so."),
        }
        if self.ask(f"condition {verb}", acts[verb]):
            if verb == "confirm":
                assert known.state == "claimed", "confirmed what nobody claimed"
                assert who not in self.book.releases[known.release].hands, f"{who} had a hand in it"
            known.state = {"claim": "claimed", "confirm": "met", "refuse": "open"}[verb]

    def hold(self, who: str, pk: int | None) -> None:
        """Place a hold."""
        release = self.release(pk) if pk else None
        act = verbs.place_hold
        made = self.ask(
            "hold", lambda: act(actor=self.scene[who], system=self.scene.system, release=release, reason="Smoke.")
        )
        if made is not None:
            self.book.holds[made.pk] = Stop(pk, who)

    def lift(self, who: str, pk: int) -> None:
        """Lift a hold."""
        act = verbs.lift_hold
        if self.ask("lift", lambda: act(actor=self.scene[who], hold=Hold.objects.get(pk=pk), reason="No fire.")):
            assert who != self.book.holds[pk].by, f"{who} lifted their own hold"
            assert who not in BUILDERS, f"{who} lifted a hold of what they build"
            self.book.holds[pk].standing = False

    def report(self, who: str, pk: int | None) -> None:
        """Report an incident."""
        named = [self.release(pk)] if pk else []
        made = self.ask(
            "report",
            lambda: report_incident(
                actor=self.scene[who], system=self.scene.system, releases=named, title="It misfires", type="drift",
                impact="limited", urgency="stable",
            ),
        )  # fmt: skip
        if made is not None:
            self.book.incidents[made.pk] = Stop(pk, who)

    def dismiss(self, who: str, pk: int) -> None:
        """Dismiss an incident."""
        row = Incident.objects.get(pk=pk)
        if self.ask("dismiss", lambda: dismiss_incident(actor=self.scene[who], incident=row, reason="Nothing.")):
            self.book.incidents[pk].standing = False

    def exempt(self, who: str, requirement: str, environment: str) -> None:
        """Ask for an exception for twenty days."""
        until = portal_now() + timedelta(days=20)
        made = self.ask(
            "waiver request",
            lambda: verbs.request_waiver(
                actor=self.scene[who], system=self.scene.system, requirement=requirement, environment=environment,
                reason="Needed.", until=until,
            ),
        )  # fmt: skip
        if made is not None:
            self.book.waivers[made.pk] = Exemption(requirement, environment, until, who)

    def handle_waiver(self, who: str, pk: int, verb: str) -> None:
        """Grant, refuse, revoke."""
        act = {"grant": verbs.grant_waiver, "refuse": verbs.refuse_waiver, "revoke": verbs.revoke_waiver}[verb]
        row, known = Waiver.objects.get(pk=pk), self.book.waivers[pk]
        if self.ask(f"waiver {verb}", lambda: act(actor=self.scene[who], waiver=row, reason="So be it.")):
            if verb == "grant":
                assert who != known.asked_by, f"{who} granted what they asked for"
                assert who not in BUILDERS, f"{who} granted it to themselves"
            known.state = {"grant": "granted", "refuse": "refused", "revoke": "revoked"}[verb]

    def stop(self, who: str, pk: int, verb: str) -> None:
        """Suspend, reinstate, revoke an approved release."""
        act = {"suspend": verbs.suspend_release, "reinstate": verbs.reinstate_release, "revoke": verbs.revoke_release}
        entry = self.book.releases[pk]
        if not self.ask(verb, lambda: act[verb](actor=self.scene[who], release=self.release(pk), reason="So be it.")):
            return
        assert verb != "reinstate" or who not in entry.hands, f"{who} had a hand in it"
        entry.stopped = {"suspend": "suspended", "reinstate": "", "revoke": "revoked"}[verb]
        if verb == "revoke" and entry.open is not None:
            entry.open.open = False

    def wait(self, days: int) -> None:
        """Time passes."""
        self.tally["steps"] += 1
        self.clock.move(timedelta(days=days))

    def gates(self) -> Gates:
        """What the gate says of every release where it enforces; it never allows what the clerk would not."""
        at = portal_now()
        places = [place for place in self.rules.document.environments if place.enforcement == "enforce"]
        gates: Gates = {}
        for pk, facts in facts_of(Release(pk=pk) for pk in self.book.releases).items():
            for place in places:
                allowed = decide(facts, self.rules, place, at).allowed
                against = self.book.against(pk, place.id, at)
                assert not (allowed and against), f"the gate of {pk} in {place.id} is open although {against}"
                gates[pk, place.id] = allowed
                self.tally["allow" if allowed else "deny"] += 1
        return gates

    def judge(self) -> None:
        """What is on record, beside what the clerk saw."""
        with connection.cursor() as cursor:
            cursor.execute(RECORDED, [self.scene.system.pk])
            judge(self.book, [_recorded(row) for row in cursor.fetchall()])


def _model(sha: str) -> ArtifactInput:
    return ArtifactInput(name="model", kind="model", version="1", sha256=sha)


def _recorded(row: tuple[Any, ...]) -> Recorded:
    pk, state, number, digest, manifest, signatures, artifacts, still_open = row
    frozen = [(line["name"], line["sha256"]) for line in json.loads(manifest)["artifacts"]] if manifest else []
    return Recorded(
        pk, state, number, digest, manifest, frozenset(frozen),
        frozenset((name, sha) for name, sha in _read(artifacts)),
        tuple(Signature(*line) for line in _read(signatures)), still_open,
    )  # fmt: skip


def _read(value: Any) -> list[Any]:
    return json.loads(value) if isinstance(value, str) else value or []


def prepared() -> World:
    """Everybody in place; one release approved, one before its last signature, one submitted again, one draft."""
    scene = build(quorum=2)
    world = World(scene, rules_in_force()[1])
    scene.people["allround"] = person("allround")
    for role in (Role.VALIDATOR, Role.AUDITOR, Role.APPROVER):
        appoint(scene["allround"], role, unit=scene.unit)
    appoint(scene["owner"], Role.VALIDATOR, unit=scene.unit)
    appoint(scene["developer"], Role.APPROVER, unit=scene.unit)
    signers = ("validator", "validator2", "auditor", "approver")
    made = [world.describe("developer") for _ in range(4)]
    approved, last, returned, _ = [pk for pk in made if pk is not None]
    for pk in (approved, last, returned):
        world.submit("owner", pk)
    for pk, people in ((approved, signers), (last, signers[:-1])):
        for who in people:
            package = world.book.releases[pk].packages[1]
            world.sign(who, pk, package.stage(), "approve", package.digest)
    package = world.book.releases[returned].packages[1]
    world.sign("validator", returned, package.stage(), "return", package.digest)
    world.edit("developer", returned)
    world.submit("deputy", returned)
    assert {key.split()[-1] for key in world.tally} == {"ok", "steps", "contents", "approved"}, world.tally
    world.judge()
    assert any(world.gates().values())
    return world
