"""Application: policy."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.policy"
    label = "policy"
