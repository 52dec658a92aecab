"""The verbs of access: people, organisation-wide roles, tokens."""
