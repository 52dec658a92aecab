"""Preconditions: which state of an object a caller has seen (RFC 9110 section 13)."""

from __future__ import annotations

import re

from django.http import HttpRequest
from rest_framework.request import Request

from governance.rest.problems import PreconditionRequired

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')
ANYTHING = "*"


def etag(version: str) -> str:
    """The header value that names one state of an object."""
    return f'"{version}"'


def expected(request: Request | HttpRequest, current: str, *, required: bool) -> str:
    """The version a service has to find under its lock, from If-Match; empty if the caller does not care.

    A list is answered by its member that is current, if one is; a weak tag never matches. Raises
    PreconditionRequired when a required header is missing.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        if required:
            raise PreconditionRequired
        return ""
    if header == ANYTHING:
        return ""
    seen = [match[2] for match in _TAG.finditer(header) if not match[1]]
    if current in seen:
        return current
    return seen[0] if seen and seen[0] else "none"
