"""Application: ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers this application with Django."""

    name = "governance.ledger"
    label = "ledger"
