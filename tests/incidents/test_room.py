"""The incident room: audiences told, promises to be heard of again, one sentence, links."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection
from django.test import Client

from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden
from governance.notify.models import Notice
from governance.notify.sending import work
from governance.web import slots
from governance.web.slots import Group
from incidents import queries
from incidents.models import Alert, IncidentLink, IncidentUpdate
from incidents.services import add_link, dismiss_incident, say_status, send_update
from incidents.services.room import watch_updates
from tests.clocks import Clock
from tests.governance.validation.scene import Scene
from tests.incidents.walk import in_state, reported
from tests.rest import Caller, good

HOUR = timedelta(hours=1)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def update(scene: Scene, **given: object) -> IncidentUpdate:
    values = {"incident": None, "audience": "executives", "text": "The vendor mends it.", **given}
    values["incident"] = values["incident"] or reported(scene)
    return send_update(actor=scene["incidents"], **values)  # type: ignore[arg-type]


def test_an_update_is_mailed_to_the_people_and_to_the_holders_of_roles_it_names(scene: Scene) -> None:
    sent = update(scene, people=[scene["viewer"]], roles=["owner", "incident_manager"])
    told = {one.person.username for one in sent.recipients.select_related("person")}
    assert told == {"viewer", "owner", "incidents"}
    mail.outbox.clear()
    work()
    heard = [message for message in mail.outbox if "The vendor mends it." in message.body]
    assert sorted(address for message in heard for address in message.to) == ["owner@example.com", "viewer@example.com"]


def test_an_update_names_nobody_who_may_not_see_the_system(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as refused:
        update(scene, people=[scene["outsider"]], audience="everybody", text=" ", roles=["king"])
    assert set(refused.value.errors) == {"people", "audience", "text", "roles"}


def test_only_who_runs_incidents_speaks_for_one(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(Forbidden):
        send_update(actor=scene["owner"], incident=incident, audience="team", text="All is well.")
    with pytest.raises(Forbidden):
        say_status(actor=scene["owner"], incident=incident, sentence="All is well.")


def test_nobody_is_told_anything_new_about_an_incident_that_is_over(scene: Scene) -> None:
    with pytest.raises(Conflict):
        update(scene, incident=in_state(scene, "closed"))


def test_words_for_people_outside_have_a_topic_of_their_own(scene: Scene) -> None:
    incident = reported(scene)
    update(scene, incident=incident, audience="team")
    update(scene, incident=incident, audience="affected_users")
    topics = Notice.objects.filter(topic__startswith="incident.update").order_by("id").values_list("topic", flat=True)
    assert list(topics) == ["incident.update", "incident.update_outside"]


def test_what_somebody_was_told_is_never_changed(scene: Scene) -> None:
    sent = update(scene, people=[scene["viewer"]])
    with pytest.raises(IntegrityError, match="stays as it was told"), connection.cursor() as cursor:
        cursor.execute("UPDATE incidents_incidentupdate SET text = 'Other' WHERE id = %s", [sent.pk])


def test_an_audience_that_was_promised_word_and_got_none_raises_one_alarm_until_it_hears(
    scene: Scene, clock: Clock
) -> None:
    incident = reported(scene)
    update(scene, incident=incident, next_due=portal_now() + HOUR)
    update(scene, incident=incident, audience="team", next_due=portal_now() + 9 * HOUR)
    (due, *_) = [item for item in slots.work(scene["incidents"], Group.DUE) if item.action == "Send an update"]
    assert due.title == "Executives hear again"
    assert watch_updates() == 0
    clock.move(2 * HOUR)
    assert (watch_updates(), watch_updates()) == (1, 0)
    alert = Alert.objects.get(fingerprint__startswith="update:")
    assert (alert.incident, alert.ends_at, alert.waits) == (incident, None, False)
    assert Notice.objects.filter(topic="alert.raised", about_id=alert.pk).count() == 1
    update(scene, incident=incident)
    alert.refresh_from_db()
    assert alert.ends_at is not None
    assert watch_updates() == 0


def test_a_promise_ends_with_the_incident_and_lies_ahead(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(InvalidInput):
        update(scene, incident=incident, next_due=portal_now() - HOUR)
    update(scene, incident=incident, next_due=portal_now() + HOUR)
    assert queries.updates_due().count() == 1
    dismiss_incident(actor=scene["incidents"], incident=incident, reason="Nothing went wrong.")
    assert queries.updates_due().count() == 0


def test_one_promise_that_cannot_be_judged_leaves_the_others_judged(
    scene: Scene, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = reported(scene)
    first = update(scene, incident=incident, next_due=portal_now() + HOUR)
    update(scene, incident=incident, audience="team", next_due=portal_now() + HOUR)
    clock.move(2 * HOUR)
    whole = "incidents.services.room._overdue"
    real = watch_updates.__globals__["_overdue"]

    def poisoned(key: int) -> bool:
        if key == first.pk:
            raise ValueError("poisoned")
        return bool(real(key))

    monkeypatch.setattr(whole, poisoned)
    assert watch_updates() == 1
    assert Alert.objects.filter(fingerprint=f"watch_updates:update {first.pk}").exists()


def test_one_sentence_says_where_it_stands_on_lists_and_dashboards(scene: Scene, client: Client) -> None:
    incident = reported(scene)
    say_status(actor=scene["incidents"], incident=incident, sentence="Declines are back to normal.")
    client.force_login(scene["incidents"], backend=BACKEND)
    for address in ("/", "/incidents/", f"/incidents/{incident.pk}/", "/committee/"):
        assert "Declines are back to normal." in client.get(address).content.decode(), address
    client.force_login(scene["outsider"], backend=BACKEND)
    for address in ("/", "/incidents/", "/committee/"):
        assert "Declines are back to normal." not in client.get(address).content.decode(), address


@pytest.mark.parametrize(
    "url",
    ["http://logs.example.org/", "javascript:alert(1)", "https://", "https://a:b@logs.example.org/", "https://x y/",
     "//logs.example.org/", "https:/logs", "https://logs.example.org:0/", "https://good.example\\@bad.example/"],
)  # fmt: skip
def test_a_link_is_https_and_shows_where_it_leads(scene: Scene, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_link(actor=scene["owner"], incident=reported(scene), kind="log", title="Log", url=url)
    assert "url" in refused.value.errors


def test_a_link_is_written_down_once(scene: Scene) -> None:
    link: dict[str, Any] = {
        "incident": reported(scene),
        "kind": "log",
        "title": "Log",
        "url": "https://logs.example.org/",
    }
    add_link(actor=scene["owner"], **link)
    with pytest.raises(Conflict, match="already"):
        add_link(actor=scene["owner"], **link)
    assert IncidentLink.objects.count() == 1


def test_the_room_is_led_over_rest_and_on_pages_alike(scene: Scene, client: Client) -> None:
    incident = reported(scene)
    api = Caller(scene["incidents"])
    base = f"incidents/{incident.pk}/"
    told = {"audience": "team", "text": "We look.", "people": ["viewer"], "roles": ["developer"]}
    whole = good(api.post(f"{base}updates/", told), 201)
    assert {one["person"]["username"] for one in whole["updates"][0]["recipients"]} == {"viewer", "developer"}
    whole = good(api.post(f"{base}status/", {"sentence": "We look."}))
    assert whole["status"]["sentence"] == "We look."
    link = {"kind": "trace", "title": "Trace 7", "url": "https://traces.example.org/7"}
    assert good(api.post(f"{base}links/", link), 201)["links"][0]["kind"] == "trace"
    assert api.post(f"{base}updates/", {**told, "people": ["nobody"]}).status_code == 400
    client.force_login(scene["incidents"], backend=BACKEND)
    for address, form in (
        ("updates/new/", {"audience": "team", "text": "We <b>know</b>.", "roles": ["owner"]}),
        ("status/", {"sentence": "We know."}),
        ("links/new/", {"kind": "log", "title": "<script>", "url": "https://logs.example.org/?a=\"'"}),
    ):
        assert client.post(f"/incidents/{incident.pk}/{address}", form).status_code == 302, address
    page = client.get(f"/incidents/{incident.pk}/").content.decode()
    assert 'id="live-room"' in page
    assert "We know." in page
    assert "&lt;script&gt;" in page
    assert 'href="https://logs.example.org/?a=&quot;&#x27;"' in page
