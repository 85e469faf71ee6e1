"""Flights on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.contract.messages import SortieState
from field_api.core.wire import Body, LongText, View
from field_api.features.flights.tables import CommandState, StationState
from mission_plans.values.plan import GeoPoint, SortiePlan

__all__ = [
    "AbortFlights",
    "AbortView",
    "AnomalyView",
    "AuthorisePlan",
    "CommandView",
    "CoverageView",
    "FlightGap",
    "FlightRecordView",
    "FlightSample",
    "FlownView",
    "FlyToPlace",
    "FollowHandheld",
    "GapView",
    "KeepWatch",
    "LaunchPlan",
    "LookAgainAt",
    "OrderBody",
    "PreflightChecklist",
    "ReportAnomaly",
    "RetaskPlan",
    "SortieView",
    "StationView",
    "VehicleAction",
    "VehicleEventView",
    "VehicleOrder",
    "VehicleRequest",
]

VehicleName = Annotated[str, Field(min_length=1, max_length=40)]
VehicleAction = Literal["pause", "resume", "return", "land", "confirm"]
"""`confirm`: a person has looked, the device that orders go to is this aircraft."""


class PreflightChecklist(Body):
    """What a named pilot confirms before take-off (Art. 32; story O6).

    All that the plan's `checklist` asks for must be true; what a check refused is not asked for.
    """

    airframe: bool
    """Frame, propellers and motors sound and tight."""
    battery: bool
    """Charged, seated, no swelling."""
    airspace: bool
    """Airspace and temporary restrictions checked, crewed traffic known."""
    weather: bool
    """Wind, visibility and rain inside the aircraft's limits."""
    crew: bool
    """Fit, sober, papers carried, class of licence matches."""
    area_clear: bool
    """Nobody under the take-off and landing path."""
    lights: bool
    """Lights fitted and on; asked by night, in low visibility and where nobody stated it."""


class AuthorisePlan(Body):
    """A named person allows exactly this plan to be flown."""

    checklist: PreflightChecklist
    revision: Annotated[int, Field(ge=1)]
    """The plan that was looked at; refused when it has been improved since."""
    pilot_id: RecordId | None = None
    """Pilot in command, by the register; None for who authorises."""
    override_reason: Annotated[LongText, Field(min_length=10)] | None = None
    """A commander may authorise against a failed blocking check, with a reason on record."""


class LaunchPlan(Body):
    """Nothing to say."""


class OrderBody(Body):
    """What every order of a person to one vehicle has: an id that the caller makes."""

    id: RecordId


class VehicleOrder(OrderBody):
    """An order to one vehicle; the caller makes the id."""

    action: VehicleAction


class ReportAnomaly(Body):
    """The words of a report; the flight's record, figures and papers are put beside them."""

    text: Annotated[LongText, Field(min_length=10)]


class AnomalyView(View):
    """A flight anomaly and its report."""

    id: str
    """The sortie's."""
    version: int
    area: str
    vehicle_id: str
    incident_id: str
    code: str
    text_zh: str
    text_en: str
    t_ms: int
    landed_ms: int | None
    due_ms: int
    text: str | None
    reported_ms: int | None
    reported_by: str | None
    document_sha256: str | None


class RetaskPlan(Body):
    """Nothing to say."""


class VehicleRequest(OrderBody):
    """An order to one vehicle about a place; the caller makes the id."""

    place: GeoPoint
    height_agl_m: Annotated[float, Field(ge=20, le=500)] = 60.0
    """Of the aircraft above the ground at the place."""
    detection_id: RecordId | None = None
    """The alert it is about, if it is about one."""


class FlyToPlace(VehicleRequest):
    """Fly straight there and hover."""


class FollowHandheld(OrderBody):
    """Stay with a handheld as it moves; the caller makes the id."""

    terminal_id: Annotated[str, Field(min_length=1, max_length=40)]
    height_agl_m: Annotated[float, Field(ge=20, le=500)] = 60.0
    """Of the aircraft above the ground below it."""
    offset_m: Annotated[float, Field(ge=0, le=200)] = 30.0
    """The aircraft stays this far from the handheld."""
    bearing_deg: Annotated[float, Field(ge=0, lt=360)] = 180.0
    """In this direction, clockwise from true north."""


class LookAgainAt(VehicleRequest):
    """Hover beside a place or circle it with the camera on it, then go on with the mission."""

    radius_m: Annotated[float, Field(ge=0, le=300)] = 40.0
    circles: bool = False
    duration_s: Annotated[float, Field(ge=10, le=1800)] = 120.0


