"""A year's plan against the inspections of that year."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, func, select

from field_api.features.inspection_plans.messages import PlanRow
from field_api.features.inspection_plans.tables import Target
from field_api.features.inspections.tables import Inspection, InspectionState
from field_api.features.registers.enterprises import Enterprise

__all__ = ["months_ended", "rows_of"]

STREET_DIGITS = 9
Key = tuple[str, str]
"""Street and sector."""


def months_ended(year: int, today: str) -> int:
    """Return how many months of a year have ended on a day."""
    if int(today[:4]) != year:
        return 12 if int(today[:4]) > year else 0
    return int(today[5:7]) - 1


def _by_month(session: Session, year: int, *, entered: bool) -> dict[Key, list[int]]:
    """Count the plan's inspections of a year; what a street handed on is counted once."""
    query = (
        select(Inspection.area, Inspection.sector, Inspection.day, func.count())
        .where(
            col(Inspection.day) >= f"{year}-01-01",
            col(Inspection.day) <= f"{year}-12-31",
            Inspection.source == "plan",
            col(Inspection.escalated_from).is_(None),
        )
        .group_by(col(Inspection.area), col(Inspection.sector), col(Inspection.day))
    )
    if entered:
        query = query.where(col(Inspection.entered_ms).is_not(None))
    else:
        query = query.where(Inspection.state == InspectionState.PLANNED)
    found: dict[Key, list[int]] = {}
    for area, sector, day, count in session.exec(query):
        counts = found.setdefault((area[:STREET_DIGITS], sector), [0] * 12)
        counts[int(day[5:7]) - 1] += count
    return found


def _late(session: Session, year: int, today: str) -> Counter[Key]:
    rows = session.exec(
        select(Inspection.area, Inspection.sector, func.count())
        .where(
            col(Inspection.day) >= f"{year}-01-01",
            col(Inspection.day) < min(today, f"{year + 1}-01-01"),
            Inspection.source == "plan",
            Inspection.state == InspectionState.PLANNED,
        )
        .group_by(col(Inspection.area), col(Inspection.sector))
    )
    late: Counter[Key] = Counter()
    for area, sector, count in rows:
        late[area[:STREET_DIGITS], sector] += count
    return late


def _is_of(industry: str, sector: str) -> bool:
    """Whether an enterprise's industry, as its entry has it, is a sector of the checklists."""
    return industry in sector or sector in industry


def rows_of(
    session: Session,
    year: int,
    today: str,
    targets: Iterable[Target],
    visits: int,
    visits_by_grade: Mapping[str, int],
) -> list[PlanRow]:
    """Return each street and sector that has a target or an inspection, in that order.

    Args:
        session: sees what the person may see.
        year: of the plan.
        today: the bureau's calendar day.
        targets: of the plan.
        visits: inspections of one enterprise a year, 0 for no cap.
        visits_by_grade: other caps, by grade.
    """
    planned = _by_month(session, year, entered=False)
    done = _by_month(session, year, entered=True)
    late = _late(session, year, today)
    wanted = {(target.area, target.sector): target.months for target in targets}
    groups = session.exec(
        select(Enterprise.area, Enterprise.industry, Enterprise.grade, func.count()).group_by(
            col(Enterprise.area), col(Enterprise.industry), col(Enterprise.grade)
        )
    ).all()
    ended, none = months_ended(year, today), [0] * 12
    rows: list[PlanRow] = []
    for area, sector in sorted({*wanted, *planned, *done}):
        own = [
            (count, visits_by_grade.get(grade or "", visits))
            for street, industry, grade, count in groups
            if street.startswith(area) and area and _is_of(industry, sector)
        ]
        capped = all(cap for _, cap in own) and bool(own)
        target = wanted.get((area, sector), none)
        did = done.get((area, sector), none)
        rows.append(
            PlanRow(
                area=area,
                sector=sector,
                target=target,
                planned=planned.get((area, sector), none),
                done=did,
                late=late[area, sector],
                behind=max(0, sum(target[:ended]) - sum(did)),
                enterprises=sum(count for count, _ in own),
                most=sum(count * cap for count, cap in own) if capped else None,
            )
        )
    return rows
