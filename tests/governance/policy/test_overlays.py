"""Outside rules laid over a pack: which requirement serves which clause, and since when anything of it counts."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from governance.policy.clauses import clause_map
from governance.policy.models import Pack
from governance.policy.packs import PackInvalid, digest, overlay_names, parse, shipped, shipped_names, stored
from tests.governance.policy import records
from tests.rest import Caller, good

BASELINE = parse(shipped("baseline"))
# Written down from the official texts, not read from the packs: the day of each regime,
BEGIN = {
    "sr-26-2": date(2026, 4, 17), "eu-ai-act-practices": date(2025, 2, 2),
    "eu-ai-act-general-purpose": date(2025, 8, 2), "eu-ai-act-transparency": date(2026, 8, 2),
    "eu-ai-act-high-risk": date(2027, 12, 2), "eu-ai-act-products": date(2028, 8, 2), "m-25-21": date(2025, 4, 3),
    "nist-ai-rmf": date(2023, 1, 26), "nist-ai-600-1": date(2024, 7, 26), "iso-42001": date(2023, 12, 31),
    "gdpr": date(2018, 5, 25), "ccpa": date(2020, 1, 1), "ec-ethics": date(2019, 4, 8), "ieee-ead": date(2019, 12, 31),
}  # fmt: skip
# and of each clause that begins later than its regime.
BEGIN_LATER = {
    ("eu-ai-act-practices", "article-5-2026"): date(2026, 12, 2),
    ("eu-ai-act-transparency", "article-50-2"): date(2026, 12, 2),
    ("eu-ai-act-high-risk", "public-authorities"): date(2030, 8, 2),
    ("eu-ai-act-products", "public-authorities"): date(2030, 8, 2),
    **{
        ("m-25-21", practice): date(2026, 4, 3)
        for practice in (
            "testing", "impact-assessment", "monitoring", "training", "oversight", "remedies", "feedback",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ["baseline", "baseline-small"])
def test_a_shipped_pack_states_every_shipped_overlay_but_the_duties_of_monitoring(name: str) -> None:
    stated = {overlay.id for overlay in parse(shipped(name)).overlays}
    assert stated == set(overlay_names()) - {"monitoring"}


@pytest.mark.parametrize("name", ["baseline", "baseline-small"])
def test_the_duties_of_monitoring_can_be_laid_over_a_shipped_pack(name: str) -> None:
    document = parse(shipped(name).replace("  - ethics\n", "  - ethics\n  - monitoring\n"))
    tiers = {tier.id for tier in document.tiers.order}
    assert {duty.tier for duty in document.monitoring_duties} == tiers
    assert parse(shipped(name)).monitoring_duties == ()


def test_an_overlay_brings_regimes_or_duties_of_tiers_the_pack_has() -> None:
    empty = "  - {id: house, version: '1', title: House, summary: Ours., binding: policy}\n"
    with pytest.raises(PackInvalid, match="brings regimes or monitoring duties"):
        parse(shipped("baseline") + empty)
    duty = "monitoring: {duties: [{tier: grave, longest_silence_hours: 1}]}}"
    with pytest.raises(PackInvalid, match="there is no tier “grave”"):
        parse(shipped("baseline") + empty.replace("}\n", f", {duty}\n"))


@pytest.mark.parametrize("name", ["baseline", "baseline-small"])
def test_every_regime_and_clause_has_the_day_the_texts_give_it(name: str) -> None:
    mapped = clause_map(parse(shipped(name)), date.max)
    assert {each.regime.id: each.regime.starts for each in mapped} == BEGIN
    assert {
        (each.regime.id, line.clause.id): line.starts
        for each in mapped for line in each.clauses if line.starts != each.regime.starts
    } == BEGIN_LATER  # fmt: skip


def test_regimes_begin_on_their_own_day() -> None:
    for name, day in BEGIN.items():
        before, after = (
            next(mapped for mapped in clause_map(BASELINE, at) if mapped.regime.id == name)
            for at in (date.fromordinal(day.toordinal() - 1), day)
        )
        assert (before.begun, after.begun) == (False, True)
        assert not any(clause.begun for clause in before.clauses)


def test_a_clause_never_begins_before_its_regime() -> None:
    assert all(
        line.starts >= mapped.regime.starts for mapped in clause_map(BASELINE, date.max) for line in mapped.clauses
    )


@pytest.mark.parametrize("regime", ["eu-ai-act-high-risk", "eu-ai-act-products"])
def test_how_long_papers_and_logs_are_kept_is_on_the_map_and_no_gate_claims_to_serve_it(regime: str) -> None:
    (mapped,) = (each for each in clause_map(BASELINE, date(2026, 11, 21)) if each.regime.id == regime)
    kept = {line.clause.id: (line.clause.label, line.requirements) for line in mapped.clauses}
    assert kept["article-18"] == ("Article 18, technical documentation kept for 10 years", ())
    for clause in ("article-19", "article-26-6"):
        assert "at least 6 months" in kept[clause][0]
        assert kept[clause][1] == ()


def test_nothing_rescinded_is_a_regime_or_a_clause() -> None:
    said = [text for regime in BASELINE.all_regimes for text in (regime.title, *(c.label for c in regime.clauses))]
    assert not [text for text in said if any(old in text for old in ("11-7", "21-8", "2011-12", "M-24-10", "22-2017"))]


def test_a_clause_nothing_in_the_pack_serves_says_so() -> None:
    (ccpa,) = (mapped for mapped in clause_map(BASELINE, date(2026, 11, 21)) if mapped.regime.id == "ccpa")
    assert {line.clause.id: bool(line.requirements) for line in ccpa.clauses} == {
        "notice": True, "rights": False, "security": True,
    }  # fmt: skip


def test_every_requirement_an_overlay_names_is_one_we_know() -> None:
    known = {requirement.id for name in shipped_names() for requirement in parse(shipped(name)).requirements}
    named = {name for regime in BASELINE.all_regimes for clause in regime.clauses for name in clause.requirements}
    assert named - known <= {"monitoring", "certified"}


def test_what_is_stored_holds_the_overlay_in_full() -> None:
    document = parse(shipped("baseline"))
    fewer = parse(shipped("baseline").replace("  - privacy\n", ""))
    written = stored(document)["overlays"]
    assert written[0]["regimes"][0]["clauses"][0]["requirements"] == ["tier"]
    assert digest(document) != digest(fewer)


def test_an_overlay_of_ones_own_is_written_out() -> None:
    own = """  - id: house
    version: "1"
    title: House rules
    summary: Ours.
    binding: policy
    regimes:
      - {id: house, title: House, scope: Us., starts: 2026-01-01, applies_to: all,
         clauses: [{id: one, label: the first, requirements: [owner]}]}
