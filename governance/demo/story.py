"""Who works at the demonstration bank and which systems it runs: data only.

All people, systems, texts and digests here are invented for the demonstration.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

BANK = "Harbour & Vale Bank"


@dataclass(frozen=True)
class Person:
    """One sign-in of the demonstration."""

    username: str
    name: str
    role: str


PEOPLE = (
    Person("owner", "Amara Okafor", "Owner of most systems"),
    Person("developer", "Jonas Lindqvist", "Developer"),
    Person("validator", "Priya Raman", "Independent validator"),
    Person("validator2", "Tomás Herrera", "Independent validator"),
    Person("auditor", "Ingrid Solheim", "Process auditor, second line"),
    Person("approver", "Marcus Adeyemi", "Approver"),
    Person("riskofficer", "Claire Dubois", "Risk officer"),
    Person("incidents", "Kenji Watanabe", "Incident manager"),
    Person("governance", "Ruth Feldman", "Model governance"),
    Person("governance2", "Daniel Osei", "Model governance, second person"),
    Person("examiner", "Helen Marsh", "Examiner (internal audit), reads everything"),
    Person("tester", "Noor Haddad", "Security tester from outside, sees the fraud scorer until the audit ends"),
    Person("outsider", "Sam Carter", "Signed in, holds no role"),
    Person("superuser", "Portal operator", "Superuser: operates the portal, signs nothing"),
)

UNITS: dict[str, tuple[str, ...]] = {
    "Retail banking": ("Cards and payments", "Consumer lending", "Customer service"),
    "Financial crime": ("Anti-money laundering", "Onboarding checks"),
    "Treasury": (),
    "Marketing": (),
}


def digest(text: str) -> str:
    """A stand-in SHA-256 for an artifact of the story."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class ArtifactStory:
    """One line of a bill of materials."""

    name: str
    kind: str
    version: str = ""
    uri: str = ""
    vendor: str = ""
    model_id: str = ""
    region: str = ""
    configuration: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReleaseStory:
    """A release and how far the story takes it.

    `envelope` names the kind of change and the kind of part that may replace one later, and the lowest value of each
    metric. What is `shipped` takes that way once the change that names it is approved.
    """

    version: str
    notes: str
    artifacts: tuple[ArtifactStory, ...]
    outcome: str = "draft"
    results: tuple[tuple[str, str], ...] = ()
    envelope: tuple[str, str, tuple[tuple[str, str], ...]] | None = None


@dataclass(frozen=True)
class SystemStory:
    """A system of the bank with its releases, oldest first."""

    slug: str
    name: str
    unit: str
    tier: str
    phase: str
    purpose: str
    intended_use: str
    out_of_scope_use: str
    affected_groups: str
    human_oversight: str
    objectives: str
    origin: str = "in_house"
    vendor: str = ""
    impact: str = "neither"
    personal_data: str = "yes"
    demographic_variables: str = ""
    regimes: tuple[tuple[str, str, str], ...] = ()
    owned: bool = True
    stand_in: str = ""
    releases: tuple[ReleaseStory, ...] = ()


def model(name: str, version: str) -> ArtifactStory:
    """A trained model in the bank's own store."""
    return ArtifactStory(name, "model", version, f"s3://models.harbourvale.example/{name}/{version}/model.onnx")


def container(name: str, version: str) -> ArtifactStory:
    """A serving image in the bank's own registry."""
    return ArtifactStory(name, "container", version, f"oci://registry.harbourvale.example/{name}:{version}")


def dataset(name: str, version: str) -> ArtifactStory:
    """A frozen training set."""
    return ArtifactStory(name, "dataset", version, f"s3://data.harbourvale.example/{name}/{version}.parquet")


