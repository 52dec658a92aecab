"""The one audited place where text becomes HTML that templates do not escape again.

Two kinds only: icons from our own vendored files, and Markdown people wrote. Markdown is parsed with raw HTML off,
then sanitised against a list of tags; links go to http, https and mailto, and say nothing about where they come from.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

ICONS = Path(__file__).resolve().parent.parent / "static/governance/vendor/tabler-icons-3.51.0"
LONGEST = 100_000
TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}

_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])


def markdown(text: str) -> SafeString:
    """Markdown as safe HTML; headings start at h3, below those of the page. Overlong text is shown as plain text."""
    if len(text) > LONGEST:
        return format_html("<pre>{}</pre>", text)
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html, tags=TAGS, attributes={"a": {"href", "title"}, "ol": {"start"}}, url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow", strip_comments=True,
    )  # fmt: skip
    return mark_safe(clean)  # noqa: S308  sanitised by the line above


@lru_cache(maxsize=256)
def icon(name: str, classes: str = "") -> SafeString:
    """One of the vendored icons, inline and hidden from screen readers. Raises FileNotFoundError for another name."""
    source = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    inner = source[source.index(">") + 1 :]
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
        f'class="icon {escape(classes)}" aria-hidden="true" focusable="false">'
    )
    return mark_safe(opening + " ".join(inner.split()))  # noqa: S308  our own files and an escaped class list
