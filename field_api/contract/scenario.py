"""A scenario file: who and what there is, the timeline of the exercise, and the simulator's truth.

The command post seeds its roster from it and the simulator plays it. The `sim` section is the
simulator's alone: nothing that detects may see it. Positions are WGS-84 latitude and longitude in
degrees.
"""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from mission_plans.values.flight_facts import Airframe
from mission_plans.values.plan import GeoPoint

__all__ = [
    "Aircraft",
    "CameraSettings",
    "FenceEntry",
    "FireTruth",
    "Person",
    "Place",
    "Scenario",
    "ScenarioError",
    "SimSection",
    "Team",
    "Terminal",
    "TerminalStart",
    "Weather",
    "load_scenario",
    "point_code",
]


class ScenarioError(ValueError):
    """The scenario can't be used; the text names the file, each wrong field and what is allowed."""


class Section(BaseModel):
    """A part of the scenario; a field it does not know is a mistake in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
LatLon = tuple[Latitude, Longitude]
TerminalKind = Literal["执法终端", "手持指挥", "移动指挥箱", "信息员手机"]
"""Enforcement handheld, command handheld, command case, reporter's phone."""
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


def _distinct_ends(path: list[LatLon]) -> list[LatLon]:
    if len(path) > 1 and path[0] == path[-1] and len(path) < 4:
        raise ValueError("a walk of two or three points must end elsewhere than it begins")
    return path


class Weather(Section):
    """The day; calm where the file says nothing."""

    wind_dir_from: Annotated[float, Field(ge=0, lt=360)] = 0.0
    """Degrees clockwise from true north."""
    wind_ms: Annotated[float, Field(ge=0, le=40)] = 0.0
    gust_ms: Annotated[float, Field(ge=0, le=60)] = 0.0
    temp_c: Annotated[float, Field(ge=-40, le=60)] = 20.0
    rh_pct: Annotated[float, Field(ge=0, le=100)] = 50.0
    fire_danger_level: Annotated[int, Field(ge=1, le=5)] = 1
    signal: str = ""


class Place(Section):
    """A named point; its name begins with its short code, e.g. `FCP 前线指挥所`."""

    lat: Latitude
    lon: Longitude
    dem_m: float | None = None
    name_en: str | None = None


class Aircraft(Section):
    """One aircraft of the roster."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: Id
    name: str
    name_en: str | None = None
    type: str
    drone_class: str = Field(default="", alias="class")
    payload: str = ""
    base: str
    """Code of the point it starts from."""
    sysid: Annotated[int, Field(ge=1, le=250)]
    """MAVLink system id; those above 250 are ground stations'."""
    cruise_ms: Annotated[float, Field(gt=0, le=60)]
    endurance_min: Annotated[float, Field(gt=0, le=600)]
    airframe: Airframe = Airframe()
    """What the flight rules class it by."""
    uas_code: str = ""
    operator: str = ""
    task: str = ""


class Team(Section):
    """A rescue team."""

    id: Id
    name: str
    name_en: str | None = None
    people: Annotated[int, Field(ge=0, le=100_000)]
    station: str = ""


class Terminal(Section):
    """A handheld."""

    id: Id
    holder: str
    holder_en: str | None = None
    kind: TerminalKind
    team_id: Id | None = None


class FenceEntry(Section):
    """An airspace, as a polygon without its closing point or as `[lat, lon, radius_m]`."""

    id: Id
    kind: Literal["include", "exclude", "controlled"]
    name: str
    name_en: str | None = None
    polygon: list[LatLon] = []
    circle: tuple[Latitude, Longitude, Annotated[float, Field(gt=0)]] | None = None
    max_agl_m: Annotated[float, Field(gt=0)] | None = None
    reason: str | None = None
    reason_en: str | None = None


class AirspaceApplication(Section):
    """A flight application, as the exercise has it."""

    id: Id
    covers: str
    kind: str
    submitted: str
    approved: str | None = None
    reply_due: str | None = None
    planned_takeoff: str | None = None


