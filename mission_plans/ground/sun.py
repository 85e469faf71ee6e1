"""Where the sun stands: NOAA's short solar equations, better than a degree. Pure."""

import math
from datetime import UTC, datetime

__all__ = ["sun_azimuth_deg", "sun_elevation_deg"]


def _sun(t_ms: int, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """Return the sun's elevation and azimuth (from north), degrees."""
    moment = datetime.fromtimestamp(t_ms / 1000, UTC)
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    gamma = 2 * math.pi / 365 * (moment.timetuple().tm_yday - 1 + (hour - 12) / 24)
    equation_min = 229.18 * (
        0.000075
        + 0.001868 * math.cos(gamma)
        - 0.032077 * math.sin(gamma)
        - 0.014615 * math.cos(2 * gamma)
        - 0.040849 * math.sin(2 * gamma)
    )
    declination = (
        0.006918
        - 0.399912 * math.cos(gamma)
        + 0.070257 * math.sin(gamma)
        - 0.006758 * math.cos(2 * gamma)
        + 0.000907 * math.sin(2 * gamma)
        - 0.002697 * math.cos(3 * gamma)
        + 0.00148 * math.sin(3 * gamma)
    )
    hour_angle = math.radians((hour * 60 + equation_min + 4 * lon_deg) / 4 - 180)
    lat = math.radians(lat_deg)
    up = math.sin(lat) * math.sin(declination) + math.cos(lat) * math.cos(declination) * math.cos(
        hour_angle
    )
    east = -math.cos(declination) * math.sin(hour_angle)
    north = math.cos(lat) * math.sin(declination) - math.sin(lat) * math.cos(
        declination
    ) * math.cos(hour_angle)
    elevation_deg = math.degrees(math.asin(max(-1.0, min(1.0, up))))
    return elevation_deg, math.degrees(math.atan2(east, north)) % 360


def sun_elevation_deg(t_ms: int, lat_deg: float, lon_deg: float) -> float:
    """Return the sun's elevation above the horizon at `t_ms` UTC, refraction left out."""
    return _sun(t_ms, lat_deg, lon_deg)[0]


def sun_azimuth_deg(t_ms: int, lat_deg: float, lon_deg: float) -> float:
    """Return the sun's azimuth, clockwise from true north."""
    return _sun(t_ms, lat_deg, lon_deg)[1]
