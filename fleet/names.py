"""Ids of aircraft as names of files."""

__all__ = ["file_name"]


def file_name(vehicle_id: str) -> str:
    """Return the id with everything replaced that may mean something in a path."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in vehicle_id)
