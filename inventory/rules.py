"""Pure decisions of the inventory: for whom a lent right counts, names in addresses, what a vendor service is bound by,
what counts as the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping

from governance.canonical import digest

_NO_SLUG = re.compile(r"[^a-z0-9]+")
RESERVED_SLUGS = frozenset({"add", "create", "current", "edit", "export", "import", "new", "search", "together"})
# What is said of an asset, whatever it is, and what is asked of each kind beside that.
COMMON_FIELDS = ("description", "source", "contact")
FIELDS_OF_KIND: dict[str, tuple[str, ...]] = {
    "dataset": (
        "permission", "permission_basis", "personal_data", "retention", "quality_checks", "representation", "synthetic",
        "licence", "location",
    ),
    "base_model": ("vendor", "licence", "openness", "training_data", "representation", "lock_in", "location"),
    "pipeline": ("location", "access_control", "quality_checks"),
    "api": ("location", "access_control", "personal_data"),
    "user_interface": ("location", "access_control"),
    "library": ("vendor", "licence", "openness", "lock_in"),
    "service": (
        "vendor", "licence", "lock_in", "contract", "contract_ends_on", "location", "personal_data", "retention",
        "access_control",
    ),
    "prompt": ("personal_data", "quality_checks"),
    "infrastructure": ("vendor", "lock_in", "contract", "contract_ends_on", "location", "access_control"),
}  # fmt: skip


def stands_for_dependent(lenders: frozenset[int], hands: frozenset[int | None]) -> bool:
    """Whether a right is held for nobody but people with a hand in the matter; one held in one's own name is not.

    `lenders` lent the right a person acts under; it is empty where they hold it themselves.
    """
    return bool(lenders) and lenders <= hands


def slug_of(name: str, *, fallback: str) -> str:
    """The name as it may stand in an address: at most 100 lower-case letters, digits and hyphens."""
    plain = name if name.isascii() else unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _NO_SLUG.sub("-", plain.lower())[:100].strip("-") or fallback


def free_slug(base: str, taken: Container[str]) -> str:
    """`base`, or `base-2`, `base-3` … if it is taken or reserved."""
    number = 1
    slug = base
    while slug in taken or slug in RESERVED_SLUGS:
        number += 1
        slug = f"{base}-{number}"
    return slug


def service_digest(
    *, vendor: str, model_id: str, version: str, region: str, configuration: Mapping[str, object]
) -> str:
    """The 64 digits a vendor service is bound by: there is no file, so its canonical configuration is hashed."""
    described = {
        "configuration": dict(configuration),
        "model_id": model_id,
        "region": region,
        "vendor": vendor,
        "version": version,
    }
    return digest(described).removeprefix("sha256:")


def content_version(*parts: object) -> str:
    """A short word that changes whenever one of the parts does: what a form or a client says it has seen."""
    return digest([str(part) for part in parts]).removeprefix("sha256:")[:32]


class Slugs:
    """Hands out slugs, each once: the readable one, else with the qualifier (the unit, say), else counted."""

    def __init__(self, taken: Iterable[str], *, fallback: str) -> None:
        self._taken = {*taken, *RESERVED_SLUGS}
        self._fallback = fallback
        self._last: dict[str, int] = {}

    def take(self, name: str, *, qualifier: str = "") -> str:
        """A slug for `name` that nobody has."""
        base = slug_of(name, fallback=self._fallback)
        if base not in self._taken:
            self._taken.add(base)
            return base
        told_apart = slug_of(f"{base[:60]}-{qualifier[:39]}", fallback=base) if qualifier else base
        if told_apart not in self._taken:
            self._taken.add(told_apart)
            return told_apart
        number = self._last.get(told_apart, 1) + 1
        while f"{told_apart}-{number}" in self._taken:
            number += 1
        self._last[told_apart] = number
        self._taken.add(f"{told_apart}-{number}")
        return f"{told_apart}-{number}"


def fields_of(kind: str) -> tuple[str, ...]:
    """What is said of an asset of this kind besides its name and unit. Raises KeyError for an unknown kind."""
    return COMMON_FIELDS + FIELDS_OF_KIND[kind]
