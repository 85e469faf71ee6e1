"""What an operator asks a plan for."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Degrees, Name, View
from mission_plans.values.base import MOST_POINTS, Ring
from mission_plans.values.pattern import ParallelTrack, Pattern
from mission_plans.values.plan import (
    AREA_PATTERNS,
    Check,
    GeoPoint,
    Light,
    Seek,
    Vegetation,
    Wind,
)

__all__ = ["MakePlan", "OptionKind", "PlanOption"]


class MakePlan(Body):
    """A search area drawn on the map or a pattern round a place, and who shall fly it."""

    id: RecordId
    area: Annotated[list[GeoPoint], Field(max_length=MOST_POINTS)] = Field(default=[])
    """Outer ring without its closing point; for patterns over an area."""
    holes: Annotated[
        list[Ring],
        Field(max_length=100),
    ] = Field(default=[])
    also: Annotated[list[Ring], Field(max_length=100)] = Field(default=[])
    """Further outlines searched in the same plan."""
    gaps_of: RecordId | None = None
    """Search what the flights of this plan left unseen instead of an area; its settings hold."""
    most_likely: bool = False
    """Fly where the incident's probability map says the missing most likely are."""
    pattern: Pattern = ParallelTrack()
    entry: GeoPoint | None = None
    """Where the search begins; None begins near the first launch point."""
    vehicle_ids: Annotated[list[Name], Field(min_length=1, max_length=20)]
    agl_m: Annotated[float, Field(ge=10, le=500)] = 60.0
    overlap: Annotated[float, Field(ge=0, lt=0.9)] = 0.2
    heading_deg: Degrees | None = None
    heading_rule: Literal["least_time", "crosswind", "off_sun"] = "least_time"
    wind: Wind | None = None
    seek: Seek = "anyone"
    """Whom the search must be able to find; one that finds nobody can't be flown as a search."""
    vegetation: Vegetation = "open"
    light: Light | None = None
    """None goes by the sun at the first launch point, now."""
    relay: bool = False
    """Fly the sorties one after another, each arriving before the one before it leaves."""
    camera_pitch_deg: Annotated[float, Field(ge=-90, le=0)] | None = None
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


OptionKind = Literal["asked", "lower", "higher", "overlap", "fewer"]


class PlanOption(View):
    """One way to fly a search, by the figures that people compare."""

    kind: OptionKind
    agl_m: float
    overlap: float
    vehicle_ids: list[str]
    sorties: int
    finished_s: float
    """Last landing, seconds after the first take-off."""
    longest_sortie_s: float
    coverage_fraction: float
    finds_standing: float | None
    """Chance that one pass finds a person who stands in the area; None for no search."""
    finds_lying: float | None
    least_overlap: float
    gsd_m: float
    """Coarsest ground sampling distance, metres a pixel."""
    person_px: float
    """How tall a standing adult is in the middle of the picture, by the poorest camera."""
    energy_fraction: float
    """Of the endurance, on the hardest sortie, return included."""
    flyable: bool
    failed: list[Check]
