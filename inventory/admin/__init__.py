"""The governance team's window on the inventory: records, people and what they may do."""

from inventory.admin import people, records

__all__ = ["people", "records"]