class KeepWatch(VehicleRequest):
    """Watch a place with this aircraft, and relieve it by others before it must leave (O11)."""

    radius_m: Annotated[float, Field(ge=30, le=100)] = 40.0
    """Each hovers beside the place at this distance, the relief on the other side."""
    reliefs: Annotated[list[VehicleName], Field(min_length=1, max_length=8)]
    """Aircraft on the ground that come next, in order; each needs an authorised sortie of this
    incident that it has not flown, which it takes off with."""


class AbortFlights(Body):
    """Everybody down; the caller makes the id."""

    id: RecordId
    how: Literal["return", "land"]
    """Home, or where each is; who waits for a take-off stays on the ground."""


class SortieView(View):
    """A sortie."""

    id: str
    version: int
    area: str
    plan_id: str
    incident_id: str
    vehicle_id: str
    order: int
    state: SortieState
    state_t_ms: int
    author: str
    text_zh: str
    text_en: str
    """What the node said last."""
    start_due_ms: int | None
    """When the aircraft takes off by the plan; None before launch."""
    sortie: SortiePlan


class CommandView(View):
    """An order and its outcome."""

    id: str
    version: int
    area: str
    node_id: str
    vehicle_id: str
    action: str
    sortie_id: str | None
    incident_id: str | None
    author: str
    issued_ms: int
    expires_ms: int
    state: CommandState
    code: str
    abort_id: str | None
    """Given together with the others of this id, to everybody."""
    text_zh: str
    text_en: str
    """What the node answered."""


class StationView(View):
    """A place that aircraft watch one after another."""

    id: str
    version: int
    area: str
    incident_id: str
    place: GeoPoint
    height_agl_m: float
    vehicle_id: str
    """On it, or on the way to it."""
    reliefs: list[str]
    relief_ordered_ms: int | None
    """Since when the first of them is on its way; None while nobody is."""
    relief_due_ms: int | None
    """When the next one is sent, as it looks now."""
    turn_home_ms: int | None
    unwatched_ms: int | None
    """Since when nobody is on it."""
    state: StationState
    author: str


class AbortView(View):
    """What everybody was ordered at once."""

    id: str
    orders: list[CommandView]
    """One an aircraft; an aircraft whose node is not here was sent none and is `unanswered`."""


class FlightSample(View):
    """Where the aircraft was at one moment of a flight."""

    t_ms: int
    lat_deg: float
    lon_deg: float
    altitude_amsl_m: float
    height_m: float
    """Above the take-off point."""
    heading_deg: float
    ground_speed_ms: float


class FlightGap(View):
    """A time without a recorded position, longer than a record may have."""

    from_ms: int
    to_ms: int


class FlightRecordView(View):
    """A sortie's record with the fields that GB 46750 asks of one (docs/fleet.md)."""

    sortie_id: str
    incident_id: str
    plan_id: str
    vehicle_id: str
    product_code: str | None
    registration: str | None
    weight_class: str | None
    aircraft_kind: str
    pilot: str
    """Who launched it, else who authorised it."""
    licence: str
    licence_class: str
    purpose: str
    """The incident it was flown for."""
    coordinates: str
    altitude_datum: str
    control_station: GeoPoint
    """Where it was launched from."""
    state: SortieState
    took_off_ms: int | None
    landed_ms: int | None
    """None until the node has told that it landed."""
    samples: list[FlightSample]
    gaps: list[FlightGap]
    missing: list[str]
    """Required fields that nobody entered: the record is not complete without them."""


class FlownView(View):
    """A piece of a sortie as flown."""

    id: str
    version: int
    sortie_id: str
    vehicle_id: str
    incident_id: str | None
    points: list[tuple[float, float, float, int]]
    """Longitude, latitude, metres above mean sea level, UTC milliseconds."""


class VehicleEventView(View):
    """Something a vehicle said or did."""

    id: str
    version: int
    t_ms: int
    vehicle_id: str
    incident_id: str | None
    severity: Literal["info", "caution", "warning"]
    code: str
    text_zh: str
    text_en: str
    source: str


class GapView(View):
    """Ground that nobody has seen."""

    outline: list[GeoPoint]
    area_m2: float


class CoverageView(View):
    """Flown beside planned coverage of a plan's area, as shares of it."""

    plan_id: str
    area_m2: float
    planned_fraction: float
    flown_fraction: float
    """Passed low enough, whether or not the video arrived."""
    seen_fraction: float
    """Passed with live video under analysis: what counts as searched."""
    gaps: list[GapView]
    """Of what was seen, largest first."""
    seen_outlines: list[list[GeoPoint]]
    sample_count: int
