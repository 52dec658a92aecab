"""One's own calendar of what falls due, at an address that can be taken back."""

from __future__ import annotations

from datetime import timedelta

import icalendar
import pytest
from django.test import Client

from governance.database.clock import portal_now
from governance.notify import calendars
from governance.notify.models import Preference
from governance.notify.services import end_calendar, renew_calendar
from governance.validation.models import Condition
from incidents.services import add_action, report_incident, send_update, start_clock
from tests.governance.validation.scene import Scene, build

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def scene() -> Scene:
    """Something that falls due for several people."""
    made = build()
    incident = report_incident(
        actor=made["owner"], system=made.system, title="It drifts", type="drift", impact="limited", urgency="stable"
    )
    due = portal_now() + timedelta(days=9)
    for name in ("developer", "owner"):
        add_action(actor=made["incidents"], incident=incident, text=f"Do it, {name}", owner=made[name], due=due)
    start_clock(actor=made["incidents"], incident=incident, clock="gdpr-33")
    send_update(actor=made["incidents"], incident=incident, audience="team", text="We look.", next_due=due)
    return made


def address(scene: Scene, name: str) -> str:
    return f"/notifications/calendar/{calendars.token_of(renew_calendar(actor=scene[name]))}/due.ics"


def told(client: Client, path: str) -> set[str]:
    answer = client.get(path)
    assert answer["Content-Type"].startswith("text/calendar")
    found = icalendar.Calendar.from_ical(answer.content)
    return {str(event["SUMMARY"]) for event in found.walk("VEVENT")}


def test_it_holds_what_falls_due_for_its_reader_and_nothing_else(scene: Scene, client: Client) -> None:
    assert told(client, address(scene, "developer")) == {"Do it: Do it, developer"}
    led = told(client, address(scene, "incidents"))
    assert "Send an update: Team hear again" in led
    assert any(line.startswith("Report it: ") for line in led)
    assert not any("developer" in line for line in led)
    assert told(client, address(scene, "outsider")) == set()
    assert Condition.objects.count() == 0


def test_a_new_address_ends_the_old_one_and_a_closed_account_every_one(scene: Scene, client: Client) -> None:
    old = address(scene, "developer")
    new = address(scene, "developer")
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    assert client.get(new.replace("/due.ics", "x/due.ics")).status_code == 404
    end_calendar(actor=scene["developer"])
    assert client.get(new).status_code == 404
    last = address(scene, "developer")
    person = scene["developer"]
    person.is_active = False
    assert client.get(last).status_code == 200
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(last).status_code == 404


def test_a_person_makes_and_ends_the_address_on_a_page(scene: Scene, client: Client) -> None:
    client.force_login(scene["developer"], backend=BACKEND)
    assert "It has no address yet." in client.get("/accounts/calendar/").content.decode()
    client.post("/accounts/calendar/renew/")
    made = Preference.objects.get(person=scene["developer"])
    assert calendars.token_of(made) in client.get("/accounts/calendar/").content.decode()
    client.post("/accounts/calendar/end/")
    assert "It has no address yet." in client.get("/accounts/calendar/").content.decode()
