"""Who flies what, how high, how long and when."""