class SearchFigures(Section):
    """What the planner is expected to answer for the demo's search."""

    agl_m: float
    hfov_deg: float
    overlap: float
    footprint_m: float
    lane_spacing_m: float
    lanes: int
    track_km: float
    minutes_at_8ms_one_drone: float
    sorties_for_30min_endurance_at_70pct: int


class FireTruth(Section):
    """A fire that grows from a point and smokes."""

    origin: str | LatLon
    """Code of a point, or its position."""
    start_s: float = 0.0
    """Simulated seconds after the start of the run; negative burns already."""
    radius_m: Annotated[float, Field(gt=0, le=500)] = 4.0
    """Burning radius when it starts."""
    growth_m_per_min: Annotated[float, Field(ge=0, le=50)] = 0.5
    max_radius_m: Annotated[float, Field(gt=0, le=2000)] = 45.0
    """0.6 ha is a circle of 44 m."""


class Person(Section):
    """Somebody who walks to and fro along a path."""

    id: Id
    path: Annotated[list[LatLon], Field(min_length=1), AfterValidator(_distinct_ends)]
    speed_ms: Annotated[float, Field(ge=0, le=4)] = 0.5
    height_m: Annotated[float, Field(gt=0.4, le=2.3)] = 1.7
    jacket: Literal["red", "orange", "yellow", "blue", "white", "dark"] = "red"


class TerminalStart(Section):
    """A handheld that the simulator plays."""

    terminal_id: Id
    lat: Latitude
    lon: Longitude
    acts: bool = True
    """False only reports its position: a person does its tasks on the handheld page."""
    report_text: str = "已到达现场,人员安全,附照片。On scene, people safe, photo attached."


class CameraSettings(Section):
    """The cameras of all simulated aircraft."""

    hfov_deg: Annotated[float, Field(gt=5, lt=150)] = 62.0
    width_px: Annotated[int, Field(ge=160, le=3840, multiple_of=2)] = 1280
    height_px: Annotated[int, Field(ge=120, le=2160, multiple_of=2)] = 720
    frames_per_s: Annotated[int, Field(ge=1, le=60)] = 15
    pitch_deg: Annotated[float, Field(ge=-90, le=0)] = -40.0
    """Where the gimbal looks until a mission points it: 0 horizon, -90 straight down."""


class SimSection(Section):
    """The simulator's truth."""

    fire: FireTruth | None = None
    people: Annotated[list[Person], Field(max_length=200)] = []
    terminals: Annotated[list[TerminalStart], Field(max_length=300)] = []
    cameras: CameraSettings = CameraSettings()


class Scenario(Section):
    """A whole scenario file."""

    id: str
    title: str = ""
    title_en: str | None = None
    fictional: bool = True
    crs: Literal["WGS-84"]
    start: str = ""
    weather: Weather = Weather()
    points: dict[str, Place]
    aircraft: Annotated[list[Aircraft], Field(min_length=1, max_length=50)]
    teams: list[Team] = []
    terminals: list[Terminal] = []
    search_area: list[LatLon] = []
    fences: list[FenceEntry] = []
    airspace_applications: list[AirspaceApplication] = []
    timeline: list[tuple[ClockTime, Literal["I", "O", "C", "T"], str, str]] = []
    search_plan: SearchFigures | None = None
    sim: SimSection = SimSection()

    def point(self, code: str) -> GeoPoint:
        """Return the point of a short code.

        Raises:
            KeyError: there is none.
        """
        for name, place in self.points.items():
            if point_code(name) == code:
                return GeoPoint(lat_deg=place.lat, lon_deg=place.lon)
        raise KeyError(code)

    def flying(self, count: int) -> list[Aircraft]:
        """Return the first `count` copters of the roster: the simulator flies no other kind."""
        copters = [craft for craft in self.aircraft if "copter" in craft.type.lower()]
        return copters[:count]

    def fire_origin(self) -> GeoPoint | None:
        """Return where the fire begins, None where nothing burns."""
        if self.sim.fire is None:
            return None
        origin = self.sim.fire.origin
        if isinstance(origin, str):
            return self.point(origin)
        return GeoPoint(lat_deg=origin[0], lon_deg=origin[1])


