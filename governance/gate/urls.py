"""The gate's address."""

from django.urls import path

from governance.gate.views import gate

app_name = "gate"
urlpatterns = [path("api/v1/gate/", gate, name="gate")]
