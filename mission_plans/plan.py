"""The values a search plan is made of, with a stable JSON form.

Every package reads these; only `mission_plans` makes plans. Positions are WGS-84 degrees. Altitudes
always say their reference: `amsl` (above mean sea level), `agl` (above the ground below) or
`relative` (above the take-off point).
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AircraftSpec",
    "CameraSpec",
    "Check",
    "Fence",
    "GeoPoint",
    "PlanMetrics",
    "PlanRequest",
    "SearchPlan",
    "Severity",
    "SortiePlan",
    "Waypoint",
    "WaypointKind",
]

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Value(BaseModel):
    """An immutable value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class GeoPoint(Value):
    """A point on the ground, WGS-84."""

    lat_deg: Latitude
    lon_deg: Longitude


class CameraSpec(Value):
    """A pinhole camera on a gimbal, as far as planning and geolocation need it."""

    hfov_deg: Annotated[float, Field(gt=1, lt=170)] = 62.0
    width_px: Annotated[int, Field(gt=0)] = 1280
    height_px: Annotated[int, Field(gt=0)] = 720
    pitch_deg: Annotated[float, Field(ge=-90, le=0)] = -90.0
    """Gimbal pitch while searching: -90 looks straight down."""


class AircraftSpec(Value):
    """What planning must know of one aircraft of the roster."""

    vehicle_id: Annotated[str, Field(min_length=1, max_length=40)]
    launch: GeoPoint
    cruise_ms: Annotated[float, Field(gt=0, le=60)] = 8.0
    climb_ms: Annotated[float, Field(gt=0, le=20)] = 2.5
    descent_ms: Annotated[float, Field(gt=0, le=20)] = 1.5
    endurance_s: Annotated[float, Field(gt=0)] = 1800.0
    camera: CameraSpec = CameraSpec()


class Fence(Value):
    """An area the plan must stay in, keep out of, or may enter only with an approval."""

    id: str
    kind: Literal["include", "exclude", "controlled"]
    name: str
    polygon: list[GeoPoint] = []
    """Ring without its closing point; empty where `centre` and `radius_m` are given."""
    centre: GeoPoint | None = None
    radius_m: float | None = None
    max_agl_m: float | None = None
    reason: str | None = None
    approval_id: str | None = None


class PlanRequest(Value):
    """One area search as the operator asked for it."""

    area: Annotated[list[GeoPoint], Field(min_length=3, max_length=2000)]
    """Outer ring without its closing point."""
    holes: Annotated[list[list[GeoPoint]], Field(max_length=100)] = []
    aircraft: Annotated[list[AircraftSpec], Field(min_length=1, max_length=20)]
    agl_m: Annotated[float, Field(ge=10, le=500)] = 60.0
    overlap: Annotated[float, Field(ge=0, lt=0.9)] = 0.2
    heading_deg: float | None = None
    """Lane direction, degrees clockwise from true north; None lets the planner choose."""
    fences: list[Fence] = []
    reserve_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Part of the endurance that no sortie may plan to use (the 70 % rule keeps 0.3)."""
    min_clearance_m: Annotated[float, Field(ge=0)] = 50.0
    max_agl_m: Annotated[float, Field(gt=0)] = 120.0


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
    min_clearance_m: float
    max_agl_m: float
    planning_ms: float = 0.0
    """Filled by the caller who has a clock."""


class SearchPlan(Value):
    """A finished plan: what was asked, what will be flown, and what was checked."""

    id: str
    request: PlanRequest
    sorties: list[SortiePlan]
    metrics: PlanMetrics
    checks: list[Check]

    @property
    def flyable(self) -> bool:
        """Whether no blocking check failed."""
        return all(c.passed or c.severity is not Severity.BLOCK for c in self.checks)
