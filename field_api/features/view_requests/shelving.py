"""What ended long ago leaves handhelds and first pictures."""

from sqlmodel import col, select

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.view_requests.tables import ViewRequest

__all__ = ["KEEP_ENDED_MS", "shelve"]

KEEP_ENDED_MS = 3 * 24 * 3_600_000
"""A handheld that was away for a weekend still gets its pictures."""


def shelve(ctx: Services) -> int:
    """Shelve what ended long ago; return how much."""
    old = select(ViewRequest).where(
        col(ViewRequest.ended_ms) < ctx.clock() - KEEP_ENDED_MS,
        col(ViewRequest.shelved).is_(False),
    )
    with ctx.store.read() as session:
        if session.exec(old.limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(old.limit(200)).all()
        for row in rows:
            change.put(row)
            row.shelved = True
        change.record("view.shelved", "", count=len(rows))
        return len(rows)
