"""OpenAPI from what the views declare: input, output, parameters, every error answer."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from governance.rest.paging import MOST, USUAL
from governance.rest.permissions import rights_in
from governance.rest.serializers import Nothing, Problem
from governance.rest.views import PortalViewSet

PROBLEM = "application/problem+json"


class PortalSchema(AutoSchema):
    """Reads PortalViewSet's declarations; nothing is written twice."""

    view: PortalViewSet  # type: ignore[override]

    def get_operation_id(self) -> str:
        """`systems_list`, `releases_submit` …: where it stands and what it does."""
        place = "_".join(word.replace("-", "_") for word in self._tokenize_path())
        action = self.view.action or self.method.lower()
        return f"{place}_{action}" if action != place.rpartition("_")[2] else place

    def get_description(self) -> str:  # type: ignore[override]
        """The action's own words and the right it needs."""
        text = super().get_description() or ""
        declared = self.view.permissions.get(self.view.action or "")
        if declared is None:
            return str(text)
        rights = " or ".join(f"`{right}`" for right in rights_in(declared))
        need = f"Needs the right {rights}." if rights else "Anybody signed in."
        return f"{text}\n\n{need}".strip()

    def get_request_serializer(self) -> Any:
        """What the action reads; nothing for reading methods."""
        if self.method in {"GET", "HEAD", "DELETE"}:
            return None
        return self.view.serializers.get(self.view.action or "", Nothing)

    def get_response_serializers(self) -> Any:
        """The action's answer and every problem it may end in."""
        action = self.view.action or ""
        serializer = self.view.answers.get(action)
        good = "201" if self.view.creates else "202" if action in self.view.later else "200"
        if self.method == "DELETE":
            return {"204": None, **{(status, PROBLEM): Problem for status in self._problems()}}
        answers: dict[Any, Any] = {good: self._good(action, serializer)}
        if action in self.view.again:
            answers["200"] = answers[good]
        for status in self._problems():
            answers[(status, PROBLEM)] = Problem
        return answers

    def get_override_parameters(self) -> list[Any]:
        """Declared query parameters and the headers that matter here."""
        action = self.view.action or ""
        found: list[Any] = []
        if action == "list":
            for name, declared in self.view.filters.items():
                kind = declared.schema(name)
                found.append(_query(name, kind["schema"], kind["description"]))
            if self.view.search:
                found.append(_query("search", {"type": "string", "maxLength": 200}, "Words to look for."))
        for name in self.view.query.get(action, ()):
            found.append(_query(name, {"type": "string"}, ""))
        if action in self.view.paged:
            size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
            found.append(_query("page_size", size, "Rows on a page."))
            found.append(_query("cursor", {"type": "string", "maxLength": 1000}, "From `next` or `previous`."))
        if self.method in {"PATCH", "PUT"}:
            found.append(_header("If-Match", "The ETag you read.", required=True))
        if self.view.creates:
            found.append(_header("Idempotency-Key", "The same key, the same answer, one effect."))
        return found

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Lists say so themselves, by `paged`."""
        return False

    def _good(self, action: str, serializer: Any) -> Any:
        if serializer is None:
            return {"type": "object", "additionalProperties": True}
        if action not in self.view.paged:
            return serializer
        return _page_of(serializer)

    def _problems(self) -> list[str]:
        statuses = ["400", "401", "403", "404", "406", "429", "503"]
        if self.method not in {"GET", "HEAD"}:
            statuses += ["409", "412", "413", "415"]
        if self.method in {"PATCH", "PUT"}:
            statuses.append("428")
        return sorted(statuses)


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names the session."""

    target_class = "governance.rest.authentication.PortalSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The session cookie; changes also carry X-CSRFToken."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of a signed-in person; changes also send X-CSRFToken.",
        }


@cache
def _page_of(serializer: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The serializer of one page of such rows."""
    fields = {
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "results": serializer(many=True),
    }
    return type(f"{serializer.__name__}Page", (serializers.Serializer,), fields)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names machines' tokens."""

    target_class = "governance.access.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Authorization: Bearer."""
        return {"type": "http", "scheme": "bearer", "description": "A machine's token, limited to its scopes."}


class PasswordScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names a token shown as a password."""

    target_class = "governance.access.authentication.TokenAsPassword"
    name = "tokenAsPassword"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Authorization: Basic."""
        return {"type": "http", "scheme": "basic", "description": "A machine's token as the password, any user name."}


def _query(name: str, schema: dict[str, Any], description: str) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, required=False, description=description)


def _header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(
        name, {"type": "string"}, OpenApiParameter.HEADER, required=required, description=description
    )
