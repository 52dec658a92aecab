"""Addresses of notifications."""

from django.urls import path

from governance.notify import views

app_name = "notify"
urlpatterns = [
    path("accounts/notifications/", views.Preferences.as_view(), name="preferences"),
    path("accounts/calendar/", views.CalendarPage.as_view(), name="calendar"),
    path("accounts/calendar/renew/", views.CalendarRenew.as_view(), name="calendar_renew"),
    path("accounts/calendar/end/", views.CalendarEnd.as_view(), name="calendar_end"),
    path("notifications/calendar/<str:token>/due.ics", views.CalendarFeed.as_view(), name="calendar_feed"),
    path("notifications/unsubscribe/<str:token>/", views.Unsubscribe.as_view(), name="unsubscribe"),
    path("webhooks/", views.EndpointList.as_view(), name="endpoint_list"),
    path("webhooks/new/", views.EndpointCreate.as_view(), name="endpoint_create"),
    path("webhooks/<int:pk>/renew-secret/", views.EndpointRenew.as_view(), name="endpoint_renew_secret"),
    path("webhooks/<int:pk>/end/", views.EndpointEnd.as_view(), name="endpoint_end"),
    path("webhooks/deliveries/<uuid:pk>/try-again/", views.DeliveryAgain.as_view(), name="delivery_try_again"),
]
