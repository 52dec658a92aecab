"""Addresses of the inventory's pages."""

from django.urls import path

from inventory.views import (
    assets,
    dependencies,
    documents,
    evaluations,
    evidence,
    exports,
    failure_modes,
    gaps,
    guided,
    imports,
    model_cards,
    people,
    releases,
    risks,
    systems,
    tokens,
    units,
)

app_name = "inventory"
urlpatterns = [
    path("systems/", systems.SystemList.as_view(), name="system_list"),
    path("systems/export/", exports.SystemExport.as_view(), name="system_export"),
    path("systems/new/", systems.SystemCreate.as_view(), name="system_create"),
    path("systems/new/guided/", guided.GuidedStep.as_view(), name="guided_start"),
    path("systems/new/guided/<uuid:pk>/", guided.GuidedConfirm.as_view(), name="guided_confirm"),
    path("systems/new/guided/<uuid:pk>/<slug:step>/", guided.GuidedStep.as_view(), name="guided_step"),
    path("systems/<slug:slug>/", systems.SystemDetail.as_view(), name="system_detail"),
    path("systems/<slug:slug>/edit/", systems.SystemChange.as_view(), name="system_change"),
    path("systems/<slug:slug>/questionnaire/", systems.SystemAnswer.as_view(), name="system_answer"),
    path("systems/<slug:slug>/move/", systems.SystemMove.as_view(), name="system_move"),
    path("systems/<slug:slug>/people/new/", people.AssignmentCreate.as_view(), name="assignment_create"),
    path("systems/<slug:slug>/people/<int:pk>/end/", people.AssignmentEnd.as_view(), name="assignment_end"),
    path("systems/<slug:slug>/dependencies/new/", dependencies.SystemLink.as_view(), name="system_link"),
    path(
        "systems/<slug:slug>/blast-radius/", dependencies.SystemBlastRadius.as_view(), name="system_blast_radius"
    ),
    path("dependencies/<int:pk>/end/", dependencies.DependencyEnd.as_view(), name="dependency_end"),
    path("releases/<int:pk>/evaluations/new/", evaluations.EvaluationsRecord.as_view(), name="evaluations_record"),
    path("risks/", risks.RiskList.as_view(), name="risk_list"),
    path("systems/<slug:slug>/risks/new/", risks.RiskIdentify.as_view(), name="risk_identify"),
    path("risks/<int:pk>/", risks.RiskDetail.as_view(), name="risk_detail"),
    path("risks/<int:pk>/analyse/", risks.RiskAnalyse.as_view(), name="risk_analyse"),
    path("risks/<int:pk>/treat/", risks.RiskTreat.as_view(), name="risk_treat"),
    path("risks/<int:pk>/accept/", risks.RiskAccept.as_view(), name="risk_accept"),
    path("risks/<int:pk>/review/", risks.RiskReview.as_view(), name="risk_review"),
    path("risks/<int:pk>/close/", risks.RiskClose.as_view(), name="risk_close"),
    path("risks/<int:pk>/reopen/", risks.RiskReopen.as_view(), name="risk_reopen"),
    path("systems/<slug:slug>/failure-modes/", failure_modes.FailureWorksheet.as_view(), name="failure_modes"),
    path(
        "systems/<slug:slug>/failure-modes/new/", failure_modes.FailureModeWrite.as_view(), name="failure_mode_write"
    ),
    path("failure-modes/<int:pk>/end/", failure_modes.FailureModeEnd.as_view(), name="failure_mode_end"),
    path(
        "systems/<slug:slug>/look-alikes/propose/",
        failure_modes.LookAlikesPropose.as_view(), name="look_alikes_propose",
    ),
    path("look-alikes/<int:pk>/", failure_modes.LookAlikeAnswer.as_view(), name="look_alike_answer"),
    path("assets/", assets.AssetList.as_view(), name="asset_list"),
    path("assets/new/", assets.AssetCreate.as_view(), name="asset_create"),
    path("assets/<slug:slug>/", assets.AssetDetail.as_view(), name="asset_detail"),
    path("assets/<slug:slug>/edit/", assets.AssetChange.as_view(), name="asset_change"),
    path("assets/<slug:slug>/move/", assets.AssetMove.as_view(), name="asset_move"),
    path("assets/<slug:slug>/versions/new/", assets.AssetAddVersion.as_view(), name="asset_add_version"),
    path("assets/<slug:slug>/dependencies/new/", dependencies.AssetLink.as_view(), name="asset_link"),
    path("assets/<slug:slug>/blast-radius/", dependencies.AssetBlastRadius.as_view(), name="asset_blast_radius"),
    path("systems/<slug:slug>/releases/new/", releases.ReleaseCreate.as_view(), name="release_create"),
    path(
        "systems/<slug:slug>/documents/<slug:template>/", documents.DocumentDetail.as_view(), name="document_detail"
    ),
    path(
        "systems/<slug:slug>/documents/<slug:template>/edit/",
        documents.DocumentChange.as_view(), name="document_change",
    ),
    path(
        "systems/<slug:slug>/documents/<slug:template>/difference/",
        documents.DocumentDifference.as_view(), name="document_difference",
    ),
    path(
        "systems/<slug:slug>/documents/<slug:template>/draft/",
        documents.DocumentDraftSave.as_view(), name="document_draft",
    ),
    path(
        "systems/<slug:slug>/documents/<slug:template>/draft/discard/",
        documents.DocumentDraftDiscard.as_view(), name="document_draft_discard",
    ),
    path(
        "systems/<slug:slug>/documents/<slug:template>/evidence/new/",
        evidence.EvidenceAttach.as_view(), name="evidence_attach",
    ),
    path("systems/<slug:slug>/model-card/import/", model_cards.CardImport.as_view(), name="card_import"),
    path(
        "systems/<slug:slug>/documents/<slug:template>/export/",
        model_cards.DocumentExport.as_view(), name="document_export",
    ),
    path("releases/<int:pk>/bom/", model_cards.BomExport.as_view(), name="release_bom"),
    path("evidence/<int:pk>/", evidence.EvidenceDownload.as_view(), name="evidence_download"),
    path("releases/<int:pk>/", releases.ReleaseDetail.as_view(), name="release_detail"),
    path("releases/<int:pk>/edit/", releases.ReleaseChange.as_view(), name="release_change"),
    path("releases/<int:pk>/discard/", releases.ReleaseDiscard.as_view(), name="release_discard"),
    path("releases/<int:pk>/retire/", releases.ReleaseRetire.as_view(), name="release_retire"),
    path("imports/", imports.ImportList.as_view(), name="import_list"),
    path("imports/new/", imports.ImportNew.as_view(), name="import_new"),
    path("imports/uploads/<uuid:pk>/", imports.ImportPreview.as_view(), name="import_preview"),
    path("imports/values/<int:pk>/resolve/", imports.UnmappedResolve.as_view(), name="unmapped_resolve"),
    path("imports/<int:pk>/", imports.ImportDetail.as_view(), name="import_detail"),
    path("tokens/", tokens.TokenList.as_view(), name="token_list"),
    path("tokens/new/", tokens.TokenCreate.as_view(), name="token_create"),
    path("tokens/<int:pk>/revoke/", tokens.TokenRevoke.as_view(), name="token_revoke"),
    path("gaps/", gaps.GapReport.as_view(), name="gap_report"),
    path("units/", units.UnitList.as_view(), name="unit_list"),
    path("units/new/", units.UnitCreate.as_view(), name="unit_create"),
    path("units/<slug:slug>/edit/", units.UnitChange.as_view(), name="unit_change"),
]  # fmt: skip
