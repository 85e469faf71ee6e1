"""What two people wrote into the same column of an entry without knowing of each other."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record

__all__ = ["ConflictState", "EntryConflict"]


class ConflictState(StrEnum):
    """What became of it."""

    OPEN = "open"
    KEPT = "kept"
    """The entry stays as it is."""
    TAKEN = "taken"
    """The value from the handheld was put into the entry."""


class EntryConflict(Record, table=True):
    """One column of one entry; both values are kept, a person decides."""

    __table_args__ = (Index("ix_entryconflict_entry", "register_name", "entry_id"),)

    register_name: str
    entry_id: str
    column: str
    was: Any = shape(Any, nullable=True)
    """What the author saw when they wrote."""
    here: Any = shape(Any, nullable=True)
    """What stood in the entry when their edit arrived."""
    given: Any = shape(Any, nullable=True)
    """What they wrote."""
    author: str
    made_ms: int = integer64()
    received_ms: int = integer64()
    state: ConflictState = choice(ConflictState, index=True)
    decided_by: str | None = Field(default=None)
    decided_ms: int | None = integer64(default=None)
