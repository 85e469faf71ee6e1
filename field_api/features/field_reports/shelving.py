"""What was answered long ago leaves handhelds and first pictures."""

from sqlmodel import col, select

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.field_reports.tables import FieldReport, FieldReportState, Sos, SosState

__all__ = ["KEEP_ANSWERED_MS", "shelve"]

KEEP_ANSWERED_MS = 3 * 24 * 3_600_000
"""A handheld that was away for a weekend still hears what became of its report."""


def shelve(ctx: Services) -> int:
    """Shelve what was answered long ago; return how much."""
    before_ms = ctx.clock() - KEEP_ANSWERED_MS
    reports = select(FieldReport).where(
        col(FieldReport.state) != FieldReportState.NEW,
        col(FieldReport.shelved).is_(False),
        col(FieldReport.answered_ms) < before_ms,
    )
    calls = select(Sos).where(
        col(Sos.state) == SosState.CANCELLED,
        col(Sos.shelved).is_(False),
        col(Sos.cancelled_ms) < before_ms,
    )
    with ctx.store.read() as session:
        waiting = (session.exec(reports.limit(1)).first(), session.exec(calls.limit(1)).first())
    if not any(waiting):
        return 0
    with ctx.store.change(SYSTEM) as change:
        rows: list[FieldReport | Sos] = [
            *change.session.exec(reports.limit(200)).all(),
            *change.session.exec(calls.limit(200)).all(),
        ]
        for row in rows:
            change.put(row)
            row.shelved = True
        change.record("field_report.shelved", "", count=len(rows))
        return len(rows)
