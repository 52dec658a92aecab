"""A new draft by form: the values that change most, put into the YAML of a pack with everything around them kept."""

from __future__ import annotations

import pytest

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from governance.policy.editing import VERSION, rewritten, settings
from governance.policy.models import Pack
from governance.policy.packs import parse, shipped
from tests.governance.access.people import join
from tests.governance.policy import records
from tests.governance.policy.test_pack_doors import window
from tests.rest import Caller, good, problem

BASELINE = shipped("baseline")


def changed(before: str, after: str) -> list[tuple[str, str]]:
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    return [(old.strip(), new.strip()) for old, new in lines if old != new]


def test_what_may_be_edited_is_what_the_pack_states() -> None:
    found = {each.name: each.value for each in settings(parse(BASELINE), BASELINE)}
    assert found == {
        "approvals.validity_days.high": 180, "approvals.validity_days.medium": 365, "approvals.validity_days.low": 730,
        "findings.severities.critical.due_days": 7, "findings.severities.critical.blocking": True,
        "findings.severities.high.due_days": 30, "findings.severities.high.blocking": True,
        "findings.severities.medium.due_days": 90, "findings.severities.medium.blocking": False,
        "findings.severities.medium.blocking_when_overdue": True,
        "findings.severities.low.due_days": 180, "findings.severities.low.blocking": False,
        "access.deputy_days": 30, "cover.delegation_days": 60, "cover.longest_open.1.days": 14,
        "cover.longest_open.2.days": 21, "cover.longest_open.3.days": 30,
    }  # fmt: skip
    without = BASELINE.replace("  deputy_days: 30\n", "").replace("  delegation_days: 60\n", "")
    names = {each.name for each in settings(parse(without), without)}
    assert set(found) - names == {"access.deputy_days", "cover.delegation_days"}


