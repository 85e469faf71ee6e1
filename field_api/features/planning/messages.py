"""What an operator asks a plan for."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Degrees, Name
from mission_plans.pattern import ParallelTrack, Pattern
from mission_plans.plan import AREA_PATTERNS, GeoPoint, Wind

__all__ = ["MakePlan"]


class MakePlan(Body):
    """A search area drawn on the map or a pattern round a place, and who shall fly it."""

    id: RecordId
    area: Annotated[list[GeoPoint], Field(max_length=2000)] = Field(default=[])
    """Outer ring without its closing point; for patterns over an area."""
    holes: Annotated[
        list[Annotated[list[GeoPoint], Field(min_length=3, max_length=2000)]],
        Field(max_length=100),
    ] = Field(default=[])
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
