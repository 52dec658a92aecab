"""What the gate adds to a deployment over REST: what it had said before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from governance.access.models import User
from governance.gate.models import GateCheck
from governance.policy.checking import Purpose
from governance.rest.parts import Part, contribute
from inventory.models import Deployment

NEWEST = 3


class GateCheckShown(serializers.Serializer[Any]):
    """One answer to a pipeline."""

    at = serializers.DateTimeField()
    decision = serializers.ChoiceField(GateCheck.Decision.values)
    enforced = serializers.BooleanField()
    unmet = serializers.ListField(child=serializers.CharField())
    waived = serializers.ListField(child=serializers.CharField(), help_text="Those a waiver stood in for.")
    legacy = serializers.ListField(child=serializers.CharField(), help_text="Those a legacy approval stood in for.")


def _of_deployment(row: Deployment, person: User) -> Iterable[GateCheck]:
    asked = GateCheck.objects.filter(
        release=row.release_id, environment=row.environment, purpose=Purpose.DEPLOY, at__lte=row.at
    )
    return asked.order_by("-at", "-pk")[:NEWEST] if row.release_id else ()


def register() -> None:
    """Fill the detail; called once at start."""
    contribute("deployment", Part("gate_checks", GateCheckShown, _of_deployment))
