"""What a browser is sent first: the present, or what it missed."""

import json

from sqlmodel import Session, col, select

from field_api.core.access import Viewer, unscoped
from field_api.core.events import TailEvent, event_for, events_after, first_seq, last_seq
from field_api.core.records import Record, RecordKind, record_kinds
from field_api.core.services import Services

__all__ = ["MISSED_MOST", "missed_since", "snapshot"]

MISSED_MOST = 5000
"""A browser that missed more events than this is better off with a fresh picture."""
SHOWN_MOST = 2000
"""Most records of a kind in a picture; older ones are asked for by their lists."""


def missed_since(ctx: Services, viewer: Viewer, after: int) -> tuple[int, list[TailEvent]] | None:
    """Return the events after a number that a viewer may see, None where a picture is needed."""
    with ctx.store.read() as session:
        newest = last_seq(session)
        if after > newest or after < first_seq(session) - 1:
            return None
        events = events_after(session, after, limit=MISSED_MOST + 1)
    if len(events) > MISSED_MOST:
        return None
    seq = events[-1].seq if events else after
    return seq, [seen for event in events if (seen := event_for(event, viewer)) is not None]


def _records(session: Session, kind: RecordKind[Record]) -> list[str]:
    assert kind.shown is not None
    rows = session.exec(
        select(kind.table).where(kind.shown()).order_by(col(kind.table.id).desc()).limit(SHOWN_MOST)
    ).all()
    with unscoped(session):
        views = kind.views(session, rows) if rows else []
    return [
        f'{{"type":"{kind.topic}","seq":0,"id":"{row.id}","version":{row.version},'
        f'"op":"put","area":"{row.area}","data":{view.model_dump_json()}}}'
        for row, view in zip(rows, views, strict=True)
    ]


def snapshot(ctx: Services, viewer: Viewer) -> tuple[int, str]:
    """Return the tail's number and the present as a message; changes after it follow."""
    records: list[str] = []
    with ctx.store.read(viewer) as session:
        seq = last_seq(session)
        for kind in record_kinds():
            readable = viewer.may(kind.reads) or (kind.own_reads and viewer.may(kind.own_reads))
            if kind.shown is not None and readable:
                records += _records(session, kind)
    return seq, (
        f'{{"type":"snapshot","seq":{seq},"data":{{"server_time_ms":{ctx.clock()},'
        f'"values":[{values_text(ctx, viewer)}],"records":[{",".join(records)}]}}}}'
    )


def values_text(ctx: Services, viewer: Viewer) -> str:
    """Return the newest values as the inside of a JSON list."""
    return ",".join(value.text() for value in ctx.bus.values(viewer))


def resumed(ctx: Services, viewer: Viewer, seq: int) -> str:
    """Return the message that says that a browser's number was understood."""
    return json.dumps({"type": "resumed", "seq": seq}).removesuffix("}") + (
        f',"data":{{"server_time_ms":{ctx.clock()},"values":[{values_text(ctx, viewer)}]}}}}'
    )
