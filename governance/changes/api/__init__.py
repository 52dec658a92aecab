"""Changes over REST."""
