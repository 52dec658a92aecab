"""The HTML pages of the inventory, one file a noun. They translate; rights, states and texts come from elsewhere."""
