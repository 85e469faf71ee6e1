"""Reading the roster's tables."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from field_api.contract.messages import TerminalPosition
from field_api.features.roster.messages import (
    AirspaceView,
    PointView,
    RosterView,
    TeamView,
    TerminalView,
    VehicleView,
)
from field_api.features.roster.tables import Airspace, Point, Team, Terminal, Vehicle
from mission_plans.rules.aircraft_class import CLASSES
from mission_plans.values.plan import AircraftSpec, Fence, GeoPoint

__all__ = [
    "airspace_views",
    "rally_places",
    "read_fences",
    "read_roster",
    "read_spec",
    "team_views",
    "vehicle_views",
]


def read_fences(session: Session) -> list[Fence]:
    """Return every airspace boundary."""
    return [row.fence for row in session.exec(select(Airspace).order_by(col(Airspace.id)))]


def read_spec(session: Session, vehicle_id: str) -> AircraftSpec | None:
    """Return what planning must know of an aircraft, None for one not in the roster."""
    row = session.get(Vehicle, vehicle_id)
    if row is None:
        return None
    held = next((name for name in CLASSES if name == row.weight_class), None)
    airframe = row.spec.airframe.model_copy(update={"registered_class": held})
    return row.spec.model_copy(update={"airframe": airframe})


def vehicle_views(_session: Session, rows: Sequence[Vehicle]) -> list[VehicleView]:
    """Return aircraft as clients see them."""
    return [
        VehicleView(
            vehicle_id=row.id,
            version=row.version,
            name=row.name,
            name_en=row.name_en,
            kind=row.kind,
            base=row.base,
            sysid=row.sysid,
            spec=row.spec,
            stream_id=row.stream_id,
        )
        for row in rows
    ]


def team_views(_session: Session, rows: Sequence[Team]) -> list[TeamView]:
    """Return teams as clients see them."""
    return [
        TeamView(
            team_id=row.id,
            version=row.version,
            name=row.name,
            name_en=row.name_en,
            people=row.people,
            station=row.station,
        )
        for row in rows
    ]


def airspace_views(_session: Session, rows: Sequence[Airspace]) -> list[AirspaceView]:
    """Return airspace as clients see it."""
    return [AirspaceView(id=row.id, version=row.version, fence=row.fence) for row in rows]


def _terminal_view(
    row: Terminal, user_id: str | None, position: TerminalPosition | None
) -> TerminalView:
    return TerminalView(
        terminal_id=row.id,
        version=row.version,
        area=row.area,
        holder=row.holder,
        holder_en=row.holder_en,
        kind=row.kind,
        team_id=row.team_id,
        phone=row.phone,
        user_id=user_id,
        lat_deg=position.lat_deg if position else None,
        lon_deg=position.lon_deg if position else None,
        position_t_ms=position.t_ms if position else None,
    )


def read_roster(
    session: Session, holders: Mapping[str, str], positions: Mapping[str, TerminalPosition]
) -> RosterView:
    """Return the roster.

    Args:
        session: sees what the person may see.
        holders: user id of each handheld's account.
        positions: newest position of each handheld.
    """
    vehicles = session.exec(select(Vehicle).order_by(col(Vehicle.id))).all()
    teams = session.exec(select(Team).order_by(col(Team.id))).all()
    return RosterView(
        vehicles=vehicle_views(session, vehicles),
        terminals=[
            _terminal_view(row, holders.get(row.id), positions.get(row.id))
            for row in session.exec(select(Terminal).order_by(col(Terminal.id)))
        ],
        teams=team_views(session, teams),
        points=[
            PointView.model_validate(row)
            for row in session.exec(select(Point).order_by(col(Point.id)))
        ],
        fences=read_fences(session),
    )


def rally_places(session: Session) -> list[GeoPoint]:
    """Return where aircraft may come home to instead of their launch points."""
    rows = session.exec(select(Point).where(col(Point.rally).is_(True)).order_by(col(Point.id)))
    return [GeoPoint(lat_deg=row.lat_deg, lon_deg=row.lon_deg) for row in rows]
