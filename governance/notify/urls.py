"""Addresses of notifications."""

from django.urls import path

from governance.notify import views

app_name = "notify"
urlpatterns = [
    path("accounts/notifications/", views.Preferences.as_view(), name="preferences"),
    path("notifications/unsubscribe/<str:token>/", views.Unsubscribe.as_view(), name="unsubscribe"),
    path("webhooks/", views.EndpointList.as_view(), name="endpoint_list"),
    path("webhooks/new/", views.EndpointCreate.as_view(), name="endpoint_create"),
    path("webhooks/<int:pk>/renew-secret/", views.EndpointRenew.as_view(), name="endpoint_renew_secret"),
    path("webhooks/<int:pk>/end/", views.EndpointEnd.as_view(), name="endpoint_end"),
    path("webhooks/deliveries/<uuid:pk>/try-again/", views.DeliveryAgain.as_view(), name="delivery_try_again"),
]
