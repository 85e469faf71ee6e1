"""What time does to warnings: they expire by themselves, and leave handhelds a while later."""

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.warnings.tables import IssuedWarning, WarningReceipt, WarningState

__all__ = ["KEEP_ENDED_MS", "expire_due", "of_shown_warning", "shelve"]

KEEP_ENDED_MS = 24 * 3_600_000
"""A handheld that was away for a day still hears that a warning was lifted."""
MOST = 200


def of_shown_warning() -> ColumnElement[bool]:
    """Return that a receipt is of a warning that handhelds hold."""
    shown = select(IssuedWarning.id).where(col(IssuedWarning.shelved).is_(False))
    return col(WarningReceipt.warning_id).in_(shown)


def expire_due(ctx: Services) -> int:
    """End the warnings whose time is over; return how many."""
    due = select(IssuedWarning).where(
        IssuedWarning.state == WarningState.IN_FORCE,
        col(IssuedWarning.expires_ms) <= ctx.clock(),
    )
    with ctx.store.read() as session:
        if session.exec(due.limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(due.limit(MOST)).all()
        for row in rows:
            change.put(row)
            row.state, row.ended_ms = WarningState.EXPIRED, row.expires_ms
            change.record("warning.expired", row.id, incident_id=row.incident_id, what=row.headline)
        return len(rows)


def shelve(ctx: Services) -> int:
    """Take what ended long ago off the handhelds; return how much."""
    old = select(IssuedWarning).where(
        col(IssuedWarning.ended_ms) < ctx.clock() - KEEP_ENDED_MS,
        col(IssuedWarning.shelved).is_(False),
    )
    with ctx.store.read() as session:
        if session.exec(old.limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(old.limit(MOST)).all()
        for row in rows:
            change.put(row)
            row.shelved = True
        change.record("warning.shelved", "", count=len(rows))
        return len(rows)
