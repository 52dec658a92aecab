"""Pure decisions of the inventory: names in addresses, what a vendor service is bound by, what counts as the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping

from governance.canonical import digest

RESERVED_SLUGS = frozenset({"add", "create", "current", "edit", "export", "import", "new", "search"})


def slug_of(name: str, *, fallback: str) -> str:
    """The name as it may stand in an address: at most 100 lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:100].strip("-") or fallback


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
