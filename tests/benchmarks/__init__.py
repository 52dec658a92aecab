"""Benchmarks: each is one command, prints its table, and is no timed test."""
