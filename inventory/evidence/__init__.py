"""Evidence files: kept under their own SHA-256, wherever Django can keep files."""
