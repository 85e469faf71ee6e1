"""The values a search plan is made of, with a stable JSON form.

Every package reads these; only `mission_plans` makes plans. Positions are WGS-84 degrees. Altitudes
always say their reference: `amsl` (above mean sea level), `agl` (above the ground below) or
`relative` (above the take-off point).
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mission_plans.values.base import MOST_POINTS, GeoPoint, Latitude, Longitude, Ring, Value
from mission_plans.values.flight_facts import Airframe, FlightFacts
from mission_plans.values.pattern import ParallelTrack, Pattern

__all__ = [
    "AREA_PATTERNS",
    "SEARCHES",
    "AircraftSpec",
    "CameraSpec",
    "Check",
    "Fence",
    "GeoPoint",
    "Light",
    "Pattern",
    "PlanMetrics",
    "PlanRequest",
    "SearchPlan",
    "Seek",
    "Sensor",
    "Severity",
    "SortiePlan",
    "Vegetation",
    "Waypoint",
    "WaypointKind",
    "Wind",
]

AREA_PATTERNS = frozenset({"parallel", "creeping_line", "mapping"})
"""Kinds of pattern that search the request's `area`; the others bring their own place."""


SEARCHES = AREA_PATTERNS - {"mapping"} | {
    "expanding_square",
    "sector",
    "contour",
    "track_line",
    "corridor",
    "points",
    "tracks",
}
"""Kinds of pattern that look for somebody; the others look at a place or make a map."""

Light = Literal["day", "dusk", "night"]
Vegetation = Literal["open", "scrub", "forest"]
Sensor = Literal["visible", "thermal"]
Seek = Literal["anyone", "standing", "lying", "smoke"]
"""Whom a search must be able to find; `anyone` may stand or lie."""


class CameraSpec(Value):
    """A pinhole camera on a gimbal, as far as planning and geolocation need it."""

    hfov_deg: Annotated[float, Field(gt=1, lt=170)] = 62.0
    width_px: Annotated[int, Field(gt=0)] = 1280
    height_px: Annotated[int, Field(gt=0)] = 720
    pitch_deg: Annotated[float, Field(ge=-90, le=0)] = -40.0
    """Gimbal pitch while searching: -90 looks straight down, where people who stand are too small
    to be found."""
    sensor: Sensor = "visible"


class Wind(Value):
    """Steady wind over the search area."""

    from_deg: Annotated[float, Field(ge=0, lt=360)]
    """Direction the wind comes from, clockwise from true north."""
    speed_ms: Annotated[float, Field(ge=0, le=40)]


class AircraftSpec(Value):
    """What planning must know of one aircraft of the roster."""

    vehicle_id: Annotated[str, Field(min_length=1, max_length=40)]
    launch: GeoPoint
    cruise_ms: Annotated[float, Field(gt=0, le=60)] = 8.0
    """Ground speed while searching."""
    transit_ms: Annotated[float, Field(gt=0, le=60)] | None = None
    """Ground speed to and from the search; None flies it at `cruise_ms`."""
    slowest_ms: Annotated[float, Field(gt=0, le=60)] = 2.0
    """The aircraft may slow down to this where the ground is steep; never above `cruise_ms`."""
    max_airspeed_ms: Annotated[float, Field(gt=0, le=80)] | None = None
    """Fastest flight through the air; None allows one and a half times the fastest ground speed."""
    climb_ms: Annotated[float, Field(gt=0, le=20)] = 2.5
    descent_ms: Annotated[float, Field(gt=0, le=20)] = 1.5
    acceleration_ms2: Annotated[float, Field(ge=0.2, le=20)] = 2.5
    """Horizontal, in a mission: ArduCopter's WPNAV_ACCEL (2.5 since 4.1, 1.0 before)."""
    endurance_s: Annotated[float, Field(gt=0)] = 1800.0
    battery_fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Charge of the battery that the first sortie is flown with."""
    camera: CameraSpec = CameraSpec()
    airframe: Airframe = Airframe()
    """What the flight rules class it by."""


class Fence(Value):
    """An area the plan must stay in, keep out of, or may enter only with an approval."""

    id: str
    kind: Literal["include", "exclude", "controlled"]
    name: str
    name_en: str | None = Field(default=None, exclude_if=lambda name: name is None)
    """Left out where there is none: an older node refuses what it does not know."""
    polygon: list[GeoPoint] = Field(default=[])
    """Ring without its closing point; empty where `centre` and `radius_m` are given."""
    centre: GeoPoint | None = None
    radius_m: float | None = None
    max_agl_m: float | None = None
    reason: str | None = None
    reason_en: str | None = Field(default=None, exclude_if=lambda reason: reason is None)
    approval_id: str | None = None

    @property
    def said_en(self) -> str:
        """Its name in English, or the only one that it has."""
        return self.name_en or self.name


class PlanRequest(Value):
    """One area search as the operator asked for it."""

    area: Annotated[list[GeoPoint], Field(max_length=MOST_POINTS)] = Field(default=[])
    """Outer ring without its closing point; three points or more for a pattern over an area."""
    also: Annotated[list[Ring], Field(max_length=100)] = Field(default=[])
    """Further outlines searched in the same plan, such as the gaps an earlier flight left."""
    holes: Annotated[list[list[GeoPoint]], Field(max_length=100)] = Field(default=[])
    aircraft: Annotated[list[AircraftSpec], Field(min_length=1, max_length=20)]
    pattern: Pattern = ParallelTrack()
    entry: GeoPoint | None = None
    """Where the search begins, if it matters; None begins near the first launch point."""
    agl_m: Annotated[float, Field(ge=10, le=500)] = 60.0
    overlap: Annotated[float, Field(ge=0, lt=0.9)] = 0.2
    heading_deg: float | None = None
    """Lane direction, degrees clockwise from true north; None lets the planner choose."""
    heading_rule: Literal["least_time", "crosswind", "off_sun"] = "least_time"
    """What the planner chooses by: flying time, even ground speed, or no look into the sun."""
    wind: Wind | None = None
    sun_azimuth_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    """Where the sun stands, for `off_sun`."""
    seek: Seek = "anyone"
    light: Light = "day"
    vegetation: Vegetation = "open"
    fences: list[Fence] = Field(default=[])
    reserve_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Part of the endurance that no sortie may plan to use (the 70 % rule keeps 0.3)."""
    min_clearance_m: Annotated[float, Field(ge=0)] = 50.0
    max_agl_m: Annotated[float, Field(gt=0)] = 120.0
    max_gsd_m: Annotated[float, Field(gt=0)] | None = None
    """Coarsest ground sampling distance allowed, metres a pixel; None sets no limit."""
    swap_s: Annotated[float, Field(ge=0, le=7200)] = 180.0
    """On the ground between two sorties of one aircraft, for a fresh battery."""
    relay: bool = False
    """Fly the sorties one after another, each arriving before the one before it leaves (O11)."""

    def usable_fraction(self, aircraft: AircraftSpec, order: int) -> float:
        """Return the part of the endurance that one of an aircraft's sorties may use."""
        charge = aircraft.battery_fraction if order == 0 else 1.0
        return max(0.0, charge - self.reserve_fraction)

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.pattern.kind in AREA_PATTERNS and len(self.area) < 3:
            raise ValueError(f"a {self.pattern.kind} search needs an area of three points or more")
        return self


