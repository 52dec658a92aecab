"""Webhooks: added, given a new secret, ended; deliveries tried again; how a person wants to be told."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from governance.access.models import User
from governance.access.rights import require
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.notify import handoffs, outgoing, webhooks
from governance.notify.models import Delivery, Endpoint, Preference
from governance.notify.topics import Topic

STATE = Delivery.State


@dataclass(frozen=True)
class Told:
    """An endpoint with the secret of its signatures: shown once, kept nowhere."""

    endpoint: Endpoint
    secret: str = field(repr=False)


def create_endpoint(
    *,
    actor: User,
    name: str,
    url: str,
    form: str = "json",
    topics: Sequence[str] = (),
    credential: str = "",
    template: object = None,
    answer_key: str = "",
    answer_link: str = "",
    door: Door = Door.WEB,
) -> Told:
    """Have the portal tell another system of these topics (none: all). Raises InvalidInput, Forbidden.

    A hand-off takes a `credential`: PagerDuty its routing key, a ticket tool and a wiki what stands in Authorization. A
    ticket takes a `template`, and may say where the answer names the ticket and how its address is made of the key.
    """
    with acting(actor, door=door, verb="webhook.create"):
        require(actor, Permission.WEBHOOK_CHANGE)
        checks = Checks()
        name = checks.text("name", name, limit=120, required=True)
        form = checks.choice("form", form, Endpoint.Form.values)
        kept = _topics(checks, "topics", topics)
        host = _host(checks, url.replace("{id}", "1") if form == Endpoint.Form.WIKI else url)
        handed = _handed_over(checks, form, kept, credential, template, answer_key, answer_link)
        checks.done()
        now = portal_now()
        endpoint = Endpoint.objects.create(
            **{"topics": kept, **handed}, name=name, host=host, url=url.strip(), form=form, created_at=now,
            created_by=actor, secret_renewed_at=now,
        )  # fmt: skip
        return Told(endpoint, webhooks.secret(endpoint))


def renew_secret(*, actor: User, endpoint: Endpoint, door: Door = Door.WEB) -> Told:
    """Sign with a new secret from now on. Raises Forbidden, Conflict `state` for an ended one."""
    with acting(actor, door=door, verb="webhook.renew_secret"):
        locked = _locked(actor, endpoint)
        locked.seed, locked.secret_renewed_at = uuid.uuid4(), portal_now()
        locked.save(update_fields=["seed", "secret_renewed_at"])
        return Told(locked, webhooks.secret(locked))


def end_endpoint(*, actor: User, endpoint: Endpoint, door: Door = Door.WEB) -> Endpoint:
    """Send nothing there any more. Raises Forbidden, Conflict `state` for an ended one."""
    with acting(actor, door=door, verb="webhook.end"):
        locked = _locked(actor, endpoint)
        locked.ended_at = portal_now()
        locked.save(update_fields=["ended_at"])
        return locked


def try_again(*, actor: User, delivery: Delivery, door: Door = Door.WEB) -> Delivery:
    """Have a delivery that was given up sent after all. Raises Forbidden, Conflict `state` for any other."""
    with acting(actor, door=door, verb="webhook.try_again"):
        require(actor, Permission.WEBHOOK_CHANGE)
        locked = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
        if locked.state != STATE.GIVEN_UP:
            raise Conflict(Reason("state", "Only what was given up is tried again."))
        locked.state, locked.attempts, locked.not_before, locked.settled_at = STATE.WAITING, 0, portal_now(), None
        locked.save(update_fields=["state", "attempts", "not_before", "settled_at"])
        return locked


def choose(*, actor: User, values: Mapping[str, Any], door: Door = Door.WEB) -> Preference:
    """Keep how the person wants to be told. Raises InvalidInput."""
    with acting(actor, door=door, verb="person.change"):
        checks = Checks()
        kept = {
            "rhythm": checks.choice("rhythm", values["rhythm"], Preference.Rhythm.values),
            "digest_hour": _hour(checks, "digest_hour", values["digest_hour"], optional=False),
            "quiet_from": _hour(checks, "quiet_from", values["quiet_from"]),
            "quiet_until": _hour(checks, "quiet_until", values["quiet_until"]),
            "zone": checks.choice("zone", values["zone"], available_timezones() | {"UTC"}),
            "muted": _topics(checks, "muted", values["muted"]),
        }
        if (kept["quiet_from"] is None) != (kept["quiet_until"] is None):
            checks.refuse("quiet_until", "Quiet hours need a beginning and an end.")
        checks.done()
        preference, _ = Preference.objects.update_or_create(person=actor, defaults=kept)
        return preference


def end_topic(*, person: User, topic: Topic, door: Door = Door.WEB) -> None:
    """Tell this person no more of a topic."""
    with acting(person, door=door, verb="person.change"):
        Preference.objects.get_or_create(person=person)
        preference = Preference.objects.select_for_update().get(pk=person.pk)
        preference.muted = sorted({*preference.muted, topic.value})
        preference.save(update_fields=["muted"])


def renew_calendar(*, actor: User, door: Door = Door.WEB) -> Preference:
    """Give the person's calendar a new address; every earlier one leads nowhere from now on."""
    return _calendar(actor, uuid.uuid4(), door)


