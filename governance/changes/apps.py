"""Application: changes."""

from django.apps import AppConfig

from governance.changes import facts, refusals
from governance.policy.announcements import PackAdopted, PackWithdrawn
from governance.web.announcements import subscribe
from inventory.announcements import AssetStopped


class ChangesConfig(AppConfig):
    """Registers this application with Django and fills the registries to its left."""

    name = "governance.changes"

    def ready(self) -> None:
        """Its facts, its places on pages, what it hears of, and what it says when the database refuses."""
        from governance.changes import handing_over, independence, pages, services, tasks  # noqa: PLC0415  need loaded models
        from governance.changes.api import parts  # noqa: PLC0415  the same

        facts.register()
        refusals.register()
        pages.register()
        handing_over.register()
        parts.register()
        independence.register()
        subscribe(AssetStopped, services.open_for_stopped_asset)
        subscribe(PackAdopted, tasks.prepare)
        subscribe(PackWithdrawn, services.drop_for_withdrawn_policy)
