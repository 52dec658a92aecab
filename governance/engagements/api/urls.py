"""Addresses of engagements below /api/v1/."""

from rest_framework.routers import SimpleRouter

from governance.engagements.api.views import AuditFindingViews, EngagementViews

router = SimpleRouter()
router.register("engagements", EngagementViews, basename="api-engagements")
router.register("audit-findings", AuditFindingViews, basename="api-audit-findings")

urlpatterns = router.urls
