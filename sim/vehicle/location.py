"""Metres around a vehicle's home, exact enough for a flight of some tens of kilometres."""

from mission_plans.ground.geodesy import metres_per_degree

__all__ = ["LocalFrame"]


class LocalFrame:
    """North and east metres about an origin, by the WGS-84 radii of curvature there.

    The simulation converts at every step, so this is two multiplications instead of a projection
    object; 10 km away the error against the geodesic is below 10 m, and none accumulates because
    the inverse is exact.
    """

    def __init__(self, lat_deg: float, lon_deg: float) -> None:
        self.lat_deg = lat_deg
        self.lon_deg = lon_deg
        self._north_m_per_deg, self._east_m_per_deg = metres_per_degree(lat_deg)

    def to_metres(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """North and east of the origin, metres."""
        east_deg = (lon_deg - self.lon_deg + 180.0) % 360.0 - 180.0
        return (lat_deg - self.lat_deg) * self._north_m_per_deg, east_deg * self._east_m_per_deg

    def to_degrees(self, north_m: float, east_m: float) -> tuple[float, float]:
        """Latitude and longitude of a point given by its offset, degrees."""
        lat_deg = min(90.0, max(-90.0, self.lat_deg + north_m / self._north_m_per_deg))
        lon_deg = (self.lon_deg + east_m / self._east_m_per_deg + 180.0) % 360.0 - 180.0
        return lat_deg, lon_deg
