"""Incidents others had: an edition of a public database read, and those that look like a system found."""
