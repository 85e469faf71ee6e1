"""The event tail: every change of every record, in the order of its commit.

Browsers resume after a sequence number, handhelds pull by cursor, nodes get their orders, and every
later peer follows the same table. Positions and boxes never stand here; they travel on the bus.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog
from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, delete, select
from starlette.concurrency import run_in_threadpool

from field_api.core.access import Viewer
from field_api.core.columns import JsonText, integer64
from field_api.core.records import reader_of

__all__ = [
    "Event",
    "EventOp",
    "EventTail",
    "TailEvent",
    "event_for",
    "events_after",
    "first_seq",
    "forget_events",
    "last_seq",
]

log = structlog.get_logger(__name__)

EventOp = Literal["put", "remove", "left"]

PAGE = 500
"""Most events read at once."""
LOOK_S = 1.0
"""How often the table is looked at without a call: another process may have written."""


class Event(SQLModel, table=True):
    """One change of one record."""

    __table_args__ = (Index("ix_event_topic_record", "topic", "record_id"),)

    seq: int = integer64(primary_key=True)
    """Given at commit: a reader that has seen N will never meet a smaller number."""
    t_ms: int = integer64(index=True)
    topic: str
    record_id: str
    version: int
    area: str
    left_area: str | None = None
    """The area that the record was in before, where this change moved it."""
    terminal_id: str | None = None
    incident_id: str | None = None
    op: str
    body: str | None = Field(default=None, sa_type=JsonText)
    """What clients see of the record, as JSON; None for a removed one."""


@dataclass(frozen=True, slots=True)
class TailEvent:
    """An event as it is handed on."""

    seq: int
    t_ms: int
    topic: str
    record_id: str
    version: int
    area: str
    left_area: str | None
    terminal_id: str | None
    incident_id: str | None
    op: EventOp
    body: str | None

    def text(self) -> str:
        """Return the event as clients are sent it."""
        return (
            f'{{"type":"{self.topic}","seq":{self.seq},"id":"{self.record_id}",'
            f'"version":{self.version},"op":"{self.op}","area":"{self.area}",'
            f'"data":{self.body or "null"}}}'
        )


def event_for(event: TailEvent, viewer: Viewer) -> TailEvent | None:
    """Return what a viewer may know of an event: all, that it left their area, or nothing."""
    kind = reader_of(event.topic)
    if kind is None:
        return None
    marks = {"terminal_id": event.terminal_id, "incident_id": event.incident_id}
    if viewer.sees(kind, area=event.area, **marks):
        return event
    if event.left_area is not None and viewer.sees(kind, area=event.left_area, **marks):
        return TailEvent(
            event.seq,
            event.t_ms,
            event.topic,
            event.record_id,
            event.version,
            event.left_area,
            None,
            None,
            None,
            "left",
            None,
        )
    return None


def _tail_event(row: Event) -> TailEvent:
    op: EventOp = "remove" if row.op == "remove" else "put"
    return TailEvent(
        row.seq,
        row.t_ms,
        row.topic,
        row.record_id,
        row.version,
        row.area,
        row.left_area,
        row.terminal_id,
        row.incident_id,
        op,
        row.body,
    )


def events_after(
    session: Session, seq: int, *, limit: int = PAGE, topics: Sequence[str] | None = None
) -> list[TailEvent]:
    """Return the next events after `seq`, oldest first."""
    query = select(Event).where(Event.seq > seq).order_by(col(Event.seq)).limit(limit)
    if topics is not None:
        # Joined with nothing, so that the index of topics is not taken: the planner would read and
        # sort every event there ever was of these topics to find the few new ones.
        query = query.where(col(Event.topic).concat("").in_(topics))
    return [_tail_event(row) for row in session.exec(query)]


def last_seq(session: Session) -> int:
    """Return the newest event's number, 0 for an empty tail."""
    return session.exec(select(Event.seq).order_by(col(Event.seq).desc()).limit(1)).first() or 0


def first_seq(session: Session) -> int:
    """Return the oldest event kept, 1 for an empty tail: who is behind it must start anew."""
    return session.exec(select(Event.seq).order_by(col(Event.seq)).limit(1)).first() or 1


def forget_events(session: Session, before_ms: int, *, limit: int = 5000) -> None:
    """Delete the oldest events made before a time; the newest stays, it carries the count.

    Only the oldest are looked at: asking the whole tail for what is old reads all of it each time
    that nothing is, while nobody else can write.
    """
    oldest = session.exec(select(Event.seq, Event.t_ms).order_by(col(Event.seq)).limit(limit))
    newest = last_seq(session)
    old = [
        seq
        for seq, _t_ms in itertools.takewhile(lambda row: row[1] < before_ms, oldest)
        if seq < newest
    ]
    if old:
        session.exec(delete(Event).where(col(Event.seq) <= old[-1]))


Follower = Callable[[list[TailEvent]], None]


class EventTail:
    """Reads the table in order and hands each event to every follower, on the event loop."""

    def __init__(self, read: Callable[[int], list[TailEvent]], begin: Callable[[], int]) -> None:
        """Take how to read the events after a number, and the newest number at the start."""
        self._read = read
        self._begin = begin
        self._followers: list[Follower] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._awake = asyncio.Event()
        self._reading = asyncio.Lock()
        self.seq = 0
        """The last event handed on."""

    def follow(self, follower: Follower) -> None:
        """Call `follower` with every event from now on."""
        self._followers.append(follower)

    def wake(self) -> None:
        """Say that something was committed; may be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # the loop closed meanwhile
                self._loop.call_soon_threadsafe(self._awake.set)

    async def start(self) -> None:
        """Begin behind the newest event."""
        self._loop = asyncio.get_running_loop()
        self.seq = await run_in_threadpool(self._begin)

    async def run(self) -> None:
        """Hand on events until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._awake.wait()
            self._awake.clear()
            try:
                await self.catch_up()
            except Exception:
                log.exception("tail_not_read")
                await asyncio.sleep(LOOK_S)

    async def catch_up(self) -> None:
        """Hand on what was committed since, each event once whoever asks."""
        async with self._reading:
            await self._catch_up()

    async def _catch_up(self) -> None:
        while True:
            events = await run_in_threadpool(self._read, self.seq)
            if not events:
                return
            self.seq = events[-1].seq
            for follower in self._followers:
                try:
                    follower(events)
                except Exception:
                    log.exception("follower_failed", first_seq=events[0].seq)
            if len(events) < PAGE:
                return
