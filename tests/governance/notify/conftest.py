"""What tests of notifications share."""

from tests.governance.notify.receiver import receiving

__all__ = ["receiving"]
