"""A local metric frame: metres east and north of an origin, and back.

The frame is the transverse Mercator projection on the WGS-84 ellipsoid with its axis through the
origin and scale 1 there, so lengths within 20 km of the origin are right to 5 parts in a million.
"""

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.enums import TransformDirection

from mission_plans.values.plan import GeoPoint

__all__ = ["LocalFrame"]


class LocalFrame:
    """Metres east (x) and north (y) of an origin."""

    def __init__(self, origin: GeoPoint) -> None:
        self.origin = origin

    @cached_property
    def crs(self) -> CRS:
        """The projection, for libraries that want it."""
        return CRS.from_proj4(
            f"+proj=tmerc +lat_0={self.origin.lat_deg} +lon_0={self.origin.lon_deg} "
            "+k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"
        )

    @cached_property
    def _projection(self) -> Transformer:
        # A pipeline needs no look-ups in PROJ's database, so a frame is ready at once.
        return Transformer.from_pipeline(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=tmerc +lat_0={self.origin.lat_deg} +lon_0={self.origin.lon_deg} "
            "+k=1 +x_0=0 +y_0=0 +ellps=WGS84"
        )

    def to_metres(
        self, lat_deg: ArrayLike, lon_deg: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (east_m, north_m) of points given in degrees, elementwise."""
        east, north = self._projection.transform(np.asarray(lon_deg), np.asarray(lat_deg))
        return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)

    def to_degrees(
        self, east_m: ArrayLike, north_m: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (lat_deg, lon_deg) of points given in metres, elementwise."""
        lon, lat = self._projection.transform(
            np.asarray(east_m), np.asarray(north_m), direction=TransformDirection.INVERSE
        )
        return np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)

    def point(self, east_m: float, north_m: float) -> GeoPoint:
        """Return one point in degrees."""
        lat, lon = self.to_degrees(east_m, north_m)
        return GeoPoint(lat_deg=float(lat), lon_deg=float(lon))
