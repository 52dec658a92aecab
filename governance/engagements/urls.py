"""Addresses of engagements."""

from django.urls import path

from governance.engagements.views import engagements, findings

app_name = "engagements"
urlpatterns = [
    path("engagements/", engagements.EngagementList.as_view(), name="engagement_list"),
    path("engagements/new/", engagements.EngagementPlan.as_view(), name="engagement_plan"),
    path("engagements/<int:pk>/", engagements.EngagementPage.as_view(), name="engagement_detail"),
    path("engagements/<int:pk>/start/", engagements.EngagementStart.as_view(), name="engagement_start"),
    path("engagements/<int:pk>/report/", engagements.EngagementReport.as_view(), name="engagement_report"),
    path("engagements/<int:pk>/report/file/", engagements.ReportDownload.as_view(), name="report_file"),
    path("engagements/<int:pk>/print/", engagements.EngagementPrint.as_view(), name="engagement_print"),
    path("engagements/<int:pk>/close/", engagements.EngagementClose.as_view(), name="engagement_close"),
    path("engagements/<int:pk>/cancel/", engagements.EngagementCancel.as_view(), name="engagement_cancel"),
    path("engagements/<int:pk>/team/new/", engagements.MemberAdd.as_view(), name="member_add"),
    path("engagements/<int:pk>/team/<int:member>/remove/", engagements.MemberRemove.as_view(), name="member_remove"),
    path("engagements/<int:pk>/findings/new/", engagements.FindingRaise.as_view(), name="finding_raise"),
    path("audit-findings/<int:pk>/", findings.FindingPage.as_view(), name="finding_detail"),
    path("audit-findings/<int:pk>/respond/", findings.FindingRespond.as_view(), name="finding_respond"),
    path("audit-findings/<int:pk>/verify/", findings.FindingVerify.as_view(), name="finding_verify"),
    path("audit-findings/<int:pk>/reopen/", findings.FindingReopen.as_view(), name="finding_reopen"),
    path("audit-findings/<int:pk>/withdraw/", findings.FindingWithdraw.as_view(), name="finding_withdraw"),
]