def end_calendar(*, actor: User, door: Door = Door.WEB) -> Preference:
    """Let no address lead to the person's calendar any more."""
    return _calendar(actor, None, door)


def _calendar(actor: User, seed: uuid.UUID | None, door: Door) -> Preference:
    with acting(actor, door=door, verb="person.change"):
        preference, _ = Preference.objects.update_or_create(person=actor, defaults={"calendar": seed})
        return preference


def _locked(actor: User, endpoint: Endpoint) -> Endpoint:
    require(actor, Permission.WEBHOOK_CHANGE)
    locked = Endpoint.objects.select_for_update(of=("self",)).get(pk=endpoint.pk)
    if locked.ended_at is not None:
        raise Conflict(Reason("state", "This webhook was ended."))
    return locked


def _host(checks: Checks, url: str) -> str:
    """Where it leads, judged as at each delivery; a name nobody knows yet may still come to be known."""
    try:
        parts = outgoing.check(url.strip())
        with suppress(outgoing.Unreachable):
            outgoing.judged(parts)
    except outgoing.Refused as refused:
        checks.refuse("url", str(refused))
        return ""
    return parts.netloc.lower()[:260]


def _handed_over(
    checks: Checks, form: str, topics: list[str], credential: str, template: object, answer_key: str, answer_link: str
) -> dict[str, Any]:
    """What a hand-off needs besides a webhook, and nothing of it anywhere else."""
    forms = Endpoint.Form
    given = {"credential": credential, "template": template, "answer_key": answer_key, "answer_link": answer_link}
    wanted = {
        forms.PAGERDUTY.value: {"credential"}, forms.WIKI.value: {"credential"}, forms.TICKET.value: set(given),
    }.get(form, set())  # fmt: skip
    for name in given.keys() - wanted:
        if given[name]:
            checks.refuse(name, "Is not for this form.")
    only = handoffs.topics_of(form)
    if only is not None and not set(topics) <= only:
        checks.refuse("topics", f"This form knows only: {', '.join(sorted(only))}.")
    values: dict[str, Any] = {}
    if "credential" in wanted:
        values["credential"] = checks.text("credential", credential, limit=500, required=form == forms.PAGERDUTY)
        if not values["credential"].isascii():
            checks.refuse("credential", "Is made of visible ASCII characters.")
    if only is not None:
        values["topics"] = topics or sorted(only)
    if form == forms.TICKET:
        values["topics"] = topics or [Topic.INCIDENT_REPORTED.value]
        values["template"] = handoffs.check_template(checks, template)
        values["answer_key"] = checks.text("answer_key", answer_key, limit=100)
        values["answer_link"] = checks.text("answer_link", answer_link, limit=1000)
        _check_link(checks, values["answer_key"], values["answer_link"])
    return values


def _check_link(checks: Checks, key: str, link: str) -> None:
    if bool(key) != bool(link):
        checks.refuse("answer_key", "Say both where the answer names the ticket and how its address is made, or none.")
    if not link:
        return
    try:
        parts = outgoing.check(link.replace("{key}", "1"))
    except outgoing.Refused as refused:
        checks.refuse("answer_link", str(refused))
    else:
        if parts.scheme != "https" or "{key}" not in link or "{key}" in urlsplit(link).netloc:
            checks.refuse("answer_link", "Begins with https:// and names {key} after the host.")


def _topics(checks: Checks, name: str, topics: Collection[str]) -> list[str]:
    return sorted({checks.choice(name, topic, list(Topic)) for topic in topics})


def _hour(checks: Checks, name: str, value: int | None, *, optional: bool = True) -> int | None:
    if value is None and optional:
        return None
    if not isinstance(value, int) or not 0 <= value <= 23:
        checks.refuse(name, "Must be an hour from 0 to 23.")
    return value
