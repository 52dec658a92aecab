"""The governance team's window on the inventory: records, people and what they may do."""

from inventory.admin import assets, deployments, lowered, people, records, risks

__all__ = ["assets", "deployments", "lowered", "people", "records", "risks"]
from inventory.admin import assets, legacy, lowered, people, records, risks
__all__ = ["assets", "legacy", "lowered", "people", "records", "risks"]
