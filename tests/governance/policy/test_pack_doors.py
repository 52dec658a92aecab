"""Policy packs by page and API: read by everybody, brought into force by two, tried out before."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.ledger.models import Denial, Event
from governance.policy import views
from governance.policy.comparing import Difference, compare
from governance.policy.models import Pack, ReplayRun
from governance.policy.packs import shipped
from governance.policy.services import load_pack
from governance.policy.tasks import replay_pack
from governance.validation.models import Review
from inventory.services.legacy import bring_in_approval, move_legacy
from tests.governance.access.people import appoint, join
from tests.governance.policy import records
from tests.governance.policy.test_replay import olga, stricter  # noqa: F401  a fixture
from tests.jobs import begun
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
LEGACY = "  legacy: {until: 2099-01-01T00:00:00Z, digest_known: false}\n"


def window(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def governors() -> tuple[User, User]:
    gina, greg = (join(records.person(name), OrganisationRole.GOVERNANCE) for name in ("gina", "greg"))
    return gina, greg


def test_two_people_bring_a_pack_into_force_over_rest_and_the_ledger_tells_it(olga: User) -> None:  # noqa: F811
    gina, greg = map(Caller, governors())
    made = good(gina.call("POST", "packs/", {"source": stricter()}), 201)
    at = f"packs/{made['id']}/"
    assert [(offer["verb"], offer["open"]) for offer in made["available_actions"]] == [("propose", True)]
    assert good(gina.call("POST", f"{at}propose/", {}))["state"] == "proposed"
    problem(gina.call("POST", f"{at}adopt/", {}), 403, "sod.same_person")
    assert good(greg.call("POST", f"{at}refuse/", {"reason": "Too much."}))["state"] == "draft"
    good(gina.call("POST", f"{at}propose/", {}))
    past = (portal_now() - timedelta(days=1)).isoformat()
    problem(greg.call("POST", f"{at}adopt/", {"effective_from": past}), 409, "past")
    day = (portal_now() + timedelta(days=9)).isoformat()
    adopted = good(greg.call("POST", f"{at}adopt/", {"effective_from": day}))
    assert (adopted["state"], adopted["proposed_by"], adopted["adopted_by"]) == ("adopted", "gina", "greg")
    assert good(greg.call("POST", f"{at}withdraw/", {"reason": "Not yet."}))["state"] == "withdrawn"
    told = list(Event.objects.filter(verb__startswith="pack.").order_by("id").values_list("verb", flat=True))
    assert [verb for verb in told if verb != "pack.load"][-7:] == [
        "pack.propose", "pack.adopt", "pack.refuse", "pack.propose", "pack.adopt", "pack.adopt", "pack.withdraw",
    ], "two of the adoptions are the refused ones"  # fmt: skip


def test_a_bad_pack_is_refused_with_its_lines_and_by_its_rights(olga: User) -> None:  # noqa: F811
    gina, _ = governors()
    bad = stricter().replace("due_days: 7", "due_days: 0")
    assert "line " in problem(Caller(gina).call("POST", "packs/", {"source": bad}), 400)["errors"]["source"][0]
    problem(Caller(olga).call("POST", "packs/", {"source": stricter()}), 403)
    problem(Caller(olga).call("POST", f"packs/{Pack.objects.get().pk}/propose/", {}), 403)
    assert [pack["name"] for pack in good(Caller(olga).get("packs/"))["results"]] == ["baseline"]


def test_page_api_and_command_say_the_same_of_a_stored_pack(olga: User) -> None:  # noqa: F811
    gina, _ = governors()
    pack = Pack.objects.get(pk=good(Caller(gina).call("POST", "packs/", {"source": stricter()}), 201)["id"])
    told = good(Caller(gina).get(f"packs/{pack.pk}/replay/"))
    assert {gate["system"] for gate in told["closed"]} == {"fraud-scorer"}
    out = StringIO()
    call_command("policy_replay", str(pack.pk), "--json", "--stored", stdout=out, stderr=StringIO())
    assert told["digest"] in out.getvalue()
    page = window(gina).get(f"/policy/{pack.pk}/replay/")
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count("fraud-scorer</a>") == len(told["closed"])
    assert "Exit plan is missing" in text
    assert "<svg" in text
    assert "lunch-menu" not in text


def test_what_would_change_is_for_those_who_see_every_system(olga: User) -> None:  # noqa: F811
    pack = Pack.objects.get()
    assert window(olga).get(f"/policy/{pack.pk}/replay/").status_code == 403
    problem(Caller(olga).get(f"packs/{pack.pk}/replay/"), 403)
    assert window(olga).get("/policy/999999999/replay/").status_code == 404


def test_a_pack_is_written_proposed_and_adopted_by_pages(olga: User) -> None:  # noqa: F811
    gina, greg = (window(each) for each in governors())
    base = Pack.objects.get()
    assert "pack: baseline" in gina.get(f"/policy/new/?from={base.pk}").content.decode()
    wrong = gina.post("/policy/new/", {"source": stricter().replace("due_days: 7", "due_days: 0")})
    assert (wrong.status_code, "line " in wrong.content.decode()) == (400, True)
    assert gina.post("/policy/new/", {"source": stricter()}).status_code == 302
    pack = Pack.objects.get(version="2027.1")
    here = f"/policy/{pack.pk}/"
    assert gina.post(f"{here}propose/").status_code == 302
    assert "another person adopts it" in gina.get(here).content.decode()
    assert gina.post(f"{here}adopt/", {"effective_from": ""}).status_code == 403
    assert window(olga).post(f"{here}adopt/", {"effective_from": ""}).status_code == 403
    assert greg.post(f"{here}adopt/", {"effective_from": ""}).status_code == 302
    shown = window(olga).get(here).content.decode()
    assert "In force" in shown
    assert "Exit plan" in shown
    assert greg.post(f"{here}withdraw/", {"reason": "No."}).status_code == 409
    difference = window(olga).get(f"{here}difference/?with={base.pk}").content.decode()
    assert "documents › templates › exit-plan › title" in difference
    assert window(olga).get(f"{here}difference/?with=999999").status_code == 404


def test_submissions_keep_the_stages_they_were_submitted_under(olga: User) -> None:  # noqa: F811
    from_before = set(Review.objects.values_list("submission_id", "stage"))
    gina, greg = map(Caller, governors())
    source = shipped("baseline-small")
    at = f"packs/{good(gina.call('POST', 'packs/', {'source': source}), 201)['id']}/"
    good(gina.call("POST", f"{at}propose/", {}))
    good(greg.call("POST", f"{at}adopt/", {}))
    assert set(Review.objects.values_list("submission_id", "stage")) == from_before


def test_lines_are_compared_by_their_id() -> None:
    before = {"stages": [{"id": "a", "quorum": 1}, {"id": "b", "quorum": 1}], "title": "T", "tiers": ["x"]}
    after = {"stages": [{"id": "new", "quorum": 1}, {"id": "a", "quorum": 2}], "title": "T", "tiers": ["x", "y"]}
    assert {(each.place, each.before, each.after) for each in compare(before, after)} == {
        ("stages › new › id", None, "new"), ("stages › new › quorum", None, "1"), ("stages › a › quorum", "1", "2"),
        ("tiers", "x", "x, y"), ("stages › b › id", "b", None), ("stages › b › quorum", "1", None),
    }  # fmt: skip
    assert compare(before, before) == ()
    assert Difference("a", None, "1").before is None


def test_a_long_what_if_is_told_by_a_job_with_its_progress(
    olga: User,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gina, _ = governors()
    pack = load_pack(actor=gina, source=stricter())
    monkeypatch.setattr(views, "AT_ONCE", 0)
    client = window(gina)
    at = f"/policy/{pack.pk}/replay/"
    assert "Ask now" in client.get(at).content.decode()
    assert window(olga).post(f"{at}start/").status_code == 403
    asked = client.post(f"{at}start/")
    assert asked.status_code == 302
    run = ReplayRun.objects.get()
    waiting = client.get(asked["Location"]).content.decode()
    assert f"0 of {run.total} systems" in waiting
    assert window(olga).get(asked["Location"]).status_code == 403
    replay_pack(begun(), run=run.pk)
    replay_pack(begun(), run=run.pk)
    told = client.get(asked["Location"]).content.decode()
    assert "asked again under" in told
    assert ReplayRun.objects.get().told["digest"] == good(Caller(gina).get(f"packs/{pack.pk}/replay/"))["digest"]
    assert client.get(f"/policy/{pack.pk}/replay/999/").status_code == 404


def test_enforcing_closes_what_is_only_observed_and_every_door_says_the_same(olga: User) -> None:  # noqa: F811
    gina, _ = governors()
    pack = Pack.objects.get()
    high = records.system("night-scorer", answers=records.HIGH_ANSWERS, owner=olga)
    draft = records.release(high, olga, version="9.9.9")
    told = good(Caller(gina).get(f"packs/{pack.pk}/enforcing/"))
    closed = {(gate["release"], gate["environment"]) for gate in told["closed"] if gate["system"] == "night-scorer"}
    assert closed == {("9.9.9", "development"), ("9.9.9", "staging")}, "production is enforced already"
    assert (told["releases"], told["observed"], told["legacy"]) == (3, 6, [])
    out = StringIO()
    call_command("policy_replay", "--enforcing", "--json", stdout=out, stderr=StringIO())
    assert told["digest"] in out.getvalue()
    assert "What would enforcing close?" in window(gina).get(f"/policy/{pack.pk}/").content.decode()
    page = window(gina).get(f"/policy/{pack.pk}/enforcing/").content.decode()
    assert page.count("night-scorer</a>") == 2
    assert window(olga).get(f"/policy/{pack.pk}/enforcing/").status_code == 403
    problem(Caller(olga).get(f"packs/{pack.pk}/enforcing/"), 403)
    brought = bring_in_approval(
        actor=gina, system=high, version=draft.version, approved_on=date(2025, 3, 31), approved_by="Committee",
        reference="MRC-1", until=portal_now() + timedelta(days=90),
    )  # fmt: skip
    officer = records.person("ria")
    appoint(officer, Role.RISK_OFFICER, system=high)
    move_legacy("confirm", actor=officer, approval=brought, reason="Read.")
    permits = shipped("baseline").replace("  renewal_notice_days: 30\n", f"  renewal_notice_days: 30\n{LEGACY}")
    other = load_pack(actor=gina, source=permits.replace('version: "2026.1"', 'version: "2026.2"'))
    after = good(Caller(gina).get(f"packs/{other.pk}/enforcing/"))
    assert {(gate["release"], gate["environment"]) for gate in after["legacy"]} == closed
    assert not any(gate["system"] == "night-scorer" for gate in after["closed"])
    assert "only on a legacy approval" in window(gina).get(f"/policy/{other.pk}/enforcing/").content.decode()


def test_what_enforcing_closes_is_told_by_a_job_where_it_takes_long(
    olga: User,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gina, _ = governors()
    monkeypatch.setattr(views, "AT_ONCE", 0)
    at = f"/policy/{Pack.objects.get().pk}/enforcing/"
    asked = window(gina).post(f"{at}start/")["Location"]
    run = ReplayRun.objects.get()
    assert run.question == "enforcing"
    replay_pack(begun(), run=run.pk)
    assert "Gates only observed" in window(gina).get(asked).content.decode()
    assert window(gina).get(asked.replace("enforcing", "replay")).status_code == 404


@pytest.mark.parametrize("question", ["replay", "enforcing"])
def test_a_long_what_if_is_asked_for_and_told_over_rest_too(question: str, olga: User) -> None:  # noqa: F811
    gina, _ = map(Caller, governors())
    base = Pack.objects.get()
    pack = good(gina.post("packs/", {"source": stricter()}), 201)["id"]
    at = f"packs/{pack}/{question}/"
    answer = gina.post(at, {})
    asked = good(answer, 202)
    run = ReplayRun.objects.get()
    assert answer["Location"] == f"/api/v1/packs/{pack}/replays/{run.pk}/"
    assert good(gina.get(answer["Location"])) == asked
    assert (asked["state"], asked["done"], asked["total"], asked["answer"]) == ("waiting", 0, 2, None)
    assert (asked["pack"], asked["against"], asked["asked_by"]) == ("baseline 2027.1", "baseline 2026.1", "gina")
    replay_pack(begun(), run=run.pk)
    told = good(gina.get(answer["Location"]))
    assert (told["state"], told["done"], told["total"]) == ("done", 2, 2)
    assert told["answer"]["digest"] == good(gina.get(at))["digest"], "one answer, at once or by a job"
    problem(gina.post(at, {"fast": True}), 400)
    problem(gina.get(f"packs/{base.pk}/replays/{run.pk}/"), 404)
    problem(gina.get(f"packs/{pack}/replays/999999/"), 404)
    for call in (Caller(olga).post(at, {}), Caller(olga).get(answer["Location"])):
        problem(call, 403)
    assert ReplayRun.objects.count() == 1
    assert Denial.objects.filter(verb="pack.replay").exists()
