"""What incidents taught, over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.vocabulary import Permission
from governance.rest.views import PortalViewSet
from incidents.api.review_shapes import IncidentReviewShown
from incidents.lessons import holding, taught
from incidents.models import Incident
from incidents.queries import review_of


class LessonShown(serializers.Serializer[Any]):
    """What one closed incident taught."""

    incident = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    system = serializers.CharField(source="system.slug")
    type = serializers.CharField()
    severity = serializers.CharField()
    closed_at = serializers.DateTimeField()
    root_cause = serializers.CharField()
    lessons = serializers.CharField(source="review")
    review = serializers.SerializerMethodField()

    def get_review(self, incident: Incident) -> Any:
        """Its review, if anybody wrote one."""
        review = review_of(incident)
        return IncidentReviewShown(review).data if review else None


class LessonViews(PortalViewSet):
    """Lessons of closed incidents."""

    queryset = taught()
    ordering = ("-id",)
    search = "words"
    permissions: ClassVar = {"list": Permission.SYSTEM_VIEW}
    answers: ClassVar = {"list": LessonShown}

    def find(self, queryset: QuerySet[Incident], words: str) -> QuerySet[Incident]:
        """Those whose cause, lessons, review or analysis holds the words."""
        return holding(queryset, words)

    def list(self, request: Request) -> Response:
        """What closed incidents taught; `search` looks through causes, lessons, reviews and analyses."""
        rows = self.get_queryset().select_related("post_review__begun_by", "post_review__completed_by")
        return self.listed(self.filter_queryset(rows), LessonShown)
