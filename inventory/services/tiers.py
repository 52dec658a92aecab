"""Answers to the questionnaire of the pack in force become a tier, with the rule that fired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tier:
    """The tier, why, and which pack said so."""

    name: str
    reason: str
    pack: str


def tier_from(answers: Mapping[str, object]) -> Tier:
    """Tier for `answers` by the pack in force; empty while the answers do not suffice."""
    return Tier("", "", "")