def test_only_the_values_change_and_every_comment_stays() -> None:
    after = rewritten(BASELINE, {
        VERSION: "2027.1", ("approvals", "validity_days", "high"): 90, ("findings", "severities", 3, "blocking"): True,
        ("cover", "longest_open", 0, "days"): 7,
    })  # fmt: skip
    assert changed(BASELINE, after) == [
        ('version: "2026.1"', 'version: "2027.1"'),
        (
            "- {id: low, title: Low, due_days: 180, blocking: false}",
            "- {id: low, title: Low, due_days: 180, blocking: true}",
        ),
        ("validity_days: {high: 180, medium: 365, low: 730}", "validity_days: {high: 90, medium: 365, low: 730}"),
        (
            "longest_open: [{tiers: [high], days: 14}, {tiers: [medium], days: 21}, {days: 30}]",
            "longest_open: [{tiers: [high], days: 7}, {tiers: [medium], days: 21}, {days: 30}]",
        ),
    ]
    document = parse(after)
    assert (document.version, document.approvals.validity_days["high"]) == ("2027.1", 90)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("deputy_days: 30", "deputy_days: 5"),
        ("deputy_days: 30 # as agreed", "deputy_days: 5 # as agreed"),
        ("deputy_days: 0x1e", "deputy_days: 5"),
        ("deputy_days: !!int 30", "deputy_days: 5"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_value_is_found_however_it_is_written(before: str, after: str, ends: str) -> None:
    source = BASELINE.replace("title: Baseline", "title: Grundregeln für 高齢者 🙂").replace("deputy_days: 30", before)
    source = source.replace("\n", ends)
    assert rewritten(source, {("access", "deputy_days"): 5}) == source.replace(before, after)
    assert parse(rewritten(source, {("access", "deputy_days"): 5})).access


def governor(name: str = "gina") -> User:
    return join(records.person(name), OrganisationRole.GOVERNANCE)


@pytest.mark.django_db
def test_a_draft_is_made_by_form_from_any_version() -> None:
    base, gina = records.pack(), governor()
    client = window(gina)
    page = client.get(f"/policy/{base.pk}/edit/")
    assert 'value="180"' in page.content.decode()
    assert [name.rpartition(".")[2] for name in page.context["form"].fields][:4] == ["version", "high", "medium", "low"]
    assert f'href="/policy/new/?from={base.pk}"' in client.get(f"/policy/{base.pk}/").content.decode()
    assert f'href="/policy/{base.pk}/edit/"' in client.get(f"/policy/{base.pk}/").content.decode()
    shown = page.context["form"].initial | {name: field.initial for name, field in page.context["form"].fields.items()}
    sent = {name: value for name, value in shown.items() if value not in (None, False)}
    sent |= {"version": "2027.1", "approvals.validity_days.high": "90"}
    del sent["findings.severities.high.blocking"]
    answer = client.post(f"/policy/{base.pk}/edit/", sent)
    assert answer.status_code == 302
    draft = Pack.objects.get(version="2027.1")
    assert answer["Location"] == f"/policy/{draft.pk}/"
    assert (draft.state, draft.name) == ("draft", "baseline")
    assert "# highest first" in draft.source
    document = parse(draft.source)
    assert document.approvals.validity_days["high"] == 90
    assert document.findings is not None
    assert [each.blocking for each in document.findings.severities] == [True, False, False, False]
    base.refresh_from_db()
    assert base.source == BASELINE
    for wrong in ({"version": "2026.1"}, {"version": "no good"}, {"approvals.validity_days.high": "0"}):
        assert client.post(f"/policy/{base.pk}/edit/", sent | wrong).status_code == 400, wrong
    assert client.post(f"/policy/{base.pk}/edit/", sent | {"cover.delegation_days": "61"}).status_code == 409
    assert client.post(f"/policy/{base.pk}/edit/", sent | {"nothing": "1"}).status_code == 400
    stranger = window(records.person("olga"))
    assert stranger.get(f"/policy/{base.pk}/edit/").status_code == 403
    assert stranger.post(f"/policy/{base.pk}/edit/", sent).status_code == 403


@pytest.mark.django_db
def test_a_draft_is_made_over_rest_and_wrong_settings_are_named() -> None:
    base, gina = records.pack(), Caller(governor())
    at = f"packs/{base.pk}/drafts/"
    sent = {"version": "2027.1", "settings": {"approvals.validity_days.high": 90}}
    answer = gina.post(at, sent)
    made = good(answer, 201)
    assert answer["Location"] == f"/api/v1/packs/{made['id']}/"
    assert (made["state"], made["document"]["approvals"]["validity_days"]["high"]) == ("draft", 90)
    problem(gina.post(at, {**sent, "settings": {"approvals.validity_days.high": 91}}), 409, "duplicate")
    misfits = (
        ("nothing", 1), ("access.deputy_days", "5"), ("access.deputy_days", True), ("access.deputy_days", 1.5),
        ("findings.severities.low.blocking", 1),
    )  # fmt: skip
    for name, value in misfits:
        refused = problem(gina.post(at, {"version": "2027.2", "settings": {name: value}}), 400)
        assert list(refused["errors"]) == [name], value
    refused = problem(gina.post(at, {"version": "2027.2", "settings": {"access.deputy_days": -1}}), 400)
    assert "access.deputy_days" in str(refused["errors"])
    assert list(problem(gina.post(at, {"version": "2026.1"}), 400)["errors"]) == ["version"]
    assert "version" in str(problem(gina.post(at, {"version": 'x"\nstages: off #'}), 400)["errors"])
    problem(Caller(records.person("olga")).post(at, sent), 403)
    assert Pack.objects.count() == 2


@pytest.mark.django_db
def test_what_differs_is_told_over_rest_as_on_the_page() -> None:
    base, gina, olga = records.pack(), Caller(governor()), Caller(records.person("olga"))
    made = good(gina.post(f"packs/{base.pk}/drafts/", {"version": "2", "settings": {"access.deputy_days": 5}}), 201)
    told = good(olga.get(f"packs/{made['id']}/difference/?with={base.pk}"))
    assert told == {
        "pack": "baseline 2", "against": "baseline 2026.1",
        "differences": [
            {"place": "access › deputy_days", "before": "30", "after": "5"},
            {"place": "version", "before": "2026.1", "after": "2"},
        ],
    }  # fmt: skip
    assert good(olga.get(f"packs/{made['id']}/difference/")) == told, "with the one in force if none is named"
    for named in ("999999", "x", "9" * 40, "²"):
        problem(olga.get(f"packs/{made['id']}/difference/?with={named}"), 404)
    problem(olga.get(f"packs/{made['id']}/difference/?other=1"), 400)


@pytest.mark.django_db
def test_the_office_leads_to_what_a_pack_would_change() -> None:
    pack = records.pack()
    ezra = join(records.person("ezra"), OrganisationRole.EXAMINER)
    gina = governor()
    asked = [f"/policy/{pack.pk}/{word}/" for word in ("difference", "replay", "enforcing")]
    for person, seen in ((ezra, asked), (gina, [*asked, f"/policy/{pack.pk}/edit/"])):
        page = window(person).get(f"/admin/policy/pack/{pack.pk}/change/").content.decode()
        assert [where for where in (*asked, f"/policy/{pack.pk}/edit/") if f'href="{where}"' in page] == seen
        assert {window(person).get(where).status_code for where in seen} == {200}
