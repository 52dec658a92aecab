"""Engagements over REST."""
