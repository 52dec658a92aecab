"""The main job in a real browser, on a system of the real 2024 federal inventory."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.validation.models import Finding
from inventory.models import System
from tests.browser.conftest import Visitor, visitor
from tests.clocks import Clock
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
    """From My work to the review; read, answer the checklist, enter the password, sign."""
    become(visitor, name)
    window = visitor.window
    window.click("main a[href^='/reviews/']")
    window.wait_for_url("**/reviews/*/")
    for item in window.locator("#checklist fieldset").all():
        item.locator("input[value=yes]").check()
    window.click("#checklist form button.btn")
    window.wait_for_url("**/reviews/*/#checklist")
    for password in (["wrong"] if wrong_first else []) + [PASSWORD]:
        window.check("input[name=decision][value=approve]")
        window.fill("#decision [name=password]", password)
        window.click("#decision button.btn-primary")
        window.wait_for_load_state()
    assert "Signed" in window.inner_text("main")


def fill(visitor: Visitor, address: str, **values: str) -> None:
    """Open a form of the portal, fill it in and send it."""
    visitor.window.goto(address)
    for name, value in values.items():
        field = visitor.window.locator(f"main form [name={name}]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    visitor.window.click("main form button.btn-primary")
    visitor.window.wait_for_load_state()


def press(visitor: Visitor, page: str, action: str, reason: str = "") -> None:
    """Press a button of a page, saying why where it asks."""
    window = visitor.window
    window.goto(page)
    form = window.locator(f"main form[action*='{action}']").first
    if reason:
        window.locator(f"details:has(form[action*='{action}']) summary").first.click()
        form.locator("[name=reason]").fill(reason)
    form.locator("button:not([type=button])").last.click()
    window.wait_for_load_state()


def write_document(visitor: Visitor, system: System, template: str) -> None:
    """Write every section that is still empty and save."""
    visitor.open(f"/systems/{system.slug}/documents/{template}/edit/")
    for field in visitor.window.query_selector_all("main form textarea"):
        if not field.input_value().strip():
            field.fill("Said in a sentence.")
    visitor.window.click("main form button.btn-primary")
    visitor.window.wait_for_load_state()
    assert "complete" in visitor.window.inner_text("main .page-header")


def foresee(visitor: Visitor, system: System) -> None:
    """Write down and grade a risk, and how the system fails."""
    here = f"{visitor.address}/systems/{system.slug}"
    fill(visitor, f"{here}/risks/new/", title="It is late", area="operations")
    fill(visitor, f"{visitor.window.url}analyse/", likelihood="rare", consequence="small")
    fill(visitor, f"{here}/failure-modes/new/", what="It is wrong.", who="All.", when="In winter.", how="An appeal.")
    assert "In winter." in visitor.window.inner_text("main")


def test_an_imported_system_is_signed_stage_by_stage_until_the_gate_opens(
    visitor: Visitor, shared_data: Path, clock: Clock
) -> None:
    visitor.window.on("dialog", lambda dialog: dialog.accept())
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
    give_role(visitor, system, "riskofficer", "risk_officer")

    become(visitor, "owner")
    give_role(visitor, system, "developer", "developer")
    answer_questions(visitor, system)
    assert "High" in visitor.window.inner_text("main")

    become(visitor, "developer")
    for template in ("model-documentation", "impact-assessment"):
        write_document(visitor, system, template)
    foresee(visitor, system)
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

    closes_for_each_cause(visitor, system, release, token, clock)
    assert visitor.complaints == []
    assert told("verify_ledger", "--json")["ok"] is True


def closes_for_each_cause(visitor: Visitor, system: System, release: str, token: str, clock: Clock) -> None:
    """A finding, a hold, the end of the approval and the end of ownership each close the gate, with its own reason."""

    def gate() -> tuple[int, set[str]]:
        status, answer = ask(visitor.address, token, system.slug, MODEL, CONTAINER)
        return status, unmet(answer)

    become(visitor, "validator")
    fill(
        visitor, f"{release}findings/new/", title="Drifts by court", text="By 12 points.", severity="high",
        category="fairness",
    )  # fmt: skip
    finding = Finding.objects.get()
    assert gate() == (409, {"findings"})
    become(visitor, "developer")
    fill(visitor, f"{visitor.address}/findings/{finding.pk}/respond/", response="Recalibrated by court.")
    become(visitor, "auditor")
    fill(visitor, f"{visitor.address}/findings/{finding.pk}/verify/", verification="Checked the new figures.")
    assert gate() == (200, set())

    become(visitor, "owner")
    press(visitor, f"{visitor.address}/systems/{system.slug}/", "/hold/", "A complaint came in.")
    assert gate() == (409, {"holds"})
    become(visitor, "riskofficer")
    press(visitor, release, "/lift/", "Answered.")
    assert gate() == (200, set())

    clock.move(timedelta(days=181))
    token = token_for(system.slug)
    assert gate() == (409, {"approval-current"})
    become(visitor, "owner")
    press(visitor, release, "/renew/")
    for name in ("validator", "auditor", "approver"):
        sign(visitor, name)
    assert gate() == (200, set())

    become(visitor, "governance")
    owning = system.assignments.get(role="owner")
    press(visitor, f"{visitor.address}/systems/{system.slug}/?tab=people", f"/people/{owning.pk}/end/")
    assert gate() == (409, {"owner"})
