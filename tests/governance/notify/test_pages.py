"""Pages of notifications: one's own wishes, a link that ends a topic by POST only, webhooks and their secret."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from governance.ledger.models import Event
from governance.notify import mail, webhooks
from governance.notify.models import Delivery, Endpoint, Notice, Preference
from governance.notify.outbox import announce
from governance.notify.services import create_endpoint, end_endpoint
from governance.notify.spreading import spread
from governance.notify.topics import Topic
from tests.inventory.scene import Scene, build
from tests.unchanged import nothing_changed

pytestmark = pytest.mark.django_db
WISHES = {"rhythm": "daily", "digest_hour": "8", "quiet_from": "22", "quiet_until": "6", "zone": "Europe/Berlin"}
HOOK = {
    "name": "Alerts",
    "url": "https://alerts.example.com/hook?key=canary",
    "form": "json",
    "topics": ["hold.placed"],
}


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the webhook stands for a public address, without asking anybody; one other is not known."""
    look_up = socket.getaddrinfo

    def known(host: str, *args: Any, **more: Any) -> Any:
        if host == "unknown.example.com":
            raise socket.gaierror
        return look_up("93.184.216.34" if host == "alerts.example.com" else host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", known)


@pytest.fixture
def scene() -> Scene:
    """Two systems and the people around the first."""
    return build()


def test_a_person_chooses_when_and_of_what_to_be_told(client: Client, scene: Scene) -> None:
    client.force_login(scene.viewer)
    assert client.post("/accounts/notifications/", {**WISHES, "muted": ["hold.placed"]}).status_code == 302
    chosen = Preference.objects.get(person=scene.viewer)
    assert (chosen.rhythm, chosen.digest_hour, chosen.quiet_from, chosen.quiet_until) == ("daily", 8, 22, 6)
    assert (chosen.zone, chosen.muted) == ("Europe/Berlin", ["hold.placed"])
    assertContains(client.get("/accounts/notifications/"), "Europe/Berlin")


@pytest.mark.parametrize(
    "wrong", [{"zone": "Moon/Crater"}, {"quiet_until": ""}, {"digest_hour": "24"}, {"muted": ["x"]}, {"person": "1"}]
)
def test_wishes_that_cannot_be_kept_are_named(client: Client, scene: Scene, wrong: dict[str, object]) -> None:
    client.force_login(scene.viewer)
    assert client.post("/accounts/notifications/", {**WISHES, **wrong}).status_code == 400
    assert not Preference.objects.exists()


def test_following_the_link_of_a_message_changes_nothing_and_its_button_ends_the_topic(scene: Scene) -> None:
    link = mail.unsubscribe_link(scene.viewer, Topic.HOLD_PLACED)
    where = link[link.index("/notifications/") :]
    browser = Client(enforce_csrf_checks=True)
    assertContains(browser.get(where), "A hold was placed")
    assert not Preference.objects.exists()
    assert browser.post(where).status_code == 403
    token = browser.cookies["csrftoken"].value
    assertContains(browser.post(where, {"csrfmiddlewaretoken": token}), "no more messages")
    assert Preference.objects.get(person=scene.viewer).muted == [Topic.HOLD_PLACED]


@pytest.mark.parametrize("change", ["forged", "moved"])
def test_a_link_the_portal_did_not_make_ends_nothing(client: Client, scene: Scene, change: str) -> None:
    link = mail.unsubscribe_link(scene.viewer, Topic.HOLD_PLACED)
    token = link.rstrip("/").rpartition("/")[2]
    other = mail.unsubscribe_link(scene.owner, Topic.HOLD_PLACED).rstrip("/").rpartition("/")[2]
    forged = {"forged": f"{token[:-1]}_", "moved": other.partition(":")[0] + ":" + token.partition(":")[2]}[change]
    assert client.post(f"/notifications/unsubscribe/{forged}/").status_code == 404
    assert not Preference.objects.exists()


def test_a_secret_is_shown_once_and_kept_nowhere(client: Client, scene: Scene) -> None:
    client.force_login(scene.governor)
    answer = client.post("/webhooks/new/", HOOK)
    endpoint = Endpoint.objects.get()
    secret = webhooks.secret(endpoint)
    assertContains(answer, secret)
    assert answer["Cache-Control"] == "no-store"
    page = client.get("/webhooks/")
    assertContains(page, "alerts.example.com")
    assertNotContains(page, secret)
    assertNotContains(page, "canary")
    events = str(list(Event.objects.filter(table_name="notify_endpoint").values_list("before", "after")))
    assert "alerts.example.com" in events
    assert "canary" not in events
    assert str(endpoint.seed) not in events


def test_a_renewed_secret_is_another_and_an_ended_webhook_stays_ended(client: Client, scene: Scene) -> None:
    told = create_endpoint(actor=scene.governor, **HOOK)  # type: ignore[arg-type]
    client.force_login(scene.governor)
    renewed = client.post(f"/webhooks/{told.endpoint.pk}/renew-secret/")
    assertNotContains(renewed, told.secret)
    assertContains(renewed, "whsec_")
    assert client.post(f"/webhooks/{told.endpoint.pk}/end/").status_code == 302
    assert client.post(f"/webhooks/{told.endpoint.pk}/end/").status_code == 409
    assert client.post(f"/webhooks/{told.endpoint.pk}/renew-secret/").status_code == 409


@pytest.mark.parametrize(
    "wrong",
    ["http://me:pw@example.com/", "ftp://example.com/", "nowhere", "https://a.example/#x", "https://169.254.169.254/",
     "https://127.1/", "https://localhost/x", "https://[::1]/", "http://93.184.216.34/", "https://93.184.216.34:22/"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(client: Client, scene: Scene, wrong: str) -> None:
    client.force_login(scene.governor)
    assert client.post("/webhooks/new/", {**HOOK, "url": wrong}).status_code == 400
    assert not Endpoint.objects.exists()


def test_a_name_that_is_not_known_yet_may_be_added(client: Client, scene: Scene) -> None:
    client.force_login(scene.governor)
    assert client.post("/webhooks/new/", {**HOOK, "url": "https://unknown.example.com/"}).status_code == 200
    assert Endpoint.objects.exists()


def test_webhooks_are_the_governance_teams(client: Client, scene: Scene) -> None:
    told = create_endpoint(actor=scene.governor, **HOOK)  # type: ignore[arg-type]
    client.force_login(scene.owner)
    assert client.get("/webhooks/").status_code == 403
    with nothing_changed(denied="forbidden"):
        assert client.post("/webhooks/new/", HOOK).status_code == 403
    for verb in ("renew-secret", "end"):
        with nothing_changed(denied="forbidden"):
            assert client.post(f"/webhooks/{told.endpoint.pk}/{verb}/").status_code == 403


def test_what_was_given_up_is_shown_to_the_governance_team_and_tried_again(client: Client, scene: Scene) -> None:
    announce(Topic.HOLD_PLACED, scene.scorer, title="It stopped", href="/systems/scorer/", people=[scene.owner])
    spread()
    Delivery.objects.update(state=Delivery.State.GIVEN_UP, attempts=8, error="Nobody answered.")
    client.force_login(scene.governor)
    assertContains(client.get("/"), "1 message could not be delivered")
    assertContains(client.get("/webhooks/"), "Nobody answered.")
    lost = Delivery.objects.get()
    assert client.post(f"/webhooks/deliveries/{lost.pk}/try-again/").status_code == 302
    assert client.post(f"/webhooks/deliveries/{lost.pk}/try-again/").status_code == 409
    lost.refresh_from_db()
    assert (lost.state, lost.attempts) == (Delivery.State.WAITING, 0)
    assert Notice.objects.count() == 1


def test_an_ended_webhook_is_told_nothing(scene: Scene) -> None:
    told = create_endpoint(actor=scene.governor, **HOOK)  # type: ignore[arg-type]
    end_endpoint(actor=scene.governor, endpoint=told.endpoint)
    announce(Topic.HOLD_PLACED, scene.scorer, title="It stopped", href="/systems/scorer/")
    spread()
    assert not Delivery.objects.exists()
