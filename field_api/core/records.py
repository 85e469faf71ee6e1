"""Records and their kinds: what has an id, a version and an area, and is told on the tail."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlmodel import Field, Session, SQLModel

from field_api.core.roles import Permission

__all__ = [
    "Record",
    "RecordKind",
    "Requested",
    "Sync",
    "ToldKind",
    "kind_of_table",
    "kind_of_topic",
    "reader_of",
    "record_kinds",
]


class Record(SQLModel):
    """What is created, changed and told: the columns every record has."""

    id: str = Field(primary_key=True)
    version: int = Field(default=0)
    """Counts changes; `Change.put` raises it, and no client goes back to an older one."""
    area: str = Field(default="", index=True)
    """Area code of district, street or community; empty concerns everybody."""


class Requested(Record):
    """A record made by a client that chose its id: repeating the request is harmless."""

    request_sha256: str = ""


class Sync(StrEnum):
    """Which of a kind's records a handheld keeps."""

    NONE = "none"
    AREA = "area"
    """Those of the person's areas."""
    OWN = "own"
    """Those of its own terminal."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class RecordKind(Generic[R]):
    """What the core must know of a table of records; stands in its feature's declaration."""

    topic: str
    """Name on the tail and in sync."""
    table: type[R]
    view_type: type[BaseModel]
    views: Callable[[Session, Sequence[R]], Sequence[BaseModel]]
    """Make what clients see of some rows, in the same order."""
    reads: Permission
    """Needed to see one, in one's area."""
    own_reads: Permission | None = None
    """Enough to see those of one's own terminal."""
    own_column: str = "terminal_id"
    incident_column: str | None = "incident_id"
    sync: Sync = Sync.NONE
    shown: Callable[[], ColumnElement[bool]] | None = None
    """What a browser's first picture holds, e.g. what is open; None leaves the kind out."""
    history: bool = False
    """Every version is kept and can be read."""
    shows_media: bool = False
    """Its view says which of its attachments are here: it is told anew when one arrives."""
    told: Callable[[R], bool] | None = None
    """Whether a row is told on the tail; None tells all."""
    noun: str = ""
    """What one is called in `errors.unknown_NOUN`; the topic where empty."""

    def __post_init__(self) -> None:
        """Make the kind known by its table and its topic."""
        known = _by_topic.get(self.topic)
        if known is not None and known.table.__name__ != self.table.__name__:
            raise ValueError(f"two kinds have the topic {self.topic}")
        _by_topic[self.topic] = self
        _by_table[self.table] = self

    def view(self, session: Session, row: R) -> BaseModel:
        """Return what clients see of one row."""
        return self.views(session, [row])[0]

    def terminal_of(self, row: R) -> str | None:
        """Return the terminal a row belongs to."""
        value = getattr(row, self.own_column, None)
        return str(value) if value is not None else None

    def incident_of(self, row: R) -> str | None:
        """Return the incident a row belongs to."""
        return getattr(row, self.incident_column, None) if self.incident_column else None


@dataclass(frozen=True)
class ToldKind:
    """Something told on the tail that is no record of its own, e.g. a line of a timeline."""

    topic: str
    view_type: type[BaseModel]
    reads: Permission
    own_reads: Permission | None = None

    def __post_init__(self) -> None:
        """Make the kind known by its topic."""
        _told[self.topic] = self


_told: dict[str, ToldKind] = {}
_by_topic: dict[str, RecordKind[Any]] = {}
_by_table: dict[type[Record], RecordKind[Any]] = {}


def kind_of_table(table: type[Record]) -> RecordKind[Any]:
    """Return a table's kind.

    Raises:
        KeyError: no feature declares it.
    """
    return _by_table[table]


def kind_of_topic(topic: str) -> RecordKind[Any] | None:
    """Return the kind of a topic, None where there is none."""
    return _by_topic.get(topic)


def reader_of(topic: str) -> "RecordKind[Any] | ToldKind | None":
    """Return what says who may read a topic, None where there is no such topic."""
    return _by_topic.get(topic) or _told.get(topic)


def record_kinds() -> Iterable[RecordKind[Any]]:
    """Return every declared kind."""
    return _by_topic.values()
