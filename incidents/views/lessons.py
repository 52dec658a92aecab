"""What incidents taught, searched."""

from __future__ import annotations

from typing import Any

from governance.inputs import Checks, InvalidInput
from governance.web.pages import Declared, Page
from incidents.lessons import MOST, lessons

LONGEST = 200


class LessonsPage(Page):
    """Lessons of closed incidents that hold the words of the address."""

    permission = Declared.SIGNED_IN
    template_name = "incidents/lessons.html"
    takes = frozenset({"q"})

    def context(self) -> dict[str, Any]:
        """Adds the words and what was found. Raises InvalidInput for words nobody can search for."""
        if len(self.request.GET.getlist("q")) > 1:
            raise InvalidInput({"q": ["Is given more than once."]})
        checks = Checks()
        words = checks.text("q", self.request.GET.get("q", ""), limit=LONGEST)
        checks.done()
        return {**super().context(), "words": words, "found": lessons(self.person, words), "most": MOST}
