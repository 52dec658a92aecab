"""Every topic there is, in one place: what a notice is about, and what a person or a webhook may do without.

`announce` takes no other word, the settings page lists them, and a webhook names the ones it wants.
"""

from __future__ import annotations

from enum import StrEnum


class Topic(StrEnum):
    """`noun.what_happened`, alphabetical."""

    ALERT_RAISED = "alert.raised"
    ALIAS_MOVED = "alias.moved"
    APPROVAL_ENDING = "approval.ending"
    AUDIT_FINDING = "audit.finding"
    CERTIFICATION_ASKED = "certification.asked"
    CERTIFICATION_DUE = "certification.due"
    CERTIFICATION_REFUSED = "certification.refused"
    CHANGE_ANSWERED = "change.answered"
    CHANGE_ASKED = "change.asked"
    CHANGE_CLOSED = "change.closed"
    CHANGE_DECIDED = "change.decided"
    CHANGE_DONE = "change.done"
    CHANGE_REACHES = "change.reaches"
    CONDITION_ANSWERED = "condition.answered"
    CONDITION_DUE = "condition.due"
    DUE = "other.due"
    ENGAGEMENT_JOINED = "engagement.joined"
    ENGAGEMENT_REPORTED = "engagement.reported"
    FINDING_ANSWERED = "finding.answered"
    FINDING_DUE = "finding.due"
    FINDING_RAISED = "finding.raised"
    FOLLOW_UP_OPENED = "follow_up.opened"
    HOLD_LIFTED = "hold.lifted"
    HOLD_PLACED = "hold.placed"
    INCIDENT_OVER = "incident.over"
    INCIDENT_REOPENED = "incident.reopened"
    INCIDENT_REPORTED = "incident.reported"
    INCIDENT_REVIEWED = "incident.reviewed"
    INCIDENT_TAKEN_ON = "incident.taken_on"
    INCIDENT_UPDATE = "incident.update"
    INCIDENT_UPDATE_OUTSIDE = "incident.update_outside"
    INDEPENDENCE_VIOLATED = "independence.violated"
    RELEASE_DECIDED = "release.decided"
    REVIEW_ASSIGNED = "review.assigned"
    REVIEW_DUE = "review.due"
    REVIEW_OPEN = "review.open"
    REVIEW_REMARKED = "review.remarked"
    REVIEW_OVERDUE = "review.overdue"
    ROLE_DELEGATED = "role.delegated"
    WAIVER_ASKED = "waiver.asked"
    WAIVER_DECIDED = "waiver.decided"
    WAIVER_ENDING = "waiver.ending"

    @property
    def words(self) -> str:
        """The topic as a person reads it."""
        return _WORDS[self]


_WORDS: dict[Topic, str] = {
    Topic.ALERT_RAISED: "An alert was raised",
    Topic.ALIAS_MOVED: "A registry's alias stands on a version nobody approved",
    Topic.APPROVAL_ENDING: "An approval is about to end",
    Topic.AUDIT_FINDING: "An audit found something, or was answered",
    Topic.CERTIFICATION_ASKED: "You are asked to certify a record",
    Topic.CERTIFICATION_DUE: "A certification falls due",
    Topic.CERTIFICATION_REFUSED: "An owner says that a record is not right",
    Topic.CHANGE_ANSWERED: "An owner agreed or objected to a change",
    Topic.CHANGE_ASKED: "A change waits for approval",
    Topic.CHANGE_CLOSED: "A change was verified or rolled back",
    Topic.CHANGE_DECIDED: "A change was decided",
    Topic.CHANGE_DONE: "A change was carried out",
    Topic.CHANGE_REACHES: "A change reaches a system of yours",
    Topic.CONDITION_ANSWERED: "A condition was reported as fulfilled, or sent back",
    Topic.CONDITION_DUE: "A condition falls due",
    Topic.DUE: "Something else falls due",
    Topic.ENGAGEMENT_JOINED: "You were put on the team of an audit",
    Topic.ENGAGEMENT_REPORTED: "The report of an audit was handed in",
    Topic.FINDING_ANSWERED: "A finding was answered, or sent back",
    Topic.FINDING_DUE: "A finding falls due",
    Topic.FINDING_RAISED: "A finding was raised",
    Topic.FOLLOW_UP_OPENED: "Something has to be followed up",
    Topic.HOLD_LIFTED: "A hold was lifted",
    Topic.HOLD_PLACED: "A hold was placed",
    Topic.INCIDENT_OVER: "An incident was resolved or put away",
    Topic.INCIDENT_REOPENED: "An incident was opened again",
    Topic.INCIDENT_REPORTED: "An incident was reported",
    Topic.INCIDENT_REVIEWED: "The review of an incident is complete",
    Topic.INCIDENT_TAKEN_ON: "An incident was taken on",
    Topic.INCIDENT_UPDATE: "An update on an incident, for people inside",
    Topic.INCIDENT_UPDATE_OUTSIDE: "An update on an incident, for people outside",
    Topic.INDEPENDENCE_VIOLATED: "Somebody decided what they were not independent for",
    Topic.RELEASE_DECIDED: "A release was approved, returned or rejected",
    Topic.REVIEW_ASSIGNED: "A review was assigned to you or handed back",
    Topic.REVIEW_DUE: "A review assigned to you falls due",
    Topic.REVIEW_OPEN: "A review is open",
    Topic.REVIEW_REMARKED: "You were asked, answered or named in a review",
    Topic.REVIEW_OVERDUE: "A stage has been open for longer than the policy allows",
    Topic.ROLE_DELEGATED: "A role was delegated to you, or a delegation ended",
    Topic.WAIVER_ASKED: "An exception was asked for",
    Topic.WAIVER_DECIDED: "An exception was granted, refused or taken back",
    Topic.WAIVER_ENDING: "An exception is about to end",
}

CHOICES = [(topic.value, topic.words) for topic in Topic]
# What a calendar brings about rather than a person: sent to whom it waits for, to no webhook.
REMINDERS = frozenset(
    {
        Topic.APPROVAL_ENDING, Topic.CERTIFICATION_DUE, Topic.CONDITION_DUE, Topic.DUE, Topic.FINDING_DUE,
        Topic.REVIEW_DUE, Topic.WAIVER_ENDING,
    }
)  # fmt: skip
