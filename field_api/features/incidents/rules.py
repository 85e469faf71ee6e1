"""Which incident a place belongs to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["Place", "nearest_open"]


@dataclass(frozen=True, slots=True)
class Place:
    """An open incident and where it is."""

    id: str
    lat_deg: float
    lon_deg: float


def nearest_open(
    places: Iterable[Place], lat_deg: float, lon_deg: float, within_m: float
) -> str | None:
    """Return the id of the nearest place within `within_m`, None where there is none."""
    here = GeoPoint(lat_deg=lat_deg, lon_deg=lon_deg)
    ranked = sorted((distance_m(place, here), place.id) for place in places)
    return ranked[0][1] if ranked and ranked[0][0] <= within_m else None
