"""Addresses of validation's pages."""

from django.urls import path

from governance.validation.views import certificates, conditions, findings, holds, releases, reviewers, reviews, waivers

app_name = "validation"
urlpatterns = [
    path("reviews/", reviews.ReviewQueue.as_view(), name="review_list"),
    path("reviews/queue/", reviewers.TriageQueue.as_view(), name="triage"),
    path("reviews/workload/", reviewers.Workload.as_view(), name="workload"),
    path("reviews/<int:pk>/", reviews.ReviewPage.as_view(), name="review_detail"),
    path("reviews/<int:pk>/checklist/", reviews.ChecklistPage.as_view(), name="review_check"),
    path("reviews/<int:pk>/sign-off/", reviews.SignOffPage.as_view(), name="review_sign"),
    path("reviews/<int:pk>/assign/", reviewers.ReviewAssign.as_view(), name="review_assign"),
    path("reviews/<int:pk>/take/", reviewers.ReviewTake.as_view(), name="review_take"),
    path("reviews/<int:pk>/hand-back/", reviewers.ReviewHandBack.as_view(), name="review_hand_back"),
    path("reviews/<int:pk>/relieve/", reviewers.ReviewRelieve.as_view(), name="review_relieve"),
    path("submissions/<int:pk>/certificate/", certificates.CertificatePage.as_view(), name="certificate"),
    path("releases/<int:pk>/submit/", releases.ReleaseSubmit.as_view(), name="release_submit"),
    path("releases/<int:pk>/submit-light/", releases.ReleaseSubmitLight.as_view(), name="release_submit_light"),
    path("releases/<int:pk>/ship/", releases.ReleaseShip.as_view(), name="release_ship"),
    path("releases/<int:pk>/renew/", releases.ReleaseRenew.as_view(), name="release_renew"),
    path("releases/<int:pk>/withdraw/", releases.ReleaseWithdraw.as_view(), name="release_withdraw"),
    path("releases/<int:pk>/suspend/", releases.ReleaseSuspend.as_view(), name="release_suspend"),
    path("releases/<int:pk>/reinstate/", releases.ReleaseReinstate.as_view(), name="release_reinstate"),
    path("releases/<int:pk>/revoke/", releases.ReleaseRevoke.as_view(), name="release_revoke"),
    path("releases/<int:pk>/findings/new/", findings.FindingRaise.as_view(), name="finding_raise"),
    path("releases/<int:pk>/hold/", holds.ReleaseHold.as_view(), name="release_hold"),
    path("systems/<slug:slug>/hold/", holds.SystemHold.as_view(), name="system_hold"),
    path("holds/<int:pk>/lift/", holds.HoldLift.as_view(), name="hold_lift"),
    path("findings/<int:pk>/", findings.FindingPage.as_view(), name="finding_detail"),
    path("findings/<int:pk>/respond/", findings.FindingRespond.as_view(), name="finding_respond"),
    path("findings/<int:pk>/verify/", findings.FindingVerify.as_view(), name="finding_verify"),
    path("findings/<int:pk>/reopen/", findings.FindingReopen.as_view(), name="finding_reopen"),
    path("findings/<int:pk>/accept/", findings.FindingAccept.as_view(), name="finding_accept"),
    path("findings/<int:pk>/withdraw/", findings.FindingWithdraw.as_view(), name="finding_withdraw"),
    path("conditions/<int:pk>/", conditions.ConditionPage.as_view(), name="condition_detail"),
    path("conditions/<int:pk>/claim/", conditions.ConditionClaim.as_view(), name="condition_claim"),
    path("conditions/<int:pk>/confirm/", conditions.ConditionConfirm.as_view(), name="condition_confirm"),
    path("conditions/<int:pk>/refuse/", conditions.ConditionRefuse.as_view(), name="condition_refuse"),
    path("systems/<slug:slug>/waivers/new/", waivers.WaiverRequest.as_view(), name="waiver_request"),
    path("waivers/", waivers.WaiverList.as_view(), name="waiver_list"),
    path("waivers/<int:pk>/", waivers.WaiverPage.as_view(), name="waiver_detail"),
    path("waivers/<int:pk>/grant/", waivers.WaiverGrant.as_view(), name="waiver_grant"),
    path("waivers/<int:pk>/refuse/", waivers.WaiverRefuse.as_view(), name="waiver_refuse"),
    path("waivers/<int:pk>/withdraw/", waivers.WaiverWithdraw.as_view(), name="waiver_withdraw"),
    path("waivers/<int:pk>/revoke/", waivers.WaiverRevoke.as_view(), name="waiver_revoke"),
]
