"""CycloneDX ML-BOMs: read without trust, checked against the format's own schema, and written from a release. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from cyclonedx.schema import SchemaVersion

from governance.inputs import unreadable
from inventory.documents.recorded import plain

LARGEST = 5_000_000
MOST_COMPONENTS = 500
# What asking the schema costs grows with the entries, and in one list with their square.
MOST_IN_A_LIST = 1000
MOST_ENTRIES = 5000
MOST_TEXTS = 50_000
VERSIONS = {"1.5": SchemaVersion.V1_5, "1.6": SchemaVersion.V1_6}
ML_MODEL = "machine-learning-model"
SPACE = uuid.UUID("6f9e61a0-6a52-5d0e-9a3c-5f0d1b7f7a11")
# Their types of component → our kinds of artifact, and ours → theirs.
KINDS = {
    ML_MODEL: "model", "container": "container", "library": "package", "framework": "package",
    "application": "package", "data": "dataset", "file": "other",
}  # fmt: skip
TYPES = {
    "model": ML_MODEL, "container": "container", "package": "library", "dataset": "data", "code": "file",
    "prompt": "data", "configuration": "data", "other": "file",
}  # fmt: skip


class BomError(ValueError):
    """What is wrong with a bill of materials; `place` names where, if it is known."""

    def __init__(self, message: str, place: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.place, self.line = place, line


@dataclass(frozen=True, slots=True)
class Component:
    """One component, as far as it matters here."""

    type: str
    name: str
    version: str = ""
    sha256: str = ""
    uri: str = ""
    licence: str = ""
    card: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One artifact of a release, for writing."""

    name: str
    kind: str
    version: str
    uri: str
    sha256: str
    vendor: str = ""


def read(content: bytes) -> tuple[Component, ...]:
    """The components of a BOM. Raises BomError."""
    data = _checked(content)
    found = list(_components(data.get("components", [])))
    if len(found) > MOST_COMPONENTS:
        raise BomError(f"Has more than {MOST_COMPONENTS} components.", "components")
    if not found:
        raise BomError("Has no component.", "components")
    for component in found:
        texts = [component.name, component.version, component.uri, component.licence]
        for text in [*texts, *datasets_of(component.card or {})]:
            if sentence := unreadable(text):
                raise BomError(f"{component.type}: {sentence}", "components")
    return tuple(found)


def datasets_of(card: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the datasets a model card speaks of."""
    sets = card.get("modelParameters", {}).get("datasets", [])
    return tuple(dict.fromkeys(str(each["name"]) for each in sets if each.get("name")))


def sections_of(component: Component) -> dict[str, str]:
    """What a component's model card says, as sections of our model card; empty ones are left out."""
    card = component.card or {}
    parameters, considered = card.get("modelParameters", {}), card.get("considerations", {})
    metrics = card.get("quantitativeAnalysis", {}).get("performanceMetrics", [])
    sections = {
        "purpose": [
            *_list("Task", [parameters.get("task", "")]), *_list("Use cases", considered.get("useCases", [])),
            *_list("Users", considered.get("users", [])),
        ],
        "data": _list("Datasets", datasets_of(card)),
        "performance": [
            *_list("Metrics", (_metric(metric) for metric in metrics)),
            *_list("Trade-offs", considered.get("performanceTradeoffs", [])),
        ],
        "limits": [
            *_list("Technical limitations", considered.get("technicalLimitations", [])),
            *_list("Ethical considerations", (_risk(risk) for risk in considered.get("ethicalConsiderations", []))),
            *_list("Fairness", (_fairness(each) for each in considered.get("fairnessAssessments", []))),
        ],
    }  # fmt: skip
    return {name: "\n".join(lines).strip() for name, lines in sections.items() if lines}


def write(
    *, system: str, version: str, at: datetime, lines: Sequence[Line], sections: Mapping[str, str], use: str, key: str
) -> dict[str, Any]:
    """The BOM of a release; `key` names it, so that the same release keeps its serial number."""
    parts = [line for line in lines if line.kind != "service"]
    refs = {line.name: f"artifact-{number}" for number, line in enumerate(lines, 1)}
    data = [{"ref": refs[line.name]} for line in parts if line.kind == "dataset"]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(SPACE, key)}",
        "version": 1,
        "metadata": {
            "timestamp": at.isoformat(),
            "component": {"type": "application", "bom-ref": "system", "name": system, "version": version},
        },
        "components": [_written(line, refs[line.name], sections, use, data) for line in parts],
        "services": [
            {"bom-ref": refs[line.name], "name": line.name, "version": line.version or "not stated"}
            | ({"provider": {"name": line.vendor}} if line.vendor else {})
            for line in lines
            if line.kind == "service"
        ],
        "dependencies": [{"ref": "system", "dependsOn": sorted(refs.values())}],
    }


def problem_of(bom: Mapping[str, Any]) -> str:
    """What the format's schema says against it, empty when nothing."""
    text = json.dumps(bom)
    fault = _fault(VERSIONS[str(bom["specVersion"])], text)
    return "" if fault is None else _said(fault)[0]


