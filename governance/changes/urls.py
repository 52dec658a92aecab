"""Addresses of changes."""

from django.urls import path

from governance.changes.views import calendar, changes, follow_ups, revalidation, together, verbs

app_name = "changes"
urlpatterns = [
    path("changes/", changes.ChangeList.as_view(), name="change_list"),
    path("changes/together/", together.ChangesTogether.as_view(), name="changes_together"),
    path("changes/board/", changes.ChangeBoard.as_view(), name="change_board"),
    path("changes/calendar/", calendar.ChangeCalendar.as_view(), name="change_calendar"),
    path("changes/calendar.ics", calendar.CalendarFile.as_view(), name="calendar_file"),
    path("systems/<slug:slug>/changes/new/", changes.ChangeCreate.as_view(), name="change_create"),
    path("changes/<int:pk>/", changes.ChangePage.as_view(), name="change_detail"),
    path("changes/<int:pk>/describe/", verbs.ChangeDescribe.as_view(), name="change_describe"),
    path("changes/<int:pk>/systems/<slug:slug>/answer/", verbs.OpinionGive.as_view(), name="change_answer"),
    path("systems/<slug:slug>/reached/<int:change>/", verbs.ReachedAnswer.as_view(), name="reached_answer"),
    path("changes/<int:pk>/release/", verbs.ReleaseName.as_view(), name="change_name_release"),
    path("changes/<int:pk>/raise-materiality/", verbs.MaterialityRaise.as_view(), name="change_raise_materiality"),
    path("changes/<int:pk>/lower-materiality/", verbs.MaterialityLower.as_view(), name="change_lower_materiality"),
    path("changes/<int:pk>/submit/", verbs.ChangeSubmit.as_view(), name="change_submit"),
    path("changes/<int:pk>/approve/", verbs.ChangeApprove.as_view(), name="change_approve"),
    path("changes/<int:pk>/return/", verbs.ChangeReturn.as_view(), name="change_return"),
    path("changes/<int:pk>/reject/", verbs.ChangeReject.as_view(), name="change_reject"),
    path("changes/<int:pk>/withdraw/", verbs.ChangeWithdraw.as_view(), name="change_withdraw"),
    path("changes/<int:pk>/implement/", verbs.ChangeImplement.as_view(), name="change_implement"),
    path("changes/<int:pk>/emergency/", verbs.ChangeEmergency.as_view(), name="change_emergency"),
    path("changes/<int:pk>/results/", verbs.ResultsRecord.as_view(), name="change_record_results"),
    path("changes/<int:pk>/verify/", verbs.ChangeVerify.as_view(), name="change_verify"),
    path("changes/<int:pk>/roll-back/", verbs.ChangeRollBack.as_view(), name="change_roll_back"),
    path("changes/<int:pk>/ratify/", verbs.ChangeRatify.as_view(), name="change_ratify"),
    path("changes/<int:pk>/refuse/", verbs.ChangeRefuse.as_view(), name="change_refuse"),
    path("revalidation/", revalidation.RevalidationCalendar.as_view(), name="revalidation_list"),
    path("revalidation/new/", revalidation.RevalidationStart.as_view(), name="revalidation_start"),
    path("revalidation/<int:pk>/", revalidation.RevalidationPage.as_view(), name="revalidation_detail"),
    path("revalidation/<int:pk>/end/", revalidation.RevalidationEnd.as_view(), name="revalidation_end"),
    path("follow-ups/", follow_ups.FollowUpList.as_view(), name="follow_up_list"),
    path("follow-ups/<int:pk>/", follow_ups.FollowUpPage.as_view(), name="follow_up_detail"),
    path("follow-ups/<int:pk>/hand-over/", follow_ups.FollowUpHandOver.as_view(), name="follow_up_hand_over"),
    path("follow-ups/<int:pk>/finish/", follow_ups.FollowUpFinish.as_view(), name="follow_up_finish"),
    path("follow-ups/<int:pk>/drop/", follow_ups.FollowUpDrop.as_view(), name="follow_up_drop"),
]
