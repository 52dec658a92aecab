"""Addresses of incidents, monitoring and alerts."""

from django.urls import path

from incidents.views import alerts, clocks, incidents, monitoring, response, verbs

app_name = "incidents"
urlpatterns = [
    path("alerts/", alerts.AlertList.as_view(), name="alert_list"),
    path("alerts/<int:pk>/", alerts.AlertPage.as_view(), name="alert_detail"),
    path("alerts/<int:pk>/assign/", alerts.AlertAssign.as_view(), name="alert_assign"),
    path("alerts/<int:pk>/handle/", alerts.AlertHandle.as_view(), name="alert_handle"),
    path("systems/<slug:slug>/monitoring/", monitoring.SystemMonitoring.as_view(), name="system_monitoring"),
    path("systems/<slug:slug>/monitoring/new/", monitoring.PlanCreate.as_view(), name="plan_create"),
    path("monitoring/<int:pk>/", monitoring.PlanPage.as_view(), name="plan_detail"),
    path("monitoring/<int:pk>/change/", monitoring.PlanChange.as_view(), name="plan_change"),
    path("monitoring/<int:pk>/end/", monitoring.PlanEnd.as_view(), name="plan_end"),
    path("incidents/", incidents.IncidentList.as_view(), name="incident_list"),
    path("systems/<slug:slug>/incidents/new/", incidents.IncidentReport.as_view(), name="incident_report"),
    path("incidents/<int:pk>/", incidents.IncidentPage.as_view(), name="incident_detail"),
    path("incidents/<int:pk>/triage/", verbs.IncidentTriage.as_view(), name="incident_triage"),
    path("incidents/<int:pk>/contain/", verbs.IncidentContain.as_view(), name="incident_contain"),
    path("incidents/<int:pk>/describe/", verbs.IncidentDescribe.as_view(), name="incident_describe"),
    path("incidents/<int:pk>/resolve/", verbs.IncidentResolve.as_view(), name="incident_resolve"),
    path("incidents/<int:pk>/close/", verbs.IncidentClose.as_view(), name="incident_close"),
    path("incidents/<int:pk>/reopen/", verbs.IncidentReopen.as_view(), name="incident_reopen"),
    path("incidents/<int:pk>/dismiss/", verbs.IncidentDismiss.as_view(), name="incident_dismiss"),
    path("incidents/<int:pk>/mark-duplicate/", verbs.IncidentDuplicate.as_view(), name="incident_mark_duplicate"),
    path("incidents/<int:pk>/checks/new/", verbs.CheckAdd.as_view(), name="incident_add_check"),
    path("incidents/<int:pk>/checks/<int:check>/pass/", verbs.CheckPass.as_view(), name="check_pass"),
    path("incidents/<int:pk>/actions/new/", verbs.ActionAdd.as_view(), name="incident_add_action"),
    path("incidents/<int:pk>/actions/<int:action>/finish/", verbs.ActionFinish.as_view(), name="action_finish"),
    path("incidents/<int:pk>/playbooks/new/", response.PlaybookStart.as_view(), name="incident_start_playbook"),
    path("incidents/<int:pk>/participants/new/", response.ParticipantAdd.as_view(), name="incident_add_participant"),
    path("incidents/<int:pk>/measures/new/", response.MeasureTake.as_view(), name="incident_take_measure"),
    path("incidents/<int:pk>/measures/<int:measure>/end/", response.MeasureEnd.as_view(), name="measure_end"),
    path("incidents/<int:pk>/clocks/new/", clocks.ClockStart.as_view(), name="incident_start_clock"),
    path("incidents/<int:pk>/clocks/<int:clock>/report/", clocks.ClockReport.as_view(), name="clock_report"),
    path("incidents/<int:pk>/clocks/<int:clock>/drop/", clocks.ClockDrop.as_view(), name="clock_drop"),
    path("incidents/<int:pk>/suspend-release/", response.ReleaseSuspend.as_view(), name="incident_suspend_release"),
    path("incidents/<int:pk>/place-hold/", response.HoldPlace.as_view(), name="incident_place_hold"),
    path("incidents/<int:pk>/hold-evidence/", response.EvidenceHeld.as_view(), name="incident_hold_evidence"),
    path("incidents/<int:pk>/lift-evidence/", response.EvidenceLifted.as_view(), name="incident_lift_evidence"),
    path("incidents/<int:pk>/notes/new/", verbs.NoteAdd.as_view(), name="incident_note"),
]
