"""Similar incidents linked, and whether the risk register had foreseen one."""

from __future__ import annotations

from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden
from incidents.likeness import alike
from incidents.models import Foresight, Incident, SimilarIncident
from incidents.services import (
    link_similar,
    report_incident,
    say_foreseen,
    take_back_foresight,
    take_back_similar,
    write_risk,
)
from inventory.models import PastIncident, Risk
from inventory.services.risks import identify_risk
from tests.governance.access.people import appoint, person, system
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser, text
from tests.incidents.walk import SMALL, reported
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def told(scene: Scene, title: str, description: str = "", where: Any = None) -> Incident:
    """A small incident with words of its own."""
    return report_incident(
        actor=scene["owner"], system=where or scene.system, title=title, description=description, **SMALL
    )


def others_had(*titles: str) -> list[PastIncident]:
    """Past incidents of others."""
    with acting(Command("import_incident_database"), door=Door.COMMAND, verb="past_incident.import"):
        return [
            PastIncident.objects.create(source="aiid", number=number, title=title, changed_at=portal_now())
            for number, title in enumerate(titles)
        ]


def hidden(scene: Scene) -> Incident:
    """An incident of a system its reader may not see."""
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        elsewhere = system("elsewhere", scene.unit)
    stranger = person("stranger")
    appoint(stranger, Role.OWNER, system=elsewhere)
    return report_incident(actor=stranger, system=elsewhere, title="Genuine fuel payments declined", **SMALL)


def test_the_likest_come_first_and_what_shares_no_word_does_not_come(scene: Scene) -> None:
    incident = told(scene, "Genuine fuel payments declined", "Terminals of fuel stations changed their codes.")
    like = told(scene, "Fuel payments declined again", "Codes changed.")
    told(scene, "Chatbot insulted somebody")
    near, _ = others_had("Fuel payments declined by a model", "Robot hit a worker")
    found = alike(scene["owner"], incident)
    assert [row.pk for row in found.ours] == [like.pk]
    assert [row.pk for row in found.others] == [near.pk]
    link_similar(actor=scene["incidents"], incident=incident, other=like, note="Same codes.")
    link_similar(actor=scene["incidents"], incident=incident, past=near, note="Same trade.")
    found = alike(scene["owner"], Incident.objects.get(pk=incident.pk))
    assert (found.ours, found.others) == ((), ())


def test_a_link_names_one_other_incident_once_and_says_what_is_alike(scene: Scene) -> None:
    incident, leader = told(scene, "It drifts"), scene["incidents"]
    other = told(scene, "It drifts too")
    (past,) = others_had("It drifted")
    for wrong in (
        {}, {"other": other, "past": past}, {"other": incident}, {"other": other, "note": " "},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            link_similar(actor=leader, incident=incident, **{"note": "Alike", **wrong})  # type: ignore[arg-type]
    link = link_similar(actor=leader, incident=incident, other=other, note="Alike")
    with pytest.raises(Conflict, match="already"):
        link_similar(actor=leader, incident=incident, other=other, note="Alike")
    take_back_similar(actor=leader, similar=link)
    with pytest.raises(Conflict, match="before"):
        take_back_similar(actor=leader, similar=link)
    link_similar(actor=leader, incident=incident, other=other, note="Alike after all")
    with pytest.raises(Forbidden):
        link_similar(actor=scene["owner"], incident=incident, past=past, note="Alike")


def test_nobody_is_told_of_an_incident_they_may_not_see(scene: Scene) -> None:
    incident = told(scene, "Genuine fuel payments declined")
    secret = hidden(scene)
    reader = person("narrow")
    appoint(reader, Role.INCIDENT_MANAGER, system=scene.system)
    assert alike(reader, incident).ours == ()
    with pytest.raises(InvalidInput, match="may see"):
        link_similar(actor=reader, incident=incident, other=secret, note="Alike")
    wide = Caller(scene["incidents"])
    for number in (secret.pk, 999_999):
        problem(Caller(reader).post(f"incidents/{incident.pk}/similar/", {"other": number, "note": "Alike"}), 400)
    good(wide.post(f"incidents/{incident.pk}/similar/", {"other": secret.pk, "note": "Alike"}), 201)
    assert len(good(wide.get(f"incidents/{incident.pk}/"))["similar"]) == 1
    assert good(Caller(reader).get(f"incidents/{incident.pk}/"))["similar"] == []
    address = f"/incidents/{incident.pk}/analysis/"
    assert str(secret) in text(scene["incidents"], address)
    assert str(secret) not in text(reader, address)
    assert str(secret) not in browser(reader).get(f"{address}similar/new/?which=incident:{secret.pk}").content.decode()


def test_an_incident_is_foreseen_by_risks_or_by_none_not_both(scene: Scene) -> None:
    incident, leader = reported(scene), scene["incidents"]
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="finance")
    foreseen = say_foreseen(actor=leader, incident=incident, risk=risk)
    with pytest.raises(Conflict, match="already"):
        say_foreseen(actor=leader, incident=incident, risk=risk)
    with pytest.raises(Conflict, match="take one back"):
        say_foreseen(actor=leader, incident=incident, risk=None, note="Nobody thought of it.")
    take_back_foresight(actor=leader, foresight=foreseen)
    say_foreseen(actor=leader, incident=incident, risk=None, note="Nobody thought of it.")
    with pytest.raises(Conflict, match="take one back"):
        say_foreseen(actor=leader, incident=incident, risk=risk)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        foreign = system("elsewhere", scene.unit)
        stranger = Risk.objects.create(
            system=foreign, title="Other", area="finance", created_by=scene["owner"], created_at=portal_now(),
            updated_at=portal_now(),
        )  # fmt: skip
    with pytest.raises(InvalidInput, match="of this system"):
        say_foreseen(actor=leader, incident=reported(scene), risk=stranger)


