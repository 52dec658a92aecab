"""Alerts as other tools send them: one reader a tool, each turning a body into what was heard."""
