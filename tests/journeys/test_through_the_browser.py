"""The main job in a real browser, on a system of the real 2024 federal inventory."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from inventory.models import System
from tests.browser.conftest import Visitor, visitor
from tests.governance.access.people import PASSWORD
from tests.inventory.scene import adopt_baseline
from tests.journeys.cast import ANSWERS, CONTAINER, MODEL, OTHER, gather, question, token_for, told, unmet

__all__ = ["visitor"]
pytestmark = [pytest.mark.browser, pytest.mark.shared, pytest.mark.django_db(transaction=True)]
FILE = "federal-2024/2024_consolidated_ai_inventory_raw_v2.csv"


def ask(address: str, token: str, system: str, *digests: str) -> tuple[int, dict[str, Any]]:
    """The pipeline's question over the wire."""
    call = urllib.request.Request(
        f"{address}/api/v1/gate/",
        json.dumps(question(system, "1.0", *digests)).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(call) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def become(visitor: Visitor, name: str) -> None:
    """Another person sits down."""
    visitor.window.context.clear_cookies()
    visitor.sign_in(name, PASSWORD)


def give_role(visitor: Visitor, system: System, name: str, role: str) -> None:
    """Through the people page of the system."""
    visitor.open(f"/systems/{system.slug}/people/new/")
    visitor.window.select_option("[name=person]", label=name.title())
    visitor.window.select_option("[name=role]", role)
    visitor.window.click("main form button.btn-primary")
    visitor.window.wait_for_url(f"**/systems/{system.slug}/**")


def answer_questions(visitor: Visitor, system: System) -> None:
    """The tier questionnaire, one choice each."""
    visitor.open(f"/systems/{system.slug}/questionnaire/")
    for name, value in ANSWERS.items():
        visitor.window.check(f"input[name='{name}'][value='{value}']")
    visitor.window.click("main form button.btn-primary")
    visitor.window.wait_for_url(f"**/systems/{system.slug}/**")


def describe_release(visitor: Visitor, system: System) -> str:
    """A release of two files; returns where it is shown."""
    visitor.open(f"/systems/{system.slug}/releases/new/")
    window = visitor.window
    window.fill("[name=version]", "1.0")
    for row, (name, kind, digest) in enumerate((("model.onnx", "model", MODEL), ("api", "container", CONTAINER))):
        if not window.locator(f"[name=artifacts-{row}-name]").count():
            window.click("[data-add-row=artifacts]")
        window.fill(f"[name=artifacts-{row}-name]", name)
        window.select_option(f"[name=artifacts-{row}-kind]", kind)
        window.fill(f"[name=artifacts-{row}-sha256]", digest)
    window.click("main form button.btn-primary:not([name])")
    window.wait_for_url("**/releases/*/")
    return str(window.url)


def sign(visitor: Visitor, name: str, *, wrong_first: bool = False) -> None:
    """From My work to the review; read, enter the password, sign."""
    become(visitor, name)
    window = visitor.window
    window.click("main a[href^='/reviews/']")
    for password in (["wrong"] if wrong_first else []) + [PASSWORD]:
        window.check("input[name=decision][value=approve]")
        window.fill("#decision [name=password]", password)
        window.click("#decision button.btn-primary")
        window.wait_for_load_state()
    assert "Signed" in window.inner_text("main")


def test_an_imported_system_is_signed_stage_by_stage_until_the_gate_opens(visitor: Visitor, shared_data: Path) -> None:
    gather()
    adopt_baseline()
    report = told("import_inventory", str(shared_data / FILE), "--mapping", "omb-2024", "--json", "--as", "governance")
    assert (report["rows"], report["created"], report["errors"]) == (2133, 2133, [])
    system = System.objects.filter(phase="production", impact="rights").order_by("pk").first()
    assert system is not None

    become(visitor, "governance")
    visitor.open("/systems/?q=" + urllib.parse.quote(system.name[:60]))
    assert system.name.split()[0] in visitor.window.inner_text("main")
    for name in ("owner", "validator", "auditor", "approver"):
        give_role(visitor, system, name, name)

    become(visitor, "owner")
    give_role(visitor, system, "developer", "developer")
    answer_questions(visitor, system)
    assert "High" in visitor.window.inner_text("main")

    become(visitor, "developer")
    release = describe_release(visitor, system)
    token = token_for(system.slug)
    status, answer = ask(visitor.address, token, system.slug, MODEL, CONTAINER)
    assert status == 409
    assert {"technical-validation", "process-audit", "release-approval"} <= unmet(answer)

    become(visitor, "owner")
    visitor.window.goto(release)
    visitor.window.click("main form[action$='/submit/'] button")
    visitor.window.wait_for_load_state()
    for name in ("validator", "auditor", "approver"):
        sign(visitor, name, wrong_first=name == "validator")

    status, answer = ask(visitor.address, token, system.slug, MODEL, CONTAINER)
    assert (status, answer["decision"], unmet(answer)) == (200, "allow", set())
    assert unmet(ask(visitor.address, token, system.slug, MODEL, OTHER)[1]) == {"digest"}

    become(visitor, "owner")
    visitor.window.goto(release)
    assert "Approved" in visitor.window.inner_text("main")
    visitor.window.click("main a[href$='/certificate/']")
    certificate = visitor.window.inner_text("main")
    assert all(name.title() in certificate for name in ("validator", "auditor", "approver"))
    assert answer["submission"]["digest"] in certificate
    assert visitor.complaints == []
    assert told("verify_ledger", "--json")["ok"] is True
