"""The API describes itself: OpenAPI 3.1, and pages to read and try it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from governance.rest.authentication import PortalSession
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


class DocumentationPage(SpectacularSwaggerSplitView):
    """The schema as pages; script and style come from files, so the content security policy stays strict."""

    permissions: ClassVar[Mapping[str, Declaration]] = {"get": Audience.SIGNED_IN}
    authentication_classes = [PortalSession]
    url_name = "api-schema"
    http_method_names = ["get", "head"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """People who are not signed in are sent to sign in, as on every page."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer
