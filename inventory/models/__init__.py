"""Business units, systems, assignments, releases, documents, imports."""

from inventory.models.asset import Asset, AssetVersion
from inventory.models.assignments import Assignment, TokenLimit
from inventory.models.control import ControlFact
from inventory.models.dependency import Dependency
from inventory.models.deployment import Deployment, ReportingPlace
from inventory.models.documents import Document, DocumentDraft, DocumentRevision
from inventory.models.evaluation import Evaluation
from inventory.models.evidence import EvidenceFile, EvidenceLink
from inventory.models.failure import FailureMode, LookAlike, LookAlikeSearch, PastIncident
from inventory.models.grants import (
    Standing,
    SystemGroupObjectPermission,
    SystemUserObjectPermission,
    TokenReach,
)
from inventory.models.imports import ImportedRow, ImportRun, ImportUpload, UnmappedValue
from inventory.models.legacy import LegacyApproval
from inventory.models.list_views import SavedView
from inventory.models.lowered import LoweredTier
from inventory.models.mappings import SavedMapping
from inventory.models.releases import Artifact, Release
from inventory.models.risk import Risk
from inventory.models.sandbox import Sandbox, SandboxRow
from inventory.models.systems import ExternalId, RegistrationDraft, System
from inventory.models.transparency import TransparencyPage, TransparencyVersion
from inventory.models.units import Unit, UnitClosure
from inventory.models.value import ValuePeriod

__all__ = [
    "Artifact",
    "Asset",
    "AssetVersion",
    "Assignment",
    "ControlFact",
    "Dependency",
    "Deployment",
    "Document",
    "DocumentDraft",
    "DocumentRevision",
    "Evaluation",
    "EvidenceFile",
    "EvidenceLink",
    "ExternalId",
    "FailureMode",
    "ImportRun",
    "ImportUpload",
    "ImportedRow",
    "LegacyApproval",
    "LookAlike",
    "LookAlikeSearch",
    "LoweredTier",
    "PastIncident",
    "RegistrationDraft",
    "Release",
    "ReportingPlace",
    "Risk",
    "Sandbox",
    "SandboxRow",
    "SavedMapping",
    "SavedView",
    "Standing",
    "System",
    "SystemGroupObjectPermission",
    "SystemUserObjectPermission",
    "TokenLimit",
    "TokenReach",
    "TransparencyPage",
    "TransparencyVersion",
    "Unit",
    "UnitClosure",
    "UnmappedValue",
    "ValuePeriod",
]
