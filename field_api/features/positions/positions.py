"""The newest position of every handheld: in memory, told on the bus, written in batches."""

import threading

from sqlalchemy import insert
from sqlmodel import col, delete, select

from field_api.contract.messages import TerminalPosition
from field_api.core.bus import Value, ValueKind
from field_api.core.events import TailEvent
from field_api.core.services import Services
from field_api.features.positions.permissions import POSITION_OWN, POSITION_VIEW
from field_api.features.positions.rules import honest_time_ms
from field_api.features.positions.tables import LastPosition
from field_api.features.roster.tables import Terminal

__all__ = ["POSITION", "Positions"]

POSITION = ValueKind("terminal_position", TerminalPosition, POSITION_VIEW, POSITION_OWN)


class Positions:
    """May be used from any thread."""

    def __init__(self, ctx: Services) -> None:
        """Begin with what was known before."""
        self._ctx = ctx
        self._lock = threading.Lock()
        self._newest: dict[str, TerminalPosition] = {}
        self._unwritten: set[str] = set()
        self._areas: dict[str, str] = {}
        self.read_roster()
        with ctx.store.read() as session:
            known = session.exec(select(LastPosition)).all()
        for row in known:
            self._newest[row.terminal_id] = position = TerminalPosition(**row.model_dump())
            self._tell(position)

    def read_roster(self) -> None:
        """Read which handhelds there are, and whose business they are."""
        with self._ctx.store.read() as session:
            rows = session.exec(select(Terminal.id, Terminal.area))
            self._areas = dict(rows.all())

    def roster_changed(self, events: list[TailEvent]) -> None:
        """Keep up with the register of handhelds."""
        for event in events:
            if event.topic == "register.terminals":
                if event.op == "remove":
                    self._areas.pop(event.record_id, None)
                else:
                    self._areas[event.record_id] = event.area

    def known(self, terminal_id: str) -> bool:
        """Whether a handheld is in the roster."""
        return terminal_id in self._areas

    def take(self, position: TerminalPosition) -> bool:
        """Take a position; return False for one older than the known, which changes nothing.

        A time from the future is set to now: such a handheld's clock is wrong, and taken at its
        word it would never be heard again.
        """
        t_ms = honest_time_ms(position.t_ms, self._ctx.clock())
        position = position.model_copy(update={"t_ms": t_ms})
        with self._lock:
            before = self._newest.get(position.terminal_id)
            if before is not None and before.t_ms > t_ms:
                return False
            self._newest[position.terminal_id] = position
            self._unwritten.add(position.terminal_id)
        self._tell(position)
        return True

    def hear(self, value: Value) -> None:
        """Know what other workers took."""
        position = value.data
        if not isinstance(position, TerminalPosition):
            return
        with self._lock:
            before = self._newest.get(position.terminal_id)
            if before is None or before.t_ms < position.t_ms:
                self._newest[position.terminal_id] = position

    def _tell(self, position: TerminalPosition) -> None:
        terminal_id = position.terminal_id
        area = self._areas.get(terminal_id, "")
        self._ctx.bus.publish(POSITION, position.key, position, area=area, terminal_id=terminal_id)

    def newest(self) -> dict[str, TerminalPosition]:
        """Return the newest position of every handheld."""
        with self._lock:
            return dict(self._newest)

    def of(self, terminal_id: str) -> TerminalPosition | None:
        """Return a handheld's newest position."""
        with self._lock:
            return self._newest.get(terminal_id)

    def write(self) -> None:
        """Put on disk what is new, in one transaction; what could not be is tried again."""
        with self._lock:
            rows = [self._newest[terminal_id] for terminal_id in self._unwritten]
            self._unwritten.clear()
        if not rows:
            return
        try:
            self._store(rows)
        except Exception:
            with self._lock:
                self._unwritten.update(position.terminal_id for position in rows)
            raise

    def _store(self, rows: list[TerminalPosition]) -> None:
        values = [position.model_dump(exclude={"kind"}) for position in rows]
        known = [position.terminal_id for position in rows]
        with self._ctx.store.housekeep() as session:
            # Two statements for all of them: merging one by one took a tenth of a core of 300.
            session.exec(delete(LastPosition).where(col(LastPosition.terminal_id).in_(known)))
            session.connection().execute(insert(LastPosition), values)

    def close(self) -> None:
        """Write what is not yet on disk."""
        self.write()
