"""Addresses of incidents, monitoring and alerts below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from incidents.api.alerts import AlertViews
from incidents.api.incidents import IncidentViews
from incidents.api.lessons import LessonViews
from incidents.api.monitoring import MeasurementViews, PlanViews
from incidents.api.review import PlaybookVersionViews
from incidents.api.trends import TrendViews

router = SimpleRouter()
router.register("alerts", AlertViews, basename="api-alerts")
router.register("incident-lessons", LessonViews, basename="api-incident-lessons")
router.register("incident-trends", TrendViews, basename="api-incident-trends")
router.register("incidents", IncidentViews, basename="api-incidents")
router.register("monitoring", PlanViews, basename="api-monitoring")
router.register("playbook-versions", PlaybookVersionViews, basename="api-playbook-versions")

urlpatterns = [
    path("measurements/", MeasurementViews.as_view({"get": "list", "post": "record"}), name="api-measurements"),
    path(
        "measurements/histograms/", MeasurementViews.as_view({"post": "histograms"}), name="api-measurements-histograms"
    ),
    *router.urls,
]
