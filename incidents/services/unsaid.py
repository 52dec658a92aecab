"""What was said of an incident and counts no more, because what it was said of has changed since."""

from __future__ import annotations

from incidents.models import Incident, PostIncidentReview


def undo_review(incident: Incident) -> None:
    """A complete review is complete no more, and nobody agrees any longer with what has changed."""
    PostIncidentReview.objects.filter(incident=incident).exclude(completed_at=None).update(
        completed_at=None, completed_by=None
    )
    incident.participants.exclude(agreed_at=None).update(agreed_at=None)
