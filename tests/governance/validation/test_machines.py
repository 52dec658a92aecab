"""What a machine does with a token counts for the person who minted it, at every door."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.vocabulary import Role, Scope
from governance.database.clock import portal_now
from governance.lifecycle import Forbidden
from governance.validation.models import SignOff, Submission
from inventory.services.assignments import end_assignment
from inventory.services.tokens import mint_token
from tests.governance.access.people import appoint
from tests.governance.validation.scene import SHA, Scene, review_of, sign

pytestmark = pytest.mark.django_db
ARTIFACT = {"name": "model", "kind": "model", "version": "1", "uri": "", "sha256": SHA}


@pytest.fixture
def machine(scene: Scene) -> str:
    """The text of a token that a validator minted while developing, before the release existed."""
    validator = scene["validator"]
    held = appoint(validator, Role.DEVELOPER, system=scene.system)
    minted = mint_token(
        actor=validator, person=validator, name="pipeline", scopes=[Scope.RELEASE_WRITE],
        expiry=portal_now() + timedelta(days=7), systems=[scene.system],
    )  # fmt: skip
    end_assignment(actor=scene["governor"], assignment=held)
    return minted.text


def post(token: str, path: str, body: dict[str, Any]) -> Any:
    """One call of the machine."""
    return Client().post(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def describe(scene: Scene, token: str) -> int:
    """A release the machine described."""
    answer = post(token, f"systems/{scene.system.slug}/releases/", {"version": "9", "artifacts": [ARTIFACT]})
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def test_who_minted_the_token_contributed_to_what_it_described(scene: Scene, machine: str) -> None:
    key = describe(scene, machine)
    assert post(machine, f"releases/{key}/submit/", {}).status_code == 200
    review = review_of(Submission.objects.get(release_id=key), Role.VALIDATOR)
    with pytest.raises(Forbidden) as refusal:
        sign(scene["validator"], review)
    assert {reason.code for reason in refusal.value.reasons} == {"sod.submitter", "sod.contributor"}
    assert not SignOff.objects.exists()
    sign(scene["validator2"], review)


def test_a_token_reaches_no_signature(scene: Scene, machine: str) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    page = Client().post(
        f"/reviews/{review.pk}/sign-off/",
        {"decision": "approve", "digest": review.submission.digest, "password": "x"},
        headers={"Authorization": f"Bearer {machine}"},
    )
    assert page.status_code == 302
    assert page["Location"].startswith("/accounts/login/")
    assert post(machine, f"reviews/{review.pk}/sign-off/", {"decision": "approve"}).status_code == 404
    assert not SignOff.objects.exists()
