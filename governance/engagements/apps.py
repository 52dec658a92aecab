"""Application: engagements."""

from django.apps import AppConfig

from governance.engagements import facts, refusals


class EngagementsConfig(AppConfig):
    """Registers this application with Django and fills the registries to its left."""

    name = "governance.engagements"
    label = "engagements"

    def ready(self) -> None:
        """Its facts, its places on pages, and what it says when the database refuses."""
        from governance.engagements import handing_over, independence, pages  # noqa: PLC0415  needs loaded models

        facts.register()
        refusals.register()
        pages.register()
        handing_over.register()
        independence.register()
