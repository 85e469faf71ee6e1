"""Record ids: UUIDv7, made by whoever creates the record, sortable by creation time (RFC 9562)."""

from typing import Annotated

from pydantic import StringConstraints
from uuid6 import uuid7

__all__ = ["RecordId", "new_id"]

RecordId = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
    ),
]
"""A lower-case UUIDv7 in its canonical text form."""


def new_id() -> str:
    """Return a fresh UUIDv7; later calls sort after earlier ones."""
    return str(uuid7())
