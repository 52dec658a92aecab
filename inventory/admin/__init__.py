"""The governance team's window on the inventory: records, people and what they may do."""

from inventory.admin import assets, deployments, legacy, lowered, people, records, risks

__all__ = ["assets", "deployments", "legacy", "lowered", "people", "records", "risks"]