class WaypointKind(StrEnum):
    """Why the aircraft flies to a waypoint."""

    TAKEOFF = "takeoff"
    TRANSIT = "transit"
    LANE_START = "lane_start"
    LANE = "lane"
    LANE_END = "lane_end"
    RETURN = "return"


class Waypoint(Value):
    """One point of a sortie."""

    lat_deg: Latitude
    lon_deg: Longitude
    altitude_amsl_m: float
    kind: WaypointKind
    speed_ms: float | None = None
    """Ground speed of the leg that ends here; None flies at the sortie's `cruise_ms`."""
    hold_s: float = 0.0
    """Seconds to stay here."""


class Severity(StrEnum):
    """What a finding means for the flight."""

    INFO = "info"
    CAUTION = "caution"
    BLOCK = "block"


class Check(Value):
    """One rule applied to a plan, with its answer in both languages."""

    id: str
    """Stable name, e.g. `clearance`, `endurance`, `fence_exclude`, `airspace_controlled`."""
    severity: Severity
    """What a failure would mean."""
    passed: bool
    text_zh: str
    text_en: str
    source: str
    """The requirement, article or standard the rule comes from, e.g. `O2`."""
    value: float | None = None
    limit: float | None = None
    at: GeoPoint | None = None
    """Where the rule is first violated, if it has a place."""


class SortiePlan(Value):
    """One flight of one aircraft: take-off, transit, lanes, return."""

    id: str
    vehicle_id: str
    order: int
    """0 for the aircraft's first flight; later ones need a fresh battery."""
    launch: GeoPoint
    launch_amsl_m: float
    cruise_ms: float
    camera_pitch_deg: float
    waypoints: list[Waypoint]
    length_m: float
    duration_s: float
    energy_fraction: float
    """Planned share of the endurance, return included."""
    start_s: float = 0.0
    """Take-off, seconds after the plan's first take-off."""
    trigger_m: float | None = None
    """Distance between pictures on the lanes of a mapping survey."""


class PlanMetrics(Value):
    """The figures an operator compares plans by."""

    area_m2: float
    lane_count: int
    lane_spacing_m: float
    lane_heading_deg: float
    lane_length_m: float
    footprint_width_m: float
    longest_sortie_s: float
    coverage_fraction: float
    """Share of the area inside rasterised footprints of the planned lanes."""
    finds_standing: float | None = None
    """Chance that the search finds a person who stands somewhere in the area; None where the plan
    is no search for people."""
    finds_lying: float | None = None
    min_clearance_m: float
    max_agl_m: float
    max_gsd_m: float = 0.0
    """Coarsest ground sampling distance on any lane, metres a pixel."""
    least_overlap: float = 0.0
    """Smallest overlap of neighbouring swaths over the real ground; negative where they part."""
    lower_bound_s: float = 0.0
    """No plan for this request can have a shorter longest sortie."""
    finished_s: float = 0.0
    """Last landing, seconds after the first take-off."""
    planning_ms: float = 0.0
    """Filled by the caller who has a clock."""


class SearchPlan(Value):
    """A finished plan: what was asked, what will be flown, and what was checked."""

    id: str
    request: PlanRequest
    sorties: list[SortiePlan]
    metrics: PlanMetrics
    checks: list[Check]
    facts: FlightFacts = FlightFacts()
    """What the operator stated of the flight."""

    @property
    def flyable(self) -> bool:
        """Whether no blocking check failed."""
        return all(c.passed or c.severity is not Severity.BLOCK for c in self.checks)
