"""Shipped mappings of the generic door: where tools keep the words of an alert, so that they post what they post.

    POST /api/v1/alerts/generic/?mapping=azure-ml

A field may have several places: the first that holds something counts. What a mapping reads is written down in
governance/docs/incidents.md with an example of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shipped:
    """Where one tool keeps what: field → places, and labels worth keeping → places. `alerts` is where the list is."""

    places: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alerts: str = ""


_AZURE = "data.essentials."
_VERTEX = "incident."

SHIPPED: Mapping[str, Shipped] = {
    # Azure Machine Learning: an action group of Azure Monitor, common alert schema.
    "azure-ml": Shipped(
        places={
            "fingerprint": (_AZURE + "alertId", _AZURE + "originAlertId"),
            "status": (_AZURE + "monitorCondition",),
            "starts_at": (_AZURE + "firedDateTime",),
            "ends_at": (_AZURE + "resolvedDateTime",),
            "name": (_AZURE + "alertRule",),
            "summary": (_AZURE + "description",),
            "severity": (_AZURE + "severity",),
            "system": ("data.customProperties.system", _AZURE + "configurationItems.0"),
            "metric": ("data.customProperties.metric", "data.alertContext.condition.allOf.0.metricName"),
            "slice": ("data.customProperties.slice",),
            "link": (_AZURE + "investigationLink",),
        },
        labels={"workspace": (_AZURE + "targetResourceName",), "signal": (_AZURE + "signalType",)},
    ),
    # Vertex AI Model Monitoring: a webhook channel of Google Cloud Monitoring, version 1.2.
    "vertex-ai": Shipped(
        places={
            "fingerprint": (_VERTEX + "incident_id",),
            "status": (_VERTEX + "state",),
            "starts_at": (_VERTEX + "started_at",),
            "ends_at": (_VERTEX + "ended_at",),
            "name": (_VERTEX + "policy_name", _VERTEX + "condition_name"),
            "summary": (_VERTEX + "summary",),
            "severity": (_VERTEX + "severity",),
            "system": (
                _VERTEX + "policy_user_labels.system", _VERTEX + "resource.labels.endpoint_id",
                _VERTEX + "metadata.user_labels.system",
            ),
            "metric": (_VERTEX + "policy_user_labels.metric", _VERTEX + "metric.type"),
            "slice": (_VERTEX + "metric.labels.feature_name",),
            "link": (_VERTEX + "url",),
        },
        labels={"project": (_VERTEX + "scoping_project_id",), "condition": (_VERTEX + "condition_name",)},
    ),
    # A run linked to DVC: what a CI step posts of the runs `dvc exp show --json` lists, with what it found wrong.
    "dvc": Shipped(
        alerts="runs",
        places={
            "fingerprint": ("name", "rev"),
            "status": ("status",),
            "starts_at": ("data.timestamp",),
            "ends_at": ("ended",),
            "name": ("alert", "name"),
            "summary": ("error.msg", "message"),
            "severity": ("severity",),
            "system": ("system",),
            "metric": ("metric",),
            "slice": ("slice",),
            "link": ("url",),
        },
        labels={"dvc_rev": ("data.rev", "rev"), "dvc_experiment": ("name",), "repository": ("repository",)},
    ),
}  # fmt: skip
