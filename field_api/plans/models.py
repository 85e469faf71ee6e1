"""Search plans: tables and wire shapes."""

from typing import Annotated, Literal, Self

from pydantic import Field as Limited
from pydantic import model_validator
from sqlmodel import Field, SQLModel

from field_api.contract.ids import RecordId
from field_api.wire import Body, Degrees, LongText, Name, View
from mission_plans.pattern import ParallelTrack, Pattern
from mission_plans.plan import AREA_PATTERNS, GeoPoint, SearchPlan, Wind

__all__ = [
    "AuthorisePlan",
    "MakePlan",
    "PlanRecord",
    "PlanState",
    "PlanView",
    "PreflightChecklist",
]

PlanState = Literal["draft", "authorised", "launched"]


class PlanRecord(SQLModel, table=True):
    """A plan as computed, and what was decided about it."""

    id: str = Field(primary_key=True)
    incident_id: str = Field(index=True, foreign_key="incident.id")
    state: str
    plan_json: str
    created_ms: int
    created_by: str
    authorised_ms: int | None = None
    authorised_by: str | None = None
    override_reason: str | None = None
    launched_ms: int | None = None
    launched_by: str | None = None
    request_sha256: str
    revision: int = 1
    """Counts improvements of a draft."""


class MakePlan(Body):
    """A search area drawn on the map or a pattern round a place, and who shall fly it."""

    id: RecordId
    area: Annotated[list[GeoPoint], Limited(max_length=2000)] = Limited(default=[])
    """Outer ring without its closing point; for patterns over an area."""
    holes: Annotated[
        list[Annotated[list[GeoPoint], Limited(min_length=3, max_length=2000)]],
        Limited(max_length=100),
    ] = Limited(default=[])
    gaps_of: RecordId | None = None
    """Search what the flights of this plan left unseen instead of an area; its settings hold."""
    most_likely: bool = False
    """Fly where the incident's probability map says the missing most likely are."""
    pattern: Pattern = ParallelTrack()
    entry: GeoPoint | None = None
    """Where the search begins; None begins near the first launch point."""
    vehicle_ids: Annotated[list[Name], Limited(min_length=1, max_length=20)]
    agl_m: Annotated[float, Limited(ge=10, le=500)] = 60.0
    overlap: Annotated[float, Limited(ge=0, lt=0.9)] = 0.2
    heading_deg: Degrees | None = None
    heading_rule: Literal["least_time", "crosswind", "off_sun"] = "least_time"
    wind: Wind | None = None
    relay: bool = False
    """Fly the sorties one after another, each arriving before the one before it leaves."""
    camera_pitch_deg: Annotated[float, Limited(ge=-90, le=0)] | None = None
    """None keeps the roster's camera pitch; -40 looks ahead, which shows people better."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        elsewhere = self.gaps_of is not None or self.most_likely
        needs_area = self.pattern.kind in AREA_PATTERNS and not elsewhere
        if needs_area and len(self.area) < 3:
            raise ValueError(
                "area needs three points or more; or say gaps_of, most_likely or another pattern"
            )
        return self


class PreflightChecklist(Body):
    """What a named pilot confirms before take-off (Art. 32; story O6). All must be true."""

    airframe: bool
    """Frame, propellers and motors sound and tight."""
    battery: bool
    """Charged, seated, no swelling."""
    airspace: bool
    """Airspace checked, approvals at hand, no crewed traffic."""
    weather: bool
    """Wind, visibility and rain inside the aircraft's limits."""
    crew: bool
    """Fit, sober, papers carried, class of licence matches."""
    area_clear: bool
    """Nobody under the take-off and landing path."""
    lights: bool
    """Lights fitted and on; asked between sunset and sunrise only."""


class AuthorisePlan(Body):
    """A named person allows exactly this plan to be flown."""

    checklist: PreflightChecklist
    revision: Annotated[int, Limited(ge=1)] | None = None
    """The draft that was looked at; refused when it has been improved since. None: whichever."""
    override_reason: Annotated[LongText, Limited(min_length=10)] | None = None
    """A commander may authorise against a failed blocking check, with a reason on record."""


class PlanView(View):
    """A plan and its state."""

    id: str
    incident_id: str
    state: PlanState
    revision: int
    """Grows when a draft is improved in the background."""
    flyable: bool
    """No blocking check failed."""
    lights_required: bool
    """It is night at the launch site now: the checklist's `lights` counts."""
    plan: SearchPlan
    created_ms: int
    created_by: str
    authorised_ms: int | None
    authorised_by: str | None
    override_reason: str | None
    launched_ms: int | None
    launched_by: str | None
