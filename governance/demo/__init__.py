"""The demonstration organisation: a small bank, its people, its systems and their history."""
