"""What comes back from hand-offs: the ticket another tool opened is kept as a link of the incident."""

from __future__ import annotations

from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify.handoffs import TicketOpened
from incidents.models import Alert, Incident, IncidentLink
from incidents.services.locking import lock_incident
from incidents.services.room import is_https

JOB = Command("send_notices")


def keep_ticket(ticket: TicketOpened) -> None:
    """Keep where the ticket of an incident, or of the incident of an alert, stands; of anything else nothing."""
    incident = _incident(ticket)
    if incident is None or not is_https(ticket.url):
        return
    with acting(JOB, door=Door.JOB, verb="incident.add_link"):
        locked = lock_incident(incident, actor=JOB)
        IncidentLink.objects.get_or_create(
            incident=locked, url=ticket.url,
            defaults={
                "kind": IncidentLink.Kind.TICKET, "title": f"{ticket.key} ({ticket.tool})"[:200],
                "added_at": portal_now(),
            },
        )  # fmt: skip


def _incident(ticket: TicketOpened) -> Incident | None:
    if ticket.about_model == Incident._meta.label_lower:
        return Incident.objects.filter(pk=ticket.about_id).first()
    if ticket.about_model == Alert._meta.label_lower:
        return Incident.objects.filter(alerts=ticket.about_id).first()
    return None
