"""Incidents over REST."""
