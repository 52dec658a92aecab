"""Proof of presence made elsewhere than in the form that needs it: for one act, for minutes, once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from governance.database.clock import portal_now

COUNTS_FOR = timedelta(minutes=5)
LONGEST = 200
SECOND_FACTORS = "second factors"
_KEPT = "presence"


def purpose_of(text: str) -> str:
    """The name of an act as it may be kept."""
    return text[:LONGEST]


def note_presence(request: HttpRequest, purpose: str, method: str) -> None:
    """Remember that the person signed in here proved to be there, by this method, for this act only."""
    request.session[_KEPT] = {
        "person": request.user.pk, "purpose": purpose, "method": method, "at": portal_now().isoformat(),
    }  # fmt: skip


def presence(request: HttpRequest, purpose: str) -> str:
    """The method by which presence was proven for this act minutes ago; empty if it was not."""
    kept = request.session.get(_KEPT)
    if not kept or kept["purpose"] != purpose or kept["person"] != request.user.pk:
        return ""
    age = portal_now() - datetime.fromisoformat(kept["at"])
    return str(kept["method"]) if timedelta() <= age < COUNTS_FOR else ""


def use_presence(request: HttpRequest, purpose: str) -> str:
    """The same, used up."""
    method = presence(request, purpose)
    if method:
        del request.session[_KEPT]
    return method
