"""Trends over incidents: what is counted, how it is read from the record, how it is drawn."""
