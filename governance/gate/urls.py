"""The gate's address, and that of what runs."""

from django.urls import path

from governance.gate.deployments import DeploymentList
from governance.gate.views import gate

ROUTE = "api/v1/gate/"

app_name = "gate"
urlpatterns = [
    path(ROUTE, gate, name="gate"),
    path("deployments/", DeploymentList.as_view(), name="deployment_list"),
]
