"""Addresses of changes below /api/v1/."""

from rest_framework.routers import SimpleRouter

from governance.changes.api.changes import ChangeViews
from governance.changes.api.follow_ups import FollowUpViews
from governance.changes.api.questions import QuestionViews
from governance.changes.api.revalidations import RevalidationViews

router = SimpleRouter()
router.register("changes", ChangeViews, basename="api-changes")
router.register("change-questions", QuestionViews, basename="api-change-questions")
router.register("revalidations", RevalidationViews, basename="api-revalidations")
router.register("follow-ups", FollowUpViews, basename="api-follow-ups")

urlpatterns = router.urls
