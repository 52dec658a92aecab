"""The gate in the API's description: it is a plain view, so it says itself what it takes and gives."""

from __future__ import annotations

from typing import Any

from governance.gate.asking import MOST_DIGESTS, PURPOSES
from governance.policy.decide import Status

_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_MAYBE_TIME = {"type": ["string", "null"], "format": "date-time"}
_DIGEST = {"type": "string", "pattern": "^(sha256:)?[0-9a-f]{64}$"}
_NONCE = {"type": "string", "pattern": "^[!-~]{1,200}$"}


def add_gate(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the gate's address and shapes; a post-processing hook of the schema generator."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"GateQuestion": _question(), "GateRequirement": _requirement(), "GateAnswer": _answer()}
    result["paths"]["/api/v1/gate/"] = {"get": _get(), "post": _post()}
    result["paths"] = dict(sorted(result["paths"].items()))
    return result


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _question() -> dict[str, Any]:
    shape = {
        "system": {"type": "string", "maxLength": 120},
        "release": {"type": "string", "maxLength": 120},
        "environment": {"type": "string", "minLength": 1, "maxLength": 60},
        "sha256": {"oneOf": [_DIGEST, {"type": "array", "items": _DIGEST, "maxItems": MOST_DIGESTS}]},
        "nonce": {"oneOf": [_NONCE, {"type": "null"}]},
        "purpose": {"type": "string", "enum": list(PURPOSES), "default": PURPOSES[0]},
        "pipeline": _object(
            {
                "url": {"type": "string", "maxLength": 1000},
                "revision": {"type": "string", "maxLength": 200},
                "actor": {"type": "string", "maxLength": 200},
            },
            [],
        ),
    }
    return _object(shape, ["environment"])


def _requirement() -> dict[str, Any]:
    return _object(
        {
            "id": _TEXT, "title": _TEXT, "status": {"type": "string", "enum": [str(status) for status in Status]},
            "reason": _TEXT, "fix": _TEXT, "who": {"type": "array", "items": _TEXT}, "href": _MAYBE_TEXT,
            "sources": {"type": "array", "items": _TEXT}, "until": _MAYBE_TIME,
        }
    )  # fmt: skip


def _answer() -> dict[str, Any]:
    submission = _object({"number": {"type": "integer"}, "digest": _TEXT})
    policy = _object({"pack": _TEXT, "version": _TEXT, "digest": _TEXT})
    return _object(
        {
            "decision": {"type": "string", "enum": ["allow", "deny"]},
            "enforced": {"type": "boolean", "description": "False where the environment only observes."},
            "system": _MAYBE_TEXT, "release": _MAYBE_TEXT, "environment": _TEXT,
            "purpose": {"type": "string", "enum": list(PURPOSES)},
            "submission": {"oneOf": [submission, {"type": "null"}]},
            "policy": {"oneOf": [policy, {"type": "null"}]},
            "evaluated_at": {"type": "string", "format": "date-time"},
            "valid_until": {"type": "string", "format": "date-time"},
            "closes_at": _MAYBE_TIME, "closes_because": _MAYBE_TEXT, "nonce": _MAYBE_TEXT,
            "requirements": {"type": "array", "items": {"$ref": "#/components/schemas/GateRequirement"}},
            "attestation": {"type": "null"},
        }
    )  # fmt: skip


def _get() -> dict[str, Any]:
    digests = {"type": "array", "items": _DIGEST, "maxItems": MOST_DIGESTS}
    parameters = [
        _parameter("system", {"type": "string", "maxLength": 120}, "Slug of the system."),
        _parameter("release", {"type": "string", "maxLength": 120}, "Version; may be left out with sha256."),
        _parameter("environment", {"type": "string", "minLength": 1, "maxLength": 60}, "Name or alias.", required=True),
        {**_parameter("sha256", digests, "What is about to be deployed."), "style": "form", "explode": True},
        _parameter("nonce", _NONCE, "Comes back in the answer."),
        _parameter("purpose", {"type": "string", "enum": list(PURPOSES)}, "`continue` for what already runs."),
    ]
    return {
        "operationId": "gate_report",
        "tags": ["gate"],
        "summary": "May this release go there, now?",
        "description": "Reports: always 200. Needs the right `gate.check` on the system.",
        "parameters": parameters,
        "security": _security(),
        "responses": {"200": _good("The decision with every requirement."), **_problems("400", "401", "403", "404",
                                                                                        "406", "429", "503")},
    }  # fmt: skip


def _post() -> dict[str, Any]:
    return {
        "operationId": "gate_enforce",
        "tags": ["gate"],
        "summary": "The same, enforced and recorded.",
        "description": (
            "200 for an allow, or where the environment only observes; 409 with the same document for a deny. "
            "Every call decides anew, so an Idempotency-Key is refused."
        ),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/GateQuestion"}}},
        },
        "security": _security(),
        "responses": {
            "200": _good("Allowed, or only observed."),
            "409": _good("Denied."),
            **_problems("400", "401", "403", "404", "406", "413", "415", "429", "503"),
        },
    }


def _parameter(name: str, schema: dict[str, Any], description: str, *, required: bool = False) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, "description": description, "required": required}


def _good(description: str) -> dict[str, Any]:
    document = {"schema": {"$ref": "#/components/schemas/GateAnswer"}}
    return {"description": description, "content": {"application/json": document, "text/plain": {"schema": _TEXT}}}


def _problems(*statuses: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": "", "content": content} for status in statuses}


def _security() -> list[dict[str, list[str]]]:
    return [{"session": []}, {"token": []}]