def test_what_nobody_foresaw_becomes_a_risk_written_by_who_keeps_the_register(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(Conflict, match="First somebody says"):
        write_risk(actor=scene["owner"], incident=incident, title="Codes change", area="finance")
    say_foreseen(actor=scene["incidents"], incident=incident, risk=None, note="New to us.")
    with pytest.raises(Forbidden):
        write_risk(actor=scene["incidents"], incident=incident, title="Codes change", area="finance")
    address = f"/incidents/{incident.pk}/analysis/"
    assert f"{address}risk/new/" in text(scene["owner"], address)
    assert f"{address}risk/new/" not in text(scene["incidents"], address)
    form = text(scene["owner"], f"{address}risk/new/")
    assert incident.title in form
    answer = browser(scene["owner"]).post(f"{address}risk/new/", {"title": "Codes change", "area": "finance"})
    assert answer.status_code == 302
    risk = Foresight.objects.get().risk
    assert (risk, risk and risk.title) == (Risk.objects.latest("id"), "Codes change")
    with pytest.raises(Conflict, match="already"):
        write_risk(actor=scene["owner"], incident=incident, title="Codes change", area="finance")


def test_the_page_links_and_takes_back(scene: Scene) -> None:
    incident, other = told(scene, "Fuel payments declined"), told(scene, "Fuel payments declined again")
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="finance")
    address = f"/incidents/{incident.pk}/analysis/"
    leader = browser(scene["incidents"])
    assert f"which=incident:{other.pk}" in text(scene["incidents"], address)
    posted = {"which": f"incident:{other.pk}", "note": "Same codes."}
    assert leader.post(f"{address}similar/new/", posted).status_code == 302
    assert leader.post(f"{address}similar/new/", {**posted, "which": "past:9"}).status_code == 400
    assert leader.post(f"{address}foreseen/new/", {"risk": risk.pk}).status_code == 302
    shown = text(scene["owner"], address)
    assert "Same codes." in shown
    assert "Foreseen" in shown
    link, said = SimilarIncident.objects.get(), Foresight.objects.get()
    for part, key in (("similar", link.pk), ("foreseen", said.pk)):
        assert browser(scene["owner"]).post(f"{address}{part}/{key}/take-back/").status_code == 403
        assert leader.post(f"{address}{part}/{key}/take-back/").status_code == 302


def test_the_same_over_rest_and_counted_over_all(scene: Scene) -> None:
    incident, other = reported(scene), reported(scene)
    caller = Caller(scene["incidents"])
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="finance")
    said = good(caller.post(f"incidents/{incident.pk}/foresights/", {"risk": risk.pk}), 201)["foresights"]
    good(caller.post(f"incidents/{other.pk}/foresights/", {"risk": None, "note": "New."}), 201)
    problem(caller.post(f"incidents/{other.pk}/foresights/", {"risk": 999_999}), 400)
    problem(caller.post(f"incidents/{other.pk}/foresights/", {}), 400)

    def counted() -> list[Any]:
        tables = {table["key"]: table for table in good(caller.get("incident-trends/"))["tables"]}
        return [row[1] for row in tables["foresight"]["rows"]]

    assert counted() == [1, 0, 1, 0]
    owner = Caller(scene["owner"])
    good(owner.post(f"incidents/{other.pk}/risk/", {"title": "Codes change", "area": "finance"}))
    assert counted() == [1, 1, 0, 0]
    good(caller.post(f"incidents/{incident.pk}/foresights/{said[0]['id']}/take-back/"))
    assert counted() == [0, 1, 0, 1]
