"""A guided registration: nothing typed is lost, back works, the tier is explained, and one press registers it."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.ledger.models import Event
from inventory.guided import STEPS
from inventory.models import RegistrationDraft, System
from tests.inventory.scene import ANSWERS, Scene, adopt_baseline

pytestmark = pytest.mark.django_db
START = "/systems/new/guided/"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person, BACKEND)  # type: ignore[arg-type]
    return client


def typed(scene: Scene) -> dict[str, dict[str, str]]:
    """What a careful person types on each step."""
    return {
        "context": {"name": "Churn", "unit": str(scene.cards.pk), "phase": "planned", "purpose": "Keeps customers."},
        "objectives": {"objectives": "Five in a hundred fewer leave.", "objectives_review_on": "2027-01-31"},
        "stakeholders": {"stakeholders": "Sales and the works council agreed on 3 May."},
        "use": {"intended_use": "Letters.", "out_of_scope_use": "Prices."},
        "people": {"affected_groups": "Customers", "human_oversight": "A clerk reads each letter."},
        "data": {"personal_data": "yes", "demographic_variables": "None."},
        "origin": {"origin": "vendor", "vendor": "Northlight"},
        "regimes": {
            "impact": "neither", "own_role": "deployer", "own_role_reason": "We only use it.",
            "regime-eu-ai-act-high-risk": "out", "because-eu-ai-act-high-risk": "No listed use.",
        },
        "responsibilities": {"function-data-science": "Team A", "function-security": "Team B"},
        "tier": {f"answer-{question}": answer for question, answer in ANSWERS.items()},
    }  # fmt: skip


def test_the_steps_end_in_a_registered_system_with_its_tier_explained(scene: Scene) -> None:
    adopt_baseline()
    client = signed_in(scene.governor)
    where = START
    assert client.get(where).status_code == 200
    for step in STEPS:
        answer = client.post(where, {**typed(scene)[step.key], "go": "next"})
        assert answer.status_code == 302, answer.content.decode()[:3000]
        where = answer.headers["Location"]
        assert client.get(where).status_code == 200
    page = client.get(where).content.decode()
    assert "(your answers)" in page
    assert "The matrix decided" in page
    assert not System.objects.filter(name="Churn").exists()
    assert client.post(where).status_code == 302
    system = System.objects.get(name="Churn")
    assert (system.tier, system.stakeholders[:5], system.origin) == ("medium", "Sales", "vendor")
    assert system.responsibilities == {"Data science": "Team A", "Security": "Team B"}
    assert system.regimes == [{"regime": "eu-ai-act-high-risk", "scope": "out", "reason": "No listed use."}]
    assert not RegistrationDraft.objects.exists()
    assert Event.objects.filter(verb="system.create", key=str(system.pk)).exists()
    assert client.post(where).status_code == 404


def test_what_is_wrong_is_said_and_still_kept_and_back_takes_it_along(scene: Scene) -> None:
    adopt_baseline()
    client = signed_in(scene.governor)
    first = client.post(START, {**typed(scene)["context"], "go": "next"}).headers["Location"]
    wrong = client.post(first, {"objectives": "Fewer leave.", "objectives_review_on": "soon", "go": "next"})
    assert wrong.status_code == 400
    back = client.post(first, {"objectives": "Fewer leave.", "objectives_review_on": "soon", "go": "back"})
    assert back.headers["Location"].endswith("/context/")
    assert 'value="Churn"' in client.get(back.headers["Location"]).content.decode()
    assert "Fewer leave." in client.get(first).content.decode()


def test_nothing_is_chosen_beforehand_and_what_is_left_open_is_not_stated(scene: Scene) -> None:
    adopt_baseline()
    client = signed_in(scene.governor)
    first = client.post(START, {"name": "Churn", "unit": str(scene.cards.pk), "go": "next"}).headers["Location"]
    page = client.get(first.replace("/objectives/", "/regimes/")).content.decode()
    assert page.count("selected") == page.count('value="not_stated" selected') > 0
    assert client.post(first.replace("objectives/", "")).status_code == 302
    system = System.objects.get(name="Churn")
    assert {system.phase, system.origin, system.own_role, system.personal_data} == {"not_stated"}
    assert system.regimes == []


def test_nobody_else_sees_a_draft_and_who_may_not_register_has_none(scene: Scene) -> None:
    first = signed_in(scene.governor).post(START, {**typed(scene)["context"], "go": "next"}).headers["Location"]
    assert signed_in(scene.operator).get(first).status_code in {403, 404}
    assert signed_in(scene.viewer).get(START).status_code == 403
    assert signed_in(scene.governor).get(first.replace("/objectives/", "/none/")).status_code == 404


def test_without_a_name_or_a_unit_nothing_is_registered(scene: Scene) -> None:
    adopt_baseline()
    client = signed_in(scene.governor)
    client.post(START, {"name": "", "phase": "planned", "purpose": "Half a thought.", "go": "next"})
    draft = RegistrationDraft.objects.get()
    assert draft.typed["purpose"] == "Half a thought."
    refused = client.post(f"{START}{draft.pk}/")
    assert refused.status_code == 400
    assert "Choose the business unit" in refused.content.decode()
    assert client.post(f"{START}{draft.pk}/", {"drop": "yes"}).status_code == 302
    assert not RegistrationDraft.objects.exists()
