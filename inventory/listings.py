"""What the lists of systems and of risks can show and be narrowed by."""

from __future__ import annotations

from typing import Final

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.web.lists import Listing
from inventory import queries
from inventory.forms import SystemFilters
from inventory.risk_forms import RiskFilters
from inventory.risks import rules_of_risks

SYSTEMS: Final = Listing(
    key="systems", title="Models & systems", page="inventory:system_list", order=10,
    columns={
        "tier": "Tier", "phase": "Phase", "release": "Latest release", "owner": "Owner", "unit": "Unit",
        "changed": "Changed", "impact": "Declared impact", "origin": "Origin", "vendor": "Vendor",
        "personal_data": "Personal data", "own_role": "Our own role",
    },
    usual=("tier", "phase", "release", "owner", "unit", "changed"),
    filters=lambda query, person: SystemFilters(
        query, units=queries.units_around(rights.Sight(person, Permission.SYSTEM_VIEW))
    ),
    together="inventory:systems_together", changes=Permission.SYSTEM_CHANGE,
)  # fmt: skip

RISKS: Final = Listing(
    key="risks", title="Risks", page="inventory:risk_list", order=20,
    columns={
        "level": "Level", "remains": "Remains", "state": "State", "treatment": "What is done", "owner": "Treated by",
        "due": "Due", "review": "Looked at again", "accepted": "Accepted until", "area": "Where it would hurt",
        "cost": "Expected cost", "written": "Written down",
    },
    usual=("level", "remains", "state", "treatment", "owner", "review"),
    filters=lambda query, person: RiskFilters(query, section=rules_of_risks()),
    together="inventory:risks_together", changes=Permission.RISK_CHANGE,
)  # fmt: skip
