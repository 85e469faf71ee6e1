"""Orders that fall due, urgent measures whose approval is late, old inspections off the handhelds.

Each is told once per step, as an act and as a new version of the paper.
"""

from datetime import date, timedelta

from sqlmodel import col, or_, select

from field_api.core.change import Change
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import Both
from field_api.features.inspections.calendar import days_left, local_day
from field_api.features.inspections.forms import form_of
from field_api.features.inspections.tables import (
    ApprovalState,
    Hazard,
    Inspection,
    InspectionState,
    Paper,
    PaperState,
)

__all__ = ["remind", "reminder_step", "shelve", "tell_late_approvals"]

STEPS = (0, 1, 3, 7)
OVERDUE = -1
MOST = 200
KEEP_CLOSED_MS = 14 * 24 * 3_600_000
"""How long a closed inspection stays on handhelds and in first pictures."""
_STANDS = (PaperState.ISSUED, PaperState.SERVED)


def reminder_step(left: int) -> int | None:
    """Return the reminder for so many days left: 7, 3, 1, 0, -1 once overdue, None for none yet."""
    if left < 0:
        return OVERDUE
    return next((step for step in STEPS if left <= step), None)


def _title(paper: Paper) -> Both:
    form = form_of(paper.form)
    return Both(form.zh, form.en) if form is not None else Both(paper.form, paper.form)


def _remind_one(change: Change, paper: Paper, today: str) -> bool:
    left = days_left(paper.due_day or today, today)
    step = reminder_step(left)
    if step is None or (paper.reminded_days is not None and paper.reminded_days <= step):
        return False
    change.put(paper)
    paper.reminded_days = step
    change.record(
        "paper.overdue" if step == OVERDUE else "paper.due_soon",
        paper.id,
        area=paper.area,
        refs={"inspection_id": paper.inspection_id, "due_day": paper.due_day or ""},
        form=_title(paper),
        number=paper.number or "—",
        due=paper.due_day or "",
        days=abs(left),
    )
    return True


def remind(ctx: Services) -> int:
    """Tell which orders have 7, 3, 1 or 0 days left or are overdue; return how many."""
    today = local_day(ctx.clock())
    horizon = (date.fromisoformat(today) + timedelta(days=STEPS[-1])).isoformat()

    def within(days: int) -> str:
        return (date.fromisoformat(today) + timedelta(days=days)).isoformat()

    # Of each step only those that were not told: what was told is not read again and again.
    untold = or_(
        col(Paper.reminded_days).is_(None),
        *(
            (col(Paper.reminded_days) > step) & (col(Paper.due_day) <= within(step))
            for step in (3, 1, 0, OVERDUE)
        ),
    )
    waiting = (
        col(Paper.fulfilled_ms).is_(None),
        col(Paper.due_day) <= horizon,
        col(Paper.state).in_(_STANDS),
        untold,
    )
    with ctx.store.read() as session:
        if session.exec(select(Paper.id).where(*waiting).limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(Paper).where(*waiting).limit(MOST)).all()
        return sum(_remind_one(change, paper, today) for paper in rows)


def tell_late_approvals(ctx: Services) -> int:
    """Tell which urgent measures were not approved within 24 hours; return how many."""
    waiting = (
        col(Paper.approval_due_ms) < ctx.clock(),
        col(Paper.approval_late_ms).is_(None),
        Paper.approval != ApprovalState.APPROVED,
        col(Paper.state).in_(_STANDS),
    )
    with ctx.store.read() as session:
        if session.exec(select(Paper.id).where(*waiting).limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(Paper).where(*waiting).limit(MOST)).all()
        for paper in rows:
            change.put(paper)
            paper.approval_late_ms = change.t_ms
            change.record(
                "paper.approval_late",
                paper.id,
                area=paper.area,
                refs={"inspection_id": paper.inspection_id},
                form=_title(paper),
                number=paper.number or "—",
            )
        return len(rows)


def shelve(ctx: Services) -> int:
    """Take what was closed long ago off the handhelds; return how many inspections."""
    waiting = (
        col(Inspection.state).in_((InspectionState.CLOSED, InspectionState.ESCALATED)),
        col(Inspection.shelved).is_(False),
        col(Inspection.closed_ms) < ctx.clock() - KEEP_CLOSED_MS,
    )
    with ctx.store.read() as session:
        if session.exec(select(Inspection.id).where(*waiting).limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(Inspection).where(*waiting).limit(20)).all()
        for inspection in rows:
            change.put(inspection)
            inspection.shelved = True
            for table in (Paper, Hazard):
                beside = select(table).where(col(table.inspection_id) == inspection.id)
                for row in change.session.exec(beside).all():
                    change.put(row)
                    row.shelved = True
            change.record("inspection.shelved", inspection.id, area=inspection.area)
        return len(rows)
