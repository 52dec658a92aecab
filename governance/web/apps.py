"""Application: web."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers this application with Django, and My work in the navigation."""

    name = "governance.web"
    label = "web"

    def ready(self) -> None:
        """Fill the slots."""
        from governance.web import slots  # noqa: PLC0415  models are not ready before this

        slots.NAVIGATION.register(
            slots.Entry("ledger", "Ledger", "ledger:event_list", "timeline", lambda person: True, 80)
        )
        slots.NAVIGATION.register(slots.Entry("my-work", "My work", "web:my_work", "home", lambda person: True, 10))
