"""Wind at an incident, and estimates of how its fire may spread: the tables."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field as Limits
from sqlalchemy import Index
from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested
from field_api.core.wire import View
from mission_plans.fire.members import SpreadInputs
from mission_plans.values.base import GeoPoint

__all__ = ["BandView", "SpreadEstimate", "SpreadResult", "WindReading", "WindSource"]


class WindSource(StrEnum):
    """Where a reading comes from."""

    STATION = "station"
    """A weather station."""
    METER = "meter"
    """An anemometer in somebody's hand."""
    DRONE = "drone"
    """From an aircraft's drift: at its height, not at the ground."""
    FORECAST = "forecast"
    ESTIMATE = "estimate"
    """By eye."""


class WindReading(Requested, table=True):
    """The wind, and the air where that was measured too, as somebody reported it."""

    __table_args__ = (Index("ix_windreading_incident", "incident_id", "observed_ms"),)

    incident_id: str = Field(foreign_key="incident.id")
    from_deg: float
    """Where it comes from, clockwise from true north."""
    speed_ms: float
    gust_ms: float | None = None
    temperature_c: float | None = None
    humidity_pct: float | None = None
    source: WindSource = choice(WindSource)
    observed_ms: int = integer64()
    reported_by: str
    current: bool = Field(default=True, index=True)
    """The last one observed at its incident."""


class BandView(View):
    """Where so many of the members burn after some minutes."""

    minutes: int
    percent: int
    area_m2: float
    farthest_m: float
    toward_deg: float | None
    outlines: list[list[list[GeoPoint]]]
    """Of each part its outline and its holes."""


class SpreadResult(View):
    """What the model says."""

    bands: list[BandView]
    members: Annotated[int, Limits(ge=1)]
    cell_m: float
    at_edge: bool
    """Some members go on beyond what was looked at."""
    unknown_ground: bool
    """Part of the ground has no known height and counts as level."""
    scaled_by: float | None
    """How rates were multiplied to fit the advance that was seen; None: not at all."""


class SpreadEstimate(Requested, table=True):
    """An estimate with all that it was made from; it never changes."""

    __table_args__ = (Index("ix_spreadestimate_incident", "incident_id", "made_ms"),)

    incident_id: str = Field(foreign_key="incident.id")
    drawing_id: str
    """The fire line or spot that it starts from."""
    drawing_version: int
    start_ms: int = integer64()
    """When that was seen: minutes count from then."""
    wind_id: str
    wind_observed_ms: int = integer64()
    weather_assumed: bool
    """Nobody reported temperature and humidity: usual values stand in."""
    synthetic_terrain: bool
    inputs: SpreadInputs = shape(SpreadInputs)
    result: SpreadResult = shape(SpreadResult)
    made_ms: int = integer64()
    made_by: str
    took_ms: int
    current: bool = Field(default=True, index=True)
    """The last one of its incident."""
