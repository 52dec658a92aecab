"""The API describes itself: OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from governance.rest.permissions import Audience, Declaration
from governance.rest.serializers import Anything
from governance.rest.views import PortalViewSet


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document; it says nothing about any object, so everybody reads the same one."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


class Description(PortalViewSet):
    """The schema of this API."""

    permissions: ClassVar[Mapping[str, Declaration]] = {"retrieve": Audience.SIGNED_IN}
    answers = {"retrieve": Anything}

    def retrieve(self, request: Request) -> Response:
        """OpenAPI 3.1 as JSON."""
        return Response(description())
