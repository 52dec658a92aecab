"""What the demonstration's systems are built upon and what could go wrong with them: data, and its telling.

All names, texts and amounts here are invented for the demonstration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from governance.access.models import User
from governance.database.clock import portal_now
from governance.demo.story import BANK, digest
from governance.ledger.acting import Door
from inventory.models import Asset, System, Unit
from inventory.services.assets import add_asset_version, create_asset, end_support_of_asset, withdraw_asset
from inventory.services.dependencies import create_dependency
from inventory.services.risks import accept_risk, analyse_risk, identify_risk, treat_risk

DOOR = Door.COMMAND


@dataclass(frozen=True)
class AssetStory:
    """Something the bank builds upon, with what it is made from."""

    slug: str
    name: str
    kind: str
    version: str
    unit: str = BANK
    said: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    stopped: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class RiskStory:
    """A risk and how far the story takes it."""

    title: str
    area: str
    cause: str
    effect: str
    grade: tuple[str, str]
    plan: str = ""
    remains: tuple[str, str] = ("", "")
    cost: str = ""
    benefit: str = ""
    accepted: str = ""


ASSETS = (
    AssetStory(
        "payment-stream", "Card payment stream", "dataset", "2026-09",
        said={
            "description": "Every authorised card payment, an hour after it happened.", "source": "Card switch",
            "permission": "granted", "permission_basis": "Performance of the card contract.", "personal_data": "yes",
            "retention": "13 months, then deleted by partition.", "synthetic": "no",
            "contact": "data@harbourvale.example",
            "quality_checks": "Missing fields and duplicates daily; drift of 40 fields weekly.",
            "representation": "Customers without a card are absent.", "location": "Warehouse, eu-west",
        },
    ),
    AssetStory(
        "payment-features", "Payment features", "dataset", "41", needs=("payment-stream", "feature-pipeline"),
        said={"permission": "granted", "personal_data": "yes", "retention": "As the card payment stream."},
    ),
    AssetStory(
        "feature-pipeline", "Feature pipeline", "pipeline", "7.2",
        said={"description": "Nightly, versioned, the same code for training and serving.", "location": "Cluster A"},
    ),
    AssetStory(
        "gradient-trees", "Gradient trees", "library", "2.1.3",
        said={"licence": "Apache-2.0", "openness": "open", "lock_in": "None: models export to ONNX."},
    ),
    AssetStory(
        "rules-engine", "Legacy rules engine", "library", "3.0", stopped=("end_support", "Its supplier closed."),
        said={"licence": "Commercial", "openness": "proprietary", "lock_in": "412 rules in its own notation."},
    ),
    AssetStory(
        "language-model", "General language model", "base_model", "2026-05",
        said={
            "vendor": "Northlight", "licence": "Commercial, per call", "openness": "proprietary",
            "training_data": "Not disclosed beyond a summary.", "lock_in": "Prompts are tuned to it.",
        },
    ),
    AssetStory(
        "language-api", "Language model API", "service", "v4", needs=("language-model",),
        said={
            "vendor": "Northlight", "contract": "HV-2026-118", "location": "eu-central", "personal_data": "yes",
            "retention": "The supplier keeps nothing after 24 hours.", "access_control": "A token per system.",
        },
    ),
    AssetStory(
        "branch-handbook-prompt", "Branch handbook prompt", "prompt", "14", unit="Customer service",
        said={"description": "Instructions and house style for draft answers."},
    ),
    AssetStory(
        "regional-sales", "Regional home sales", "dataset", "2026-06", unit="Consumer lending",
        stopped=("withdraw", "Two coastal counties withdrew their permission; a cleaned set follows."),
        said={"source": "County registries", "permission": "refused", "personal_data": "no"},
    ),
)  # fmt: skip

NEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    "fraud-scorer": (("payment-features", "trained_on"), ("gradient-trees", "uses")),
    "credit-risk": (("gradient-trees", "uses"), ("feature-pipeline", "uses")),
    "support-assistant": (("language-api", "calls"), ("branch-handbook-prompt", "uses")),
    "aml-monitor": (("payment-stream", "uses"), ("rules-engine", "uses")),
    "complaint-triage": (("language-model", "derived_from"),),
    "property-valuation": (("regional-sales", "trained_on"), ("gradient-trees", "uses")),
}
RISKS: dict[str, tuple[RiskStory, ...]] = {
    "fraud-scorer": (
        RiskStory(
            "Honest customers are blocked abroad", "people", "Few payments from abroad in the training set.",
            "Cards refused while travelling; complaints; customers without another means to pay.",
            ("likely", "serious"), "A second factor by text message in place of a refusal.", ("rare", "serious"),
            "60000", "240000",
        ),
        RiskStory(
            "Fraudsters learn the threshold", "security", "Small test payments show what passes.",
            "Losses grow until the next release.", ("possible", "noticeable"),
        ),
    ),
    "credit-risk": (
        RiskStory(
            "Applicants with a short history are refused", "people", "The score leans on the length of the record.",
            "Newcomers and the young borrow elsewhere, at worse terms.", ("possible", "serious"),
            "A credit officer decides alone below six months of record.", ("rare", "serious"), "45000", "90000",
        ),
    ),
    "aml-monitor": (
        RiskStory(
            "A sanctioned transfer passes", "compliance", "Names are written in many ways.",
            "A fine, and a remedy under supervision.", ("possible", "noticeable"),
        ),
    ),
    "support-assistant": (
        RiskStory(
            "Drafts state fees that are wrong", "compliance", "The model fills gaps with plausible numbers.",
            "Customers rely on a wrong fee; refunds; a report to the supervisor.", ("likely", "serious"),
            "Fees come from the price list, never from the model.", ("rare", "noticeable"), "15000", "50000",
        ),
        RiskStory(
            "The supplier changes the model without notice", "operations", "No right to notice in the contract.",
            "Answers change overnight.", ("possible", "serious"),
            accepted="Carried until the contract is renewed; the weekly sample would show it.",
        ),
    ),
    "collections-priority": (
        RiskStory(
            "Vulnerable customers are called first", "people", "Illness and debt go together.",
            "Pressure on those who can bear it least.", ("expected", "serious"),
        ),
    ),
    "property-valuation": (
        RiskStory("Homes by the sea are valued too high", "finance", "Few sales, old sales.", "Loans above the limit.",
                  ("likely", "noticeable")),
    ),
}  # fmt: skip


def assets(units: dict[str, Unit], governance: User) -> None:
    """Register what stands open to several systems; what is there already is left alone."""
    made: dict[str, Asset] = {}
    for told in ASSETS:
        there = Asset.objects.filter(slug=told.slug).first()
        if there is not None:
            continue
        made[told.slug] = create_asset(
            actor=governance, unit=units[told.unit], kind=told.kind, slug=told.slug, name=told.name, door=DOOR,
            **told.said,
        )  # fmt: skip
        add_asset_version(
            actor=governance, asset=made[told.slug], version=told.version, sha256=digest(f"{told.slug} {told.version}"),
            door=DOOR,
        )  # fmt: skip
    for told in ASSETS:
        if told.slug not in made:
            continue
        for needed in told.needs:
            create_dependency(
                actor=governance, source=made[told.slug], target=Asset.objects.get(slug=needed),
                relation="derived_from", door=DOOR,
            )  # fmt: skip


def stand(system: System, owner: User) -> None:
    """Say what a system depends on."""
    for slug, relation in NEEDS.get(system.slug, ()):
        create_dependency(actor=owner, source=system, target=Asset.objects.get(slug=slug), relation=relation, door=DOOR)


def stop(governance: User) -> None:
    """Stop what the story says is stopped, after its systems have been told."""
    stops = {"withdraw": withdraw_asset, "end_support": end_support_of_asset}
    for told in ASSETS:
        verb, reason = told.stopped
        asset = Asset.objects.filter(slug=told.slug, state="active").first()
        if verb and asset is not None:
            stops[verb](actor=governance, asset=asset, reason=reason, door=DOOR)


def risks(system: System, owner: User, developer: User, officer: User) -> None:
    """Write down, grade and treat the risks of a system."""
    for told in RISKS.get(system.slug, ()):
        risk = identify_risk(
            actor=developer, system=system, title=told.title, area=told.area, cause=told.cause, effect=told.effect,
            door=DOOR,
        )  # fmt: skip
        likelihood, consequence = told.grade
        analyse_risk(actor=owner, risk=risk, likelihood=likelihood, consequence=consequence, door=DOOR)
        month = portal_now() + timedelta(days=30)
        if told.plan:
            treat_risk(
                actor=owner, risk=risk, treatment="mitigate", plan=told.plan, owner=developer, due=month,
                residual_likelihood=told.remains[0], residual_consequence=told.remains[1],
                cost=Decimal(told.cost), benefit=Decimal(told.benefit), review_at=month + timedelta(days=60), door=DOOR,
            )  # fmt: skip
        if told.accepted:
            accept_risk(actor=officer, risk=risk, until=month, reason=told.accepted, door=DOOR)
