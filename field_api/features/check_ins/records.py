"""What clients see of check-in timers and roll calls."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from field_api.features.check_ins.messages import (
    CheckInView,
    RollAskView,
    RollCallView,
    RollEntryView,
)
from field_api.features.check_ins.tables import CheckIn, RollAsk, RollCall
from field_api.features.roster.tables import Terminal

__all__ = ["check_in_views", "roll_ask_views", "roll_call_views"]


def _holders(session: Session, terminal_ids: Iterable[str]) -> dict[str, str]:
    query = select(Terminal.id, Terminal.holder).where(col(Terminal.id).in_(set(terminal_ids)))
    return dict(session.exec(query).all())


def check_in_views(session: Session, rows: Sequence[CheckIn]) -> list[CheckInView]:
    """Return timers as clients see them."""
    holders = _holders(session, (row.terminal_id for row in rows))
    return [
        CheckInView(
            **row.model_dump(exclude={"request_sha256"}),
            holder=holders.get(row.terminal_id, row.terminal_id),
        )
        for row in rows
    ]


def roll_ask_views(_session: Session, rows: Sequence[RollAsk]) -> list[RollAskView]:
    """Return what handhelds see of roll calls."""
    return [RollAskView(**row.model_dump(exclude={"received_ms"})) for row in rows]


def roll_call_views(session: Session, rows: Sequence[RollCall]) -> list[RollCallView]:
    """Return roll calls, each with everybody who was asked: two queries for all of them."""
    ids = [row.id for row in rows]
    query = select(RollAsk).where(col(RollAsk.roll_call_id).in_(ids))
    asks = session.exec(query.order_by(col(RollAsk.terminal_id))).all()
    holders = _holders(session, (ask.terminal_id for ask in asks))
    entries: dict[str, list[RollEntryView]] = {}
    for ask in asks:
        entries.setdefault(ask.roll_call_id, []).append(
            RollEntryView(
                terminal_id=ask.terminal_id,
                holder=holders.get(ask.terminal_id, ask.terminal_id),
                answered_ms=ask.answered_ms,
                received_ms=ask.received_ms,
            )
        )
    return [
        RollCallView(**row.model_dump(exclude={"request_sha256"}), entries=entries.get(row.id, []))
        for row in rows
    ]
