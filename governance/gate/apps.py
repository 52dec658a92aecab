"""Application: gate."""

from django.apps import AppConfig


class GateConfig(AppConfig):
    """Registers this application with Django, and its panel with the release's page."""

    name = "governance.gate"
    label = "gate"

    def ready(self) -> None:
        """Fill the slot."""
        from governance.gate import answers, deployments, panel, parts  # noqa: PLC0415  needs loaded models

        answers.register()
        deployments.register()
        panel.register()
        parts.register()
