"""The REST door of the inventory: input is read, one service or query is called, the answer is shown."""
