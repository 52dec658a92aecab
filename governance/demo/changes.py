"""What changes on the demonstration's systems: requests, and how far the story takes each. Data only.

All texts here are invented for the demonstration.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChangeStory:
    """A change request and how far the story takes it."""

    kind: str
    title: str
    what: str
    why: str
    components: tuple[str, ...]
    test_plan: str
    rollback_plan: str
    release: str = ""
    rollback_release: str = ""
    emergency: bool = False
    assets: tuple[str, ...] = ()
    said: tuple[tuple[str, bool, str], ...] = ()
    days: int = 3
    outcome: str = "in_approval"


CHANGES: dict[str, tuple[ChangeStory, ...]] = {
    "fraud-scorer": (
        ChangeStory(
            kind="retraining",
            title="Retrain on the payments of the summer",
            what="Same features and design, trained on payments up to September instead of May.",
            why="False declines at fuel stations have doubled since the terminals changed their merchant codes.",
            components=("Gradient boosting model", "Training set payments 2026-09"),
            test_plan="Score September's payments with both releases; compare declines by merchant code.",
            rollback_plan="Deploy 3.1.0 again; the switch takes four minutes.",
            release="3.2.0",
            rollback_release="3.1.0",
            outcome="approved",
        ),
    ),
    "document-reader": (
        ChangeStory(
            kind="third-party-version",
            title="Vendor's release 8.2",
            what="The vendor replaces the reading of addresses; nothing else changes by its notes.",
            why="Two-line addresses are cut off in one form in nine.",
            components=("Lumen Capture API",),
            test_plan="Read 500 stored forms with both versions and compare every field.",
            rollback_plan="The vendor keeps 8.1 available for 90 days under its own address.",
            release="8.2",
            outcome="implemented",
        ),
    ),
    "churn-predictor": (
        ChangeStory(
            kind="feature",
            title="App usage as a new input",
            what="Adds the number of days the app was opened in the last month.",
            why="Customers who stop opening the app close their account twice as often.",
            components=("Churn model", "App event store"),
            test_plan="Compare the lists of both releases for October; look at customers without the app.",
            rollback_plan="Deploy 12.0.0 again.",
            release="12.1.0",
            rollback_release="12.0.0",
        ),
        ChangeStory(
            kind="retraining",
            title="Retrain on the third quarter",
            what="The same eleven variables, three more months.",
            why="The calls of the summer reached fewer who meant to leave.",
            components=("Churn model",),
            test_plan="AUC on October; it stays above what the envelope of 12.0.0 asks for.",
            rollback_plan="Deploy 12.0.0 again.",
            release="12.0.1",
            rollback_release="12.0.0",
            days=1,
            outcome="shipped",
        ),
        ChangeStory(
            kind="retraining",
            title="Retrain on the summer alone",
            what="The same eleven variables, June to August only.",
            why="To see whether the season explains the change.",
            components=("Churn model",),
            test_plan="AUC on October; it stays above what the envelope of 12.0.0 asks for.",
            rollback_plan="Deploy 12.0.0 again.",
            release="12.0.2",
            rollback_release="12.0.0",
            outcome="approved",
        ),
        ChangeStory(
            kind="infrastructure",
            title="Write the lists with the new scheduler",
            what="The nightly lists are written by the new scheduler instead of the old one.",
            why="The old scheduler is switched off in spring.",
            components=("Nightly scheduler",),
            test_plan="Write one night's lists with both and compare them.",
            rollback_plan="Switch the old scheduler on again.",
            days=2,
            outcome="rolled_back",
        ),
    ),
    "property-valuation": (
        ChangeStory(
            kind="third-party-version",
            title="Gradient trees 2.2",
            what="The shared library in its next version; it treats missing values in another way.",
            why="Version 2.1 gets no corrections of security any more.",
            components=("Gradient trees",),
            test_plan="Train last quarter's models with both versions and compare every score.",
            rollback_plan="Pin version 2.1.3 again in the shared image.",
            assets=("gradient-trees",),
            days=9,
            said=(
                ("fraud-scorer", True, ""),
                ("credit-risk", False, "Not while the cohort of the quarter is being measured."),
            ),
        ),
    ),
    "cash-forecast": (
        ChangeStory(
            kind="infrastructure",
            title="Read the calendar of 2026 again",
            what="The job reads last year's calendar until the new one is mended.",
            why="Branches were sent twice the cash they need.",
            components=("Calendar job",),
            test_plan="",
            rollback_plan="Point the job at the new calendar.",
            emergency=True,
            outcome="emergency",
        ),
    ),
}
