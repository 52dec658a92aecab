"""The review of an incident as a page of a wiki: Markdown, written from the record each time it is sent."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Model
from django.urls import reverse

from incidents.queries import review_of, whole_incidents

NOTHING = "Nothing was written down."


def review_page(thing: Model) -> str:
    """The page of one incident's review."""
    incident = whole_incidents().get(pk=thing.pk)
    review = review_of(incident)
    parts = [
        f"# {_line(str(incident))}",
        f"{_line(incident.system.name)} · {incident.severity.upper()} · {incident.get_state_display()} · "
        f"<{settings.PORTAL_URL}{reverse('incidents:incident_detail', args=[incident.pk])}>",
        f"Began {_at(incident.occurred_at)}, noticed {_at(incident.aware_at)}, resolved {_at(incident.resolved_at)}.",
        *_part("What happened", incident.description),
        *_part("Impact", "\n".join(f"- {name}: {_line(text)}" for name, text in incident.impact_by_class.items())),
        *_part("Cause", incident.root_cause),
        *_part("How it was met", review.response if review else ""),
        *_part("What to improve in detection", review.detection if review else ""),
        *_part("What to improve in analysis", review.analysis if review else ""),
        *_part("What to improve in mitigation", review.mitigation if review else ""),
        *_part("What is learnt", incident.review),
        *_part("What is left to do", "\n".join(
            f"- [{'x' if one.done_at else ' '}] {_line(one.text)} ({one.owner}, by {one.due:%Y-%m-%d})"
            for one in incident.actions.all()
        )),
        *_part("Where else to look", "\n".join(
            f"- {one.get_kind_display()}: {_line(one.title)} <{one.url}>" for one in incident.links.all()
        )),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _part(title: str, text: str) -> tuple[str, str]:
    return f"## {title}", text.strip() or NOTHING


def _line(text: str) -> str:
    return " ".join(text.split())


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else "at a time not known"
