"""Search patterns of the search manual as lanes."""
