"""How deadlines of reports are printed: in the zone they are counted in, with what is left of them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@register.simple_tag
def local_time(instant: datetime, zone: str) -> SafeString:
    """An instant in a zone, saying the zone."""
    local = instant.astimezone(ZoneInfo(zone))
    return format_html('<time datetime="{}">{}</time>', instant.isoformat(), f"{local:%-d %b %Y %H:%M %Z}")


@register.simple_tag
def left(instant: datetime, now: datetime) -> str:
    """What is left until an instant, or how late it is."""
    seconds = int((instant - now).total_seconds())
    whole = abs(seconds)
    if whole >= 2 * _DAY:
        words = f"{whole // _DAY} days {whole % _DAY // _HOUR} h"
    else:
        words = f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{words} left" if seconds > 0 else f"{words} late"
