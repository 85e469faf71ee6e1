"""From a drawn fire line and the reported wind to an estimate, outside every transaction."""

import time
import zlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Lock

from sqlmodel import Session

from field_api.core.errors import refuse
from field_api.core.services import Services
from field_api.core.texts import Both
from field_api.features.fire_spread.messages import MakeSpread
from field_api.features.fire_spread.tables import SpreadResult, WindReading
from field_api.features.fire_spread.wind import current_wind
from field_api.features.maps.base import MapBase
from field_api.features.maps.messages import FeatureCollection
from field_api.features.plotting.records import error_of, fire_line_of, fire_lines
from field_api.features.plotting.shapes import DrawingKind
from field_api.features.plotting.tables import Drawing, DrawingState
from mission_plans.fire.members import SpreadInputs
from mission_plans.fire.rate import fuels
from mission_plans.fire.spread import SpreadError, Start, spread
from mission_plans.values.base import GeoPoint

__all__ = ["Asked", "SpreadTurns", "asked", "estimated"]

USUAL_TEMPERATURE_C = 20.0
USUAL_HUMIDITY_PCT = 40.0
"""Stand in where nobody measured: a dry afternoon of the district's fire season."""

WAIT_S = 20.0


class SpreadTurns:
    """One estimate at a time: each takes a core for a second or two."""

    def __init__(self) -> None:
        self._lock = Lock()

    @contextmanager
    def turn(self) -> Generator[None]:
        """Wait for one's turn.

        Raises:
            ApiError: 503, too many wait.
        """
        if not self._lock.acquire(timeout=WAIT_S):
            raise refuse(503, "spread_busy")
        try:
            yield
        finally:
            self._lock.release()


@dataclass(frozen=True)
class Asked:
    """All that an estimate is made from."""

    drawing: Drawing
    start_ms: int
    wind: WindReading
    inputs: SpreadInputs
    start: Start
    weather_assumed: bool


def asked(session: Session, incident_id: str, body: MakeSpread) -> Asked:
    """Gather what an estimate is made from.

    Raises:
        ApiError: 404 for an unknown drawing; 409 where it is no fire, or nobody reported the wind;
            422 for an unknown fuel.
    """
    row = session.get(Drawing, body.drawing_id)
    if row is None or row.incident_id != incident_id or row.state is DrawingState.DELETED:
        raise refuse(404, "unknown_drawing", field="drawing_id", id=body.drawing_id)
    if row.kind not in (DrawingKind.FIRE_LINE, DrawingKind.FIRE_SPOT):
        raise refuse(409, "spread_needs_fire", field="drawing_id")
    if body.fuel not in fuels():
        raise refuse(422, "unknown_fuel", field="fuel", fuels=", ".join(fuels()))
    wind = current_wind(session, incident_id)
    if wind is None:
        raise refuse(409, "spread_needs_wind")
    line = fire_line_of(row)
    observed = _observed(session, row) if body.use_observed else None
    temperature_c = wind.temperature_c if wind.temperature_c is not None else USUAL_TEMPERATURE_C
    humidity_pct = wind.humidity_pct if wind.humidity_pct is not None else USUAL_HUMIDITY_PCT
    return Asked(
        drawing=row,
        start_ms=line.t_ms,
        wind=wind,
        inputs=SpreadInputs(
            wind_from_deg=wind.from_deg,
            wind_ms=wind.speed_ms,
            gust_ms=wind.gust_ms,
            temperature_c=temperature_c,
            humidity_pct=humidity_pct,
            fuel=body.fuel,
            line_error_m=error_of(row),
            observed_m_min=observed[0] if observed else None,
            observed_toward_deg=observed[1] if observed else None,
        ),
        start=Start(points=line.points, closed=line.closed),
        weather_assumed=wind.temperature_c is None or wind.humidity_pct is None,
    )


def _observed(session: Session, row: Drawing) -> tuple[float, float] | None:
    """Return how fast and where to the front advanced, if it did by more than lines are off."""
    found = [each for each in fire_lines(session, row.incident_id) if each.drawing_id == row.id]
    growth = found[0].growth if found else None
    if growth is None or growth.side_deg is None:
        return None
    if not growth.advance_error_m_min < growth.advance_m_min <= 200:
        return None
    return growth.advance_m_min, growth.side_deg % 360


def estimated(ctx: Services, made_from: Asked) -> tuple[SpreadResult, int]:
    """Return what the model says and how long it took in milliseconds.

    Raises:
        ApiError: 422, the line can't be used; 503, too many wait.
    """
    base = ctx.part(MapBase)
    water = _outlines(base.view().lake)
    # The same question has the same answer: members are drawn from what was asked.
    seed = zlib.crc32(made_from.inputs.model_dump_json().encode())
    began_s = time.monotonic()
    with ctx.part(SpreadTurns).turn():
        try:
            made = spread(made_from.start, made_from.inputs, base.terrain(), seed, water)
        except SpreadError as error:
            raise refuse(422, "spread_refused", why=Both(error.zh, error.en)) from None
    took_ms = round((time.monotonic() - began_s) * 1000)
    return SpreadResult.model_validate(asdict(made)), took_ms


def _outlines(lakes: FeatureCollection) -> Sequence[Sequence[GeoPoint]]:
    rings: list[list[GeoPoint]] = []
    for feature in lakes.features:
        shape = feature.geometry
        parts = [shape.coordinates] if shape.type == "Polygon" else shape.coordinates
        if shape.type in ("Polygon", "MultiPolygon"):
            rings += [[GeoPoint(lat_deg=p[1], lon_deg=p[0]) for p in part[0]] for part in parts]
    return rings
