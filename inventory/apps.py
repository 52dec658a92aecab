"""Application: inventory."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from governance.access.structure import Structure, register
from governance.ledger.beside import also_verify
from inventory import facts, refusals


class InventoryConfig(AppConfig):
    """Registers this application with Django, its tree with access, its facts with the policy."""

    name = "inventory"

    def ready(self) -> None:
        """Say what rights are computed over; write the roles into their tables after migrations."""
        from governance.access.synchronise import synchronise  # noqa: PLC0415  needs loaded models
        from inventory import handing_over, pages  # noqa: PLC0415  the same
        from inventory.api import parts  # noqa: PLC0415  the same
        from inventory.evidence.verification import broken_files  # noqa: PLC0415  the same
        from inventory.services.groups import follow_groups  # noqa: PLC0415  the same

        parts.register()
        refusals.register()
        register(
            Structure(
                system=self.get_model("System"),
                unit=self.get_model("Unit"),
                standing=self.get_model("Standing"),
                token_reach=self.get_model("TokenReach"),
                follow_groups=follow_groups,
            )
        )
        facts.register()
        also_verify("evidence files", broken_files)
        pages.register()
        handing_over.register()
        post_migrate.connect(synchronise, sender=self, dispatch_uid="access.synchronise")
