"""Which neighbouring district an incident near the boundary concerns. Pure.

The joint plan names five neighbours (五华 富民 安宁 晋宁 禄丰). `neighbours.json` says which part
of the district's schematic outline each shares; the outline is generalised to about 1.3 km and no
authority, and so is every distance from here: it proposes whom to ring up and decides nothing.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from mission_plans.ground.geodesy import bearing_deg, distance_m, moved, offset_m
from mission_plans.values.plan import GeoPoint

__all__ = ["REACH_M", "Near", "Stretch", "near_stretches", "stretches"]

REACH_M = 2000.0
"""An incident nearer to the boundary than this concerns the neighbour as well."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the boundary and who is on its other side."""

    code: str
    """Code of the neighbouring district."""
    name: str
    name_en: str
    points: tuple[GeoPoint, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A neighbour whose boundary is within reach."""

    stretch: Stretch
    distance_m: float
    bearing_deg: float
    """From the incident to the nearest point of the boundary."""


def _nearest(here: GeoPoint, points: Sequence[GeoPoint]) -> GeoPoint:
    """Return the nearest point of a line: on a plane around `here`, good to 1 in 1000 at 20 km."""
    flat = [offset_m(here, point) for point in points]
    best, best_m = (0.0, 0.0), math.inf
    for (north, east), (next_north, next_east) in pairwise(flat):
        along_north, along_east = next_north - north, next_east - east
        length2 = along_north**2 + along_east**2
        share = -(north * along_north + east * along_east) / length2 if length2 else 0.0
        share = min(max(share, 0.0), 1.0)
        foot = (north + share * along_north, east + share * along_east)
        if (away := math.hypot(*foot)) < best_m:
            best, best_m = foot, away
    return moved(here, *best)


def near_stretches(
    lat_deg: float, lon_deg: float, among: Sequence[Stretch], reach_m: float = REACH_M
) -> list[Near]:
    """Return the neighbours whose boundary is nearer than `reach_m`, the nearest first.

    Each neighbour comes once. It makes no difference on which side of the boundary the place is:
    smoke just across it is the neighbour's fire, and theirs to be told of.
    """
    here = GeoPoint(lat_deg=lat_deg, lon_deg=lon_deg)
    found: dict[str, Near] = {}
    for stretch in among:
        point = _nearest(here, stretch.points)
        away_m = distance_m(here, point)
        known = found.get(stretch.code)
        if away_m < reach_m and (known is None or away_m < known.distance_m):
            found[stretch.code] = Near(stretch, away_m, bearing_deg(here, point))
    return sorted(found.values(), key=lambda near: (near.distance_m, near.stretch.code))


@cache
def stretches() -> tuple[Stretch, ...]:
    """Return the boundary's stretches with a neighbour of the joint plan, read once.

    Raises:
        ValueError: a stretch names a corner that the outline does not have.
    """
    outline = json.loads(
        files("field_api").joinpath("data/xishan_outline_schematic.geojson").read_text("utf-8")
    )
    ring = [tuple(point) for point in outline["features"][0]["geometry"]["coordinates"][0]]
    told = json.loads(
        files("field_api.features.coordination").joinpath("neighbours.json").read_text("utf-8")
    )
    return tuple(
        Stretch(
            each["code"],
            each["name"],
            each["name_en"],
            tuple(
                GeoPoint(lat_deg=lat, lon_deg=lon)
                for lon, lat in _between(ring, tuple(each["from"]), tuple(each["to"]))
            ),
        )
        for each in told["stretches"]
    )


def _between(
    ring: Sequence[tuple[float, ...]], first: tuple[float, ...], last: tuple[float, ...]
) -> list[tuple[float, ...]]:
    """Return the closed ring's corners from one to another, in its own direction."""
    corners = list(ring[:-1])
    begin, end = corners.index(first), corners.index(last)
    count = (end - begin) % len(corners)
    return [corners[(begin + step) % len(corners)] for step in range(count + 1)]
