"""Application: validation."""

from django.apps import AppConfig

from governance.ledger import verification
from governance.validation import facts, refusals


class ValidationConfig(AppConfig):
    """Registers this application with Django and fills the registries to its left."""

    name = "governance.validation"
    label = "validation"

    def ready(self) -> None:
        """Its facts, its places on pages, and what it says when the database refuses."""
        from governance.validation import handing_over, independence, pages, proofs  # noqa: PLC0415  needs loaded models
        from governance.validation.api import parts  # noqa: PLC0415  the same

        facts.register()
        refusals.register()
        verification.add("sign-offs", verification.Part(proofs.unproven, proofs.unverifiable))
        verification.add("independence", verification.Part(independence.dependent, independence.nothing_to_note))
        pages.register()
        handing_over.register()
        parts.register()
