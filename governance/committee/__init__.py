"""What a risk committee reads: the whole estate on one page and as one PDF."""
