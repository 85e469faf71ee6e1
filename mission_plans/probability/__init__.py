"""Search theory: where the missing may be, what a search finds, and where to search next."""
