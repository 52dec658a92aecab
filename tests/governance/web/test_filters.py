"""Lists take the filters they declare, each once, with values they know; anything else is refused by name."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from governance.web.templatetags.portal import numbered
from tests.inventory.scene import Scene


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/units/?x=1", "x"),
        ("/tokens/?order=name", "order"),
        ("/imports/?state=all", "state"),
        ("/systems/?owner__password=a", "owner__password"),
        ("/systems/?phase=pilot&amp;x", "amp;x"),
        ("/systems/?phase=pilot&phase=planned", "phase"),
        ("/systems/?phase=nonsense", "phase"),
        ("/systems/?unit=nowhere", "unit"),
        ("/systems/?order=-owner", "order"),
        ("/systems/export/?phase=nonsense", "phase"),
        ("/reviews/?role=king", "role"),
        ("/reviews/?state=open&state=void", "state"),
        ("/incidents/?severity=purple", "severity"),
        ("/ledger/?verb=nonsense", "verb"),
        ("/ledger/?door=q", "door"),
    ],
)
def test_what_a_list_does_not_know_is_refused_by_name(scene: Scene, client: Client, address: str, named: str) -> None:
    client.force_login(scene.governor)
    answer = client.get(address)
    assert answer.status_code == 400
    assert f"{named}:" in answer.content.decode()


@pytest.mark.parametrize("address", ["/units/", "/tokens/", "/imports/", "/systems/?phase=pilot&order=name"])
def test_what_it_knows_it_answers(scene: Scene, client: Client, address: str) -> None:
    client.force_login(scene.governor)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/findings/", "/waivers/", "/reviews/", "/changes/", "/incidents/", "/ledger/"])
def test_every_filter_is_drawn_as_a_control_of_its_kind(scene: Scene, client: Client, address: str) -> None:
    client.force_login(scene.governor)
    page = client.get(address).content.decode()
    bare = [tag for tag in re.findall(r"<select[^>]*>", page) if "form-select" not in tag]
    assert bare == []


@pytest.mark.parametrize(
    ("noun", "count", "words"),
    [("pieces of work", "1", "piece of work"), ("legacy approvals", "1", "legacy approval"), ("risks", "2", "risks"),
     ("risks", "0", "risks"), ("risks", "more than 1000", "risks")],
)  # fmt: skip
def test_what_is_counted_agrees_with_its_number(noun: str, count: str, words: str) -> None:
    assert numbered(noun, count) == words
