"""Whether a document says what its template asks for."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.policy.completeness import (
    asked_sections,
    groups_of,
    owes,
    says_something,
    section_name,
    standing,
    standings,
)
from governance.policy.facts import DocumentFact, SystemFacts
from governance.policy.packs import parse, shipped
from governance.policy.schema import DocumentTemplate

PACK = parse(shipped("baseline"))
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def template(name: str) -> DocumentTemplate:
    assert PACK.documents is not None
    return next(known for known in PACK.documents.templates if known.id == name)


def system(tier: str, *, groups: str = "", regimes: tuple[str, ...] = ()) -> SystemFacts:
    return SystemFacts(1, "s", "S", tier, regimes=frozenset(regimes), affected_groups=groups_of(groups))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("It scores payments.", True),
        ("42", True),
        ("評価", True),
        ("Not applicable: there is no training data.", True),
        ("# Data\n\nFrom the ledger.", True),
        ("", False),
        (" \n\t", False),
        ("## Data\n\n---", False),
        ("TBD", False),
        ("n/a", False),
        ("- To do.", False),
        ("…", False),
        ("# A heading\n\n**TBD**", False),
    ],
)
def test_headings_rules_and_placeholders_say_nothing(text: str, told: bool) -> None:
    assert says_something(text) is told


@pytest.mark.parametrize(
    ("tier", "regimes", "wanted"),
    [
        ("high", (), ["model-documentation", "impact-assessment"]),
        ("medium", (), ["model-documentation"]),
        ("low", (), ["model-card"]),
        ("high", ("eu-ai-act-high-risk",), ["model-documentation", "impact-assessment", "eu-ai-act-annex-iv"]),
        ("", (), ["model-documentation", "impact-assessment", "model-card"]),
    ],
)
def test_what_is_owed_follows_tier_and_regimes_and_an_unknown_tier_owes_all(
    tier: str, regimes: tuple[str, ...], wanted: list[str]
) -> None:
    assert PACK.documents is not None
    assert [t.id for t in PACK.documents.templates if owes(t, system(tier, regimes=regimes), PACK)] == wanted


@pytest.mark.parametrize("name", ["baseline", "baseline-small"])
@pytest.mark.parametrize("tier", ["high", "medium", "low"])
@pytest.mark.parametrize(
    ("regimes", "day"),
    [
        (("eu-ai-act-high-risk",), datetime(2027, 12, 2, tzinfo=UTC)),
        (("eu-ai-act-products",), datetime(2028, 8, 2, tzinfo=UTC)),
        (("eu-ai-act-products", "eu-ai-act-high-risk"), datetime(2027, 12, 2, tzinfo=UTC)),
    ],
)
def test_annex_iv_is_owed_in_every_tier_from_the_day_of_its_chapter(
    name: str, tier: str, regimes: tuple[str, ...], day: datetime
) -> None:
    pack = parse(shipped(name))
    concerned = system(tier, regimes=regimes)

    def demanded(at: datetime) -> set[str]:
        return {document.template for document in standings(pack, concerned, (), at) if document.demanded}

    assert demanded(day) - demanded(day - timedelta(seconds=1)) == {"eu-ai-act-annex-iv"}


def test_a_templates_own_day_holds_where_it_is_later_than_its_regimes() -> None:
    own = "[eu-ai-act-high-risk, eu-ai-act-products] # owed from the day theirs begins\n"
    for stated, wanted in (("2029-01-01", 2029), ("2026-01-01", 2027)):
        pack = parse(shipped("baseline").replace(own, f"{own}      starts: {stated}\n"))
        assert pack.documents is not None
        annex = next(known for known in pack.documents.templates if known.id == "eu-ai-act-annex-iv")
        starts = standing(annex, None, system("high", regimes=("eu-ai-act-high-risk",)), pack, NOW).starts
        assert starts is not None
        assert starts.year == wanted


def test_a_small_organisation_owes_one_card() -> None:
    small = parse(shipped("baseline-small"))
    for tier in ("high", "medium", "low"):
        assert [d.template for d in standings(small, system(tier), (), NOW) if d.demanded] == ["model-card"]


def test_a_duty_that_has_not_begun_is_not_demanded_and_says_when_it_will_be() -> None:
    concerned = system("high", regimes=("eu-ai-act-high-risk",))
    start = datetime(2027, 12, 2, tzinfo=UTC)
    before = standing(template("eu-ai-act-annex-iv"), None, concerned, PACK, NOW)
    assert (before.demanded, before.starts, len(before.sections)) == (False, start, 9)
    assert standing(template("eu-ai-act-annex-iv"), None, concerned, PACK, start).demanded
    assert standing(template("eu-ai-act-annex-iv"), None, system("high"), PACK, start).starts is None


def test_each_affected_group_has_a_section_of_its_own() -> None:
    groups = groups_of("- Applicants\r\n\n* Guarantors, abroad\nApplicants\n高齢者")
    assert groups == ("Applicants", "Guarantors, abroad", "高齢者")
    asked = [section for section in asked_sections(template("impact-assessment"), groups) if section.group]
    assert [section.id for section in asked] == [
        "effects-applicants", "effects-guarantors-abroad", "effects-u9ad8-9f62-8005",
    ]  # fmt: skip
    assert asked[0].title == "Effects: Applicants"
    assert [s.id for s in asked_sections(template("impact-assessment"), ()) if s.id == "effects"] == ["effects"]


def test_names_of_groups_fit_an_address() -> None:
    assert section_name("effects", "Ältere Menschen " * 30).startswith("effects-altere-menschen")
    assert len(section_name("effects", "x" * 400)) <= 80


def test_gaps_and_the_sentence_about_them() -> None:
    card, low = template("model-card"), system("low")
    names = {"purpose", "data", "performance", "limits"}
    cases = [
        (None, "Model card is missing"),
        (
            DocumentFact("model-card", "Card", 1, frozenset(names), "olga"),
            "Model card lacks Human oversight and appeal",
        ),
        (DocumentFact("model-card", "Card", 1, frozenset({*names, "oversight"}), ""), "Model card names no contact"),
        (DocumentFact("model-card", "Card", 1, frozenset({*names, "oversight"}), "olga"), ""),
    ]
    for document, said in cases:
        found = standing(card, document, low, PACK, NOW)
        assert (found.problem, found.complete) == (said, not said)
    assert (found.written, found.required) == (5, 5)
