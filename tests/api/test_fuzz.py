"""Schemathesis over the whole schema, as several callers: no server error, and every answer is one the schema names.

FUZZ_EXAMPLES sets how many calls each operation gets from each caller; every run draws new ones.
"""

from __future__ import annotations

import importlib
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.db.models import Model
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from governance.access.models import User
from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from governance.rest.description import description
from governance.validation.models import Finding, Hold, Review, Waiver
from governance.validation.services import place_hold, raise_finding, request_waiver
from incidents.models import Incident
from incidents.services import report_incident
from inventory.models import Assignment, Document, Release, System, Unit
from inventory.services import save_document_revision
from inventory.services.tokens import mint_token
from tests.governance.validation.scene import Scene, build

if os.environ.get("CI_FULL") == "1":  # where everything is asked for, a missing library is a failure
    schemathesis = importlib.import_module("schemathesis")
else:
    schemathesis = pytest.importorskip("schemathesis", reason="the e2e extra is not installed")
checks = importlib.import_module("schemathesis.specs.openapi.checks")

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
WHO = ("governor", "owner", "developer", "validator", "riskofficer", "outsider", "superuser", "token", "nobody")
KNOWN: dict[str, tuple[str, type[Model]]] = {
    "assignments": ("pk", Assignment),
    "documents": ("pk", Document),
    "findings": ("pk", Finding),
    "holds": ("pk", Hold),
    "incidents": ("pk", Incident),
    "releases": ("pk", Release),
    "reviews": ("pk", Review),
    "systems": ("slug", System),
    "units": ("slug", Unit),
    "waivers": ("pk", Waiver),
}
LENIENT = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]


@pytest.fixture
def scene(db: None, settings: Settings) -> Scene:
    """Releases in several states, a document, a finding, a hold, a condition, and a limit no fuzzing reaches."""
    settings.API_CALLS_PER_MINUTE = 10**6
    scene = build()
    release = scene.release()
    scene.approved()
    submission = scene.submitted()
    for severity in ("low", "high"):
        raise_finding(
            actor=scene["validator"], release=submission.release, title="Drift", text="It drifts.",
            severity=severity, category="data",
        )  # fmt: skip
    place_hold(actor=scene["riskofficer"], system=scene.system, reason="Wait.")
    request_waiver(
        actor=scene["owner"], system=scene.system, requirement="findings", reason="Mended on Monday.",
        until=portal_now() + timedelta(days=5),
    )  # fmt: skip
    for title in ("Declines doubled", "Forecasts doubled"):
        report_incident(
            actor=scene["owner"], system=scene.system, title=title, type="drift", impact="limited", urgency="stable"
        )
    save_document_revision(
        actor=scene["developer"], system=scene.system, template="model-card", sections={"purpose": "b"}, contact="c"
    )
    assert release.state == "draft"
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


def a_token(scene: Scene) -> dict[str, dict[str, str]]:
    """The owner's token for the system, with every scope there is use for."""
    owner = scene["owner"]
    minted = mint_token(
        actor=owner, person=owner, name="ci", scopes=[Scope.RELEASE_WRITE, Scope.GATE_CHECK],
        expiry=portal_now() + timedelta(days=1), systems=[scene.system],
    )  # fmt: skip
    return {"headers": {"Authorization": f"Bearer {minted.text}"}}


def known_keys(path: str, pick: int) -> dict[str, Any]:
    """Path parameters that exist, so that fuzzing gets past the 404."""
    noun = path.split("/")[3]
    if noun not in KNOWN:
        return {}
    field, model = KNOWN[noun]
    keys = list(model._default_manager.order_by("pk").values_list(field, flat=True))
    return {"slug" if field == "slug" else "id": keys[pick % len(keys)]} if keys else {}


@pytest.mark.parametrize("who", WHO)
def test_whatever_is_sent_the_answer_is_one_the_schema_names(scene: Scene, application: Any, who: str) -> None:
    schema = schemathesis.openapi.from_dict(description())
    sent = a_token(scene) if who == "token" else credentials(scene.people.get(who))
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
        @given(case=operation.as_strategy(), real=st.booleans(), pick=st.integers(0, 9))
        def attempt(case: Any, real: bool, pick: int) -> None:
            case.headers.pop("Authorization", None)  # Invented credentials would hide everything behind a 401.
            case.cookies.clear()
            if real and case.path_parameters:
                keys = known_keys(case.path, pick)
                case.path_parameters.update({name: keys.get(name, key) for name, key in case.path_parameters.items()})
                case.headers.update({"If-Match": "*"} if "If-Match" in case.headers else {})
            response = case.call(app=application, **sent)
            seen[response.status_code] += 1
            assert response.status_code < 500, case.as_curl_command()
            case.validate_response(response, checks=wanted)

        attempt()
    expected = {401} if who == "nobody" else {200, 400, 404}
    assert expected <= seen.keys(), seen
