"""Incidents that are taken on together."""

from __future__ import annotations

from governance.web.pages import Declared
from governance.web.together_pages import TogetherPage
from incidents.together import INCIDENTS


class IncidentsTogether(TogetherPage):
    """Say of the incidents that were ticked who leads them."""

    permission = Declared.SIGNED_IN
    verb = "incident.triage"
    many = INCIDENTS
