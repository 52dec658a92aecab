"""The incident room: audiences told, one sentence for executives, links to where else to look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import Q
from django.urls import reverse

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission, Role
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from governance.notify.alarms import alone
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from incidents.models import Alert, Incident, IncidentLink, IncidentUpdate, MonitoringPlan, UpdateRecipient
from incidents.queries import updates_due
from incidents.services.locking import lock_incident, lock_ready
from inventory.models import System
from inventory.models.grants import Standing

JOB = "watch_updates"
NO_READER = "Must be people who can see this system."
NO_HTTPS = "Must begin with https:// and a host name, without a user name or password."
LONGEST = 2000  # what a message holds


def send_update(
    *,
    actor: User,
    incident: Incident,
    audience: str,
    text: str,
    people: Iterable[User] = (),
    roles: Sequence[str] = (),
    next_due: datetime | None = None,
    door: Door = Door.WEB,
) -> IncidentUpdate:
    """Tell an audience what is known: named people, the holders of roles on the system, and the webhooks.

    With `next_due` an alarm goes off unless the same audience hears again by then. Raises InvalidInput, Forbidden,
    Conflict `state`.
    """
    with acting(actor, door=door, verb="incident.send_update"):
        locked = lock_ready(actor, incident, "send_update")
        checks, now, named = Checks(), portal_now(), {person.pk: person for person in people}
        audience = checks.choice("audience", audience, IncidentUpdate.Audience.values)
        kept = checks.text("text", text, limit=LONGEST, lines=True, required=True)
        wanted = sorted({checks.choice("roles", role, list(Role)) for role in roles})
        checks.instant("next_due", next_due)
        if next_due is not None and next_due <= now:
            checks.refuse("next_due", "Must lie in the future.")
        if not all(can(person, Permission.SYSTEM_VIEW, locked) for person in named.values()):
            checks.refuse("people", NO_READER)
        checks.done()
        named |= {person.pk: person for person in holders_of(wanted, locked.system)}
        update = IncidentUpdate.objects.create(
            incident=locked, audience=audience, text=kept, roles=wanted, sent_at=now, sent_by=actor, next_due=next_due
        )
        UpdateRecipient.objects.bulk_create(UpdateRecipient(update=update, person_id=key) for key in sorted(named))
        _end_alerts(update, now)
        outside = update.audience in IncidentUpdate.OUTSIDE
        announce(
            Topic.INCIDENT_UPDATE_OUTSIDE if outside else Topic.INCIDENT_UPDATE, locked,
            title=f"{update.get_audience_display()}: {locked}", text=kept, href=_page(locked), people=named.values(),
            actor=actor,
        )  # fmt: skip
    return update


def holders_of(roles: Sequence[str], system: System) -> list[User]:
    """The people who hold one of the roles on the system now, directly or through a unit."""
    if not roles:
        return []
    here = Q(system_id=system.pk) | Q(unit_id=system.unit_id)
    standing = Standing.objects.filter(here, role__in=roles)
    people = User.objects.filter(pk__in=standing.values("person_id"), is_active=True, closed_at=None)
    return [person for person in people.order_by("pk") if can(person, Permission.SYSTEM_VIEW, system)]


def say_status(*, actor: User, incident: Incident, sentence: str, door: Door = Door.WEB) -> Incident:
    """Say in one sentence where it stands; lists and dashboards show the newest. Raises InvalidInput, Forbidden."""
    with acting(actor, door=door, verb="incident.say_status"):
        locked = lock_ready(actor, incident, "say_status")
        checks = Checks()
        locked.status_line = checks.text("sentence", sentence, limit=200, required=True)
        checks.done()
        locked.status_at = locked.updated_at = portal_now()
        locked.status_by = actor
        locked.save(update_fields=["status_line", "status_at", "status_by", "updated_at"])
    return locked


def add_link(
    *, actor: User, incident: Incident, kind: str, title: str, url: str, door: Door = Door.WEB
) -> IncidentLink:
    """Keep where else to look. Raises InvalidInput, Forbidden, Conflict `duplicate` for an address that is there."""
    with acting(actor, door=door, verb="incident.add_link"):
        locked = lock_ready(actor, incident, "add_link")
        checks = Checks()
        values = {
            "kind": checks.choice("kind", kind, IncidentLink.Kind.values),
            "title": checks.text("title", title, limit=200, required=True),
            "url": checks.text("url", url, limit=2000, required=True),
        }
        if values["url"] and not is_https(values["url"]):
            checks.refuse("url", NO_HTTPS)
        checks.done()
        if locked.links.filter(url=values["url"]).exists():
            raise Conflict(Reason("duplicate", "This address is there already."))
        return IncidentLink.objects.create(incident=locked, added_at=portal_now(), added_by=actor, **values)


def is_https(url: str) -> bool:
    """Whether an address is one a page may link to: https, a host, nothing that hides where it leads."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = url.startswith("https://") and not any(c.isspace() or c == "\\" for c in url)
    return plain and bool(parts.hostname) and "@" not in parts.netloc and port != 0


def watch_updates() -> int:
    """Raise an alarm for every promise to be heard of again that was not kept: how many began."""
    begun: list[int] = []
    for update in updates_due().filter(next_due__lte=portal_now()).select_related("incident__system").order_by("pk"):
        title = f"Whether {update.incident} is overdue for an update could not be judged"
        with alone(JOB, f"update {update.pk}", title, system=update.incident.system_id):
            begun += [update.pk] * _overdue(update.pk)
    return len(begun)


def _overdue(key: int) -> bool:
    """Whether an alarm about this update began now."""
    with acting(Command(JOB), door=Door.JOB, verb="alert.raise"):
        found = IncidentUpdate.objects.select_related("incident__system").get(pk=key)
        incident = lock_incident(found.incident, actor=Command(JOB))
        now, update = portal_now(), updates_due().filter(pk=key).first()
        fingerprint = f"update:{key}"
        known = Alert.objects.filter(source=Alert.Source.JOB, fingerprint=fingerprint).exists()
        if update is None or update.next_due is None or update.next_due > now or known:
            return False
        alert = Alert.objects.create(
            source=Alert.Source.JOB, fingerprint=fingerprint, starts_at=update.next_due, first_heard=now,
            last_heard=now, system=incident.system, incident=incident, level=Alert.Level.WARNING,
            name=f"{update.get_audience_display()}: an update on {incident} is overdue"[:200],
            summary="The promised time has passed and nobody was told anything since.",
            follows=MonitoringPlan.Follows.ALERT,
        )  # fmt: skip
        announce(
            Topic.ALERT_RAISED, alert, title=alert.name, text=alert.summary, href=_page(incident),
            holders=[Permission.INCIDENT_RUN], once=f"update {key} overdue",
        )  # fmt: skip
    return True


def _end_alerts(update: IncidentUpdate, now: datetime) -> None:
    """The audience heard again: the alarms that it did not are over."""
    earlier = update.incident.updates.filter(audience=update.audience).exclude(pk=update.pk)
    names = [f"update:{key}" for key in earlier.values_list("pk", flat=True)]
    Alert.objects.filter(source=Alert.Source.JOB, fingerprint__in=names, ends_at=None).update(ends_at=now)


def _page(incident: Incident) -> str:
    return reverse("incidents:incident_detail", args=[incident.pk])
