"""Documents as texts: what differs, what two authors wrote, what the record knows, and their formats outside."""
