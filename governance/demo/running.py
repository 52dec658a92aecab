"""What runs at the demonstration's bank: reported by its cluster, one of it without an approval and dealt with.

All places and providers here are invented for the demonstration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from governance.access.models import User
from governance.gate.asking import Question
from governance.gate.services import answer, ask_as_person, record
from governance.ledger.acting import Door
from governance.policy.checking import Purpose
from governance.policy.queries import pack_in_force
from incidents.models import Incident
from incidents.services import contain_incident, triage_incident
from inventory.models import Artifact, Deployment, Release
from inventory.services.deployments import report_running

DOOR = Door.COMMAND
CLOUD = {"hosting": "cloud", "provider": "Northern Cloud", "region": "north-1"}
OWN = {"hosting": "on_premises", "region": "Harbour data centre"}
# Environment, system, version, where, how it took over. The newest release of the churn predictor is approved and
# runs nowhere; the cash forecast's was suspended after it had been deployed.
THERE: tuple[tuple[str, str, str, Mapping[str, str], str], ...] = (
    ("production", "fraud-scorer", "3.1.0", CLOUD, "blue_green"),
    ("production", "credit-risk", "5.0.0", OWN, "all_at_once"),
    ("production", "churn-predictor", "12.0.0", CLOUD, "all_at_once"),
    ("production", "cash-forecast", "4.3.1", OWN, "rolling"),
    ("staging", "fraud-scorer", "3.2.0", CLOUD, "rolling"),
)
SUSPENDED = "cash-forecast"
# The clusters that tell it, each its own part.
PLACES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("production", "north-1", CLOUD), ("production", "harbour", OWN), ("staging", "north-1", CLOUD),
)  # fmt: skip


@transaction.atomic
def running(people: Mapping[str, User]) -> None:
    """Report what runs at three places of two environments, and deal with the incident that follows."""
    if Deployment.objects.exists() or pack_in_force() is None:
        return
    for environment, cluster, location in PLACES:
        told = [_entry(*line[1:]) for line in THERE if line[0] == environment and line[3] is location]
        there = [line for line in told if line["sha256"]]
        for line in there:
            if line["system"] != SUSPENDED:
                _ask_first(people["developer"], environment, line)
        report_running(
            actor=people["developer"], environment=environment, cluster=cluster, running=there, door=DOOR
        )  # fmt: skip
    incident = Incident.objects.filter(alerts__source="deployment").first()
    if incident is None:
        return
    leader = people["incidents"]
    triage_incident(actor=leader, incident=incident, commander=leader, door=DOOR)
    contain_incident(
        actor=leader, incident=incident, door=DOOR,
        containment="Branches are stocked by last year's figures; the forecast is switched off tonight.",
    )  # fmt: skip


def _ask_first(person: User, environment: str, line: Mapping[str, Any]) -> None:
    """The pipeline asked the gate before it deployed this, and its answer was kept."""
    question = Question(environment, line["system"], line["release"], tuple(line["sha256"]), Purpose.DEPLOY)
    asking = ask_as_person(question, person)
    record(asking, answer(question, asking))


def _entry(slug: str, version: str, location: Mapping[str, str], strategy: str) -> dict[str, Any]:
    """A release as a cluster sees it: by the digests of what can run."""
    release = Release.objects.filter(system__slug=slug, version=version)
    made = Artifact.objects.filter(release__in=release, kind__in=["container", "model"]).order_by("kind")
    digests = list(made.values_list("sha256", flat=True))
    return {"system": slug, "release": version, "sha256": digests, "location": location, "strategy": strategy}
