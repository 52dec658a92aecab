"""Amazon SNS: messages signed by the topic's service, among them CloudWatch alarms and the confirmation of a topic.

The certificate a message names is fetched only from a host of SNS itself, and only for topics the portal was told of;
then the signature over the named fields must be of its key. CloudWatch does not repeat when an alarm began in the
message that it is over: that message ends the newest episode of the alarm.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings

from governance.notify import outgoing
from incidents.alerts import generic, heard
from incidents.alerts.heard import Heard

CONFIRMATION, NOTIFICATION, END = "SubscriptionConfirmation", "Notification", "UnsubscribeConfirmation"
# What is signed, in this order; a field that is not there is left out.
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    END: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HOST = re.compile(r"sns\.[a-z]{2}(-[a-z]{2,10}){1,3}-[0-9]{1,2}\.amazonaws\.com(\.cn)?")
# Version 1 of the signature is what a topic uses unless it is told otherwise.
_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303
# Dimensions of a metric that may name the system, under the words other tools use.
_DIMENSIONS = {"EndpointName": "endpoint_name", "Endpoint": "endpoint", "ModelName": "model_name", "Service": "service"}


class Untrusted(Exception):  # noqa: N818  an answer, not an error
    """The message is not what a topic of ours sent; the sentence says why."""


def verify(body: Mapping[str, Any]) -> None:
    """See that the message is of a topic the portal listens to. Raises Untrusted, outgoing.Unreachable."""
    kind = body.get("Type")
    if not isinstance(kind, str) or kind not in _SIGNED:
        raise Untrusted("This is no message of SNS.")
    if body.get("TopicArn") not in settings.SNS_TOPICS:
        raise Untrusted("The portal does not listen to this topic.")
    algorithm = _HASHES.get(str(body.get("SignatureVersion")))
    if algorithm is None:
        raise Untrusted("The signature is of a version nobody here knows.")
    try:
        signature = base64.b64decode(str(body.get("Signature")), validate=True)
    except (binascii.Error, ValueError):
        raise Untrusted("The signature cannot be read.") from None
    key = _key(_of_sns(body.get("SigningCertURL"), ".pem"))
    try:
        key.verify(signature, _text(body, kind), padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        raise Untrusted("The signature is not of this message.") from None


def confirm(body: Mapping[str, Any]) -> None:
    """Answer a verified confirmation, so that the topic begins to send. Raises Untrusted, outgoing.Unreachable."""
    answer = outgoing.send("GET", _of_sns(body.get("SubscribeURL"), ""))
    if answer.status != 200:
        raise outgoing.Unreachable(f"SNS answered the confirmation with {answer.status}.")


def read(body: Mapping[str, Any]) -> Iterable[Heard]:
    """What a verified message tells: an alarm of CloudWatch, alerts in the portal's words, or itself.

    Raises InvalidInput.
    """
    if body.get("Type") != NOTIFICATION:
        return []
    text = body.get("Message")
    try:
        told = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        told = None
    if isinstance(told, Mapping) and "AlarmName" in told:
        return _alarm(told)
    if isinstance(told, Mapping) and "alerts" in told:
        return generic.read(told)
    labels = {"topic": str(body.get("TopicArn")).rpartition(":")[2]}
    return [
        Heard(
            fingerprint=heard.required(body.get("MessageId"), "MessageId", 300),
            starts_at=heard.instant(body.get("Timestamp"), "Timestamp"), ends_at=None,
            name=heard.text(body.get("Subject"), heard.NAME) or f"Message of {labels['topic']}"[: heard.NAME],
            summary=heard.text(text, heard.SUMMARY, lines=True), severity="warning", labels=heard.labels(labels),
        )
    ]  # fmt: skip


def _alarm(told: Mapping[str, Any]) -> list[Heard]:
    state = told.get("NewStateValue")
    if state not in ("ALARM", "OK"):  # INSUFFICIENT_DATA says neither that it began nor that it is over
        return []
    at: datetime = heard.instant(told.get("StateChangeTime"), "Message.StateChangeTime")
    trigger = told.get("Trigger")
    found = trigger.get("Dimensions") if isinstance(trigger, Mapping) else None
    dimensions = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    named = {str(one.get("name")): one.get("value") for one in dimensions}
    labels = {_DIMENSIONS.get(name, name): value for name, value in named.items()}
    if isinstance(trigger, Mapping):
        labels["metric"] = trigger.get("MetricName")
    words = (told.get("AlarmDescription"), told.get("NewStateReason"))
    return [
        Heard(
            fingerprint=heard.required(told.get("AlarmArn") or told.get("AlarmName"), "Message.AlarmArn", 300),
            starts_at=at, ends_at=at if state == "OK" else None, closes=state == "OK",
            name=heard.required(told.get("AlarmName"), "Message.AlarmName", 255)[: heard.NAME],
            summary="\n".join(filter(None, (heard.text(one, heard.SUMMARY // 2, lines=True) for one in words))),
            severity="alarm", labels=heard.labels(labels),
        )
    ]  # fmt: skip


def _text(body: Mapping[str, Any], kind: str) -> bytes:
    lines: list[str] = []
    for name in _SIGNED[kind]:
        value = body.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            raise Untrusted(f"{name} is missing.")
        lines += [name, value]
    return ("\n".join(lines) + "\n").encode()


def _of_sns(url: object, ending: str) -> str:
    """An address of SNS itself. Raises Untrusted for any other."""
    try:
        parts = outgoing.check(url if isinstance(url, str) else "")
    except outgoing.Refused as refused:
        raise Untrusted(str(refused)) from refused
    if parts.scheme != "https" or parts.port not in (None, 443) or not _HOST.fullmatch(parts.hostname or ""):
        raise Untrusted("The message names an address that is none of SNS.")
    if not parts.path.endswith(ending):
        raise Untrusted("The message names no certificate.")
    return str(url)


@lru_cache(maxsize=32)
def _key(url: str) -> rsa.RSAPublicKey:
    """The key of the certificate at an address of SNS; each certificate has an address of its own."""
    answer = outgoing.send("GET", url)
    if answer.status != 200:
        raise outgoing.Unreachable(f"The certificate was answered with {answer.status}.")
    try:
        key = x509.load_pem_x509_certificate(answer.body).public_key()
    except ValueError:
        raise Untrusted("The message names no certificate.") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Untrusted("The certificate is of a kind SNS does not use.")
    return key
