"""Distances, bearings and places on the WGS-84 ellipsoid.

The only place that asks the geodesic library. Places are anything with a latitude and a longitude
(`GeoPoint`, a camera's pose, a terminal); bearings are degrees clockwise from true north, 0..360;
lengths are metres along the ellipsoid.
"""

import math
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

from mission_plans.values.base import GeoPoint

__all__ = [
    "Place",
    "bearing_deg",
    "destination",
    "distance_m",
    "distances_and_bearings",
    "metres_per_degree",
    "moved",
    "offset_m",
]

_WGS84 = Geod(ellps="WGS84")


class Place(Protocol):
    """Whatever has a latitude and a longitude."""

    @property
    def lat_deg(self) -> float:
        """WGS-84 latitude."""
        ...

    @property
    def lon_deg(self) -> float:
        """WGS-84 longitude."""
        ...


def distance_m(a: Place, b: Place) -> float:
    """Return the distance."""
    return float(_WGS84.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)[2])


def bearing_deg(a: Place, b: Place) -> float:
    """Return the bearing at `a` of the way to `b`."""
    return float(_WGS84.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)[0]) % 360


def distances_and_bearings(
    origin: Place, lat_deg: ArrayLike, lon_deg: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (distances_m, bearings_deg) from `origin` to many points, elementwise."""
    lat, lon = np.broadcast_arrays(
        np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64)
    )
    forward, _, distance = _WGS84.inv(
        np.full(lon.shape, origin.lon_deg), np.full(lat.shape, origin.lat_deg), lon, lat
    )
    return np.asarray(distance, dtype=np.float64), np.asarray(forward, dtype=np.float64) % 360


def destination(origin: Place, bearing_deg: float, distance_m: float) -> GeoPoint:
    """Return where one arrives after `distance_m` on the way that begins at `bearing_deg`."""
    lon, lat, _ = _WGS84.fwd(origin.lon_deg, origin.lat_deg, bearing_deg, distance_m)
    return GeoPoint(lat_deg=float(lat), lon_deg=float(lon))


def offset_m(origin: Place, point: Place) -> tuple[float, float]:
    """Return (north_m, east_m) of a point some kilometres away at most."""
    azimuth, _, distance = _WGS84.inv(origin.lon_deg, origin.lat_deg, point.lon_deg, point.lat_deg)
    angle = math.radians(azimuth)
    return float(distance) * math.cos(angle), float(distance) * math.sin(angle)


def moved(origin: Place, north_m: float, east_m: float) -> GeoPoint:
    """Return the point so many metres north and east; `offset_m` the other way round."""
    bearing = math.degrees(math.atan2(east_m, north_m))
    return destination(origin, bearing, math.hypot(north_m, east_m))


def metres_per_degree(lat_deg: float) -> tuple[float, float]:
    """Return the length of a degree of latitude and of one of longitude at a latitude.

    By the ellipsoid's radii of curvature: for programs that convert at every step, within a few
    kilometres.
    """
    sin_lat = math.sin(math.radians(lat_deg))
    squared = 1.0 - _WGS84.es * sin_lat * sin_lat
    meridional_m = _WGS84.a * (1.0 - _WGS84.es) / squared**1.5
    prime_vertical_m = _WGS84.a / math.sqrt(squared)
    # At a pole a degree of longitude has no length to divide by.
    cos_lat = max(math.cos(math.radians(lat_deg)), 1e-6)
    return math.radians(meridional_m), math.radians(prime_vertical_m * cos_lat)
