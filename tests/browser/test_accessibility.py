"""Every page in light, in dark and at the width of a phone: nothing for axe, the policy or the console to object to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from governance.access.vocabulary import OrganisationRole, Role
from governance.changes.services import start_revalidation
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify.services import renew_calendar
from governance.policy.models import Pack
from governance.policy.packs import shipped
from governance.policy.services import load_pack
from governance.validation.models import Review
from governance.validation.reach import reached
from governance.validation.services import (
    assign_reviewer,
    raise_finding,
    refuse_certification,
    request_waiver,
    request_waivers,
    start_campaign,
)
from incidents.alerts.heard import Heard
from incidents.models import Alert
from incidents.services import (
    add_factor,
    add_link,
    add_participant,
    add_why,
    approve_summary,
    hold_evidence,
    link_similar,
    note,
    propose_playbook,
    say_foreseen,
    say_status,
    send_update,
    start_clock,
    take_measure,
    write_review,
    write_summary,
)
from incidents.services.alerts import hear
from inventory.models import Assignment, LookAlike, PastIncident
from inventory.services import save_document_revision
from inventory.services.assets import add_asset_version, breach_asset, create_asset
from inventory.services.controls import record_controls
from inventory.services.delegations import delegate
from inventory.services.dependencies import create_dependency
from inventory.services.deployments import report_deployment
from inventory.services.evaluations import record_evaluations
from inventory.services.failure_modes import search_look_alikes
from inventory.services.imports import hand_in
from inventory.services.legacy import bring_in_approval
from inventory.services.list_views import save_view
from inventory.services.lowering import propose_lower_tier
from inventory.services.mappings import save_mapping
from inventory.services.registration import keep_draft
from inventory.services.risks import analyse_risk, identify_risk
from inventory.services.sandboxes import fill_sandbox, judge_sandbox
from inventory.services.transparency import approve_transparency, write_transparency
from inventory.services.values import record_values
from tests.browser.conftest import Visitor
from tests.governance.access.people import PASSWORD, appoint, join, person, system
from tests.governance.changes.walk import approved as granted
from tests.governance.changes.walk import asked, emergency, implemented, in_approval
from tests.governance.engagements.walk import found, running
from tests.governance.validation.scene import Scene, build
from tests.incidents.test_measurements import planned
from tests.incidents.test_measurements import post as measured_then
from tests.incidents.walk import described, reported, resolved

A_MAPPING = {
    "name": "list",
    "title": "Our list",
    "source": "list",
    "system": "name",
    "units": ["unit"],
    "columns": [{"name": "name", "header": "Name"}, {"name": "unit", "header": "Unit"}],
}
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
TABS = (
    "releases",
    "people",
    "description",
    "documents",
    "dependencies",
    "risks",
    "tier",
    "imported",
    "changes",
    "controls",
    "value",
    "ledger",
)
PATHS = {
    "owner": (
        "/", "/systems/", "/systems/?q=nothing+of+the+kind", "/systems/?phase=not_stated&tier=none",
        *(f"/systems/scorer/?tab={tab}" for tab in TABS),
        "/systems/scorer/edit/", "/systems/scorer/questionnaire/", "/systems/scorer/people/new/",
        "/systems/scorer/releases/new/", "/systems/scorer/documents/model-card/",
        "/systems/scorer/documents/model-card/edit/", "/systems/scorer/documents/impact-assessment/",
        "/systems/scorer/documents/model-card/difference/", "/gaps/?duty=owner&status=met", "/committee/",
        "/releases/{draft}/", "/releases/{draft}/edit/", "/releases/{draft}/evaluations/new/",
        "/systems/scorer/documents/model-card/evidence/new/", "/systems/scorer/model-card/import/",
        "/releases/{approved}/", "/releases/{submitted}/", "/findings/{finding}/", "/units/", "/ledger/",
        "/incidents/", "/incidents/?state=closed", "/incidents/{incident}/", "/incidents/{incident}/notes/new/",
        "/incidents/trends/", "/incidents/trends/?period=all&severity=s4", "/incidents/lessons/",
        "/incidents/lessons/?q=nothing+of+the+kind", "/incidents/{incident}/analysis/",
        "/incidents/{incident}/summary/",
        "/incidents/{incident}/summary/print/", "/incidents/{waiting}/analysis/risk/new/",
        "/systems/scorer/incidents/new/", "/systems/scorer/monitoring/", "/systems/scorer/monitoring/new/",
        "/monitoring/{plan}/", "/monitoring/{unheard}/", "/monitoring/{plan}/change/", "/monitoring/{plan}/end/",
        "/alerts/", "/alerts/?state=all", "/alerts/{alert}/", "/alerts/{alert}/handle/",
        "/changes/", "/changes/?state=rejected", "/changes/board/", "/changes/calendar/", "/changes/{urgent}/",
        "/changes/{carried}/", "/changes/{carried}/results/", "/changes/{carried}/roll-back/", "/changes/{wish}/",
        "/changes/{wish}/describe/", "/changes/{wish}/submit/", "/changes/{wish}/emergency/",
        "/changes/{wish}/release/", "/changes/{change}/withdraw/", "/changes/{change}/raise-materiality/",
        "/changes/{granted}/implement/", "/changes/{change}/systems/limits/answer/",
        "/systems/limits/reached/{change}/",
        "/follow-ups/", "/follow-ups/?state=done", "/follow-ups/{work}/", "/follow-ups/{work}/finish/",
        "/follow-ups/{work}/hand-over/", "/systems/scorer/changes/new/?follow_up={work}",
        "/changes/{change}/", "/systems/scorer/changes/new/", "/systems/scorer/waivers/new/", "/waivers/",
        "/findings/", "/findings/?columns=verified&columns=gate", "/waivers/new/", "/waivers/together/{together}/",
        "/risks/", "/risks/?state=closed", "/risks/{risk}/", "/systems/scorer/risks/new/", "/risks/{risk}/analyse/",
        "/risks/{risk}/treat/", "/risks/{risk}/review/", "/systems/scorer/dependencies/new/",
        "/systems/scorer/controls/disposal/", "/assets/customer-master/controls/disposal/",
        "/systems/scorer/value/new/", "/systems/scorer/transparency/", "/systems/scorer/transparency/new/",
        "/systems/scorer/transparency/withdraw/", "/transparency/scorer/",
        "/systems/scorer/blast-radius/", "/systems/scorer/failure-modes/", "/systems/scorer/failure-modes/new/",
        "/deployments/", "/deployments/?state=all&order=newest", "/systems/scorer/deployments/new/",
        "/look-alikes/{alike}/", "/lowered-tiers/", "/lowered-tiers/{lowered}/", "/systems/scorer/lower-tier/",
        "/look-alikes/{alike}/", "/legacy-approvals/", "/legacy-approvals/{legacy}/",
        "/lowered-tiers/", "/lowered-tiers/{lowered}/", "/systems/scorer/lower-tier/",
        "/assets/", "/assets/?kind=prompt", "/assets/new/", "/assets/new/?kind=service", "/assets/customer-master/",
        "/assets/customer-master/edit/", "/assets/customer-master/versions/new/",
        "/assets/customer-master/dependencies/new/", "/assets/customer-master/blast-radius/",
        "/certifications/", "/certifications/campaigns/{campaign}/", "/certifications/{certification}/",
        "/certifications/{certification}/certify/", "/certifications/{certification}/refuse/",
        "/revalidation/", "/revalidation/{revalidation}/", "/engagements/", "/engagements/{audit}/",
        "/audit-findings/{found}/", "/audit-findings/{found}/respond/", "/findings/{finding}/attach/",
        "/systems/new/", "/no/such/page/", "/accounts/password/change/", "/accounts/2fa/", "/tokens/", "/tokens/new/",
        "/accounts/notifications/",
        "/api/docs/", "/api/docs/gate/", "/api/docs/releases/",
    ),
    "validator": (
        "/", "/reviews/", "/reviews/{review}/", "/reviews/{review}/attach/",
        "/releases/{submitted}/findings/new/", "/findings/{finding}/",
        "/submissions/{submission}/certificate/", "/releases/{approved}/", "/changes/{carried}/",
        "/changes/{carried}/verify/", "/follow-ups/{work}/drop/",
        "/delegations/", "/assignments/{lendable}/delegate/",
    ),
    "lead": ("/", "/reviews/queue/?given=all", "/reviews/workload/", "/reviews/{review}/", "/reviews/{review}/assign/"),
    "riskofficer": (
        "/", "/legacy-approvals/{legacy}/confirm/",
        "/lowered-tiers/{lowered}/grant/", "/waivers/{waiver}/", "/waivers/{waiver}/grant/", "/systems/scorer/",
        "/waivers/together/{together}/", "/waivers/together/{together}/grant/",
    ),
    "incidents": (
        "/", "/incidents/", "/incidents/{incident}/", "/incidents/{waiting}/", "/incidents/{waiting}/triage/",
        "/incidents/{waiting}/describe/", "/incidents/{waiting}/participants/new/",
        "/incidents/{waiting}/measures/new/", "/incidents/{waiting}/playbooks/new/",
        "/incidents/{waiting}/analysis/", "/incidents/{waiting}/analysis/whys/new/",
        "/incidents/{waiting}/analysis/factors/new/", "/incidents/{waiting}/analysis/similar/new/",
        "/incidents/{waiting}/analysis/foreseen/new/", "/incidents/{waiting}/summary/",
        "/incidents/{waiting}/summary/write/",
        "/incidents/{waiting}/clocks/new/", "/incidents/{waiting}/clocks/{clock}/report/",
        "/incidents/{incident}/review/write/", "/incidents/{incident}/playbooks/propose/", "/playbooks/",
        "/playbooks/{version}/", "/incidents/{incident}/actions/{action}/became/",
        "/incidents/{waiting}/checks/new/", "/incidents/{waiting}/actions/new/",
        "/incidents/{waiting}/updates/new/", "/incidents/{waiting}/status/", "/incidents/{waiting}/links/new/",
        "/accounts/calendar/", "/committee/",
        "/releases/{approved}/", "/systems/scorer/",
    ),
    "external": (
        "/", "/engagements/{audit}/", "/engagements/{audit}/report/", "/engagements/{audit}/print/",
        "/engagements/{audit}/findings/new/",
        "/audit-findings/{found}/", "/audit-findings/{found}/withdraw/",
    ),
    "approver": (
        "/", "/changes/{change}/", "/changes/{change}/approve/", "/changes/{change}/lower-materiality/",
        "/changes/{urgent}/", "/changes/{change}/return/", "/changes/{change}/reject/", "/changes/{urgent}/ratify/",
        "/changes/{urgent}/refuse/", "/releases/{approved}/",
    ),
    "governor": (
        "/", "/systems/", "/systems/new/", "/systems/new/guided/", "/systems/new/guided/{begun}/",
        "/systems/new/guided/{begun}/tier/", "/systems/new/guided/{begun}/regimes/",
        "/legacy-approvals/import/", "/systems/scorer/legacy-approval/", "/releases/{draft}/",
        "/imports/uploads/{upload}/mapping/", "/imports/sandboxes/{sandbox}/", "/systems/?columns=vendor&columns=tier",
        "/units/", "/units/new/", "/people/{leaver}/hand-over/",
        "/ledger/", "/independence/", "/imports/", "/webhooks/", "/webhooks/new/",
        "/certifications/campaigns/new/", "/certifications/campaigns/{campaign}/",
        "/certifications/campaigns/{campaign}/end/", "/revalidation/", "/revalidation/new/",
        "/revalidation/{revalidation}/", "/revalidation/{revalidation}/end/",
        "/engagements/new/", "/engagements/{audit}/", "/engagements/{audit}/team/new/",
        "/engagements/{audit}/team/{member}/remove/", "/engagements/{audit}/cancel/",
        "/units/", "/units/new/", "/ledger/", "/independence/", "/imports/", "/webhooks/", "/webhooks/new/",
        "/alerts/?state=unassigned", "/alerts/{stray}/", "/alerts/{stray}/assign/",
        "/policy/", "/policy/new/", "/policy/{pack}/", "/policy/{pack}/replay/", "/policy/{pack}/enforcing/",
        "/policy/{pack}/edit/", "/policy/{other}/difference/",
        "/policy/{other}/", "/policy/{other}/replay/", "/policy/{other}/propose/", "/playbooks/{version}/",
    ),
}  # fmt: skip
OFFICE = (
    "/admin/", "/admin/access/user/", "/admin/inventory/system/", "/admin/inventory/unit/",
    "/admin/inventory/assignment/", "/admin/inventory/asset/", "/admin/inventory/risk/",
    "/admin/inventory/loweredtier/", "/admin/inventory/deployment/",
    "/admin/inventory/legacyapproval/", "/admin/inventory/loweredtier/",
    "/admin/policy/pack/", "/admin/validation/campaign/", "/admin/validation/certification/",
    "/admin/validation/submission/", "/admin/validation/review/", "/admin/validation/signoff/",
    "/admin/validation/condition/", "/admin/validation/finding/", "/admin/validation/hold/",
    "/admin/validation/waiver/",
    "/admin/changes/change/", "/admin/changes/followup/", "/admin/changes/revalidation/",
    "/admin/engagements/engagement/",
    "/admin/engagements/member/", "/admin/engagements/auditfinding/",
    "/admin/incidents/monitoringplan/", "/admin/incidents/alert/",
)  # fmt: skip
ENTRANCES = ("/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/")

# How many pages one test walks: the tests run beside each other.
AT_ONCE = 48
# Dark, and no colour still on its way.
DARK = """async () => {
    document.documentElement.dataset.bsTheme = 'dark';
    await Promise.all(document.getAnimations().map(each => each.finish()));
}"""
OUTER = "document.documentElement.cloneNode(false).outerHTML"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def told_outside(scene: Scene) -> None:
    """Controls, value, and a page for people outside that is public."""
    owner, today = scene["owner"], portal_now().date()
    states = (("encryption-at-rest", "yes"), ("disposal", "partly"), ("consent", "no"), ("anonymisation", "unknown"))
    facts = [{"control": one, "state": state, "note": "By hand.", "stated_on": today} for one, state in states]
    record_controls(actor=owner, subject=scene.system, facts=facts)
    periods = [
        {"period": "quarter", "starts_on": date(2026, month, 1), "currency": "EUR", "expected_saving": 40,
         "actual_saving": month, "actual_return": -month}
        for month in (1, 4, 7)
    ]  # fmt: skip
    record_values(actor=owner, system=scene.system, periods=periods)
    version = write_transparency(
        actor=owner, system=scene.system, title="Card checks", contact="payments@bank.example", text="It finds fraud.",
    )  # fmt: skip
    approve_transparency(actor=scene["approver"], version=version)


@pytest.fixture
def furnished(transactional_db: None) -> dict[str, object]:
    """A scene with something on every page; returns the numbers that stand in addresses."""
    scene: Scene = build(checklists=True)
    approved, submitted = scene.approved(), scene.submitted()
    scene.people["lead"] = person("lead")
    appoint(scene["lead"], Role.REVIEW_LEAD, unit=scene.unit)
    stage = submitted.reviews.get(state=Review.State.OPEN)
    assign_reviewer(actor=scene["lead"], review=stage, person=scene["validator"], reason="Knows the system.")
    lendable = Assignment.objects.get(person=scene["validator"], role=Role.VALIDATOR)
    delegate(
        actor=scene["validator"], assignment=lendable, person=scene["viewer"], reason="On leave.",
        until=portal_now() + timedelta(days=9),
    )  # fmt: skip
    finding = raise_finding(
        actor=scene["validator"], release=submitted.release, title="Drift", text="It *drifts*.", severity="high",
        category="data",
    )  # fmt: skip
    save_document_revision(
        actor=scene["owner"], system=scene.system, template="model-card", contact="models@example.org",
        sections={"purpose": "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[link](https://example.org)"},
    )  # fmt: skip
    save_document_revision(
        actor=scene["owner"], system=scene.system, template="model-card", contact="models@example.org",
        sections={"purpose": "# Title\n\n| a | b |\n|---|---|\n| 1 | 3 |\n\n[link](https://example.org)"},
    )  # fmt: skip
    waiver = request_waiver(
        actor=scene["owner"], system=scene.system, requirement="findings", reason="Mended on Monday.",
        until=portal_now() + timedelta(days=5),
    )  # fmt: skip
    shown = reached(scene["owner"], scene.unit, "", most=200)
    together, *_ = request_waivers(
        actor=scene["owner"], unit=scene.unit, tier="", requirement="documents", reason="The *tool* is down.",
        until=portal_now() + timedelta(days=5), seen=shown.digest,
    )  # fmt: skip
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="finance", cause="*Rain*")
    analyse_risk(actor=scene["owner"], risk=risk, likelihood="likely", consequence="serious")
    lowered = propose_lower_tier(
        actor=scene["owner"], system=scene.system, tier="medium", reason="It only *sorts*.",
        review_at=portal_now() + timedelta(days=30),
    )  # fmt: skip
    draft = scene.release()
    legacy = bring_in_approval(
        actor=scene["governor"], system=scene.system, version=draft.version, approved_on=date(2025, 3, 31),
        approved_by="Model Risk Committee", reference="MRC-2025-17", until=portal_now() + timedelta(days=300),
    )  # fmt: skip
    upload = hand_in(
        person=scene["governor"], content=b"Name,Unit,Status\nChatbot,Cards,Live\n", file_name="list.csv", mapping=""
    )
    sheet = b"Name,Unit,Status,Owner\nChatbot,Cards,Live,Ada\nScorer 2,Cards,Pilot,\n"
    mapped = save_mapping(actor=scene["governor"], document=A_MAPPING)
    sandbox = fill_sandbox(
        person=scene["governor"], content=sheet, file_name="list.csv", mapping=str(mapped), door=Door.WEB
    )
    judge_sandbox(sandbox)
    save_view(person=scene["governor"], of="systems", name="Pilots", query="phase=pilot", shared="everybody")
    with acting(Command("import_incident_database"), door=Door.COMMAND, verb="past_incident.import"):
        told = {"title": "The system learned from a biased scorer", "description": "A scorer was biased."}
        PastIncident.objects.create(source="aiid", number=1, changed_at=portal_now(), **told)
    search_look_alikes(actor=scene["owner"], system=scene.system)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        alike, _ = LookAlike.objects.get_or_create(
            system=scene.system, incident=PastIncident.objects.get(), defaults={"proposed_at": portal_now()}
        )
    begun = keep_draft(actor=scene["governor"], draft=None, values={"name": "Churn", "purpose": "Keeps customers."})
    measured = [{"metric": "recall", "value": 0.9, "threshold": 0.95}]
    record_evaluations(actor=scene["owner"], release=approved.release, results=measured)
    told_outside(scene)
    asset = create_asset(actor=scene["owner"], unit=scene.unit, kind="dataset", name="Customer master", source="Core")
    add_asset_version(actor=scene["owner"], asset=asset, version="2026-10", sha256="a" * 64)
    raw = create_asset(actor=scene["owner"], unit=scene.unit, kind="dataset", name="Raw")
    create_dependency(actor=scene["owner"], source=asset, target=raw, relation="derived_from", note="Nightly.")
    create_dependency(actor=scene["owner"], source=scene.system, target=asset, relation="trained_on")
    breach_asset(actor=scene["owner"], asset=raw, reason="Found on a public bucket.")
    incident = reported(scene, releases=(approved.release,))
    note(actor=scene["owner"], incident=incident, text="The call centre reports 40 calls.")
    described(scene, incident)
    resolved(scene, incident)
    write_review(actor=scene["incidents"], incident=incident, response="Within the *hour*.", detection="By code.")
    add_why(actor=scene["incidents"], incident=incident, question="Why?", answer="The *codes* changed.", root=True)
    add_factor(
        actor=scene["incidents"], incident=incident, category="data", factor="upstream-change", text="Codes changed"
    )
    link_similar(actor=scene["incidents"], incident=incident, past=PastIncident.objects.get(), note="A scorer too.")
    say_foreseen(actor=scene["incidents"], incident=incident, risk=risk)
    shared = write_summary(actor=scene["incidents"], incident=incident, text="# What happened\n\n- It is right again.")
    approve_summary(actor=scene["validator"], summary=shared)
    version = propose_playbook(
        actor=scene["incidents"], incident=incident, playbook="drift", reason="Terminals *change*.",
        steps=[{"text": "Ask the terminal provider.", "within_hours": 4}],
    )  # fmt: skip
    waiting = reported(scene)
    say_foreseen(actor=scene["incidents"], incident=waiting, risk=None, note="New to us.")
    clock = start_clock(actor=scene["incidents"], incident=waiting, clock="gdpr-33")
    take_measure(
        actor=scene["incidents"],
        incident=waiting,
        text="Threshold lowered to 0.6",
        until=portal_now() + timedelta(days=3),
    )
    hold_evidence(actor=scene["incidents"], incident=waiting, reason="The authority may ask.")
    add_participant(
        actor=scene["incidents"], incident=waiting, person=scene["auditor"], function="compliance", stage="improvement"
    )
    led: dict[str, Any] = {"actor": scene["incidents"], "incident": waiting}
    send_update(
        **led, audience="executives", text="The *vendor* mends it.", people=[scene["owner"]],
        next_due=portal_now() + timedelta(hours=2),
    )  # fmt: skip
    say_status(**led, sentence="Staff decide by hand until the vendor has mended it.")
    add_link(**led, kind="log", title="Log of the scorer", url="https://logs.example.org/scorer?since=" + "0" * 60)
    renew_calendar(actor=scene["incidents"])
    change = in_approval(scene, components=["Model", "API"], target_release=approved.release)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        other_system = system("limits", scene.unit)
    appoint(scene["owner"], Role.OWNER, system=other_system)
    create_dependency(actor=scene["owner"], source=other_system, target=scene.system, relation="calls")
    plan = planned(scene, follows="work")
    unheard = planned(scene, metric="latency", slice="Branches in the north-west", kind="service")
    past = portal_now() - timedelta(hours=6)
    for hours, value in enumerate((0.01, 0.015, 0.03, 0.06, 0.055)):
        measured_then(scene, value, since=past + timedelta(hours=hours))
    hear(
        actor=scene["owner"], source="generic",
        alerts=[Heard("f-1", past, None, "Queue of an unknown service grows", "Twice.\nThrice.", "warning")],
    )  # fmt: skip
    campaign = start_campaign(
        actor=scene["governor"], title="High-tier systems by March", tier="high",
        due=portal_now() + timedelta(days=9), reason="Look at the *vendors*.",
    )  # fmt: skip
    certification = campaign.certifications.get(system=scene.system)
    refuse_certification(actor=scene["owner"], certification=certification, statement="The vendor is *wrong*.")
    revalidation = start_revalidation(
        actor=scene["governor"], title="All high-tier systems by March", tier="high",
        due=portal_now() + timedelta(days=99), reason="Look at *drift*.",
    )  # fmt: skip
    audit = running(scene)
    for digest, place in (("a" * 64, "production"), ("f" * 64, "production"), ("a" * 64, "dev")):
        report_deployment(actor=scene["developer"], system=scene.system, environment=place, sha256=[digest])
    other = load_pack(actor=Command("test"), source=shipped("baseline-small"))
    return {
        "pack": Pack.objects.exclude(pk=other.pk).latest("id").pk, "other": other.pk,
        "risk": risk.pk, "lowered": lowered.pk, "begun": begun.pk, "alike": alike.pk,
        "change": change.pk, "urgent": emergency(scene).pk, "wish": asked(scene, emergency=True).pk,
        "granted": granted(scene).pk, "carried": implemented(scene).pk,
        "work": scene.system.follow_ups.filter(state="open").latest("id").pk,
        "clock": clock.pk, "version": version.pk, "action": incident.actions.all()[0].pk,
        "plan": plan.pk, "unheard": unheard.pk, "alert": plan.alerts.get().pk,
        "stray": Alert.objects.get(system=None).pk,
        "incident": incident.pk, "waiting": waiting.pk, "approved": approved.release_id,
        "submitted": submitted.release_id, "submission": approved.pk,
        "draft": draft.pk, "legacy": legacy.pk, "upload": upload.pk, "sandbox": sandbox.pk,
        "finding": finding.pk, "waiver": waiver.pk,
        "lendable": lendable.pk, "leaver": scene["owner"].pk,
        "audit": audit.pk, "member": audit.team.get().pk, "found": found(scene, audit).pk,
        "together": together.together, "revalidation": revalidation.pk,
        "campaign": campaign.pk, "certification": certification.pk,
        "review": submitted.reviews.get(state=Review.State.OPEN).pk,
    }  # fmt: skip


def test_pages_of_signing_in(visitor: Visitor) -> None:
    wrong: list[str] = []
    for size in (DESK, PHONE):
        visitor.window.set_viewport_size(size)
        for path in ENTRANCES:
            visitor.open(path)
            wrong += visitor.violations() + too_wide(visitor)
    assert wrong + visitor.complaints == []


@pytest.mark.parametrize(
    ("username", "first"), [(name, first) for name in PATHS for first in range(0, len(PATHS[name]), AT_ONCE)]
)
def test_every_page(furnished: dict[str, object], visitor: Visitor, username: str, first: int) -> None:
    visitor.sign_in(username, PASSWORD)
    wrong: list[str] = []
    for path in PATHS[username][first : first + AT_ONCE]:
        visitor.window.set_viewport_size(DESK)
        status = visitor.open(path.format(**furnished))
        assert status in {200, 403, 404}, path
        wrong += visitor.violations() + too_wide(visitor)
        visitor.window.set_viewport_size(PHONE)
        wrong += [f"{each} on the phone" for each in visitor.violations() + too_wide(visitor)]
        visitor.window.set_viewport_size(DESK)
        visitor.window.evaluate(DARK)
        wrong += [f"{each} in the dark" for each in visitor.violations()]
    assert wrong + visitor.complaints == []


def test_the_dark_theme_is_what_the_switch_brings(furnished: dict[str, object], visitor: Visitor) -> None:
    """The attribute `DARK` sets is all that a page has of the theme, so that no page need be fetched twice."""
    visitor.sign_in("owner", PASSWORD)
    visitor.window.evaluate(DARK)
    wanted = visitor.window.evaluate(OUTER)
    visitor.window.evaluate("document.documentElement.dataset.bsTheme = 'light'")
    visitor.window.click("button[name=theme][value=dark]")
    visitor.window.wait_for_selector("html[data-bs-theme=dark]")
    assert visitor.window.evaluate(OUTER) == wanted


def test_the_governance_teams_window(furnished: dict[str, object], visitor: Visitor) -> None:
    join(person("clerk"), OrganisationRole.GOVERNANCE)
    visitor.sign_in("clerk", PASSWORD)
    wrong: list[str] = []
    for path in OFFICE:
        assert visitor.open(path) == 200, path
        wrong += visitor.violations()
    assert wrong + visitor.complaints == []


def too_wide(visitor: Visitor) -> list[str]:
    """Whether the page has to be scrolled sideways."""
    wide, seen = visitor.window.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return [f"{visitor.window.url} is {wide} wide"] if wide > seen else []


def test_keys_menu_and_script_work_under_the_policy(furnished: dict[str, object], visitor: Visitor) -> None:
    visitor.sign_in("owner", PASSWORD)
    window = visitor.window
    window.keyboard.press("/")
    assert window.evaluate("document.activeElement.name") == "q"
    window.evaluate("document.activeElement.blur()")
    window.keyboard.press("?")
    assert window.locator("dialog#keys").is_visible()
    window.keyboard.press("Escape")
    visitor.open("/systems/scorer/releases/new/")
    window.click("[data-add-row]")
    assert window.locator("[data-rows=artifacts] fieldset").count() == 2
    assert window.locator("[name='artifacts-1-name']").count() == 1
    visitor.open("/systems/scorer/")
    window.click("text=People")
    window.wait_for_url("**/?tab=people")
    assert window.locator("td:has-text('Owner')").first.is_visible()
    window.set_viewport_size(PHONE)
    visitor.open("/")
    assert not window.locator("nav[aria-label=Main]").is_visible()
    window.click(".navbar-toggler")
    window.wait_for_selector("nav[aria-label=Main]", state="visible")
    assert visitor.complaints == []