def _checked(content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST:
        raise BomError(f"The file has {len(content):,} bytes; at most {LARGEST:,} are read.")
    try:
        text = content.decode("utf-8-sig")
        data = json.loads(text)
    except UnicodeDecodeError as error:
        raise BomError("The file is no UTF-8 text.", line=content[: error.start].count(b"\n") + 1) from error
    except json.JSONDecodeError as error:
        raise BomError(f"The file is no JSON: {error.msg}.", line=error.lineno) from error
    except (RecursionError, ValueError) as error:
        raise BomError("The file is nested too deeply or holds a number that cannot be read.") from error
    if not isinstance(data, dict) or data.get("bomFormat") != "CycloneDX":
        raise BomError("The file is no CycloneDX bill of materials.", "bomFormat")
    version = VERSIONS.get(str(data.get("specVersion")))
    if version is None:
        raise BomError(f"Only versions {', '.join(VERSIONS)} of the format are read.", "specVersion")
    _bounded(data)
    try:
        fault = _fault(version, text)
    except RecursionError as error:
        raise BomError("The file is nested too deeply.") from error
    if fault is not None:
        raise BomError(*_said(fault))
    return data


def _bounded(data: Mapping[str, Any]) -> None:
    """Refuse what has more in it than its schema is asked about. Raises BomError."""
    entries = texts = 0
    waiting: list[tuple[str, Any]] = [("", data)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
            texts += len(value)
        elif isinstance(value, list):
            inner = [each for each in value if isinstance(each, dict | list)]
            entries, texts = entries + len(inner), texts + len(value)
            most = MOST_COMPONENTS if name == "components" else MOST_IN_A_LIST
            if len(inner) > most:
                raise BomError(f"Has more than {most} {name or 'entries'}.", name)
            waiting.extend((name, each) for each in inner)
        if entries > MOST_ENTRIES or texts > MOST_TEXTS:
            raise BomError(f"Has more than {MOST_ENTRIES} entries or {MOST_TEXTS} values.")


def _fault(version: SchemaVersion, text: str) -> Any:
    """What the schema finds first. Its grammars take as long to load as the rest of the portal: loaded when needed."""
    return import_module("cyclonedx.validation.json").JsonStrictValidator(version).validate_str(text)


def _said(fault: Any) -> tuple[str, str]:
    """The schema's complaint, shortened, and where it stands."""
    data = fault.data
    place = ".".join(str(part) for part in getattr(data, "absolute_path", ()))
    return f"Does not fit the format: {str(getattr(data, 'message', data))[:300]}", place


def _components(parts: Iterable[Mapping[str, Any]]) -> Iterable[Component]:
    """Every component, those inside others too."""
    for part in parts:
        yield Component(
            type=part["type"], name=part["name"][:300], version=str(part.get("version", ""))[:200],
            sha256=next((h["content"].lower() for h in part.get("hashes", []) if h["alg"] == "SHA-256"), ""),
            uri=_uri(part), licence=_licence(part), card=part.get("modelCard"),
        )  # fmt: skip
        yield from _components(part.get("components", []))


def _uri(part: Mapping[str, Any]) -> str:
    references = part.get("externalReferences", [])
    distributed = (r["url"] for r in references if r.get("type") == "distribution" and isinstance(r.get("url"), str))
    return str(part.get("purl") or next(distributed, ""))[:1000]


def _licence(part: Mapping[str, Any]) -> str:
    for each in part.get("licenses", []):
        named = each.get("license", {})
        return str(each.get("expression") or named.get("id") or named.get("name") or "")[:200]
    return ""


def _written(
    line: Line, ref: str, sections: Mapping[str, str], use: str, data: list[dict[str, str]]
) -> dict[str, Any]:  # fmt: skip
    component: dict[str, Any] = {"type": TYPES.get(line.kind, "file"), "bom-ref": ref, "name": line.name}
    if line.version:
        component["version"] = line.version
    if line.sha256:
        component["hashes"] = [{"alg": "SHA-256", "content": line.sha256}]
    if line.kind == "dataset":
        component["data"] = [{"type": "dataset", "name": line.name}]
    if line.kind == "model":
        considered = {
            "useCases": [text for text in (use, sections.get("purpose", "")) if text.strip()],
            "technicalLimitations": [text for text in [sections.get("limits", "")] if text.strip()],
        }
        component["modelCard"] = {
            "modelParameters": {"datasets": data},
            "considerations": {name: texts for name, texts in considered.items() if texts},
        }
    return component


def _list(label: str, entries: Iterable[Any]) -> list[str]:
    told = [plain(str(entry)) for entry in entries if str(entry).strip()]
    return [f"**{label}**", "", *(f"- {entry}" for entry in told), ""] if told else []


def _metric(metric: Mapping[str, Any]) -> str:
    sliced = f" ({metric['slice']})" if metric.get("slice") else ""
    return f"{metric.get('type', 'metric')}: {metric.get('value', 'not stated')}{sliced}"


def _risk(risk: Mapping[str, Any]) -> str:
    return ": ".join(filter(None, [str(risk.get("name", "")), str(risk.get("mitigationStrategy", ""))]))


def _fairness(each: Mapping[str, Any]) -> str:
    words = ("groupAtRisk", "harms", "benefits", "mitigationStrategy")
    return "; ".join(str(each[word]) for word in words if each.get(word))
