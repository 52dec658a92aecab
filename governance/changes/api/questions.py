"""What owners are asked about changes below their systems, seen or not, and what they say to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.changes import agreement, queries, services
from governance.changes.api.serializers import LONG
from governance.changes.models import Change, Opinion
from governance.ledger.acting import Door
from governance.rest.idempotency import Answer
from governance.rest.serializers import Number, StrictSerializer, Text
from governance.rest.views import PortalViewSet
from inventory.api.references import system_named

P = Permission
MOST = 200


class QuestionShown(serializers.Serializer[Any]):
    """A change that reaches a system of yours; its title only where you may see it."""

    change = serializers.IntegerField()
    title = serializers.SerializerMethodField(help_text="Empty where you may not see the change.")
    kind = serializers.CharField()
    system = serializers.CharField(source="slug", help_text="Slug of your system.")
    asked_at = serializers.DateTimeField()
    planned_from = serializers.DateTimeField(allow_null=True)

    def get_title(self, question: agreement.Question) -> str:
        """Its title, if you may see it."""
        return question.title if question.seen else ""


class QuestionsShown(serializers.Serializer[Any]):
    """Everything you are asked."""

    questions = QuestionShown(many=True)


class QuestionAnswered(StrictSerializer):
    """Input: what you say for your system."""

    change = Number(min_value=1, help_text="Number of the change.")
    system = Text(max_length=120, help_text="Slug of your system.")
    agrees = serializers.BooleanField()
    comment = Text(required=False, max_length=LONG, help_text="Needed from who objects.")


class AnswerShown(serializers.Serializer[Any]):
    """What you said."""

    change = serializers.IntegerField(source="change_id")
    system = serializers.CharField(source="system.slug")
    agrees = serializers.BooleanField()
    comment = serializers.CharField()
    at = serializers.DateTimeField()


class QuestionViews(PortalViewSet):
    """Changes below your systems that wait for your word. You need not see what changes to answer for what is yours."""

    queryset = Opinion.objects.all()
    paged = ()
    permissions: ClassVar = {"list": P.CHANGE_ANSWER, "create": P.CHANGE_ANSWER}
    verbs: ClassVar = {"create": "change.answer"}
    serializers: ClassVar = {"create": QuestionAnswered}
    answers: ClassVar = {"list": QuestionsShown, "create": AnswerShown}

    def list(self, request: Request) -> Response:
        """What you are asked, the newest change first."""
        found = agreement.questions_for(self.person, MOST)
        return Response(QuestionsShown({"questions": found}).data)

    def create(self, request: Request) -> Response:
        """Say as its owner whether your system can live with a change."""
        self.authorise(None)
        values = self.input()
        system = system_named(self.person, values.pop("system"))
        change = Change.objects.select_related("system").filter(pk=values.pop("change")).first()
        if change is None or not queries.reaches(self.person, change, system):
            raise Http404

        def answer() -> Answer:
            said = services.answer_change(actor=self.person, change=change, system=system, door=Door.API, **values)
            return self.creation(AnswerShown(said).data, "/api/v1/change-questions/")

        return self.created(answer)
