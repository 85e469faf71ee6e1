"""Storing and ranking handheld positions."""

from sqlmodel import Session, select

from field_api.contract.messages import TerminalPosition
from field_api.roster.models import Terminal
from field_api.store import Store
from field_api.tasks.models import Task
from field_api.tasks.rules import FINISHED
from field_api.terminals.models import LastPosition, NearestTerminal
from field_api.terminals.rules import Located, by_distance

__all__ = ["last_positions", "nearest_terminals", "store_position"]


def store_position(store: Store, position: TerminalPosition) -> bool:
    """Keep a handheld's newest position; return False for one older than the known."""
    with store.housekeep() as session:
        row = session.get(LastPosition, position.terminal_id)
        if row is not None and row.t_ms > position.t_ms:
            return False
        values = position.model_dump(exclude={"kind"})
        if row is None:
            session.add(LastPosition(**values))
        else:
            row.sqlmodel_update(values)
    return True


def last_positions(session: Session) -> list[TerminalPosition]:
    """Return every known position."""
    return [TerminalPosition(**row.model_dump()) for row in session.exec(select(LastPosition))]


def nearest_terminals(session: Session, lat_deg: float, lon_deg: float) -> list[NearestTerminal]:
    """Return handhelds with a known position, nearest first."""
    positions = {row.terminal_id: row for row in session.exec(select(LastPosition))}
    roster = {row.terminal_id: row for row in session.exec(select(Terminal))}
    busy = {task.terminal_id for task in session.exec(select(Task)) if task.state not in FINISHED}
    located = [
        Located(row.terminal_id, row.lat_deg, row.lon_deg)
        for row in positions.values()
        if row.terminal_id in roster
    ]
    return [
        NearestTerminal(
            terminal_id=ranked.terminal_id,
            holder=roster[ranked.terminal_id].holder,
            team_id=roster[ranked.terminal_id].team_id,
            lat_deg=positions[ranked.terminal_id].lat_deg,
            lon_deg=positions[ranked.terminal_id].lon_deg,
            t_ms=positions[ranked.terminal_id].t_ms,
            distance_m=ranked.distance_m,
            bearing_deg=ranked.bearing_deg,
            busy=ranked.terminal_id in busy,
        )
        for ranked in by_distance(located, lat_deg, lon_deg)
    ]
