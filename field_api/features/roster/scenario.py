"""Seeding the roster from a scenario file."""

from sqlmodel import select

from field_api.contract.scenario import (
    Aircraft,
    FenceEntry,
    Place,
    Scenario,
    point_code,
)
from field_api.contract.scenario import Team as ScenarioTeam
from field_api.contract.scenario import Terminal as ScenarioTerminal
from field_api.core.change import Change
from field_api.core.records import Record
from field_api.features.roster.registers import WEIGHT_CLASSES
from field_api.features.roster.tables import Airspace, Point, Team, Terminal, TerminalKind, Vehicle
from mission_plans.values.plan import AircraftSpec, Fence, GeoPoint

__all__ = ["seed_roster"]

_TERMINAL_KINDS: dict[str, TerminalKind] = {
    "执法终端": TerminalKind.ENFORCEMENT,
    "手持指挥": TerminalKind.COMMAND_HANDHELD,
    "移动指挥箱": TerminalKind.COMMAND_CASE,
    "信息员手机": TerminalKind.REPORTER_PHONE,
}


def _point_name(key: str) -> str:
    return key.split(maxsplit=1)[-1]


def _ring(points: list[tuple[float, float]]) -> list[GeoPoint]:
    return [GeoPoint(lat_deg=lat, lon_deg=lon) for lat, lon in points]


def _fence(fence: FenceEntry) -> Fence:
    return Fence(
        id=fence.id,
        kind=fence.kind,
        name=fence.name,
        name_en=fence.name_en,
        polygon=_ring(fence.polygon),
        centre=GeoPoint(lat_deg=fence.circle[0], lon_deg=fence.circle[1]) if fence.circle else None,
        radius_m=fence.circle[2] if fence.circle else None,
        max_agl_m=fence.max_agl_m,
        reason=fence.reason,
        reason_en=fence.reason_en,
    )


def _vehicle(aircraft: Aircraft, points: dict[str, Place]) -> Vehicle:
    base = next(p for key, p in points.items() if point_code(key) == aircraft.base)
    spec = AircraftSpec(
        vehicle_id=aircraft.id,
        launch=GeoPoint(lat_deg=base.lat, lon_deg=base.lon),
        cruise_ms=aircraft.cruise_ms,
        endurance_s=aircraft.endurance_min * 60,
        airframe=aircraft.airframe,
    )
    return Vehicle(
        id=aircraft.id,
        name=aircraft.name,
        name_en=aircraft.name_en or aircraft.id,
        kind="quadplane" if "quadplane" in aircraft.type.lower() else "copter",
        base=aircraft.base,
        sysid=aircraft.sysid,
        spec=spec,
        product_code=aircraft.uas_code or None,
        weight_class=next(
            (each.value for each in WEIGHT_CLASSES if each.title_zh == aircraft.drone_class), None
        ),
        stream_id=f"{aircraft.id}-cam",
    )


def _team_of(terminal: ScenarioTerminal, teams: list[ScenarioTeam]) -> str | None:
    if terminal.team_id is not None:
        return terminal.team_id
    return next((team.id for team in teams if terminal.holder.startswith(team.id)), None)


def _rows(scenario: Scenario) -> list[Vehicle | Terminal | Team | Point | Airspace]:
    return [
        *(_vehicle(aircraft, scenario.points) for aircraft in scenario.aircraft),
        *(
            Terminal(
                id=terminal.id,
                holder=terminal.holder,
                holder_en=terminal.holder_en or terminal.id,
                kind=_TERMINAL_KINDS[terminal.kind],
                team_id=_team_of(terminal, scenario.teams),
            )
            for terminal in scenario.terminals
        ),
        *(
            Team(
                id=team.id,
                name=team.name,
                name_en=team.name_en or f"Team {team.id}",
                people=team.people,
                station=team.station,
            )
            for team in scenario.teams
        ),
        *(
            Point(
                id=point_code(key),
                name_zh=_point_name(key),
                name_en=point.name_en or point_code(key),
                lat_deg=point.lat,
                lon_deg=point.lon,
            )
            for key, point in scenario.points.items()
        ),
        *(Airspace(id=entry.id, fence=_fence(entry)) for entry in scenario.fences),
    ]


def _replace(change: Change, table: type[Record], wanted: list[Record]) -> None:
    """Make a table hold exactly the wanted rows; rows that are the same keep their version."""
    known = {row.id: row for row in change.session.exec(select(table))}
    for row in wanted:
        before = known.pop(row.id, None)
        if before is None:
            change.create(row)
            continue
        values = row.model_dump(exclude={"version"})
        if isinstance(row, Airspace) and isinstance(before, Airspace):
            # What a person approved is not lost by loading the scenario again.
            approval = {"approval_id": before.fence.approval_id}
            values["fence"] = row.fence.model_copy(update=approval)
        elif isinstance(row, Vehicle):
            values["spec"] = row.spec
        changed = {key: value for key, value in values.items() if getattr(before, key) != value}
        if changed:
            for key, value in changed.items():
                setattr(before, key, value)
            change.put(before)
    for gone in known.values():
        change.remove(gone)


def seed_roster(change: Change, scenario: Scenario) -> None:
    """Replace the roster by a scenario's; accounts and incidents stay."""
    rows = _rows(scenario)
    for table in (Vehicle, Terminal, Team, Point, Airspace):
        _replace(change, table, [row for row in rows if type(row) is table])
    change.record("roster.seeded", scenario.id, id=scenario.id, title=scenario.title or scenario.id)
