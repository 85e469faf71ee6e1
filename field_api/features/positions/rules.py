"""Which handheld is nearest, and which times are believed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from mission_plans.ground.geodesy import distances_and_bearings
from mission_plans.values.plan import GeoPoint

__all__ = ["CLOCK_SLACK_MS", "Located", "Ranked", "by_distance", "honest_time_ms"]

CLOCK_SLACK_MS = 60_000
"""A handheld's clock may be this far ahead before its time is not believed."""


def honest_time_ms(t_ms: int, now_ms: int) -> int:
    """Return a handheld's time, or the present where it lies in the future."""
    return now_ms if t_ms > now_ms + CLOCK_SLACK_MS else t_ms


@dataclass(frozen=True, slots=True)
class Located:
    """A terminal and where it last was."""

    terminal_id: str
    lat_deg: float
    lon_deg: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """A terminal, how far it is and in which direction from the asked place."""

    terminal_id: str
    distance_m: float
    bearing_deg: float


def by_distance(terminals: Sequence[Located], lat_deg: float, lon_deg: float) -> list[Ranked]:
    """Return the terminals, nearest first, by distance along the WGS-84 ellipsoid (story C7)."""
    if not terminals:
        return []
    distances_m, bearings_deg = distances_and_bearings(
        GeoPoint(lat_deg=lat_deg, lon_deg=lon_deg),
        [terminal.lat_deg for terminal in terminals],
        [terminal.lon_deg for terminal in terminals],
    )
    ranked = [
        Ranked(terminal.terminal_id, float(metres), float(bearing))
        for terminal, metres, bearing in zip(terminals, distances_m, bearings_deg, strict=True)
    ]
    return sorted(ranked, key=lambda item: (item.distance_m, item.terminal_id))
