"""Wind and estimates of spread on the wire."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Degrees, Milliseconds, Name, View
from field_api.features.fire_spread.tables import BandView, WindSource
from mission_plans.fire.members import SpreadInputs

__all__ = [
    "FuelView",
    "MakeSpread",
    "ReportWind",
    "SpreadHead",
    "SpreadView",
    "WindView",
]


class ReportWind(Body):
    """Say what the wind is."""

    id: RecordId
    incident_id: RecordId
    observed_ms: Milliseconds
    from_deg: Degrees
    speed_ms: Annotated[float, Field(ge=0, le=40)]
    gust_ms: Annotated[float, Field(ge=0, le=60)] | None = None
    temperature_c: Annotated[float, Field(ge=-20, le=45)] | None = None
    humidity_pct: Annotated[float, Field(ge=1, le=100)] | None = None
    source: WindSource = WindSource.ESTIMATE

    @model_validator(mode="after")
    def _gust_is_more(self) -> Self:
        if self.gust_ms is not None and self.gust_ms < self.speed_ms:
            raise ValueError("gust_ms must be at least speed_ms")
        return self


class WindView(View):
    """The wind as somebody reported it."""

    id: str
    version: int
    area: str
    incident_id: str
    from_deg: float
    speed_ms: float
    gust_ms: float | None
    temperature_c: float | None
    humidity_pct: float | None
    source: WindSource
    observed_ms: int
    reported_by: str
    current: bool


class FuelView(View):
    """A kind of fuel that an estimate can be made for."""

    id: str
    name_zh: str
    name_en: str
    factor: float
    log_sd: float


class MakeSpread(Body):
    """Estimate how a fire may spread from a fire line or spot, in the last reported wind."""

    id: RecordId
    drawing_id: RecordId
    fuel: Name = "mixed"
    use_observed: bool = True
    """Let the advance between the last two fire lines set how fast it is, where there is one."""


class SpreadHead(View):
    """That an estimate was made; the whole is fetched by its id."""

    id: str
    version: int
    area: str
    incident_id: str
    made_ms: int
    made_by: str
    current: bool


class SpreadView(SpreadHead):
    """An estimate by a model, with all that it was made from. It tasks nobody."""

    drawing_id: str
    drawing_version: int
    start_ms: int
    """Minutes count from then: when the fire line was seen."""
    wind_id: str
    wind_observed_ms: int
    wind_stale: bool
    """The wind was older than an hour when the estimate was made."""
    weather_assumed: bool
    synthetic_terrain: bool
    inputs: SpreadInputs
    fuel_zh: str
    fuel_en: str
    fuel_factor: float
    spots: bool
    """In this fuel burning cones and bark start fires ahead of the front, which the model lacks."""
    bands: list[BandView]
    members: int
    cell_m: float
    at_edge: bool
    unknown_ground: bool
    scaled_by: float | None
    took_ms: int
    drill: bool