"""
    document = parse(shipped("baseline").replace("  - sr-26-2\n", f"  - sr-26-2\n{own}"))
    assert "house" in {regime.id for regime in document.all_regimes}
    with pytest.raises(PackInvalid, match="“sr-26-2” stands here 2 times"):
        parse(shipped("baseline").replace("  - sr-26-2\n", f"  - sr-26-2\n{own.replace('id: house', 'id: sr-26-2')}"))


@pytest.mark.django_db
def test_page_and_answer_show_the_map(client: Client) -> None:
    pack = records.pack()
    person = records.person("olga")
    client.force_login(person)
    page = client.get(f"/policy/{pack.pk}/").content.decode()
    assert "Article 11 and Annex IV, technical documentation" in page
    assert "not yet in force" in page
    assert 'href="/systems/?regime=eu-ai-act-high-risk"' in page
    regimes = {line["id"]: line for line in good(Caller(person).get(f"packs/{pack.pk}/clauses/"))["regimes"]}
    assert regimes["sr-26-2"]["begun"]
    assert not regimes["eu-ai-act-high-risk"]["begun"]
    served = {line["id"]: line["requirements"] for line in regimes["eu-ai-act-high-risk"]["clauses"]}
    assert served["annex-iv"] == ["documents"]


@pytest.mark.django_db
def test_packs_are_listed_a_page_at_a_time(client: Client) -> None:
    first = records.pack()
    client.force_login(records.person("olga"))
    with records.write():
        Pack.objects.bulk_create(
            Pack(
                name="draft", version=f"{number}", title="Draft", source="", document={}, digest=first.digest,
                loaded_at=first.loaded_at,
            )
            for number in range(55)
        )  # fmt: skip
    page = client.get("/policy/").content.decode()
    assert page.count("data-row") == 50
    assert 'rel="next"' in page
