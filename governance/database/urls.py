"""Addresses of the probes."""

from django.urls import path

from governance.database import views

urlpatterns = [
    path("healthz", views.Alive.as_view(), name="healthz"),
    path("readyz", views.Ready.as_view(), name="readyz"),
    path("metrics", views.Metrics.as_view(), name="metrics"),
]
