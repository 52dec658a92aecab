"""Addresses of the inventory below /api/v1/."""

from rest_framework.routers import SimpleRouter

from inventory.api.assets import AssetViews, DependencyViews
from inventory.api.assignments import AssignmentViews
from inventory.api.controls import ControlViews
from inventory.api.delegations import DelegationViews
from inventory.api.deployments import DeploymentViews
from inventory.api.documents import DocumentViews
from inventory.api.evaluations import EvaluationViews
from inventory.api.evidence import EvidenceViews
from inventory.api.failure_modes import FailureModeViews, LookAlikeViews, PastIncidentViews
from inventory.api.handing_over import LeaverViews
from inventory.api.legacy import LegacyViews
from inventory.api.list_views import ListViews
from inventory.api.lowered import LoweredViews
from inventory.api.mappings import MappingViews
from inventory.api.releases import ReleaseViews
from inventory.api.risks import RiskViews
from inventory.api.sandboxes import SandboxViews
from inventory.api.systems import SystemViews
from inventory.api.transparency import TransparencyViews
from inventory.api.units import UnitViews
from inventory.api.values import ValueViews

router = SimpleRouter()
router.register("assets", AssetViews, basename="api-assets")
router.register("controls", ControlViews, basename="api-controls")
router.register("delegations", DelegationViews, basename="api-delegations")
router.register("assignments", AssignmentViews, basename="api-assignments")
router.register("dependencies", DependencyViews, basename="api-dependencies")
router.register("deployments", DeploymentViews, basename="api-deployments")
router.register("documents", DocumentViews, basename="api-documents")
router.register("evidence", EvidenceViews, basename="api-evidence")
router.register("evaluations", EvaluationViews, basename="api-evaluations")
router.register("failure-modes", FailureModeViews, basename="api-failure-modes")
router.register("look-alikes", LookAlikeViews, basename="api-look-alikes")
router.register("import-mappings", MappingViews, basename="api-import-mappings")
router.register("list-views", ListViews, basename="api-list-views")
router.register("legacy-approvals", LegacyViews, basename="api-legacy-approvals")
router.register("lowered-tiers", LoweredViews, basename="api-lowered-tiers")
router.register("past-incidents", PastIncidentViews, basename="api-past-incidents")
router.register("people", LeaverViews, basename="api-people")
router.register("releases", ReleaseViews, basename="api-releases")
router.register("risks", RiskViews, basename="api-risks")
router.register("sandboxes", SandboxViews, basename="api-sandboxes")
router.register("systems", SystemViews, basename="api-systems")
router.register("transparency", TransparencyViews, basename="api-transparency")
router.register("units", UnitViews, basename="api-units")
router.register("values", ValueViews, basename="api-values")

urlpatterns = router.urls
