"""WGS-84, GCJ-02 and BD-09: converting at the edge, and noticing what was not converted.

Chinese map services publish positions in GCJ-02 (Amap, Tencent) or BD-09 (Baidu), which in Xishan
lie about 369 m and 840 m from the true ones: far enough to send a team up the wrong valley. Inside
everything is WGS-84. The forward formulas are the ones in general use; the inverses are iterated
until they agree with the forward ones to far less than a centimetre.

Every function takes and returns latitude before longitude, in degrees.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

__all__ = [
    "Datum",
    "LatLon",
    "Suspicion",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "distance_m",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "nearest_pairs",
    "suspect_datum",
    "to_wgs84",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

LatLon = tuple[float, float]
"""Latitude and longitude in degrees, in this order."""

_SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940, the ellipsoid the offset was made with
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_STEP = math.pi * 3000.0 / 180.0
_EARTH_RADIUS_M = 6371008.8
_SETTLED_DEG = 1e-11  # about a micrometre
_MOST_STEPS = 30


class Datum(StrEnum):
    """What a file's coordinates are measured in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Points said to be WGS-84 lie where points of another datum would."""

    datum: Datum
    pairs: int
    shift_m: float
    """How far the points lie from their references, taken together."""
    residual_m: float
    """How far they would lie after conversion from `datum`."""


