"""Amazon SNS: only signed messages of known topics count, and CloudWatch alarms begin and end."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from governance.access.vocabulary import Scope
from governance.notify import outgoing
from governance.notify.outgoing import Answer
from incidents.alerts import sns
from incidents.models import Alert
from tests.governance.validation.scene import Scene
from tests.incidents.test_measurements import machine
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
HOST = "https://sns.eu-west-1.amazonaws.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate() -> bytes:
    """Of a key of ours, as SNS would show one."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(
        name, name, KEY.public_key(), 7, begun, begun + timedelta(days=3650)
    ).sign(KEY, hashes.SHA256())  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[list[str]]:
    """The addresses the portal fetched, each answered as SNS would."""
    addresses: list[str] = []

    def send(method: str, url: str, **more: Any) -> Answer:
        addresses.append(f"{method} {url}")
        return Answer(200, certificate() if url.endswith(".pem") else b"<ConfirmSubscriptionResponse/>")

    settings.SNS_TOPICS = [TOPIC]
    monkeypatch.setattr(outgoing, "send", send)
    sns._key.cache_clear()
    yield addresses
    sns._key.cache_clear()


def message(text: Any, version: str = "2", **more: Any) -> dict[str, Any]:
    """A signed message."""
    body: dict[str, Any] = {
        "Type": "Notification", "MessageId": "m-1", "TopicArn": TOPIC, "Subject": "ALARM: drift",
        "Message": text if isinstance(text, str) else json.dumps(text), "Timestamp": "2026-11-20T10:00:00.000Z",
        "SignatureVersion": version, "SigningCertURL": f"{HOST}/SimpleNotificationService-1.pem", **more,
    }  # fmt: skip
    named = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    if body["Type"] != "Notification":
        del body["Subject"]
    signed = "".join(f"{name}\n{body[name]}\n" for name in named if name in body).encode()
    how = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303  what version 1 is made with
    body["Signature"] = base64.b64encode(KEY.sign(signed, padding.PKCS1v15(), how)).decode()
    return body


def alarm(state: str, at: str) -> dict[str, Any]:
    """What CloudWatch tells."""
    return {
        "AlarmName": "scorer-drift", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:scorer-drift",
        "NewStateValue": state, "NewStateReason": "Threshold crossed.", "StateChangeTime": at,
        "Trigger": {"MetricName": "feature_psi", "Dimensions": [{"name": "EndpointName", "value": "scorer"}]},
    }  # fmt: skip


@pytest.fixture
def topic(scene: Scene) -> Caller:
    """SNS as it calls: JSON named text, the token as a password."""
    caller = machine(scene, Scope.ALERT_WRITE)
    token = caller.sent["Authorization"].removeprefix("Bearer ")
    caller.sent["Authorization"] = "Basic " + base64.b64encode(f"sns:{token}".encode()).decode()
    return caller


def post(caller: Caller, body: dict[str, Any]) -> Any:
    return caller.call("POST", "alerts/sns/", body, content_type="text/plain; charset=UTF-8")


@pytest.mark.parametrize("version", ["1", "2"])
def test_an_alarm_begins_once_and_ends_when_it_is_said_to_be_over(
    scene: Scene, asked: list[str], topic: Caller, version: str
) -> None:
    began = message(alarm("ALARM", "2026-11-20T10:00:00.000+0000"), version)
    over = message(alarm("OK", "2026-11-20T11:00:00.000+0000"), version)
    told = good(post(topic, began), 202)
    assert told == {"received": 1, "episodes": 1, "incidents": 0, "unassigned": 0}
    for body in (began, over, over, began):
        assert good(post(topic, body), 202)["episodes"] == 0
    alert = Alert.objects.get()
    assert (alert.system, alert.level, alert.state, alert.source) == (scene.system, "critical", "resolved", "sns")
    assert (alert.starts_at.hour, alert.ends_at and alert.ends_at.hour) == (10, 11)
    later = message(alarm("ALARM", "2026-11-20T12:00:00.000+0000"), version)
    assert good(post(topic, later), 202)["episodes"] == 1
    good(post(topic, over), 202)
    assert Alert.objects.filter(ends_at=None).count() == 1, "a late word about the first closes nothing of the second"
    assert asked == [f"GET {HOST}/SimpleNotificationService-1.pem"]


def test_a_confirmation_is_answered_and_a_message_in_words_is_an_alert(asked: list[str], topic: Caller) -> None:
    confirm = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336"
    body = message("You chose to subscribe.", Type="SubscriptionConfirmation", Token="2336", SubscribeURL=confirm)
    assert good(post(topic, body), 202)["received"] == 0
    assert asked[-1] == f"GET {confirm}"
    assert good(post(topic, message("The disk is full.")), 202)["unassigned"] == 1
    assert Alert.objects.get().name == "ALARM: drift"


@pytest.mark.parametrize(
    ("wrong", "fetched"),
    [
        ({"Message": "Something else."}, 1),
        ({"Signature": "AAAA"}, 1),
        ({"Signature": "?"}, 0),
        ({"SignatureVersion": "3"}, 0),
        ({"Type": "Order"}, 0),
        ({"TopicArn": "arn:aws:sns:eu-west-1:999999999999:theirs"}, 0),
        ({"Timestamp": None}, 1),
        ({"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.example.org/x.pem"}, 0),
        ({"SigningCertURL": "https://example.org/sns.eu-west-1.amazonaws.com/x.pem"}, 0),
        ({"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/x.pem"}, 0),
        ({"SigningCertURL": "https://sns.eu-west-1.amazonaws.com:8443/x.pem"}, 0),
        ({"SigningCertURL": "https://u@sns.eu-west-1.amazonaws.com/x.pem"}, 0),
        ({"SigningCertURL": ["x"]}, 0),
    ],
)
def test_what_no_topic_of_ours_sent_is_refused(
    asked: list[str], topic: Caller, wrong: dict[str, Any], fetched: int
) -> None:
    problem(post(topic, {**message("The disk is full."), **wrong}), 403, "signature")
    assert len(asked) == fetched
    assert not Alert.objects.exists()


def test_a_signature_does_without_no_token_and_nothing_is_fetched_for_a_stranger(
    scene: Scene, asked: list[str], topic: Caller
) -> None:
    body = message("The disk is full.")
    stranger = Caller()
    answer = stranger.call("POST", "alerts/sns/", body, content_type="text/plain")
    problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Basic")
    stranger.sent["Authorization"] = "Basic " + base64.b64encode(b"sns:nothing").decode()
    problem(post(stranger, body), 401)
    problem(post(machine(scene, Scope.MEASUREMENT_WRITE), body), 403, "scope")
    # The password is for this door and the generic one only; the plain text is for this one.
    problem(topic.call("POST", "alerts/grafana/", {"alerts": []}), 401)
    problem(machine(scene, Scope.ALERT_WRITE).call("POST", "alerts/generic/", "{}", content_type="text/plain"), 415)
    assert asked == []
