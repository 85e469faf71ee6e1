"""The database: sessions that read what somebody may see, and the one session that writes."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from sqlmodel import Session

from field_api.core.access import Principal, Viewer, scoped
from field_api.core.busy import WriterTurn
from field_api.core.change import Change
from field_api.core.dialect import make_engine
from field_api.core.roles import Actor

__all__ = ["Clock", "Store"]

Clock = Callable[[], int]
"""Returns UTC milliseconds."""


class Store:
    """The command post's database."""

    def __init__(self, url: str, clock: Clock, *, busy_wait_s: float = 5.0) -> None:
        """Open a database; who writes waits `busy_wait_s` at most, here and there together."""
        self._clock = clock
        self.writer = make_engine(url, writer=True, busy_s=busy_wait_s / 2)
        self._reader = make_engine(url, writer=False)
        self._writing = WriterTurn(busy_wait_s / 2)
        self.on_commit: Callable[[], None] = lambda: None
        """Called after a commit that has something to tell, outside every lock."""

    @contextmanager
    def read(self, viewer: Viewer | None = None) -> Generator[Session]:
        """Give a session that sees one moment, can't write, and sees what `viewer` may see."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield scoped(session, viewer)

    @contextmanager
    def change(self, actor: Actor | Principal) -> Generator[Change]:
        """Give the audited way to write: all of it is committed, or nothing.

        Raises:
            DatabaseBusyError: somebody else writes for too long.
            UnauditedChangeError: rows were changed and no act was recorded.
        """
        who = actor if isinstance(actor, Principal) else None
        by = actor.actor if isinstance(actor, Principal) else actor
        with self._writing, Session(self.writer, expire_on_commit=False) as session:
            change = Change(session, by, self._clock(), who)
            yield change
            told = change.write_tail()
            session.commit()
        if told:
            self.on_commit()
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
