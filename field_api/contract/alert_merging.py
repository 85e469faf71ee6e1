"""When two sightings are one alert (story C4): one fire is one alert, one person is one alert.

The vision node asks before it reports, the command post asks again across nodes; both by this
rule. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mission_plans.ground.geodesy import bearing_deg, distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["PERSON_M", "SMOKE_M", "WINDOW_MS", "Sighting", "alert_of"]

WINDOW_MS = 30_000
"""A sighting this long after an alert's newest one is a new alert."""
SMOKE_M = 50.0
"""One fire is one alert."""
PERSON_M = 15.0
"""People walk in groups: farther apart they are different people. A wide circle round a person
would let one false alert hide the missing person beside it."""
BEARING_TOLERANCE_DEG = 12.0
"""Where a place is known by its direction only."""


Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What tells sightings apart."""

    id: str
    label: str
    stream_id: str
    track_id: int
    first_seen_ms: int
    last_seen_ms: int
    lat_deg: float | None
    lon_deg: float | None
    error_m: float = 0.0
    """One sigma of the place, e.g. its error ellipse's major axis; widens the radius."""
    camera: GeoPoint | None = None
    bearing_deg: float | None = None
    """Clockwise from true north at `camera`, where the view is too flat for a place."""
    box: Box | None = None
    """Left, top, width and height in fractions of the picture: all that is known without a pose."""

    @property
    def place(self) -> GeoPoint | None:
        """Where it is, if that is known."""
        if self.lat_deg is None or self.lon_deg is None:
            return None
        return GeoPoint(lat_deg=self.lat_deg, lon_deg=self.lon_deg)


def alert_of(
    new: Sighting,
    alerts: Iterable[Sighting],
    joined: Mapping[str, Sequence[Sighting]] = MappingProxyType({}),
) -> str | None:
    """Return the id of the alert that `new` is another sighting of, None for a new alert.

    Args:
        new: what was just seen.
        alerts: the first sighting of each alert.
        joined: further sightings of an alert, by its id. They keep it alive; and two people in one
            aircraft's picture are never one alert, also where one of them belongs to another
            aircraft's alert already.
    """
    return next((alert.id for alert in alerts if _same(new, alert, joined.get(alert.id, ()))), None)


def _same(new: Sighting, alert: Sighting, joined: Sequence[Sighting]) -> bool:
    sightings = (alert, *joined)
    if new.label != alert.label or min(_apart_ms(new, one) for one in sightings) > WINDOW_MS:
        return False
    if any(_one_track(new, other) for other in sightings):
        return True
    if new.label == "person" and any(_together(new, other) for other in sightings):
        # Two tracks in one picture at one time are two people, however near.
        return False
    return _same_place(new, alert)


def _apart_ms(a: Sighting, b: Sighting) -> int:
    return max(a.first_seen_ms - b.last_seen_ms, b.first_seen_ms - a.last_seen_ms)


def _one_track(a: Sighting, b: Sighting) -> bool:
    return a.stream_id == b.stream_id and a.track_id == b.track_id


def _together(a: Sighting, b: Sighting) -> bool:
    return a.stream_id == b.stream_id and _apart_ms(a, b) < 0


def _same_place(new: Sighting, alert: Sighting) -> bool:
    here, there = new.place, alert.place
    if _nowhere(new) and _nowhere(alert):
        # Two places in one picture are two places; what comes and goes at one is one alert.
        return new.stream_id == alert.stream_id and _overlapping(new.box, alert.box)
    if here is not None and there is not None:
        limit_m = SMOKE_M if new.label == "smoke" else PERSON_M
        return distance_m(here, there) <= limit_m + max(new.error_m, alert.error_m)
    if here is not None or new.bearing_deg is None:
        # The first place of something known by its direction only is worth an alert.
        return False
    if there is not None:
        return new.camera is not None and _in_line(bearing_deg(new.camera, there), new.bearing_deg)
    return (
        alert.bearing_deg is not None
        and new.stream_id == alert.stream_id
        and _in_line(alert.bearing_deg, new.bearing_deg)
    )


def _in_line(a_deg: float, b_deg: float) -> bool:
    return abs((a_deg - b_deg + 180) % 360 - 180) <= BEARING_TOLERANCE_DEG


def _nowhere(sighting: Sighting) -> bool:
    return sighting.place is None and sighting.bearing_deg is None


def _overlapping(a: Box | None, b: Box | None) -> bool:
    """Whether the middle of one box lies inside the other."""
    return a is not None and b is not None and (_middle_in(a, b) or _middle_in(b, a))


def _middle_in(a: Box, b: Box) -> bool:
    x, y = a[0] + a[2] / 2, a[1] + a[3] / 2
    return b[0] <= x <= b[0] + b[2] and b[1] <= y <= b[1] + b[3]
