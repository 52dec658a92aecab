"""Reports of tools that look at data: SageMaker Model Monitor and Evidently. A report has violations, or it has none.

SageMaker: `constraint_violations.json` with `endpoint`, `monitoring_schedule` and `captured_at` beside it. Evidently: a
report's JSON with `project` and, if it has none of its own, `timestamp` beside it. What a report does not repeat is
not closed by it: reports cover different checks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from incidents.alerts import heard
from incidents.alerts.heard import Heard


def read_sagemaker(body: Mapping[str, Any]) -> Iterable[Heard]:
    """Each violated constraint is an alert. Raises InvalidInput."""
    schedule = heard.required(body.get("monitoring_schedule"), "monitoring_schedule", 100)
    at = heard.instant(body.get("captured_at"), "captured_at")
    endpoint = heard.text(body.get("endpoint"), heard.LABEL)
    for place, violation in enumerate(heard.listed(body, "violations")):
        feature = heard.text(violation.get("feature_name") or violation.get("metric_name"), 120)
        check = heard.required(violation.get("constraint_check_type"), f"violations.{place}.constraint_check_type", 60)
        labels = {"endpoint": endpoint, "feature": feature, "schedule": schedule, "check": check}
        yield Heard(
            fingerprint=_key(schedule, feature, check), starts_at=at, ends_at=None,
            name=f"{check} {feature}".strip()[: heard.NAME], severity="warning", labels=heard.labels(labels),
            summary=heard.text(violation.get("description"), heard.SUMMARY, lines=True),
        )  # fmt: skip


def read_evidently(body: Mapping[str, Any]) -> Iterable[Heard]:
    """Each test that failed, or each drifted column of a report without tests, is an alert. Raises InvalidInput."""
    at = heard.instant(body.get("timestamp"), "timestamp")
    project = heard.text(body.get("project") or body.get("project_name"), heard.LABEL)
    found = list(_failed_tests(body)) if "tests" in body else list(_drifted(body))
    for name, column, words in found[: heard.MOST]:
        yield Heard(
            fingerprint=_key(project, name, column), starts_at=at, ends_at=None,
            name=f"{name} {column}".strip()[: heard.NAME], summary=words, severity="warning",
            labels=heard.labels({"project": project, "feature": column, "check": name}),
        )  # fmt: skip


def _failed_tests(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for test in heard.listed(body, "tests"):
        if str(test.get("status", "")).upper() in {"FAIL", "ERROR"}:
            parameters = test.get("parameters")
            column = parameters.get("column_name") if isinstance(parameters, Mapping) else ""
            words = heard.text(test.get("description"), heard.SUMMARY, lines=True)
            yield heard.text(test.get("name"), 120) or "Test", heard.text(column, 120), words


def _drifted(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for metric in heard.listed(body, "metrics"):
        result = metric.get("result")
        columns = result.get("drift_by_columns") if isinstance(result, Mapping) else None
        for column, about in (columns or {}).items() if isinstance(columns, Mapping) else ():
            if isinstance(about, Mapping) and about.get("drift_detected") is True:
                how = heard.text(about.get("stattest_name"), 120)
                score = heard.text(about.get("drift_score"), 40)
                yield "Drift of", heard.text(column, 120), f"{how}: {score}".strip(": ")


def _key(*words: str) -> str:
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:32]
