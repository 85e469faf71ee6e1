"""What a feature brings, declared in one place: its folder's `__init__.py`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from field_api.core.bus import Value, ValueKind
from field_api.core.operation import Operation
from field_api.core.records import Record, RecordKind, ToldKind
from field_api.core.registers.register import Register
from field_api.core.roles import Permission

if TYPE_CHECKING:
    from sqlmodel import Session

    from field_api.core.change import Change
    from field_api.core.events import TailEvent
    from field_api.core.services import Services

__all__ = ["Feature", "NodeMessage", "NodeValue", "Timer", "TimerRun"]


@dataclass(frozen=True)
class Timer:
    """Work that is due again and again; one that raises stops nobody else's."""

    name: str
    every_s: float
    run: Callable[[Services], object]
    everywhere: bool = False
    """In every worker, for what each has in memory; else only in the one that leads."""


@dataclass(frozen=True, slots=True)
class TimerRun:
    """How a timer went last."""

    t_ms: int
    """When it ended."""
    went_well: bool


@dataclass(frozen=True)
class NodeMessage:
    """A durable message of nodes and what it means here."""

    message: type[Any]
    store: Callable[[Services, Change, str, Any], None]
    """Called once per message id inside the inbox's transaction, with the node's id."""
    prepare: Callable[[Services, Any], Any] | None = None
    """Called before the transaction, e.g. to put pictures on disk; returns the message to store.

    Raises `ValueError` for one that can never be stored.
    """


@dataclass(frozen=True)
class NodeValue:
    """A latest-wins value of nodes and who takes it."""

    message: type[Any]
    take: Callable[[Services, str, Any], object]
    """Called on the event loop with the node's id; it must be quick."""


@dataclass(frozen=True)
class Feature:
    """Everything the command post must know of a feature."""

    name: str
    about: str = ""
    """One line for the API's documentation."""
    routers: tuple[APIRouter, ...] = ()
    records: tuple[RecordKind[Any], ...] = ()
    told: tuple[ToldKind, ...] = ()
    values: tuple[ValueKind, ...] = ()
    operations: tuple[Operation[Any], ...] = ()
    permissions: tuple[Permission, ...] = ()
    timers: tuple[Timer, ...] = ()
    node_messages: tuple[NodeMessage, ...] = ()
    node_values: tuple[NodeValue, ...] = ()
    registers: tuple[Register[Any], ...] = ()
    parts: tuple[Callable[[Services], object], ...] = ()
    """Makers of what lives as long as the process; found again by `Services.part(TYPE)`."""
    follows: Callable[[Services, list[TailEvent]], None] | None = None
    """Told of every event, on the event loop."""
    media_missing: Callable[[Services, Session, Record, dict[str, Any]], list[str]] | None = None
    """Which attachments named by a pushed item are not here."""
    starts: Callable[[Services], None] | None = None
    """Called once on the event loop before anything is served."""
    serves: Callable[[Services], Coroutine[Any, Any, None]] | None = None
    """Runs on the event loop as long as the process."""
    hears: Callable[[Services, Value], None] | None = None
    """Told of every value, in the publisher's thread."""
