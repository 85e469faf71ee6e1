"""Which handheld is nearest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyproj import Geod

__all__ = ["Located", "Ranked", "by_distance"]

_geod = Geod(ellps="WGS84")


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
    count = len(terminals)
    forward, _, distance = _geod.inv(
        np.full(count, lon_deg),
        np.full(count, lat_deg),
        np.array([terminal.lon_deg for terminal in terminals]),
        np.array([terminal.lat_deg for terminal in terminals]),
    )
    ranked = [
        Ranked(terminal.terminal_id, float(metres), float(azimuth) % 360)
        for terminal, metres, azimuth in zip(terminals, distance, forward, strict=True)
    ]
    return sorted(ranked, key=lambda item: (item.distance_m, item.terminal_id))
