"""What a bureau looks at: what is due, who waits for approval, who stands how."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, func, or_, select

from field_api.features.inspections.calendar import days_left, local_day, year_span_ms
from field_api.features.inspections.messages import (
    ClosureProposalView,
    DueOrderView,
    EnterpriseStanding,
)
from field_api.features.inspections.records import enterprise_names
from field_api.features.inspections.standing import (
    PENALTY_FORMS,
    Penalties,
    closure_due,
    penalties_by,
)
from field_api.features.inspections.tables import (
    ApprovalState,
    Hazard,
    HazardLevel,
    HazardState,
    Inspection,
    Paper,
    PaperState,
)
from field_api.features.registers.enterprises import Enterprise

__all__ = ["closure_proposals", "due_orders", "standing_of", "waiting_for_approval"]

_STANDS = (PaperState.ISSUED, PaperState.SERVED)
_OPEN = (HazardState.FOUND, HazardState.ORDERED, HazardState.RECTIFIED)
BAD_GRADES = ("C", "D")


def due_orders(
    session: Session, t_ms: int, *, until: str | None, office_id: str | None, limit: int
) -> list[DueOrderView]:
    """Return open orders, the longest overdue first."""
    query = select(Paper).where(
        col(Paper.fulfilled_ms).is_(None),
        col(Paper.due_day).is_not(None),
        col(Paper.state).in_(_STANDS),
    )
    if until is not None:
        query = query.where(col(Paper.due_day) <= until)
    if office_id is not None:
        query = query.where(Paper.office_id == office_id)
    rows = session.exec(query.order_by(col(Paper.due_day), col(Paper.id)).limit(limit)).all()
    names = enterprise_names(session, (row.enterprise_id for row in rows))
    today = local_day(t_ms)
    return [
        DueOrderView(
            paper_id=row.id,
            inspection_id=row.inspection_id,
            enterprise_id=row.enterprise_id,
            enterprise_name=names.get(row.enterprise_id, ""),
            office_id=row.office_id,
            area=row.area,
            form=row.form,
            number=row.number,
            due_day=row.due_day or today,
            days_left=days_left(row.due_day or today, today),
            reminded_days=row.reminded_days,
        )
        for row in rows
    ]


def waiting_for_approval(session: Session, limit: int) -> Sequence[Paper]:
    """Return papers that ask for approval, and urgent measures that have none yet, oldest first."""
    asked = Paper.approval == ApprovalState.ASKED
    urgent = col(Paper.approval_due_ms).is_not(None) & (Paper.approval != ApprovalState.APPROVED)
    query = select(Paper).where(or_(asked, urgent), Paper.state != PaperState.DROPPED)
    return session.exec(query.order_by(col(Paper.begun_ms), col(Paper.id)).limit(limit)).all()


def _penalty_days(session: Session, ids: Iterable[str], today: str) -> dict[str, list[str]]:
    """Return the days of the last year's penalties by enterprise."""
    since = (date.fromisoformat(today) - timedelta(days=365)).isoformat()
    rows = session.exec(
        select(Paper.enterprise_id, Paper.day).where(
            col(Paper.enterprise_id).in_(sorted(set(ids))),
            col(Paper.form).in_(PENALTY_FORMS),
            col(Paper.state).in_(_STANDS),
            col(Paper.day) >= since,
        )
    )
    found: dict[str, list[str]] = {}
    for enterprise_id, day in rows:
        if day is not None:
            found.setdefault(enterprise_id, []).append(day)
    return found


def _open_hazards(session: Session, enterprise_id: str, level: HazardLevel | None) -> int:
    query = (
        select(func.count())
        .select_from(Hazard)
        .where(Hazard.enterprise_id == enterprise_id, col(Hazard.state).in_(_OPEN))
    )
    if level is not None:
        query = query.where(Hazard.level == level)
    return session.exec(query).one()


def standing_of(session: Session, enterprise_id: str, t_ms: int) -> EnterpriseStanding:
    """Return what law asks to be known of an enterprise."""
    today = local_day(t_ms)
    first_ms, after_ms = year_span_ms(today)
    visits = (
        select(func.count())
        .select_from(Inspection)
        .where(
            Inspection.enterprise_id == enterprise_id,
            col(Inspection.escalated_from).is_(None),
            col(Inspection.entered_ms) >= first_ms,
            col(Inspection.entered_ms) < after_ms,
        )
    )
    overdue = (
        select(func.count())
        .select_from(Paper)
        .where(
            Paper.enterprise_id == enterprise_id,
            col(Paper.fulfilled_ms).is_(None),
            col(Paper.state).in_(_STANDS),
            col(Paper.due_day) < today,
        )
    )
    penalties = penalties_by(
        _penalty_days(session, [enterprise_id], today).get(enterprise_id, []), today
    )
    major = _open_hazards(session, enterprise_id, HazardLevel.MAJOR)
    return EnterpriseStanding(
        enterprise_id=enterprise_id,
        visits_this_year=session.exec(visits).one(),
        open_hazards=_open_hazards(session, enterprise_id, None),
        open_major_hazards=major,
        penalties_180_days=penalties.in_180_days,
        penalties_1_year=penalties.in_1_year,
        closure_due=closure_due(penalties, major),
        overdue_orders=session.exec(overdue).one(),
    )


def closure_proposals(session: Session, t_ms: int, limit: int) -> list[ClosureProposalView]:
    """Return enterprises by article 113, then those graded C or D; each with what is known."""
    today = local_day(t_ms)
    major = dict(
        session.exec(
            select(Hazard.enterprise_id, func.count())
            .where(Hazard.level == HazardLevel.MAJOR, col(Hazard.state).in_(_OPEN))
            .group_by(Hazard.enterprise_id)
        ).all()
    )
    days = _penalty_days(session, major, today)
    counts = {one: penalties_by(days.get(one, []), today) for one in major}
    by_law = [one for one, penalties in counts.items() if closure_due(penalties, major[one])]
    graded = session.exec(
        select(Enterprise)
        .where(or_(col(Enterprise.grade).in_(BAD_GRADES), col(Enterprise.id).in_(by_law)))
        .order_by(col(Enterprise.grade).desc(), col(Enterprise.name), col(Enterprise.id))
        .limit(limit)
    ).all()
    none = Penalties(0, 0)
    found = [
        ClosureProposalView(
            enterprise_id=row.id,
            name=row.name,
            area=row.area,
            grade=row.grade,
            by_article_113=row.id in by_law,
            by_grade=row.grade in BAD_GRADES,
            open_major_hazards=major.get(row.id, 0),
            penalties_180_days=counts.get(row.id, none).in_180_days,
            penalties_1_year=counts.get(row.id, none).in_1_year,
        )
        for row in graded
    ]
    return sorted(found, key=lambda one: not one.by_article_113)
