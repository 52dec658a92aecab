"""Commands of incidents and monitoring."""
