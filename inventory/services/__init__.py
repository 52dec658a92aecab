"""The verbs of the inventory: the only writers of its tables, one file a noun."""
