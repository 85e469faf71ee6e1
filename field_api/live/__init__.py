"""Live fan-out to browsers."""
