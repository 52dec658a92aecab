"""Reading a running MLflow registry over its REST API: every page, in bounded time and memory; faults by name.

Nothing here writes. What the server says is foreign text: it is measured, checked for its shape and kept as cells.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from governance.notify import outgoing
from inventory.imports.reading import NAME_LENGTH, TEXT_LENGTH, ReadRow, digest_of, one_line

API: Final = "/api/2.0/mlflow/"
PROMPT: Final = "mlflow.prompt.is_prompt"
ALIAS: Final = "alias "
PAGE: Final = 200
LONGEST_SOURCE: Final = 80
LARGEST_PAGE: Final = 16 * 1024 * 1024


class Unreachable(Exception):  # noqa: N818  an answer, not an error
    """The server could not be read: nobody answered in time, or what answered is no MLflow."""


class Unfit(Exception):  # noqa: N818  an answer, not an error
    """The server answered what cannot be taken: too much of it, in circles, or in no shape of a registry."""


@dataclass(frozen=True)
class Bounds:
    """How long and how much one sync may read."""

    seconds: float = 300.0
    one_answer: float = 15.0
    pages: int = 5_000
    models: int = 50_000
    cells: int = 1_000_000
    characters: int = 200_000_000


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier sync kept of one model: its lasting identifier, its name then, and when it was made."""

    identifier: str
    name: str
    made: str


