"""The database and the one audited path by which it changes.

`Store.read` gives a session that can't write. `Store.change` gives the only one that can: it takes
the acts to record, appends them to the hash chain in the same transaction, and tells the live
clients after the commit. A change that records nothing is refused, so nothing happens unseen.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, col, select

from field_api.audit.models import AuditEntry, TimelineEntry
from field_api.audit.rules import GENESIS, Entry, canonical, entry_hash

__all__ = ["SYSTEM", "Actor", "Change", "Clock", "Store", "UnauditedChangeError", "timeline_entry"]

Clock = Callable[[], int]
"""Returns UTC milliseconds."""


class UnauditedChangeError(RuntimeError):
    """A change was about to be committed without saying who did what."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where."""

    id: str
    """User name, `node:ID`, or `system`."""
    name: str
    source: str


SYSTEM = Actor("system", "系统", "command post")
"""The command post itself: timers."""


def _audit_row(prev_hash: str, entry: Entry) -> AuditEntry:
    return AuditEntry(
        seq=entry.seq,
        t_ms=entry.t_ms,
        actor=entry.actor,
        actor_name=entry.actor_name,
        source=entry.source,
        action=entry.action,
        subject=entry.subject,
        incident_id=entry.incident_id,
        text_zh=entry.text_zh,
        text_en=entry.text_en,
        refs_json=entry.refs_json,
        prev_hash=prev_hash,
        hash=entry_hash(prev_hash, entry),
    )


def timeline_entry(row: AuditEntry) -> TimelineEntry | None:
    """Return the timeline line of an audit entry, None where it concerns no incident."""
    if row.incident_id is None:
        return None
    return TimelineEntry(
        seq=row.seq,
        t_ms=row.t_ms,
        incident_id=row.incident_id,
        actor=row.actor,
        actor_name=row.actor_name,
        action=row.action,
        subject=row.subject,
        text_zh=row.text_zh,
        text_en=row.text_en,
        refs=json.loads(row.refs_json),
    )


@dataclass
class Change:
    """One transaction: rows through `session`, acts through `record`."""

    session: Session
    actor: Actor
    t_ms: int
    _acts: list[tuple[Actor, str, str, str | None, str, str, dict[str, str]]] = field(
        default_factory=list[tuple[Actor, str, str, str | None, str, str, dict[str, str]]]
    )
    _after: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def record(
        self,
        action: str,
        subject: str,
        text_zh: str,
        text_en: str,
        *,
        incident_id: str | None = None,
        refs: dict[str, str] | None = None,
        actor: Actor | None = None,
    ) -> None:
        """Say what was done; it joins the chain when this change commits."""
        who = actor or self.actor
        self._acts.append((who, action, subject, incident_id, text_zh, text_en, refs or {}))

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call `call` once the change is on disk, and only then."""
        self._after.append(call)

    def append_acts(self) -> list[AuditEntry]:
        """Chain the recorded acts to the trail (called by `Store.change`)."""
        last = self.session.exec(select(AuditEntry).order_by(col(AuditEntry.seq).desc())).first()
        seq, prev_hash = (last.seq, last.hash) if last else (0, GENESIS)
        rows: list[AuditEntry] = []
        for who, action, subject, incident_id, text_zh, text_en, refs in self._acts:
            seq += 1
            row = _audit_row(
                prev_hash,
                Entry(
                    seq=seq,
                    t_ms=self.t_ms,
                    actor=who.id,
                    actor_name=who.name,
                    source=who.source,
                    action=action,
                    subject=subject,
                    incident_id=incident_id,
                    text_zh=text_zh,
                    text_en=text_en,
                    refs_json=canonical(refs),
                ),
            )
            self.session.add(row)
            rows.append(row)
            prev_hash = row.hash
        return rows

    @property
    def acts(self) -> int:
        """How many acts are recorded so far."""
        return len(self._acts)

    def finish(self) -> None:
        """Run what waits for the commit (called by `Store.change`)."""
        for call in self._after:
            call()


def _engine(file: Path, *, writer: bool) -> Engine:
    engine = create_engine(
        f"sqlite:///{file}",
        connect_args={"timeout": 15, "check_same_thread": False},
        pool_size=1 if writer else 8,
        max_overflow=0 if writer else 40,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:  # pyright: ignore[reportUnusedFunction]
        assert isinstance(connection, sqlite3.Connection)
        # SQLAlchemy begins transactions itself (below), so that a writer takes its lock at once.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            # Nodes are told "stored" after a commit: it must survive a power cut.
            "synchronous=FULL",
            "foreign_keys=ON",
            f"query_only={'OFF' if writer else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _rows_written(session: Session) -> int:
    connection = session.connection().connection.dbapi_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection.total_changes


class Store:
    """The command post's database."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._clock = clock
        self.writer = _engine(file, writer=True)
        self._reader = _engine(file, writer=False)
        self._writing = threading.Lock()
        self.on_timeline: Callable[[TimelineEntry], None] = lambda _entry: None
        """Told of every new timeline line after its commit."""

    @contextmanager
    def read(self) -> Generator[Session]:
        """Give a session that sees one moment and can't write."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def change(self, actor: Actor) -> Generator[Change]:
        """Give the audited way to write: all of it is committed, or nothing.

        Raises:
            UnauditedChangeError: rows were changed and no act was recorded.
        """
        with self._writing, Session(self.writer, expire_on_commit=False) as session:
            change = Change(session, actor, self._clock())
            before = _rows_written(session)
            yield change
            session.flush()
            if _rows_written(session) != before and not change.acts:
                raise UnauditedChangeError("a change must record who did what")
            rows = change.append_acts() if change.acts else []
            session.commit()
        # Outside the lock, so that what is told next may itself change the store.
        for row in rows:
            entry = timeline_entry(row)
            if entry is not None:
                self.on_timeline(entry)
        change.finish()

    @contextmanager
    def housekeep(self) -> Generator[Session]:
        """Give a session for bookkeeping that is nobody's act: last-seen times and positions."""
        with self._writing, Session(self.writer, expire_on_commit=False) as session:
            yield session
            session.commit()

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self._reader.dispose()
