"""The one way in which records change.

Row, version, audit act and event are written in one transaction, or nothing is. Nothing is told
before its commit: whoever wants to know reads the event tail.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel
from sqlalchemy import event, insert
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session, col, select

from field_api.core.access import Principal, sees_row
from field_api.core.audit.appending import Act, append_acts
from field_api.core.audit.tables import TimelineEntry
from field_api.core.errors import refuse
from field_api.core.events import Event, last_seq
from field_api.core.history import RecordHistory, last_version
from field_api.core.records import Record, kind_of_table
from field_api.core.roles import Actor
from field_api.core.texts import both
from field_api.core.wire import digest

__all__ = ["Change", "UnauditedChangeError"]

log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Record)
T = TypeVar("T")

TIMELINE = "timeline"
"""Topic of an incident's timeline lines; their id is the audit number."""


class UnauditedChangeError(RuntimeError):
    """A change was about to be committed without saying who did what, or past `put`."""


@dataclass(slots=True)
class _Touched:
    row: Record
    op: str
    left_area: str | None


def _is_told(row: Record) -> bool:
    told = kind_of_table(type(row)).told
    return told is None or told(row)


@dataclass
class Change:
    """One transaction; given by `Store.change`."""

    session: Session
    actor: Actor
    t_ms: int
    who: Principal | None = None
    """The person, where one acts: what they may not see they can't change."""
    repeated: bool = False
    """The request was known already and nothing was changed by it."""
    _acts: list[Act] = field(default_factory=list[Act])
    _touched: dict[tuple[str, str], _Touched] = field(
        default_factory=dict[tuple[str, str], _Touched]
    )
    _after: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    _views: dict[tuple[str, str], BaseModel] = field(
        default_factory=dict[tuple[str, str], BaseModel]
    )
    """What clients see of records as they are now; made once for answer and event."""
    _flushed: dict[int, Record] = field(default_factory=dict[int, Record])
    _rows_written: bool = False
    _absent: set[tuple[type[Any], str]] = field(default_factory=set[tuple[type[Any], str]])
    """Ids that were looked for and are not there."""
    _incident_areas: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        """Watch what the session writes, so that nothing is written past this class."""
        event.listen(self.session, "after_flush", self._note_flush)
        event.listen(self.session, "do_orm_execute", self._note_statement)

    # --- finding ----------------------------------------------------------------------------

    def get(self, table: type[R], record_id: str, *, field: str | None = None) -> R:
        """Return a record that this person may see.

        Raises:
            ApiError: 404 `unknown_TOPIC`, there is none or it is not theirs to see.
        """
        row = self.find(table, record_id)
        if row is None:
            kind = kind_of_table(table)
            raise refuse(404, f"unknown_{kind.noun or kind.topic}", field=field, id=record_id)
        return row

    def find(self, table: type[R], record_id: str) -> R | None:
        """Return a record that this person may see, None where there is none."""
        row = self.session.get(table, record_id)
        if row is not None and self.who is not None and not sees_row(self.who.viewer, row):
            return None
        return row

    def known(self, table: type[R], body: BaseModel, record_id: str, **place: str) -> R | None:
        """Return the record that this very request made before, None for a new id.

        Args:
            table: where such records are.
            body: the request; the record keeps its digest.
            record_id: the id that the client chose.
            place: columns that must fit too, e.g. the parent named in the address.

        Raises:
            ApiError: 409 `id_taken`, another request made a record of this id.
        """
        row = self.made_before(table, record_id)
        if row is None:
            return None
        same = getattr(row, "request_sha256", "") == digest(body)
        if not same or any(getattr(row, name) != value for name, value in place.items()):
            raise refuse(409, "id_taken", field="id")
        self.repeated = True
        return row

    def look_for(self, table: type[Any], ids: Iterable[str]) -> None:
        """Look at once for many rows by their id: `made_before` then needs no query for each."""
        wanted = sorted(set(ids))
        found = self.session.exec(select(table).where(col(table.id).in_(wanted))).all()
        self._absent.update((table, record_id) for record_id in wanted)
        for row in found:
            self._absent.discard((table, row.id))

    def made_before(self, table: type[T], record_id: str) -> T | None:
        """Return a row by the id that a client chose, None for a new id."""
        if (table, record_id) in self._absent:
            # Once: what is made now is there for the next who asks.
            self._absent.discard((table, record_id))
            return None
        return self.session.get(table, record_id)

    # --- writing ----------------------------------------------------------------------------

    def create(self, row: R, *, fresh_id: bool = False) -> R:
        """Add a new record.

        Where there was one of this id before, versions go on from its tombstone's: clients drop
        what is older than they know, and its history keeps every version once.

        Args:
            row: the record.
            fresh_id: the id was made here just now, so there is nothing to go on from.
        """
        before = 0 if fresh_id else self._last_version(row)
        row.version = before + 1
        self.session.add(row)
        return self._touch(row, "put", None)

    def _last_version(self, row: Record) -> int:
        kind = kind_of_table(type(row))
        return last_version(self.session, kind.topic, row.id) if kind.history else 0

    def put(self, row: R, *, seen_version: int | None = None) -> R:
        """Say that a record was changed; call it once its columns are set or before.

        Args:
            row: the record.
            seen_version: the version that the person looked at.

        Raises:
            ApiError: 409 `version_conflict`, it was changed since; 403 outside one's area.
        """
        if seen_version is not None and seen_version != row.version:
            raise refuse(409, "version_conflict", field="version", version=row.version)
        if (kind_of_table(type(row)).topic, row.id) not in self._touched:
            row.version += 1
        return self._touch(row, "put", None)

    def move(self, row: R, area: str) -> R:
        """Put a record into another area: who only sees the old one is told that it left."""
        before = row.area
        row.area = area
        self.put(row)
        if before != area:
            self._touched[kind_of_table(type(row)).topic, row.id].left_area = before
        return row

    def retell(self, row: R) -> R:
        """Tell a record anew because something that its view shows has changed beside it.

        Nobody writes the record itself, so it is nobody's area that counts.
        """
        who, self.who = self.who, None
        try:
            return self.put(row)
        finally:
            self.who = who

    def remove(self, row: Record) -> None:
        """Delete a record; a tombstone stays on the tail."""
        row.version += 1
        self._touch(row, "remove", None)
        self.session.delete(row)

    def _touch(self, row: R, op: str, left_area: str | None) -> R:
        if self.who is not None and not sees_row(self.who.viewer, row):
            self.who.require_area(row.area)
        topic = kind_of_table(type(row)).topic
        known = self._touched.get((topic, row.id))
        self._views.pop((topic, row.id), None)
        if known is not None and op == "put":
            return row
        self._touched[topic, row.id] = _Touched(row, op, left_area)
        return row

    # --- showing ----------------------------------------------------------------------------

    def views(self, rows: Iterable[Record]) -> list[BaseModel]:
        """Return what clients see of records, in the same order: few queries for all of a kind.

        The event says the same, so that it is made once. A record changed afterwards goes through
        `put` again and is then made anew.
        """
        asked = list(rows)
        self.session.flush()
        missing: dict[type[Record], dict[str, Record]] = {}
        for row in asked:
            if (kind_of_table(type(row)).topic, row.id) not in self._views:
                missing.setdefault(type(row), {})[row.id] = row
        for table, wanted in missing.items():
            kind, found = kind_of_table(table), list(wanted.values())
            made = kind.views(self.session, found)
            for row, view in zip(found, made, strict=True):
                self._views[kind.topic, row.id] = view
        return [self._views[kind_of_table(type(row)).topic, row.id] for row in asked]

    # --- saying -----------------------------------------------------------------------------

    def record(
        self,
        action: str,
        subject: str,
        /,
        *,
        incident_id: str | None = None,
        area: str = "",
        refs: dict[str, str] | None = None,
        actor: Actor | None = None,
        text: str | None = None,
        **values: object,
    ) -> None:
        """Say what was done; it joins the trail when this change commits.

        Args:
            action: stable name; its words stand in the catalogues as `acts.ACTION`.
            subject: id of what was acted on.
            incident_id: the incident whose timeline shows it.
            area: area of that timeline line.
            refs: further ids and values.
            actor: who, where it is not who makes the change.
            text: another key below `acts.` for the words.
            values: what is put into the words.
        """
        words = both(f"acts.{text or action}", **values)
        self._acts.append(
            Act(
                actor or self.actor,
                action,
                subject,
                incident_id,
                area,
                words.zh,
                words.en,
                refs or {},
            )
        )

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call `call` once the change is on disk; what it raises is logged and stops nobody."""
        self._after.append(call)

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Undo what is done inside where it raises, and leave the rest of the change alone."""
        acts, after, touched = len(self._acts), len(self._after), dict(self._touched)
        flushed = dict(self._flushed)
        self._views.clear()
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            del self._acts[acts:], self._after[after:]
            self._touched, self._flushed = touched, flushed
            raise

    @property
    def acts(self) -> int:
        """How many acts are recorded so far."""
        return len(self._acts)

    # --- committing (called by `Store.change`) ------------------------------------------------

    def write_tail(self) -> bool:
        """Write acts and events; return whether anything is to be told.

        Raises:
            UnauditedChangeError: rows were changed and no act was recorded, or a record was
                changed without `put`.
        """
        self.session.flush()
        told = {id(touched.row) for touched in self._touched.values()}
        if self._flushed.keys() - told:
            raise UnauditedChangeError("a record was changed without Change.put or create")
        if not self._acts:
            if self._rows_written or self._touched:
                raise UnauditedChangeError("a change must record who did what")
            return False
        lines = append_acts(self.session, self.t_ms, self._acts)
        self._append_events(lines)
        return True

    def _append_events(self, lines: list[tuple[TimelineEntry, str]]) -> None:
        rows: list[dict[str, Any]] = []
        history: list[dict[str, Any]] = []
        told = {key: touched for key, touched in self._touched.items() if _is_told(touched.row)}
        self.views(touched.row for touched in told.values() if touched.op != "remove")
        for (topic, record_id), touched in told.items():
            row, kind = touched.row, kind_of_table(type(touched.row))
            gone = touched.op == "remove"
            body = None if gone else self._views[topic, record_id].model_dump_json()
            marks = {
                "topic": topic,
                "record_id": record_id,
                "version": row.version,
                "t_ms": self.t_ms,
                "op": touched.op,
                "body": body,
            }
            rows.append(
                {
                    **marks,
                    "area": row.area,
                    "left_area": touched.left_area,
                    "terminal_id": kind.terminal_of(row),
                    "incident_id": kind.incident_of(row),
                }
            )
            if kind.history:
                history.append({**marks, "actor": self.actor.id, "actor_name": self.actor.name})
        for line, area in lines:
            rows.append(
                {
                    "topic": TIMELINE,
                    "record_id": str(line.seq),
                    "version": 1,
                    "t_ms": self.t_ms,
                    "op": "put",
                    "body": line.model_dump_json(),
                    "area": area or self._area_of(line.incident_id),
                    "left_area": None,
                    "terminal_id": None,
                    "incident_id": line.incident_id,
                }
            )
        if not rows:
            return
        seq = last_seq(self.session)
        for number, values in enumerate(rows, start=seq + 1):
            values["seq"] = number
        connection = self.session.connection()
        connection.execute(insert(Event), rows)
        if history:
            connection.execute(insert(RecordHistory), history)

    def _area_of(self, incident_id: str) -> str:
        """Return an incident's area for its timeline: touched here, else asked of the tail."""
        touched = self._touched.get(("incident", incident_id))
        if touched is not None:
            return touched.row.area
        if incident_id not in self._incident_areas:
            told = select(Event.area).where(
                Event.topic == "incident", Event.record_id == incident_id
            )
            newest = self.session.exec(told.order_by(col(Event.seq).desc()).limit(1)).first()
            self._incident_areas[incident_id] = newest or ""
        return self._incident_areas[incident_id]

    def finish(self) -> None:
        """Run what waits for the commit."""
        for call in self._after:
            try:
                call()
            except Exception:
                log.exception("after_commit_failed")

    # --- watching ---------------------------------------------------------------------------

    def _note_flush(self, session: Session, _context: UOWTransaction) -> None:
        # `session.dirty` is made anew at every look: looking once per row would cost rows squared.
        modified = [row for row in session.dirty if session.is_modified(row)]
        for row in (*session.new, *session.deleted, *modified):
            self._rows_written = True
            if isinstance(row, Record):
                self._flushed[id(row)] = row

    def _note_statement(self, state: ORMExecuteState) -> None:
        if state.is_insert or state.is_update or state.is_delete:
            self._rows_written = True
