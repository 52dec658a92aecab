"""The gate's address."""

from django.urls import path

from governance.gate.views import gate

ROUTE = "api/v1/gate/"

app_name = "gate"
urlpatterns = [path(ROUTE, gate, name="gate")]
