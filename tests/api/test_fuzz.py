"""Schemathesis over the whole schema, as several callers: no server error, and every answer is one the schema names.

FUZZ_EXAMPLES sets how many calls each operation gets from each caller.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from governance.access.models import User
from governance.access.vocabulary import Scope
from governance.rest.description import description
from inventory.services import ArtifactInput, create_release, save_document_revision
from tests.inventory.scene import SHA, Scene, adopt_baseline, build, mint

schemathesis = pytest.importorskip("schemathesis", reason="the e2e extra is not installed")
checks = pytest.importorskip("schemathesis.specs.openapi.checks")

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
LENIENT = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]


@pytest.fixture
def scene(settings: Settings) -> Scene:
    """The scene with a pack, a draft and a document, and a limit no fuzzing reaches."""
    settings.API_CALLS_PER_MINUTE = 10**6
    scene = build()
    adopt_baseline()
    line = ArtifactInput(name="weights", kind="model", sha256=SHA)
    create_release(actor=scene.developer, system=scene.scorer, version="1", artifacts=[line])
    save_document_revision(
        actor=scene.developer, system=scene.scorer, template="model-card", sections={"a": "b"}, contact="c"
    )
    return scene


@pytest.fixture
def application() -> Iterator[Any]:
    """The portal as a server runs it, except that a request's end leaves the test's transaction open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def credentials(person: User | None) -> dict[str, dict[str, str]]:
    """The session of a signed-in person, with its CSRF token."""
    if person is None:
        return {}
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    token = _get_new_csrf_string()
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "cookies": {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: token},
        "headers": {"X-CSRFToken": token},
    }


def known_keys(scene: Scene, path: str) -> dict[str, Any]:
    """Path parameters that exist, so that fuzzing gets past the 404."""
    if "/units/" in path:
        return {"slug": "cards"}
    if "/documents/" in path:
        return {"id": scene.scorer.documents.get().pk}
    if "/assignments/" in path and "{slug}" not in path:
        return {"id": scene.scorer.assignments.order_by("pk")[0].pk}
    return {"slug": "scorer", "id": scene.scorer.releases.order_by("pk")[0].pk}


@pytest.mark.parametrize("who", ["governor", "owner", "developer", "stranger", "operator", "token", "nobody"])
def test_whatever_is_sent_the_answer_is_one_the_schema_names(scene: Scene, application: Any, who: str) -> None:
    schema = schemathesis.openapi.from_dict(description())
    sent = credentials(getattr(scene, who, None))
    if who == "token":
        sent = {"headers": {"Authorization": f"Bearer {mint(scene, Scope.RELEASE_WRITE, Scope.GATE_CHECK)}"}}
    wanted = [
        checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance,
    ]  # fmt: skip
    seen: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()

        @hypothesis_settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=LENIENT,
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(), real=st.booleans())
        def attempt(case: Any, real: bool) -> None:
            case.headers.pop("Authorization", None)  # Invented credentials would hide everything behind a 401.
            case.cookies.clear()
            if real and case.path_parameters:
                keys = known_keys(scene, case.path)
                case.path_parameters.update({name: keys.get(name, key) for name, key in case.path_parameters.items()})
                case.headers.update({"If-Match": "*"} if "If-Match" in case.headers else {})
            response = case.call(app=application, **sent)
            seen[response.status_code] += 1
            assert response.status_code < 500, case.as_curl_command()
            case.validate_response(response, checks=wanted)

        attempt()
    expected = {401} if who == "nobody" else {200, 400, 404}
    assert expected <= seen.keys(), seen
