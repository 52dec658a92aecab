"""What every template needs: icons, times, badges, digests, Markdown, form fields."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.web import markup
from governance.web.controls import dress
from governance.web.days import last_day as last_day_of

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400
STEPS = ((DAY * 365, "year"), (DAY * 30, "month"), (DAY * 7, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))
NEAR = 2 * DAY
HEX = 64

# State words of every noun → colour of the badge. A word that is missing is grey.
COLOURS = {
    "red": {
        "rejected", "revoked", "deny", "high", "critical", "unmet", "overdue", "placed", "reported", "safety", "both",
        "material", "refused", "breached", "withdrawn", "firing",
    },
    "orange": {
        "suspended", "returned", "conditions", "approve_with_conditions", "rights", "triaged", "rolled_back",
        "out_of_support", "warning",
    },
    "yellow": {
        "medium", "open", "pilot", "answered", "claimed", "waived", "legacy", "proposed", "unknown", "blank",
        "contained", "minor", "due", "identified", "requested",
    },
    "blue": {
        "in_review", "development", "submitted", "verified", "resolved", "in_approval", "implemented", "analysed",
        "treated", "info",
    },
    "green": {
        "active",
        "approved", "allow", "met", "low", "signed", "production", "closed", "adopted", "lifted", "approve", "in_force",
        "ratified", "granted", "certified", "done",
    },
}  # fmt: skip
_COLOUR_OF = {word: colour for colour, words in COLOURS.items() for word in words}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An inline icon."""
    return markup.icon(name, classes)


@register.filter
def markdown(text: str | None) -> SafeString:
    """Markdown written by people, sanitised."""
    return markup.markdown(text or "")


@register.simple_tag
def when(instant: datetime | None, missing: str = "—") -> SafeString:
    """A time as people say it (“2 hours ago”), the exact one on hover and for programs."""
    if instant is None:
        return format_html("{}", missing)
    exact = f"{instant:%Y-%m-%d %H:%M:%S} UTC"
    return format_html(
        '<time datetime="{}" title="{}" data-bs-toggle="tooltip">{}</time>',
        instant.isoformat(), exact, _relative(instant),
    )  # fmt: skip


def _relative(instant: datetime) -> str:
    seconds = (timezone.now() - instant).total_seconds()
    for size, name in STEPS:
        number = int(abs(seconds) // size)
        if number:
            words = f"{number} {name}{'s' if number > 1 else ''}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now" if seconds >= 0 else "in a moment"


@register.simple_tag
def day(value: date | datetime | None, missing: str = "—") -> SafeString:
    """A calendar day, with the exact instant on hover where there is one."""
    if value is None:
        return format_html("{}", missing)
    exact = f"{value:%Y-%m-%d %H:%M:%S} UTC" if isinstance(value, datetime) else f"{value:%Y-%m-%d}"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, f"{value:%-d %b %Y}")


@register.simple_tag
def last_day(end: datetime | None, missing: str = "—") -> SafeString:
    """The last day of a period that ends at this instant, with the exact instant on hover."""
    if end is None:
        return format_html("{}", missing)
    exact = f"{end:%Y-%m-%d %H:%M:%S} UTC"
    said = f"{last_day_of(end):%-d %b %Y}"
    return format_html('<time datetime="{}" title="{}">{}</time>', end.isoformat(), exact, said)


@register.simple_tag
def due(instant: datetime) -> SafeString:
    """When something falls due: as people say it while it is less than two days away, its last day otherwise."""
    near = abs((timezone.now() - instant).total_seconds()) < NEAR
    return when(instant) if near else last_day(instant)


@register.simple_tag
def status(word: str, label: str = "") -> SafeString:
    """A state as a pill with a dot: never told by colour alone."""
    return format_html(
        '<span class="status status-{}"><span class="status-dot"></span>{}</span>',
        colour(word), label or _human(word),
    )  # fmt: skip


@register.simple_tag
def badge(word: str, label: str = "") -> SafeString:
    """A word as a small tinted badge."""
    return format_html('<span class="badge bg-{}-lt">{}</span>', colour(word), label or _human(word))


@register.simple_tag
def tier(word: str) -> SafeString:
    """A tier, or that there is none yet."""
    if not word:
        return format_html('<span class="text-secondary nowrap">{}</span>', "not tiered")
    return badge(word)


@register.filter
def numbered(noun: str, count: str) -> str:
    """A plural as it stands behind a number: one piece of work, two pieces of work."""
    return " ".join(word.removesuffix("s") for word in noun.split()) if count == "1" else noun


@register.filter
def colour(word: str) -> str:
    """The colour a state word is shown in."""
    return _COLOUR_OF.get(str(word), "secondary")


def _human(word: str) -> str:
    text = str(word).replace("_", " ")
    return text[:1].upper() + text[1:]


@register.filter
def human(word: str) -> str:
    """A code word as people read it."""
    return _human(word)


@register.simple_tag
def digest(value: str | None) -> SafeString:
    """A digest in short, whole on hover, with a button that copies it."""
    if not value:
        return format_html("{}", "—")
    bare = value.removeprefix("sha256:")
    short = f"{bare[:8]}…{bare[-4:]}" if len(bare) == HEX else bare
    return format_html(
        '<span class="digest"><code title="{}">{}</code><button type="button" class="btn-copy" data-copy="{}" '
        'aria-label="Copy the whole digest {}">{}</button></span>',
        value, short, value, short, markup.icon("copy"),
    )  # fmt: skip


@register.filter
def initials(name: object) -> str:
    """Up to two letters that stand for a name."""
    words = [word for word in str(name).split() if word[:1].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [words[0][0]] if words else ["?"]
    return "".join(letters).upper()


@register.inclusion_tag("web/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form field with label, hint before it and errors, connected for screen readers."""
    dress(bound.field)
    return {"field": bound, "kind": getattr(bound.field.widget, "input_type", "textarea")}


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """A value of a mapping by a key that is itself a value."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def portal_name() -> str:
    """The name of this portal."""
    return str(getattr(settings, "PORTAL_NAME", "Countersign"))