SYSTEMS: tuple[SystemStory, ...] = (
    SystemStory(
        slug="fraud-scorer",
        name="Card fraud scorer",
        unit="Cards and payments",
        tier="high",
        phase="production",
        purpose="Scores each card payment for fraud within 80 milliseconds; payments above the limit are declined.",
        intended_use="Decline or step up card payments by the bank's own customers, in all channels.",
        out_of_scope_use="Closing accounts; reporting customers to authorities without a case handler.",
        affected_groups="Card holders whose genuine payments are declined; merchants.",
        human_oversight="Case handlers review declines on request within one hour and can release a card.",
        objectives="Stop at least 85 % of fraudulent value at no more than 1 genuine decline in 400 payments.",
        regimes=(
            ("sr-26-2", "in", "A model with material exposure."),
            ("eu-ai-act-high-risk", "out", "Detecting fraud is expressly outside Annex III."),
        ),
        releases=(
            ReleaseStory(
                "3.1.0",
                "Gradient boosting on 14 months of payments; new merchant features.",
                (
                    model("fraud-scorer", "3.1.0"),
                    container("fraud-scorer-api", "3.1.0"),
                    dataset("payments", "2026-05"),
                ),
                "approved",
            ),
            ReleaseStory(
                "3.2.0",
                "Retrained after the summer's rise of false declines at fuel stations.",
                (
                    model("fraud-scorer", "3.2.0"),
                    container("fraud-scorer-api", "3.2.0"),
                    dataset("payments", "2026-09"),
                ),
                "first_stage_signed",
            ),
        ),
    ),
    SystemStory(
        slug="credit-risk",
        name="Consumer credit risk score",
        unit="Consumer lending",
        tier="high",
        phase="production",
        purpose="Estimates the probability that an applicant for a consumer loan defaults within twelve months.",
        intended_use="One input to the decision on loans up to 50,000, with a human decision near the cut-off.",
        out_of_scope_use="Pricing, collections, business loans.",
        affected_groups="Applicants, in particular people with short credit histories.",
        human_oversight="Underwriters decide near the cut-off and record why they differ from the score.",
        objectives="Gini of at least 0.55 on each quarter's cohort; approval-rate ratio between groups above 0.8.",
        impact="rights",
        regimes=(
            ("sr-26-2", "in", "A model with material exposure."),
            ("eu-ai-act-high-risk", "in", "It judges the creditworthiness of people."),
            ("ec-ethics", "in", "Whom it refuses is refused a service; the bank chose to hold it to the guidelines."),
        ),
        demographic_variables="Age band, used for monitoring only.",
        releases=(
            ReleaseStory(
                "5.0.0",
                "Scorecard with 23 variables, reason codes for every refusal.",
                (model("credit-scorecard", "5.0.0"), dataset("loan-applications", "2026-Q1")),
                "approved_with_condition",
            ),
        ),
    ),
    SystemStory(
        slug="support-assistant",
        name="Customer support assistant",
        unit="Customer service",
        tier="medium",
        phase="pilot",
        purpose="Drafts answers to customers' questions from the bank's help pages; an agent sends them.",
        intended_use="Drafting by trained agents. Every answer is read before it is sent.",
        out_of_scope_use="Advice on investments or credit; answering without an agent.",
        affected_groups="Customers who ask for help; agents whose work it changes.",
        human_oversight="An agent edits and sends each answer; complaints are sampled weekly.",
        objectives="Cut the median handling time by 20 % with no rise in reopened cases.",
        origin="mixed",
        vendor="Northwind Language",
        releases=(
            ReleaseStory(
                "2026.10",
                "Vendor's larger model, new retrieval over help pages.",
                (
                    ArtifactStory(
                        "language-model",
                        "service",
                        "2026-08-15",
                        "https://api.northwind-language.example/v1/chat",
                        vendor="Northwind Language",
                        model_id="nw-large-2",
                        region="eu-central",
                        configuration={"temperature": "0.2", "max_tokens": "600"},
                    ),
                    ArtifactStory("system-prompt", "prompt", "14", "git://harbourvale.example/support/prompts#14"),
                    container("support-assistant", "2026.10"),
                ),
                "in_review",
            ),
        ),
    ),
    SystemStory(
        slug="aml-monitor",
        name="Transaction monitoring for money laundering",
        unit="Anti-money laundering",
        tier="high",
        phase="production",
        purpose="Ranks transactions for investigation by the money-laundering unit.",
        intended_use="Ordering the investigators' queue; every case is decided by a person.",
        out_of_scope_use="Blocking payments.",
        affected_groups="Customers under investigation.",
        human_oversight="Investigators decide each case; a sample of low-ranked cases is read every month.",
        objectives="Find at least as many reported cases as the rule set it replaces with 30 % fewer alerts.",
        releases=(
            ReleaseStory(
                "1.4.0",
                "Isolation forest beside the legacy rules.",
                (model("aml-ranker", "1.4.0"), container("aml-ranker-api", "1.4.0")),
                "approved_and_held",
            ),
        ),
    ),
    SystemStory(
        slug="document-reader",
        name="Identity document reader",
        unit="Onboarding checks",
        tier="medium",
        phase="production",
        purpose="Reads names, dates and numbers from photographed identity documents at account opening.",
        intended_use="Filling the onboarding form; the applicant confirms every field.",
        out_of_scope_use="Deciding whether a document is genuine.",
        affected_groups="Applicants with documents in scripts the reader handles badly.",
        human_oversight="Unreadable documents go to the branch; the applicant corrects any field.",
        objectives="At least 97 % of fields right without correction, in each script.",
        origin="vendor",
        vendor="Lumen Capture",
        releases=(
            ReleaseStory(
                "8.2",
                "Vendor's release with better reading of two-line addresses.",
                (
                    ArtifactStory(
                        "document-api",
                        "service",
                        "8.2",
                        "https://eu.lumen-capture.example/v8",
                        vendor="Lumen Capture",
                        model_id="capture-8",
                        region="eu-west",
                        configuration={"languages": "en,de,fr,es,sv"},
                    ),
                ),
                "approved",
            ),
        ),
    ),
    SystemStory(
        slug="churn-predictor",
        name="Churn predictor",
        unit="Marketing",
        tier="low",
        phase="production",
        purpose="Estimates which customers may close their account in the next quarter.",
        intended_use="Choosing whom the retention team calls.",
        out_of_scope_use="Prices, credit, service levels.",
        affected_groups="Customers who are called, or not.",
        human_oversight="The retention team may call anybody; lists are reviewed monthly.",
        objectives="Keep 300 more customers a quarter than calling at random.",
        stand_in="developer",
        releases=(
            ReleaseStory(
                "12.0.0",
                "Logistic regression, 11 variables.",
                (model("churn", "12.0.0"),),
                "approved",
                (("auc-roc", "0.81"),),
                ("retraining", "model", (("auc-roc", "0.78"),)),
            ),
            ReleaseStory(
                "12.0.1",
                "Retrained on the third quarter.",
                (model("churn", "12.0.1"),),
                "shipped",
                (("auc-roc", "0.82"),),
            ),
            ReleaseStory(
                "12.0.2",
                "Retrained on the summer alone.",
                (model("churn", "12.0.2"),),
                "draft",
                (("auc-roc", "0.76"),),
            ),
            ReleaseStory("12.1.0", "Adds app usage.", (model("churn", "12.1.0"),), "draft"),
        ),
    ),
    SystemStory(
        slug="property-valuation",
        name="Residential property valuation",
        unit="Consumer lending",
        tier="high",
        phase="development",
        purpose="Estimates the market value of homes offered as security.",
        intended_use="Mortgages up to 60 % of the value; everything above goes to a surveyor.",
        out_of_scope_use="Valuing land, farms or flats in buildings under construction.",
        affected_groups="Borrowers whose home is valued too low or too high.",
        human_oversight="A surveyor values one home in twenty and every disputed one.",
        objectives="Median error under 6 %; no region over 9 %.",
        releases=(
            ReleaseStory(
                "0.9.0",
                "First candidate; spatial features.",
                (model("property-value", "0.9.0"), dataset("sales", "2026-06")),
                "rejected",
            ),
        ),
    ),
    SystemStory(
        slug="cash-forecast",
        name="Branch cash forecast",
        unit="Treasury",
        tier="low",
        phase="production",
        purpose="Forecasts the daily need for cash in each branch and machine.",
        intended_use="Ordering cash two days ahead.",
        out_of_scope_use="Liquidity reporting.",
        affected_groups="None beyond branch staff.",
        human_oversight="Branch managers change any order before noon.",
        objectives="Halve emergency deliveries.",
        personal_data="no",
        releases=(
            ReleaseStory("4.3.1", "Holiday calendar for 2027.", (model("cash-forecast", "4.3.1"),), "suspended"),
        ),
    ),
    SystemStory(
        slug="collections-priority",
        name="Collections priority",
        unit="Consumer lending",
        tier="medium",
        phase="pilot",
        purpose="Orders overdue accounts by the chance that a call helps.",
        intended_use="The order of the call list.",
        out_of_scope_use="Fees, legal steps, reports to credit bureaus.",
        affected_groups="Customers in arrears, some of them vulnerable.",
        human_oversight="Agents skip a call when vulnerability is flagged; team leads review daily.",
        objectives="Cure 5 % more accounts within 30 days without more complaints.",
        releases=(
            ReleaseStory(
                "2.0.0",
                "Uplift model instead of a risk score.",
                (model("collections-uplift", "2.0.0"), dataset("arrears", "2026-07")),
                "returned",
            ),
        ),
    ),
    SystemStory(
        slug="complaint-triage",
        name="Complaint triage",
        unit="Customer service",
        tier="medium",
        phase="production",
        purpose="Sorts written complaints by topic and urgency.",
        intended_use="Routing to the right team.",
        out_of_scope_use="Deciding a complaint.",
        affected_groups="Customers whose complaint waits.",
        human_oversight="Any handler re-routes in one click; urgent words always reach a person at once.",
        objectives="95 % of urgent complaints read within four hours.",
        releases=(
            ReleaseStory(
                "6.0.0",
                "Multilingual encoder.",
                (model("complaint-encoder", "6.0.0"),),
                "approved_with_finding",
            ),
        ),
    ),
    SystemStory(
        slug="marketing-uplift",
        name="Marketing uplift",
        unit="Marketing",
        tier="low",
        phase="planned",
        purpose="Would choose which customers see an offer in the app.",
        intended_use="Not decided yet.",
        out_of_scope_use="",
        affected_groups="",
        human_oversight="",
        objectives="",
        owned=False,
    ),
    SystemStory(
        slug="rates-nowcast",
        name="Deposit rate nowcast",
        unit="Treasury",
        tier="low",
        phase="retired",
        purpose="Estimated competitors' deposit rates from public pages.",
        intended_use="A weekly table for the treasury committee.",
        out_of_scope_use="Setting rates automatically.",
        affected_groups="None.",
        human_oversight="The committee discusses the table.",
        objectives="Replaced by a vendor's feed.",
        personal_data="no",
        releases=(
            ReleaseStory("1.0.0", "Last release before retirement.", (model("rates-nowcast", "1.0.0"),), "retired"),
        ),
    ),
)