def wgs84_to_gcj02(lat_deg: float, lon_deg: float) -> LatLon:
    """Return the GCJ-02 position; outside the rectangle around China there is no offset."""
    if not (0.8293 <= lat_deg <= 55.8271 and 72.004 <= lon_deg <= 137.8347):
        return lat_deg, lon_deg
    x, y = lon_deg - 105.0, lat_deg - 35.0
    root = math.sqrt(abs(x))
    waves = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (waves + 20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += 160.0 * math.sin(y / 12.0 * math.pi) * 2.0 / 3.0
    north += 320.0 * math.sin(y * math.pi / 30.0) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (waves + 20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += 150.0 * math.sin(x / 12.0 * math.pi) * 2.0 / 3.0
    east += 300.0 * math.sin(x / 30.0 * math.pi) * 2.0 / 3.0
    lat_rad = math.radians(lat_deg)
    magic = 1.0 - _ECCENTRICITY_2 * math.sin(lat_rad) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_2) / (magic * math.sqrt(magic))
    parallel_m = _SEMI_MAJOR_M / math.sqrt(magic) * math.cos(lat_rad)
    return lat_deg + math.degrees(north / meridian_m), lon_deg + math.degrees(east / parallel_m)


def gcj02_to_wgs84(lat_deg: float, lon_deg: float) -> LatLon:
    """Return the WGS-84 position of a GCJ-02 one."""
    return _inverse(wgs84_to_gcj02, lat_deg, lon_deg)


def gcj02_to_bd09(lat_deg: float, lon_deg: float) -> LatLon:
    """Return the BD-09 position of a GCJ-02 one."""
    reach = math.hypot(lon_deg, lat_deg) + 0.00002 * math.sin(lat_deg * _BD_STEP)
    angle = math.atan2(lat_deg, lon_deg) + 0.000003 * math.cos(lon_deg * _BD_STEP)
    return reach * math.sin(angle) + 0.006, reach * math.cos(angle) + 0.0065


def bd09_to_gcj02(lat_deg: float, lon_deg: float) -> LatLon:
    """Return the GCJ-02 position of a BD-09 one."""
    return _inverse(gcj02_to_bd09, lat_deg, lon_deg)


def wgs84_to_bd09(lat_deg: float, lon_deg: float) -> LatLon:
    """Return the BD-09 position of a WGS-84 one."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lat_deg, lon_deg))


def bd09_to_wgs84(lat_deg: float, lon_deg: float) -> LatLon:
    """Return the WGS-84 position of a BD-09 one."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lat_deg, lon_deg))


def to_wgs84(datum: Datum, lat_deg: float, lon_deg: float) -> LatLon:
    """Return the WGS-84 position of one measured in `datum`."""
    match datum:
        case Datum.WGS84:
            return lat_deg, lon_deg
        case Datum.GCJ02:
            return gcj02_to_wgs84(lat_deg, lon_deg)
        case Datum.BD09:
            return bd09_to_wgs84(lat_deg, lon_deg)


def distance_m(a: LatLon, b: LatLon) -> float:
    """Return the distance of two nearby points; good to 0.6 % over a district."""
    return math.hypot(*_vector_m(a, b))


def suspect_datum(pairs: Sequence[tuple[LatLon, LatLon]]) -> Suspicion | None:
    """Say whether points taken for WGS-84 look as if they were GCJ-02 or BD-09.

    Args:
        pairs: Each point with where it is known to be in WGS-84. One pair tells nothing, for a
            place may really lie 369 m from its reference; many that all lie 369 m to the
            south-east do. References may be rough if there are enough of them.

    Returns:
        The datum that explains the shift, or None when fewer than three pairs are given, or they
        scatter too widely to say, or WGS-84 explains them as well.
    """
    if len(pairs) < 3:
        return None
    shift, _ = _middle_vector([_vector_m(reference, point) for point, reference in pairs])
    best: Suspicion | None = None
    forwards: tuple[tuple[Datum, Callable[[float, float], LatLon]], ...] = (
        (Datum.GCJ02, wgs84_to_gcj02),
        (Datum.BD09, wgs84_to_bd09),
    )
    for datum, forward in forwards:
        rest, error_m = _middle_vector(
            [_vector_m(forward(*reference), point) for point, reference in pairs]
        )
        residual_m = math.hypot(*rest)
        moved_m = median(distance_m(reference, forward(*reference)) for _, reference in pairs)
        if moved_m == 0 or residual_m > moved_m / 3 or error_m > moved_m / 4:
            continue
        if best is None or residual_m < best.residual_m:
            best = Suspicion(datum, len(pairs), math.hypot(*shift), residual_m)
    return best


def nearest_pairs(
    points: Sequence[LatLon], references: Sequence[LatLon], *, within_m: float = 600.0
) -> list[tuple[LatLon, LatLon]]:
    """Pair points with the nearest references, where nobody says which belongs to which.

    Sparse references (further apart than twice the shift) pair rightly; dense ones pair at random,
    which `suspect_datum` sees as scatter and says nothing. At most 300 points, taken evenly, are
    looked at: more would cost time and tell no more.
    """
    step = max(1, len(points) // 300)
    pairs: list[tuple[LatLon, LatLon]] = []
    for point in points[::step][:300]:
        nearest = min(references, key=lambda reference: distance_m(point, reference), default=None)
        if nearest is not None and distance_m(point, nearest) <= within_m:
            pairs.append((point, nearest))
    return pairs


def _inverse(forward: Callable[[float, float], LatLon], lat_deg: float, lon_deg: float) -> LatLon:
    """Find what `forward` takes to this position: the offset hardly changes over its own length."""
    lat, lon = lat_deg, lon_deg
    for _ in range(_MOST_STEPS):
        got_lat, got_lon = forward(lat, lon)
        off_lat, off_lon = lat_deg - got_lat, lon_deg - got_lon
        lat, lon = lat + off_lat, lon + off_lon
        if max(abs(off_lat), abs(off_lon)) < _SETTLED_DEG:
            break
    return lat, lon


def _vector_m(start: LatLon, end: LatLon) -> tuple[float, float]:
    """Return (east, north) from one point to a nearby one."""
    scale = math.radians(1.0) * _EARTH_RADIUS_M
    middle_rad = math.radians((start[0] + end[0]) / 2)
    return (end[1] - start[1]) * scale * math.cos(middle_rad), (end[0] - start[0]) * scale


def _middle_vector(vectors: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], float]:
    """Return the median vector and how far it may be wrong, from the scatter about it."""
    east = median(vector[0] for vector in vectors)
    north = median(vector[1] for vector in vectors)
    spread_m = median(math.hypot(x - east, y - north) for x, y in vectors)
    return (east, north), 1.5 * spread_m / math.sqrt(len(vectors))
