"""The incident room: updates sent, one sentence for executives, links added."""

from __future__ import annotations

from typing import Any

from governance.access.rights import holders
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from incidents import room_forms, services
from incidents.views.incidents import LABELS
from incidents.views.verbs import IncidentVerb


class UpdateSend(IncidentVerb):
    """Tell an audience what is known."""

    verb, label, form_class = "incident.send_update", LABELS["send_update"], room_forms.UpdateForm
    message = "The update is on its way."

    def form_arguments(self) -> dict[str, Any]:
        """Whoever can see the system may be told."""
        return {"people": holders(Permission.SYSTEM_VIEW, self.object)}

    def do(self, values: dict[str, Any]) -> None:
        """Send it."""
        services.send_update(actor=self.person, incident=self.object, door=Door.WEB, **values)


class StatusSay(IncidentVerb):
    """Say in one sentence where it stands."""

    verb, label, form_class = "incident.say_status", LABELS["say_status"], room_forms.StatusForm
    message = "Lists and dashboards show it."

    def initial(self) -> dict[str, Any]:
        """The sentence that stands."""
        return {"sentence": self.object.status_line}

    def do(self, values: dict[str, Any]) -> None:
        """Say it."""
        services.say_status(actor=self.person, incident=self.object, door=Door.WEB, **values)


class LinkAdd(IncidentVerb):
    """Keep where else to look."""

    verb, label, form_class = "incident.add_link", LABELS["add_link"], room_forms.LinkForm
    message = "The link is there."

    def do(self, values: dict[str, Any]) -> None:
        """Add it."""
        services.add_link(actor=self.person, incident=self.object, door=Door.WEB, **values)
