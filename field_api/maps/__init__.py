"""The map base, from local data only."""
