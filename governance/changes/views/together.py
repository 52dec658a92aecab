"""Changes that are planned together."""

from __future__ import annotations

from governance.changes.together import CHANGES
from governance.web.pages import Declared
from governance.web.together_pages import TogetherPage


class ChangesTogether(TogetherPage):
    """Plan the changes that were ticked in the list."""

    permission = Declared.SIGNED_IN
    verb = "change.describe"
    many = CHANGES
