"""One feature, one folder."""
