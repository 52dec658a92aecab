"""Addresses of the policy's pages."""

from django.urls import path

from governance.policy import views

app_name = "policy"
urlpatterns = [
    path("policy/", views.PackList.as_view(), name="pack_list"),
    path("policy/new/", views.PackLoad.as_view(), name="pack_load"),
    path("policy/<int:pk>/", views.PackPage.as_view(), name="pack_detail"),
    path("policy/<int:pk>/replay/", views.ReplayPage.as_view(), name="pack_replay"),
    path("policy/<int:pk>/replay/start/", views.ReplayStart.as_view(), name="pack_replay_start"),
    path("policy/<int:pk>/replay/<int:run>/", views.ReplayRunPage.as_view(), name="pack_replay_run"),
    path("policy/<int:pk>/enforcing/", views.EnforcingPage.as_view(), name="pack_enforcing"),
    path("policy/<int:pk>/enforcing/start/", views.EnforcingStart.as_view(), name="pack_enforcing_start"),
    path("policy/<int:pk>/enforcing/<int:run>/", views.EnforcingRunPage.as_view(), name="pack_enforcing_run"),
    path("policy/<int:pk>/difference/", views.DifferencePage.as_view(), name="pack_difference"),
    path("policy/<int:pk>/edit/", views.PackEdit.as_view(), name="pack_edit"),
    path("policy/<int:pk>/propose/", views.PackPropose.as_view(), name="pack_propose"),
    path("policy/<int:pk>/adopt/", views.PackAdopt.as_view(), name="pack_adopt"),
    path("policy/<int:pk>/refuse/", views.PackRefuse.as_view(), name="pack_refuse"),
    path("policy/<int:pk>/withdraw/", views.PackWithdraw.as_view(), name="pack_withdraw"),
]
