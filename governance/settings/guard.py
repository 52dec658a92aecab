"""What a production installation may not be started with."""

from __future__ import annotations

from collections.abc import Sequence

DEVELOPMENT_KEY = "development-only-key-refused-by-production-settings"
SHORTEST_KEY = 50
FEWEST_CHARACTERS = 10


def faults(
    *,
    debug: bool,
    secret_key: str,
    allowed_hosts: Sequence[str],
    portal_url: str,
    database_named: bool,
    proof_key: str = "",
) -> list[str]:
    """Every unsafe value, each with a sentence that says what to set; empty when the installation may start."""
    found = []
    if debug:
        found.append("DEBUG is on: unset it, it shows source and values to every visitor.")
    if not secret_key or secret_key == DEVELOPMENT_KEY or secret_key.startswith("django-insecure"):
        found.append("SECRET_KEY is not set: give it a random value of at least 50 characters and keep it.")
    elif len(secret_key) < SHORTEST_KEY or len(set(secret_key)) < FEWEST_CHARACTERS:
        found.append("SECRET_KEY is weak: it needs at least 50 random characters.")
    if proof_key and (len(proof_key) < SHORTEST_KEY or len(set(proof_key)) < FEWEST_CHARACTERS):
        found.append("PROOF_KEY is weak: it needs at least 50 random characters, or none to derive it from SECRET_KEY.")
    if not allowed_hosts:
        found.append("ALLOWED_HOSTS is not set: name the host names people and pipelines use.")
    if any(host in {"*", "."} for host in allowed_hosts):
        found.append("ALLOWED_HOSTS names every host: name the host names people and pipelines use.")
    if not portal_url.startswith("https://"):
        found.append("PORTAL_URL must begin with https://: passwords, tokens and sign-offs do not travel in clear.")
    if not database_named:
        found.append("DATABASE_URL is not set: name the database in the runtime role (or set EMBEDDED_DATABASE=on).")
    return found
