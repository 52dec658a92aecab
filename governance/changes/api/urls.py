"""Addresses of changes below /api/v1/."""

from rest_framework.routers import SimpleRouter

from governance.changes.api.changes import ChangeViews
from governance.changes.api.follow_ups import FollowUpViews

router = SimpleRouter()
router.register("changes", ChangeViews, basename="api-changes")
router.register("follow-ups", FollowUpViews, basename="api-follow-ups")

urlpatterns = router.urls
