"""What every door has in common, tried at every door: no field beside the form, and not a word of what is hidden."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.ledger.acting import Command, Door, acting
from governance.validation.services import place_hold, raise_finding, submit_release
from incidents.services import report_incident
from inventory.services import answer_questionnaire, save_document_revision
from inventory.services.artifacts import ArtifactInput
from inventory.services.releases import create_release
from tests.architecture.doors import CLOSED, LIBRARY, DoorWay, doorways
from tests.architecture.keys import filled
from tests.architecture.test_matrix import existing
from tests.governance.access.people import appoint, person, system, unit
from tests.governance.validation.scene import HIGH, SHA, Scene, build
from tests.papers import write_papers
from tests.unchanged import digest

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CAST = ("governor", "owner", "developer", "validator", "riskofficer", "incidents", "approver")
HIDDEN_FIELDS = ("is_superuser", "state", "created_by", "approved_at")
# What other tools write into these bodies is theirs to extend; what is not read is not kept.
FOREIGN = re.compile(r"/api/v1/alerts/[a-z]+/")
MARK = "zebra"
DIFFERS = re.compile(r'"request_id": ?"[^"]*"|csrfmiddlewaretoken" value="[^"]*"')


def session(who: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(who, backend=BACKEND)
    return client


def ways(*methods: str) -> list[DoorWay]:
    return [way for way in doorways() if way.method in methods and way.declared not in {LIBRARY, CLOSED, "public"}]


def sent(client: Client, way: DoorWay, address: str, field: str) -> Any:
    """One call with a field nobody asked for."""
    if way.route.startswith("/api/"):
        tag = client.get(address).headers.get("ETag", '"x"')
        return client.generic(
            way.method, address, json.dumps({field: "approved"}), content_type="application/json",
            headers={"If-Match": tag} if way.method in {"PATCH", "PUT"} else {},
        )  # fmt: skip
    return client.post(address, {field: "approved"})


def test_no_door_takes_a_field_it_does_not_have() -> None:
    """A hidden field is refused by name, at each door by somebody whom that door lets in; nothing changes."""
    scene = build()
    keys = existing(scene)
    clients = {name: session(scene[name]) for name in CAST}
    before, silent, entered = digest(), [], 0
    for number, way in enumerate(ways("POST", "PUT", "PATCH")):
        begins = max((prefix for prefix in keys if way.route.startswith(prefix)), key=len, default="")
        address = filled(way.route, exists=bool(begins), keys=keys.get(begins, {}))
        field = HIDDEN_FIELDS[number % len(HIDDEN_FIELDS)]
        for client in clients.values():
            answer = sent(client, way, address, field)
            if answer.status_code in {403, 404}:
                continue
            entered += 1
            named = field in answer.content.decode() or FOREIGN.fullmatch(address)
            if answer.status_code != 400 or not named:
                silent.append((way.method, address, field, answer.status_code))
            break
    after = digest()
    assert silent == []
    assert [table for table in before if before[table] != after[table]] == []
    assert entered > 70


def hide(scene: Scene) -> None:
    """A system of other people, with everything that can hang on one; all its texts carry the mark."""
    there = unit(f"{MARK}-unit")
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        hidden = system(f"{MARK}-scorer", there)
    owner, checker = person("hiddenowner"), person("hiddenchecker")
    appoint(owner, Role.OWNER, system=hidden)
    appoint(checker, Role.VALIDATOR, unit=there)
    hidden = answer_questionnaire(actor=owner, system=hidden, answers=HIGH)
    write_papers(hidden, owner)
    line = ArtifactInput(name=f"{MARK}-model", kind="model", version="1", sha256=SHA)
    release = create_release(actor=owner, system=hidden, version=f"{MARK}-1", artifacts=[line])
    submit_release(actor=owner, release=release)
    words: dict[str, Any] = {"title": f"{MARK} title", "text": f"{MARK} text"}
    raise_finding(actor=checker, release=release, severity="high", category="data", **words)
    place_hold(actor=owner, system=hidden, reason=f"{MARK} reason")
    save_document_revision(
        actor=owner, system=hidden, template="model-card", sections={"purpose": f"{MARK} purpose"}, contact=MARK
    )
    report_incident(actor=owner, system=hidden, title=f"{MARK} title", type="drift", impact="limited", urgency="stable")


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{answer.status_code} {body.decode(errors='replace')}".lower()


@pytest.mark.parametrize("name", ["outsider", "owner"])
def test_no_side_door_tells_of_a_hidden_system(name: str) -> None:
    """Lists, forms, exports and OPTIONS say nothing of what this person may not see; who sees everything finds it."""
    scene = build()
    keys = existing(scene)
    hide(scene)
    client, told, tried = session(scene[name]), [], 0
    for route in sorted({way.route for way in ways("GET", "ANY")}):
        begins = max((prefix for prefix in keys if route.startswith(prefix)), key=len, default="")
        address = filled(route, exists=bool(begins), keys=keys.get(begins, {}))
        for method in ("GET", "OPTIONS"):
            tried += 1
            if MARK in text_of(client.generic(method, address)):
                told.append((method, address))
    assert told == []
    assert tried > 200
    everything = session(scene["governor"])
    for address in ("/systems/", "/systems/export/", "/units/", "/incidents/", "/reviews/", "/api/v1/releases/"):
        assert MARK in text_of(everything.get(address)), address


def test_a_search_for_what_is_hidden_answers_like_one_for_what_is_not_there() -> None:
    """No count, no chip and no suggestion differs between a hidden name and one nobody has."""
    scene = build()
    hide(scene)
    for name in ("outsider", "owner"):
        client = session(scene[name])
        for address in (
            "/systems/?q={}", "/systems/?unit={}-unit", "/systems/export/?q={}", "/api/v1/systems/?search={}",
            "/api/v1/systems/?unit={}-unit", "/api/v1/releases/?system={}-scorer", "/api/v1/findings/?system={}-scorer",
            "/api/v1/ledger/?system={}-scorer", "/api/v1/gate/?system={}-scorer&release=1&environment=production",
            "/api/v1/incidents/?system={}-scorer", "/incidents/?q={}", "/ledger/?system={}-scorer",
        ):  # fmt: skip
            there = text_of(client.get(address.format(MARK))).replace(MARK, "?")
            nowhere = text_of(client.get(address.format("yacht"))).replace("yacht", "?")
            assert without_ids(there) == without_ids(nowhere), (name, address)


def without_ids(text: str) -> str:
    return DIFFERS.sub("", text)


def test_the_resolver_has_no_chooser_of_the_admin() -> None:
    names = {str(name) for name in get_resolver("governance.urls").reverse_dict if isinstance(name, str)}
    assert not {name for name in names if "autocomplete" in name}