@dataclass
class Registry:
    """One server while it is read; the time runs from the first question."""

    url: str
    bounds: Bounds = field(default_factory=Bounds)

    def __post_init__(self) -> None:
        self._ends = time.monotonic() + self.bounds.seconds
        self._read = 0

    def models(self) -> list[dict[str, Any]]:
        """The registered models that are no prompts, in the server's order. Raises Unreachable, Unfit."""
        found = [model for model in self._pages("registered-models") if PROMPT not in _pairs(model, "tags")]
        if len(found) > self.bounds.models:
            raise Unfit(f"The registry has more than {self.bounds.models:,} models.")
        return found

    def versions(self) -> dict[str, list[dict[str, Any]]]:
        """Every version, by the name of its model. Raises Unreachable, Unfit."""
        found: dict[str, list[dict[str, Any]]] = {}
        for version in self._pages("model-versions"):
            found.setdefault(_text(version, "name"), []).append(version)
        return found

    def run(self, identifier: str) -> Mapping[str, Any]:
        """The data of a run; empty when the server no longer has it. Raises Unreachable, Unfit."""
        answer = self._ask(f"runs/get?run_id={quote(identifier, safe='')}", gone=True)
        found = answer.get("run", {})
        data = found.get("data", {}) if isinstance(found, dict) else None
        if not isinstance(data, dict):
            raise Unfit(f"The run {identifier[:64]} has no shape of a run.")
        return data

    def _pages(self, noun: str) -> Iterator[dict[str, Any]]:
        key, seen, token = noun.replace("-", "_"), set[str](), ""
        for _ in range(self.bounds.pages):
            asked = {"max_results": str(PAGE)} | ({"page_token": token} if token else {})
            answer = self._ask(f"{noun}/search?{urlencode(asked)}")
            listed = answer.get(key, [])
            if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
                raise Unfit(f"{noun}/search answers no list of {noun}.")
            yield from listed
            token = answer.get("next_page_token") or ""
            if not token:
                return
            if not isinstance(token, str) or token in seen:
                raise Unfit(f"{noun}/search names the same next page again: it would never end.")
            seen.add(token)
        raise Unfit(f"{noun}/search has more than {self.bounds.pages:,} pages.")

    def _ask(self, path: str, *, gone: bool = False) -> dict[str, Any]:
        """One answer as an object. `gone`: a 404 is an empty one."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise Unreachable(f"Reading the registry took more than {self.bounds.seconds:g} seconds.")
        where = path.partition("?")[0]
        try:
            answer = outgoing.send(
                "GET", f"{self.url.rstrip('/')}{API}{path}", headers={"Accept": "application/json"},
                seconds=min(left, self.bounds.one_answer), largest=LARGEST_PAGE + 1,
            )  # fmt: skip
        except outgoing.Refused as error:
            raise Unfit(str(error)) from error
        except outgoing.Unreachable as error:
            raise Unreachable(f"{where}: no answer: {error}") from error
        self._read += len(answer.body)
        if len(answer.body) > LARGEST_PAGE or self._read > self.bounds.characters:
            raise Unfit(f"{where}: answers more than may be read.")
        if gone and answer.status == 404:
            return {}
        if answer.status != 200:
            raise Unreachable(f"{where}: answers with status {answer.status}.")
        try:
            data = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"{where}: answers with something that is no JSON, perhaps a web page.") from error
        if not isinstance(data, dict):
            raise Unfit(f"{where}: answers no object.")
        return data


def read_registry(
    registry: Registry, units: tuple[str, ...], known: Sequence[Known]
) -> list[ReadRow]:  # fmt: skip
    """Every model as a row with its versions, aliases, tags and runs as cells. Raises Unreachable, Unfit."""
    models, versions = registry.models(), registry.versions()
    names = {_text(model, "name") for model in models}
    runs: dict[str, Mapping[str, Any]] = {}
    rows: list[ReadRow] = []
    cells = 0
    for number, model in enumerate(models, start=1):
        name = one_line(_text(model, "name"))
        if not name or len(name) > NAME_LENGTH:
            raise Unfit(f"The model number {number} has a name that is blank or longer than {NAME_LENGTH} characters.")
        kept = _kept(model, versions.get(_text(model, "name"), []), registry, runs)
        cells += len(kept)
        if cells > registry.bounds.cells:
            raise Unfit(f"The registry says more than {registry.bounds.cells:,} things about its models.")
        made = _instant(model.get("creation_timestamp"))
        values = {"name": name, "purpose": _text(model, "description").strip()[:TEXT_LENGTH]}
        written = {"Model": name, "Description": _text(model, "description"), "Registered": made}
        digest = digest_of({**written, **kept}, values, {})
        identifier = identify(name, made, known, names)
        rows.append(ReadRow(number, identifier, units, name, values, written, kept, {}, (), digest))
    if len({row.identifier for row in rows}) != len(rows):
        raise Unfit("The registry lists a model twice: it changed while it was read. Try again.")
    return sorted(rows, key=lambda row: row.identifier)


def identify(name: str, made: str, known: Sequence[Known], names: set[str]) -> str:
    """What a model is called for good: MLflow keeps the instant it was made when it is renamed, and no other key."""
    same = [model for model in known if model.made == made]
    for model in same:
        if model.name == name:
            return model.identifier
    renamed = [model for model in same if model.name not in names]
    if len(renamed) == 1:
        return renamed[0].identifier
    return f"{name[:400]} {made}"


def source_of(url: str) -> str:
    """The name of the register behind an address. Raises Unfit for what is no address."""
    try:
        outgoing.check(url)
    except outgoing.Refused as error:
        raise Unfit(str(error)) from error
    parts = urlsplit(url)
    name = f"mlflow:{parts.netloc.lower()}{parts.path.rstrip('/')}"
    if len(name) <= LONGEST_SOURCE:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:20]  # two registers with one beginning stay two
    return f"{name[: LONGEST_SOURCE - len(digest) - 1]}~{digest}"


def _kept(
    model: dict[str, Any], versions: list[dict[str, Any]], registry: Registry, runs: dict[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Everything the registry says of a model beside its name, one thing a cell."""
    cells = {f"{ALIAS}{alias}": version for alias, version in _pairs(model, "aliases", "alias", "version").items()}
    cells |= {f"tag {key}": value for key, value in _pairs(model, "tags").items()}
    for version in versions:
        label = f"version {_text(version, 'version')}"
        stated = (_text(version, key) for key in ("status", "current_stage", "source", "run_id"))
        cells[label] = " · ".join(part for part in stated if part)
        if described := _text(version, "description"):
            cells[f"{label} description"] = described
        cells |= {f"{label} tag {key}": value for key, value in _pairs(version, "tags").items()}
        run = _text(version, "run_id")
        if run:
            if run not in runs:
                runs[run] = registry.run(run)
            data = runs[run]
            cells |= {f"{label} metric {key}": value for key, value in _pairs(data, "metrics").items()}
            cells |= {f"{label} parameter {key}": value for key, value in _pairs(data, "params").items()}
    return cells


def _text(thing: Mapping[str, Any], key: str) -> str:
    value = thing.get(key)
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        raise Unfit(f"“{key}” is no text.")
    return "".join(
        sign if sign not in "\0\ufffe\uffff" and not "\ud800" <= sign <= "\udfff" else "�" for sign in str(value)
    )


def _pairs(thing: Mapping[str, Any], key: str, name: str = "key", value: str = "value") -> dict[str, str]:
    listed = thing.get(key) or []
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise Unfit(f"“{key}” is no list of names and values.")
    return {_text(entry, name): _text(entry, value) for entry in listed}


def _instant(milliseconds: object) -> str:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return ""
