"""Pages of validation."""