def point_code(name: str) -> str:
    """Return the short code that a point's name begins with; empty where the name is blank."""
    return next(iter(name.split()), "")


def _wrong_references(scenario: Scenario) -> list[str]:
    """Return what refers to something that is not there, or is there twice."""
    codes = [point_code(name) for name in scenario.points]
    allowed = ", ".join(sorted(codes))
    teams = {team.id for team in scenario.teams}
    terminals = {terminal.id for terminal in scenario.terminals}
    wrong = [
        f"aircraft.{n}.base: not one of the points: {craft.base!r}; allowed: {allowed}"
        for n, craft in enumerate(scenario.aircraft)
        if craft.base not in codes
    ]
    fire = scenario.sim.fire
    if fire and isinstance(fire.origin, str) and fire.origin not in codes:
        wrong.append(
            f"sim.fire.origin: not one of the points: {fire.origin!r}; "
            f"allowed: [lat, lon] or one of {allowed}"
        )
    wrong += [
        f"sim.terminals.{n}.terminal_id: there is no terminal {start.terminal_id!r}; "
        f"allowed: {', '.join(sorted(terminals))}"
        for n, start in enumerate(scenario.sim.terminals)
        if start.terminal_id not in terminals
    ]
    wrong += [
        f"terminals.{n}.team_id: there is no team {terminal.team_id!r}; "
        f"allowed: {', '.join(sorted(teams))}"
        for n, terminal in enumerate(scenario.terminals)
        if terminal.team_id is not None and terminal.team_id not in teams
    ]
    wrong += [
        f"fences.{n}: {fence.id} needs either `polygon` of three points or more or `circle`"
        for n, fence in enumerate(scenario.fences)
        if len(fence.polygon) in (1, 2) or bool(fence.polygon) == (fence.circle is not None)
    ]
    if "" in codes:
        wrong.append("points: a name must begin with the point's short code")
    for field, values in (
        ("points", codes),
        ("aircraft.id", [craft.id for craft in scenario.aircraft]),
        ("aircraft.sysid", [str(craft.sysid) for craft in scenario.aircraft]),
        ("teams.id", [team.id for team in scenario.teams]),
        ("fences.id", [fence.id for fence in scenario.fences]),
        ("terminals.id", [terminal.id for terminal in scenario.terminals]),
        ("sim.people.id", [person.id for person in scenario.sim.people]),
        ("sim.terminals.terminal_id", [start.terminal_id for start in scenario.sim.terminals]),
    ):
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            wrong.append(f"{field}: must be different; used twice: {', '.join(twice)}")
    return wrong


def load_scenario(path: Path) -> Scenario:
    """Read and check a scenario file.

    Raises:
        ScenarioError: the file can't be read, is not JSON, or a field is wrong; the text has one
            line for each finding.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: can't be read: {error}") from error
    try:
        scenario = Scenario.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise ScenarioError(
            f"{path}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
        ) from error
    except RecursionError as error:
        raise ScenarioError(f"{path}: nested too deeply") from error
    except ValidationError as error:
        findings = [
            f"{'.'.join(str(part) for part in finding['loc']) or 'file'}: {finding['msg']}"
            + (f" (got {finding['input']!r:.60})" if finding["type"] != "missing" else "")
            for finding in error.errors(include_url=False)
        ]
        raise ScenarioError(_report(path, findings)) from error
    wrong = _wrong_references(scenario)
    if wrong:
        raise ScenarioError(_report(path, wrong))
    return scenario


def _report(path: Path, findings: list[str]) -> str:
    shown = findings[:10]
    if len(findings) > len(shown):
        shown.append(f"... and {len(findings) - len(shown)} more")
    return "\n".join([f"{path}:", *(f"  {finding}" for finding in shown)])
