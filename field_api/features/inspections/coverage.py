"""How far each street's officers are equipped with handhelds that are used."""

from sqlmodel import Session, col, func, select

from field_api.core.areas import AreaKind, district_areas
from field_api.features.accounts.tables import User, UserSession
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.chain import valid_on
from field_api.features.inspections.messages import TerminalCoverageView
from field_api.features.inspections.registers import Office, Officer
from field_api.features.roster.tables import Terminal, TerminalKind

__all__ = ["terminal_coverage"]

DAY_MS = 24 * 3_600_000


def _last_heard(session: Session) -> dict[str, int]:
    rows = session.exec(
        select(User.terminal_id, func.max(UserSession.last_seen_ms))
        .join(UserSession, col(UserSession.user_id) == col(User.id))
        .where(col(User.terminal_id).is_not(None))
        .group_by(col(User.terminal_id))
    )
    return {terminal: t_ms for terminal, t_ms in rows if terminal is not None}


def terminal_coverage(session: Session, t_ms: int) -> list[TerminalCoverageView]:
    """Return every street, and the district itself for the bureau's own officers.

    A handheld is where its entry says; one without an area is where the officer who works on it is.
    """
    today = local_day(t_ms)
    offices = {row.id: row.area for row in session.exec(select(Office))}
    handheld_of = dict(
        session.exec(
            select(User.username, User.terminal_id).where(col(User.terminal_id).is_not(None))
        ).all()
    )
    officers = [
        (offices[row.office_id], handheld_of.get(row.username or ""))
        for row in session.exec(select(Officer))
        if row.office_id in offices and valid_on(today, row.valid_from, row.valid_to)
    ]
    place = {terminal: area for area, terminal in officers if terminal is not None}
    kind = Terminal.kind == TerminalKind.ENFORCEMENT
    terminals = {
        row.id: row.area or place.get(row.id, "")
        for row in session.exec(select(Terminal).where(kind))
    }
    heard = _last_heard(session)
    areas = [
        area
        for area in district_areas().listed()
        if area.kind in (AreaKind.DISTRICT, AreaKind.STREET)
    ]

    def street(area: str) -> str:
        return area[:9] if len(area) >= 9 else areas[0].code

    views: list[TerminalCoverageView] = []
    for area in areas:
        own = [terminal for area_, terminal in officers if street(area_) == area.code]
        there = [one for one, area_ in terminals.items() if street(area_) == area.code]
        times = [heard[one] for one in there if one in heard]
        views.append(
            TerminalCoverageView(
                area=area.code,
                name=area.name,
                officers=len(own),
                equipped=sum(one is not None for one in own),
                terminals=len(there),
                heard_in_24_h=sum(one > t_ms - DAY_MS for one in times),
                last_heard_ms=max(times, default=None),
            )
        )
    return views
