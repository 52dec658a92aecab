"""The policy in force over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.policy.queries import pack_in_force, rules
from governance.rest.permissions import Audience
from governance.rest.views import PortalViewSet


class AnswerOption(serializers.Serializer[Any]):
    """One answer a question takes."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the wire's word, not the class's
    level = serializers.CharField(allow_null=True)


class TierQuestion(serializers.Serializer[Any]):
    """A question of the tier questionnaire; `id` is the key of its answer, an option's `value` the answer."""

    id = serializers.CharField()
    text = serializers.CharField()
    help = serializers.CharField(allow_blank=True)
    axis = serializers.CharField(allow_null=True)
    options = AnswerOption(many=True)


class PackInForce(serializers.Serializer[Any]):
    """The pack in force: its name, its questionnaire, and the whole document."""

    pack = serializers.CharField()
    version = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    digest = serializers.CharField()
    effective_from = serializers.DateTimeField()
    questionnaire = TierQuestion(many=True)
    tiers = serializers.DictField()
    stages = serializers.ListField()
    environments = serializers.ListField()
    requirements = serializers.ListField()
    approvals = serializers.DictField()
    documents = serializers.DictField(allow_null=True)
    findings = serializers.DictField(allow_null=True)
    monitoring = serializers.DictField(allow_null=True)
    changes = serializers.DictField(allow_null=True)
    incidents = serializers.DictField(allow_null=True)
    risks = serializers.DictField(allow_null=True)
    access = serializers.DictField(allow_null=True)
    regimes = serializers.ListField()


class PolicyViews(PortalViewSet):
    """The rules everybody works under."""

    permissions: ClassVar = {"current": Audience.SIGNED_IN}
    answers: ClassVar = {"current": PackInForce}

    def current(self, request: Request) -> Response:
        """The pack in force, with the questionnaire a system's tier is computed from."""
        pack = pack_in_force()
        if pack is None:
            raise Http404
        document = rules(pack).document.model_dump(mode="json")
        facts = {"digest": pack.digest, "effective_from": pack.effective_from}
        return Response({**document, **facts, "questionnaire": document["tiers"]["questionnaire"]})


app_name = "policy-api"
urlpatterns = [path("policy/current/", PolicyViews.as_view({"get": "current"}), name="policy-current")]
