"""Seeding the roster from a scenario file."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import select

from field_api.core.change import Change
from field_api.core.records import Record
from field_api.features.roster.tables import Airspace, Point, Team, Terminal, TerminalKind, Vehicle
from mission_plans.plan import AircraftSpec, Fence, GeoPoint

__all__ = ["Scenario", "ScenarioError", "load_scenario", "seed_roster"]

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
LatLon = tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]

_TERMINAL_KINDS: dict[str, TerminalKind] = {
    "执法终端": TerminalKind.ENFORCEMENT,
    "手持指挥": TerminalKind.COMMAND_HANDHELD,
    "移动指挥箱": TerminalKind.COMMAND_CASE,
    "信息员手机": TerminalKind.REPORTER_PHONE,
}

class ScenarioError(ValueError):
    """The scenario can't be used; the text says which field is wrong and what is allowed."""


class _Part(BaseModel):
    # The simulator's half of the file (truth, timeline) is none of the server's business.
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class _Point(_Part):
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    name_en: str | None = None


class _Aircraft(_Part):
    id: Id
    name: str
    name_en: str | None = None
    type: str
    base: str
    sysid: Annotated[int, Field(ge=1, le=255)]
    cruise_ms: Annotated[float, Field(gt=0, le=60)]
    endurance_min: Annotated[float, Field(gt=0, le=600)]


class _Team(_Part):
    id: Id
    name: str
    name_en: str | None = None
    people: Annotated[int, Field(ge=0, le=100_000)]
    station: str = ""


class _Terminal(_Part):
    id: Id
    holder: str
    holder_en: str | None = None
    kind: Literal["执法终端", "手持指挥", "移动指挥箱", "信息员手机"]
    team_id: str | None = None


class _Fence(_Part):
    id: Id
    kind: Literal["include", "exclude", "controlled"]
    name: str
    polygon: list[LatLon] = []
    circle: (
        tuple[
            Annotated[float, Field(ge=-90, le=90)],
            Annotated[float, Field(ge=-180, le=180)],
            Annotated[float, Field(gt=0)],
        ]
        | None
    ) = None
    max_agl_m: Annotated[float, Field(gt=0)] | None = None
    reason: str | None = None


class Scenario(_Part):
    """What the command post reads of a scenario file."""

    id: str
    title: str = ""
    crs: Literal["WGS-84"]
    points: dict[str, _Point]
    aircraft: Annotated[list[_Aircraft], Field(min_length=1)]
    teams: list[_Team] = []
    terminals: list[_Terminal] = []
    fences: list[_Fence] = []


def load_scenario(file: Path) -> Scenario:
    """Read a scenario.

    Raises:
        ScenarioError: no such file, not JSON, or a field is wrong.
    """
    try:
        data = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ScenarioError(f"{file} can't be read: {error.strerror}") from None
    except ValueError as error:
        raise ScenarioError(f"{file} is not JSON: {error}") from None
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, finding['loc']))}: {finding['msg']}"
            for finding in error.errors(include_url=False)[:10]
        ]
        raise ScenarioError("\n".join([f"{file} is not a scenario:", *lines])) from None
    known = {_point_id(key) for key in scenario.points}
    for aircraft in scenario.aircraft:
        if aircraft.base not in known:
            raise ScenarioError(
                f"{file}: aircraft {aircraft.id} starts from {aircraft.base}, which is not one of "
                f"the points {', '.join(sorted(known))}"
            )
    return scenario


def _point_id(key: str) -> str:
    return key.split(maxsplit=1)[0]


def _point_name(key: str) -> str:
    return key.split(maxsplit=1)[-1]


def _ring(points: list[LatLon]) -> list[GeoPoint]:
    return [GeoPoint(lat_deg=lat, lon_deg=lon) for lat, lon in points]


def _fence(fence: _Fence) -> Fence:
    return Fence(
        id=fence.id,
        kind=fence.kind,
        name=fence.name,
        polygon=_ring(fence.polygon),
        centre=GeoPoint(lat_deg=fence.circle[0], lon_deg=fence.circle[1]) if fence.circle else None,
        radius_m=fence.circle[2] if fence.circle else None,
        max_agl_m=fence.max_agl_m,
        reason=fence.reason,
    )


def _vehicle(aircraft: _Aircraft, points: dict[str, _Point]) -> Vehicle:
    base = next(p for key, p in points.items() if _point_id(key) == aircraft.base)
    spec = AircraftSpec(
        vehicle_id=aircraft.id,
        launch=GeoPoint(lat_deg=base.lat, lon_deg=base.lon),
        cruise_ms=aircraft.cruise_ms,
        endurance_s=aircraft.endurance_min * 60,
    )
    return Vehicle(
        id=aircraft.id,
        name=aircraft.name,
        name_en=aircraft.name_en or aircraft.id,
        kind="quadplane" if "quadplane" in aircraft.type.lower() else "copter",
        base=aircraft.base,
        sysid=aircraft.sysid,
        spec=spec,
        stream_id=f"{aircraft.id}-cam",
    )


def _team_of(terminal: _Terminal, teams: list[_Team]) -> str | None:
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
                id=_point_id(key),
                name_zh=_point_name(key),
                name_en=point.name_en or _point_id(key),
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
        _replace(change, table, [row for row in rows if isinstance(row, table)])
    change.record("roster.seeded", scenario.id, id=scenario.id, title=scenario.title or scenario.id)
