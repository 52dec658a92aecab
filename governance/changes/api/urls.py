"""Addresses of changes below /api/v1/."""

from rest_framework.routers import SimpleRouter

from governance.changes.api.changes import ChangeViews

router = SimpleRouter()
router.register("changes", ChangeViews, basename="api-changes")

urlpatterns = router.urls
