"""The words of an analysis: where causes lie, and what contributes again and again. Pure data."""

from __future__ import annotations

from collections.abc import Mapping

CATEGORIES: Mapping[str, str] = {
    "people": "People",
    "process": "Process",
    "data": "Data",
    "model": "Model",
    "technology": "Technology",
    "environment": "Environment",
}

# Category → what may contribute, by the word the trends count it under.
FACTORS: Mapping[str, Mapping[str, str]] = {
    "people": {
        "missing-skill": "Skill or training was missing",
        "oversight-failed": "Human oversight did not hold",
        "handover-gap": "Something was lost in a handover",
        "misuse": "Used for what it was not made for",
        "overload": "Too much work for too few",
    },
    "process": {
        "change-unseen": "A change went in unseen",
        "test-missing": "A test was missing",
        "monitoring-gap": "Nobody watched it",
        "owner-unclear": "Nobody knew who answers for it",
        "procedure-missing": "There was no procedure, or a wrong one",
    },
    "data": {
        "upstream-change": "A source changed what it sends",
        "data-drift": "The data moved away from those of the training",
        "labels-wrong": "Labels were wrong or late",
        "data-missing": "Values were missing or of bad quality",
        "not-representative": "Some groups were not represented",
        "data-tampered": "Data were tampered with",
    },
    "model": {
        "concept-drift": "What it learnt holds no longer",
        "wrong-objective": "It was made for another aim than that of its use",
        "wrong-threshold": "A threshold was wrong",
        "overfitted": "It had learnt its training data by heart",
        "group-differs": "It works worse for some groups",
    },
    "technology": {
        "software-defect": "A defect in software",
        "configuration-wrong": "A wrong configuration",
        "capacity-short": "Too little capacity",
        "integration-broken": "Two systems did not fit together",
        "access-too-wide": "Access was too wide",
    },
    "environment": {
        "vendor-change": "A vendor changed or failed",
        "law-changed": "A law or a rule changed",
        "market-moved": "The market or the customers changed",
        "attack": "Somebody attacked it",
        "rare-event": "A rare event",
    },
}

TITLES: Mapping[str, str] = {word: title for words in FACTORS.values() for word, title in words.items()}
MOST_WHYS = 10
