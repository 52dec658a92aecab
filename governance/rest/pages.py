"""The manual of the API: its description as pages of the portal, which also work without script.

An embedded viewer would bring styles of its own that our content security policy refuses and that fail the contrast
WCAG asks for; these pages come from the same OpenAPI document, in the portal's own look, and can be printed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404

from governance.rest import manual
from governance.rest.description import description
from governance.rest.manual import Chapter
from governance.web.pages import Declared, Page

_EXPLAINED = {
    400: "Something sent is wrong: `errors` names every field, unknown ones included.",
    401: "Nobody is signed in and no valid token was sent.",
    403: "You may see it, but you may not do this; `code` and `reasons` say why.",
    404: "It does not exist, or you may not see it: the two cannot be told apart.",
    406: "The answer cannot be given in the form asked for.",
    409: "It cannot be done now; `code` and `reasons` say what stands against it.",
    412: "It changed since you read it: the ETag in `If-Match` is not the present one.",
    413: "Too large.",
    415: "The body is not JSON.",
    428: "`If-Match` is missing: send the ETag you read.",
    429: "Too many calls with this token; `Retry-After` says when to go on.",
    503: "The records cannot be reached. Nothing was changed; the gate lets nothing through.",
}


@cache
def chapters() -> tuple[Chapter, ...]:
    """The manual; it is the same for everybody and as long as the process runs."""
    return manual.chapters(description(), address=settings.PORTAL_URL)


class ManualPage(Page):
    """What all calls have in common, and a list of them."""

    permission = Declared.SIGNED_IN
    template_name = "rest/manual.html"

    def context(self) -> dict[str, Any]:
        """Every operation in short, and every status a call can end with."""
        problems = [
            {"status": status, "title": manual.title(status), "text": _EXPLAINED[status]} for status in _EXPLAINED
        ]
        address = settings.PORTAL_URL
        return {**super().context(), "chapters": chapters(), "problems": problems, "address": address}


class ChapterPage(Page):
    """The operations on one noun in full."""

    permission = Declared.SIGNED_IN
    template_name = "rest/chapter.html"

    def context(self) -> dict[str, Any]:
        """The chapter the address names. Raises Http404 for another name."""
        chapter = next((each for each in chapters() if each.name == self.kwargs["name"]), None)
        if chapter is None:
            raise Http404
        return {**super().context(), "chapter": chapter, "chapters": chapters()}
