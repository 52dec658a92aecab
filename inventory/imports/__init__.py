"""Bringing other people's inventories in: read, map, pair, plan. Pure Python; `inventory.services` carries it out."""
