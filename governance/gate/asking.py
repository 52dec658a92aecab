"""Reading a question to the gate: strictly, because a question misread could be an allow misgiven. No database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.inputs import Checks
from governance.policy.checking import Purpose

PARAMETERS = ("system", "release", "environment", "sha256", "nonce", "at", "purpose")
PURPOSES = (str(Purpose.DEPLOY), str(Purpose.CONTINUE))
MOST_DIGESTS = 100
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_NONCE = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The run that asks, as it describes itself."""

    url: str = ""
    revision: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """May release R of system S (or what these digests belong to) go to environment E, now?"""

    environment: str
    system: str = ""
    release: str = ""
    digests: tuple[str, ...] = ()
    purpose: Purpose = Purpose.DEPLOY
    nonce: str | None = None
    pipeline: Pipeline | None = None

    @property
    def words(self) -> str:
        """What was asked for, as sentences name it."""
        if self.release:
            return f"{self.system} {self.release}"
        return f"sha256:{self.digests[0]}" + (" (and more)" if len(self.digests) > 1 else "")


def read_parameters(given: Sequence[tuple[str, str]]) -> Question:
    """The question of a GET. Raises InvalidInput naming every bad parameter."""
    checks = Checks()
    values: dict[str, list[str]] = {}
    for name, value in given:
        values.setdefault(name, []).append(value)
    for name, several in values.items():
        if name not in PARAMETERS:
            checks.refuse(name[:100], "Is no parameter of this address.")
        elif len(several) > 1 and name != "sha256":
            checks.refuse(name, "Is given more than once.")
    body: dict[str, object] = {name: several[0] for name, several in values.items() if name != "sha256"}
    body["sha256"] = values.get("sha256", [])
    if "at" in values:
        checks.refuse("at", "Answers for another instant are not given yet; leave it out.")
    return _question(checks, body)


def read_body(body: Mapping[str, object]) -> Question:
    """The question of a POST. Raises InvalidInput naming every bad field."""
    checks = Checks()
    for name in body:
        if name == "at":
            checks.refuse("at", "A check that enforces is about now; leave it out.")
        elif name not in {*PARAMETERS, "pipeline"}:
            checks.refuse(name[:100], "Is no field of this.")
    return _question(checks, body)


def _question(checks: Checks, body: Mapping[str, object]) -> Question:
    system = checks.text("system", body.get("system", ""), limit=120)
    release = checks.text("release", body.get("release", ""), limit=120)
    environment = checks.text("environment", body.get("environment", ""), limit=60, required=True)
    digests = _digests(checks, body.get("sha256", ()))
    purpose = checks.choice("purpose", body.get("purpose", "deploy"), PURPOSES)
    nonce = _nonce(checks, body.get("nonce"))
    if release and not system:
        checks.refuse("system", "Is required with a release.")
    if not release and not digests:
        checks.refuse("release", "Name the release, or what it is made of by sha256.")
    pipeline = _pipeline(checks, body["pipeline"]) if "pipeline" in body else None
    checks.done()
    return Question(environment, system, release, digests, Purpose(purpose), nonce, pipeline)


def _digests(checks: Checks, value: object) -> tuple[str, ...]:
    """The presented SHA-256 without prefix, each once."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or len(given) > MOST_DIGESTS:
        checks.refuse("sha256", f"Must be a SHA-256, or a list of at most {MOST_DIGESTS}.")
        return ()
    found = []
    for digest in given:
        match = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
        if match is None:
            checks.refuse("sha256", "Must be 64 lower-case hexadecimal digits, with or without sha256: before them.")
            return ()
        found.append(match[1])
    return tuple(dict.fromkeys(found))


def _nonce(checks: Checks, value: object) -> str | None:
    if value is None or (isinstance(value, str) and _NONCE.fullmatch(value)):
        return value
    checks.refuse("nonce", "Must be 1 to 200 printable characters without blanks.")
    return None


def _pipeline(checks: Checks, value: object) -> Pipeline | None:
    if not isinstance(value, Mapping):
        checks.refuse("pipeline", "Must be an object.")
        return None
    below = checks.below("pipeline")
    for name in value:
        if name not in {"url", "revision", "actor"}:
            below.refuse(str(name)[:100], "Is no field of this.")
    return Pipeline(
        url=below.text("url", value.get("url", ""), limit=1000),
        revision=below.text("revision", value.get("revision", ""), limit=200),
        actor=below.text("actor", value.get("actor", ""), limit=200),
    )
