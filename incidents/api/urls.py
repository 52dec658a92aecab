"""Addresses of incidents below /api/v1/."""

from rest_framework.routers import SimpleRouter

from incidents.api.incidents import IncidentViews

router = SimpleRouter()
router.register("incidents", IncidentViews, basename="api-incidents")

urlpatterns = router.urls
