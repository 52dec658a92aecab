"""Addresses of validation below /api/v1/."""

from rest_framework.routers import SimpleRouter

from governance.validation.api.certifications import CampaignViews, CertificationViews
from governance.validation.api.conditions import ConditionViews
from governance.validation.api.findings import FindingViews
from governance.validation.api.holds import HoldViews
from governance.validation.api.independence import IndependenceViews
from governance.validation.api.releases import ReleaseVerbs
from governance.validation.api.reviews import ReviewViews
from governance.validation.api.together import WaiversViews
from governance.validation.api.waivers import WaiverViews

router = SimpleRouter()
router.register("certifications/campaigns", CampaignViews, basename="api-campaigns")
router.register("certifications", CertificationViews, basename="api-certifications")
router.register("conditions", ConditionViews, basename="api-conditions")
router.register("findings", FindingViews, basename="api-findings")
router.register("holds", HoldViews, basename="api-holds")
router.register("independence", IndependenceViews, basename="api-independence")
router.register("releases", ReleaseVerbs, basename="api-release-verbs")
router.register("reviews", ReviewViews, basename="api-reviews")
router.register("waivers/together", WaiversViews, basename="api-waivers-together")
router.register("waivers", WaiverViews, basename="api-waivers")

urlpatterns = router.urls
