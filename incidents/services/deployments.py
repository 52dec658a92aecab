"""What runs without an approval: an alert for each episode, and an incident where the policy says so."""

from __future__ import annotations

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Refusal
from governance.policy.sections import RunningUnapproved
from incidents.models import OPEN_STATES, Alert, Incident, MonitoringPlan
from incidents.queries import rules_of_incidents
from incidents.services.alerts import follow
from incidents.services.incidents import report_incident
from incidents.watching import episode_of
from inventory.announcements import RunningReported
from inventory.deployments import document_in_force, not_approved, running, titles
from inventory.models import Deployment, Release, System

Follows = MonitoringPlan.Follows


def judge_running(report: RunningReported) -> None:
    """Begin an episode for what runs unapproved where the gate enforces, and end those that are over.

    Once for each system, environment and release (or, where no release is known, set of digests), however often it is
    reported. Must run inside `acting`, with the systems locked.
    """
    document, now = document_in_force(), portal_now()
    there = running().filter(system__in=report.systems, environment=report.environment)
    found = {episode_of(row): row for row in not_approved(there, document, now)}
    known = _episodes(report)
    for fingerprint, alert in known.items():
        if fingerprint in found:
            alert.heard, alert.last_heard = alert.heard + report.heard, now if report.heard else alert.last_heard
        else:
            alert.ends_at = now
        alert.save(update_fields=["heard", "last_heard", "ends_at"])
    section = rules_of_incidents() if found.keys() - known.keys() else None
    where = titles(document).get(report.environment, report.environment)
    for fingerprint in sorted(found.keys() - known.keys()):
        _begin(found[fingerprint], fingerprint, where, section.running_unapproved if section else None)


def _episodes(report: RunningReported) -> dict[str, Alert]:
    """The episodes of these systems in that environment that are not over."""
    alerts = Alert.objects.select_for_update(no_key=True).filter(
        source=Alert.Source.DEPLOYMENT, system__in=report.systems, ends_at=None,
        labels__environment=report.environment,
    )  # fmt: skip
    return {alert.fingerprint: alert for alert in alerts.order_by("pk")}


def _begin(row: Deployment, fingerprint: str, where: str, rule: RunningUnapproved | None) -> None:
    now = portal_now()
    alert = Alert.objects.create(
        source=Alert.Source.DEPLOYMENT, fingerprint=fingerprint, starts_at=now, first_heard=now, last_heard=now,
        system=row.system, name=f"Not approved, and runs in {where}"[:200], summary=_summary(row, where),
        level=Alert.Level.CRITICAL, follows=Follows.INCIDENT if rule else Follows.WORK,
        labels={"environment": row.environment, "release": _words(row), "sha256": ", ".join(row.sha256)[:500]},
    )  # fmt: skip
    if rule is not None:
        alert.incident = _standing(row, fingerprint)
        if alert.incident is None:
            _open(alert, row, rule)
        alert.save(update_fields=["incident", "trouble"])
    if alert.incident_id is None:
        follow(alert)


def _standing(row: Deployment, fingerprint: str) -> Incident | None:
    """An open incident that is about this already: it names the release, or came of an earlier episode."""
    still = Incident.objects.filter(system=row.system_id, state__in=OPEN_STATES).order_by("-pk")
    if row.release_id and (named := still.filter(affected__release=row.release_id).first()):
        return named
    return still.filter(alerts__fingerprint=fingerprint, alerts__source=Alert.Source.DEPLOYMENT).first()


def _open(alert: Alert, row: Deployment, rule: RunningUnapproved) -> None:
    """Open the incident, about the release; about its system where the release is not known.

    What is not known is put right by what is approved: the newest approved release is the remedy, so that the gate,
    which an incident on the whole system closes, lets it through.
    """
    reporter = _reporter(row.system)
    if reporter is None:
        alert.trouble = "Nobody may report incidents on this system."
        return
    try:
        incident = report_incident(
            actor=reporter, system=row.system, type=rule.type, impact=rule.impact, urgency=rule.urgency,
            title=f"{_words(row)} runs in {row.environment} without an approval"[:200], description=alert.summary,
            releases=[row.release] if row.release else [], occurred_at=min(row.since, row.at), door=Door.JOB,
        )  # fmt: skip
    except (Refusal, InvalidInput) as answer:
        alert.trouble = str(answer)[:500]
        return
    if row.release_id is None:
        approved = Release.objects.filter(system=row.system_id, state=Release.State.APPROVED)
        incident.remedy_release = approved.order_by("-created_at", "-pk").first()
        incident.save(update_fields=["remedy_release"])
    alert.incident = incident


def _words(row: Deployment) -> str:
    if row.release:
        return f"Release {row.release.version}"
    return f"Something called “{row.named}”" if row.named else "Something unknown"


def _summary(row: Deployment, where: str) -> str:
    if row.release:
        what = f"Release {row.release.version} is {row.release.get_state_display().lower()}, not approved"
    else:
        named = f", called “{row.named}” by the reporter," if row.named else ""
        what = f"What runs{named} is no release the portal knows by these digests: {', '.join(row.sha256[:5])}"
    return f"{what}. {row.reported_by} reported that it runs in {where} since {row.since:%Y-%m-%d %H:%M} UTC."


def _reporter(system: System) -> User | None:
    """In whose name the incident stands: the first person who may report one there."""
    return rights.holders(Permission.INCIDENT_REPORT, system).order_by("pk").first()
