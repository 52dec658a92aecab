"""Validation over REST. Signatures are not here: people sign in the browser."""
