"""Reading the roster's tables."""

from typing import cast

from sqlmodel import Session, col, select

from field_api.accounts.models import User
from field_api.roster.models import (
    FenceRecord,
    Point,
    PointView,
    RosterView,
    Team,
    TeamView,
    Terminal,
    TerminalKind,
    TerminalView,
    Vehicle,
    VehicleView,
)
from field_api.terminals.models import LastPosition
from mission_plans.plan import AircraftSpec, Fence

__all__ = ["read_fences", "read_roster", "read_spec"]


def read_fences(session: Session) -> list[Fence]:
    """Return every airspace boundary."""
    rows = session.exec(select(FenceRecord).order_by(col(FenceRecord.id)))
    return [Fence.model_validate_json(row.fence_json) for row in rows]


def read_spec(session: Session, vehicle_id: str) -> AircraftSpec | None:
    """Return what planning must know of an aircraft, None for one not in the roster."""
    row = session.get(Vehicle, vehicle_id)
    return AircraftSpec.model_validate_json(row.spec_json) if row else None


def _terminals(session: Session) -> list[TerminalView]:
    holders = {
        user.terminal_id: user.id
        for user in session.exec(select(User).where(col(User.terminal_id).is_not(None)))
    }
    positions = {row.terminal_id: row for row in session.exec(select(LastPosition))}
    views: list[TerminalView] = []
    for row in session.exec(select(Terminal).order_by(col(Terminal.terminal_id))):
        position = positions.get(row.terminal_id)
        views.append(
            TerminalView(
                terminal_id=row.terminal_id,
                holder=row.holder,
                holder_en=row.holder_en,
                kind=cast("TerminalKind", row.kind),
                team_id=row.team_id,
                user_id=holders.get(row.terminal_id),
                lat_deg=position.lat_deg if position else None,
                lon_deg=position.lon_deg if position else None,
                position_t_ms=position.t_ms if position else None,
            )
        )
    return views


def read_roster(session: Session) -> RosterView:
    """Return the whole roster."""
    return RosterView(
        vehicles=[
            VehicleView(
                vehicle_id=row.vehicle_id,
                name=row.name,
                name_en=row.name_en,
                kind=row.kind,
                base=row.base,
                sysid=row.sysid,
                spec=AircraftSpec.model_validate_json(row.spec_json),
                stream_id=row.stream_id,
            )
            for row in session.exec(select(Vehicle).order_by(col(Vehicle.vehicle_id)))
        ],
        terminals=_terminals(session),
        teams=[
            TeamView.model_validate(row)
            for row in session.exec(select(Team).order_by(col(Team.team_id)))
        ],
        points=[
            PointView.model_validate(row) for row in session.exec(select(Point).order_by(Point.id))
        ],
        fences=read_fences(session),
    )
