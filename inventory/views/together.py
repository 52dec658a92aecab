"""Systems and risks that are changed together."""

from __future__ import annotations

from governance.web.pages import Declared
from governance.web.together_pages import TogetherPage
from inventory.services.together import RISKS, SYSTEMS


class SystemsTogether(TogetherPage):
    """Change one thing of the systems that were ticked in the list."""

    permission = Declared.SIGNED_IN
    verb = "system.change"
    many = SYSTEMS


class RisksTogether(TogetherPage):
    """Say of the risks that were ticked who treats them, or when they are looked at again."""

    permission = Declared.SIGNED_IN
    verb = "risk.entrust"
    many = RISKS
