"""What a handheld must know, by an opaque cursor.

Without a cursor the present is sent, kind by kind and page by page, and the cursor remembers the
tail's number from before the first page; then the tail is followed. A cursor belongs to what its
person may see: for other areas or another terminal it is answered with `resync`.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, dataclass

from sqlmodel import Session, and_, col, not_, or_, select

from field_api.core.access import Principal, Viewer, unscoped
from field_api.core.events import event_for, events_after, first_seq, last_seq
from field_api.core.records import Record, RecordKind, Sync, record_kinds
from field_api.core.services import Services
from field_api.core.sync.messages import ChangedRecord, PullView

__all__ = ["pull"]

INCIDENT = "incident"
"""Topic of the incidents, whose end takes what belongs to them off the handhelds."""
EVENTS_LOOKED_AT = 5000
"""Most events read for one answer: of a busy tail a handheld needs few."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a handheld stands."""

    seq: int
    scope: str
    topic: str = ""
    """The kind being sent while the present is sent; empty once the tail is followed."""
    after_id: str = ""

    def text(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode().rstrip("=")

    @classmethod
    def of(cls, text: str) -> "_Cursor | None":
        """Return a cursor that this command post gave, None for anything else."""
        try:
            padded = text + "=" * (-len(text) % 4)
            values = json.loads(base64.urlsafe_b64decode(padded.encode()))
            cursor = cls(**values)
            shapes = (cursor.seq, cursor.scope, cursor.topic, cursor.after_id)
            kinds = [type(value) for value in shapes]
            return cursor if kinds == [int, str, str, str] else None
        except (binascii.Error, ValueError, TypeError):
            return None


def _scope(viewer: Viewer) -> str:
    seen = [viewer.role, *sorted(viewer.areas), viewer.terminal_id, viewer.incident_id]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]


def _kinds(viewer: Viewer) -> list[RecordKind[Record]]:
    return sorted(
        (
            kind
            for kind in record_kinds()
            if kind.sync is not Sync.NONE
            and (viewer.may(kind.reads) or (kind.own_reads and viewer.may(kind.own_reads)))
        ),
        key=lambda kind: kind.topic,
    )


def pull(ctx: Services, who: Principal, cursor_text: str | None, limit: int) -> PullView:
    """Return what changed for this person since a cursor."""
    scope = _scope(who.viewer)
    with ctx.store.read(who.viewer) as session:
        cursor = _Cursor.of(cursor_text) if cursor_text else _Cursor(last_seq(session), scope)
        if cursor is None or cursor.scope != scope or _too_old(session, cursor):
            return PullView(
                server_time_ms=ctx.clock(), cursor="", more=True, resync=True, changes=[]
            )
        kinds = _kinds(who.viewer)
        presenting = not cursor_text or cursor.topic
        if presenting and kinds:
            changes, after = _present(session, who.viewer, kinds, cursor, limit)
            more = True
        else:
            changes, after, more = _followed(session, who.viewer, cursor, limit)
    return PullView(server_time_ms=ctx.clock(), cursor=after.text(), more=more, changes=changes)


def _too_old(session: Session, cursor: _Cursor) -> bool:
    with unscoped(session):
        return cursor.seq < first_seq(session) - 1 or cursor.seq > last_seq(session)


def _present(
    session: Session,
    viewer: Viewer,
    kinds: list[RecordKind[Record]],
    cursor: _Cursor,
    limit: int,
) -> tuple[list[ChangedRecord], _Cursor]:
    """Return the next page of what there is now."""
    changes: list[ChangedRecord] = []
    topics = [kind.topic for kind in kinds]
    at = topics.index(cursor.topic) if cursor.topic in topics else 0
    after_id = cursor.after_id
    for kind in kinds[at:]:
        table = kind.table
        query = select(table).where(col(table.id) > after_id).order_by(col(table.id))
        if kind.sync is Sync.OWN:
            query = query.where(getattr(table, kind.own_column) == (viewer.terminal_id or ""))
        if kind.shown is not None:
            query = query.where(kind.shown())
        rows = session.exec(query.limit(limit - len(changes))).all()
        with unscoped(session):
            views = kind.views(session, rows) if rows else []
        changes += [
            ChangedRecord(
                type=kind.topic,
                id=row.id,
                version=row.version,
                area=row.area,
                data=json.loads(view.model_dump_json()),
            )
            for row, view in zip(rows, views, strict=True)
        ]
        if len(changes) >= limit:
            return changes, _Cursor(cursor.seq, cursor.scope, kind.topic, rows[-1].id)
        after_id = ""
    return changes, _Cursor(cursor.seq, cursor.scope)


def _followed(
    session: Session, viewer: Viewer, cursor: _Cursor, limit: int
) -> tuple[list[ChangedRecord], _Cursor, bool]:
    """Return the newest state of what changed since, each record once."""
    kinds = {kind.topic: kind for kind in _kinds(viewer)}
    newest: dict[tuple[str, str], ChangedRecord] = {}
    seq = cursor.seq
    with unscoped(session):
        end = last_seq(session)
        topics = [*kinds, INCIDENT]
        events = events_after(session, seq, limit=EVENTS_LOOKED_AT, topics=topics)
    full, incidents = False, list[tuple[str, int]]()
    for event in events:
        if event.topic == INCIDENT:
            incidents.append((event.record_id, event.seq))
        kind = kinds.get(event.topic)
        seen = event_for(event, viewer) if kind is not None else None
        own = kind is not None and kind.sync is Sync.OWN
        if seen is None or (own and event.terminal_id != viewer.terminal_id):
            seq = event.seq
            continue
        key = (event.topic, event.record_id)
        if key not in newest and len(newest) >= limit:
            full = True
            break
        seq = event.seq
        newest[key] = ChangedRecord(
            type=event.topic,
            id=event.record_id,
            version=event.version,
            op=seen.op,
            area=seen.area,
            seq=event.seq,
            data=json.loads(seen.body) if seen.body else None,
        )
    for kind in kinds.values():
        _let_go(session, viewer, kind, newest, incidents)
    more = full or len(events) == EVENTS_LOOKED_AT
    return list(newest.values()), _Cursor(seq if more else max(seq, end), cursor.scope), more


def _let_go(
    session: Session,
    viewer: Viewer,
    kind: RecordKind[Record],
    newest: dict[tuple[str, str], ChangedRecord],
    incidents: list[tuple[str, int]],
) -> None:
    """Say `left` of what a new handheld would not be shown any more.

    That is what an incident's end does to all that belongs to it, without a change of its own.
    """
    if kind.shown is None:
        return
    table = kind.table
    told = [id_ for topic, id_ in newest if topic == kind.topic and newest[topic, id_].op == "put"]
    asked = col(table.id).in_(told)
    if kind.incident_column and incidents:
        of_incident = getattr(table, kind.incident_column).in_([id_ for id_, _ in incidents])
        if kind.sync is Sync.OWN:
            own = getattr(table, kind.own_column) == (viewer.terminal_id or "")
            of_incident = and_(of_incident, own)
        asked = or_(asked, of_incident)
    elif not told:
        return
    seqs = dict(incidents)
    for row in session.exec(select(table).where(asked, not_(kind.shown()))):
        known = newest.get((kind.topic, row.id))
        newest[kind.topic, row.id] = ChangedRecord(
            type=kind.topic,
            id=row.id,
            version=row.version,
            op="left",
            area=row.area,
            seq=known.seq if known else seqs.get(kind.incident_of(row) or "", 0),
        )
