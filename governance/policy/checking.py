"""What a check is: the case it judges, the three results it may come to, and the register by name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict

from governance.policy.completeness import Completeness
from governance.policy.facts import Facts, SubmissionFacts
from governance.policy.schema import Environment, PackDocument


class Purpose(StrEnum):
    """What the answer is for."""

    DEPLOY = "deploy"
    CONTINUE = "continue"
    REVIEW = "review"
    APPROVAL = "approval"


@dataclass(frozen=True)
class Case:
    """Everything a check may look at. `digests` are the SHA-256 the caller presented."""

    facts: Facts
    pack: PackDocument
    pack_digest: str
    environment: Environment | None
    at: datetime
    purpose: Purpose = Purpose.DEPLOY
    digests: tuple[str, ...] = ()
    asked_for: str = ""
    several: tuple[str, ...] = ()

    @cached_property
    def submission(self) -> SubmissionFacts | None:
        """The submission this question is about: the one under review when asking for its approval."""
        if self.purpose is Purpose.APPROVAL:
            return self.facts.under_review
        return self.facts.counting

    @property
    def release_page(self) -> str:
        """Where the release is shown."""
        return f"/releases/{self.facts.release.id}/" if self.facts.release else self.system_page

    @property
    def system_page(self) -> str:
        """Where the system is shown."""
        return f"/systems/{self.facts.system.slug}/" if self.facts.system else "/systems/"

    def document_page(self, *wrong: Completeness) -> str:
        """Where the one document is written, or where all of them are listed."""
        if self.facts.system is None:
            return self.system_page
        alone = f"documents/{wrong[0].template}/" if len(wrong) == 1 else "?tab=documents"
        return f"{self.system_page}{alone}"


@dataclass(frozen=True, slots=True)
class Met:
    """The requirement holds; `until` when it will stop holding if nobody acts."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unmet:
    """The requirement does not hold: why, what to do, who can do it, and where."""

    reason: str
    fix: str
    who: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The requirement asks nothing here."""

    reason: str


Result = Met | Unmet | NotApplicable


class Parameters(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StageParameters(Parameters):
    """Which stage."""

    stage: str


class RollbackParameters(Parameters):
    """Whether a target must be named even where another approved release could serve."""

    must_be_named: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A named check with the shape of its parameters; `never_waivable` stands above any pack."""

    name: str
    run: Callable[[Case, Any], Result]
    parameters: type[Parameters] = Parameters
    never_waivable: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """The checks by name."""

    checks: dict[str, Check] = field(default_factory=dict)

    def add(
        self, name: str, parameters: type[Parameters] = Parameters, *, never_waivable: bool = False
    ) -> Callable[[Callable[[Case, Any], Result]], Callable[[Case, Any], Result]]:
        """Register a function as the check of that name."""

        def register(run: Callable[[Case, Any], Result]) -> Callable[[Case, Any], Result]:
            self.checks[name] = Check(name, run, parameters, never_waivable)
            return run

        return register


REGISTER = Vocabulary()


add_check = REGISTER.add


OWNERS = ("owner of this system",)


BUILDERS = ("owner of this system", "developers of this system")


GOVERNANCE = ("governance team",)


def text_digest(text: str) -> str:
    """The digest a submission keeps of the intended use: SHA-256 over its UTF-8 bytes."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def written(moment: datetime) -> str:
    """An instant as sentences print it."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")
