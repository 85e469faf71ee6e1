"""When a plan may be authorised, and whether it is night. Pure."""

import math
from datetime import UTC, datetime

__all__ = ["CHECKLIST", "is_night", "missing_items", "sun_azimuth_deg", "sun_elevation_deg"]

CHECKLIST: dict[str, tuple[str, str]] = {
    "airframe": ("机体、桨叶、电机完好", "airframe, propellers and motors"),
    "battery": ("电池充足、安装牢固", "battery charged and seated"),
    "airspace": ("空域与批准已核对", "airspace and approvals"),
    "weather": ("气象在限制以内", "weather inside limits"),
    "crew": ("人员状态与资质相符", "crew fit and qualified"),
    "area_clear": ("起降区无人", "take-off area clear"),
    "lights": ("夜航灯光已开启", "lights on"),
}
"""The mandatory pre-flight items (Art. 32) in both languages."""

DUSK_DEG = -0.833
"""The sun's elevation at sunrise and sunset, refraction and its radius included."""


def missing_items(ticked: dict[str, bool], *, night: bool) -> list[str]:
    """Return the mandatory items that are not ticked; lights count at night only."""
    return [
        item for item in CHECKLIST if not ticked.get(item, False) and (night or item != "lights")
    ]


def _sun(t_ms: int, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """Return the sun's elevation and azimuth (from north) to better than a degree.

    NOAA's short solar equations.
    """
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
    """Return the sun's elevation above the horizon."""
    return _sun(t_ms, lat_deg, lon_deg)[0]


def sun_azimuth_deg(t_ms: int, lat_deg: float, lon_deg: float) -> float:
    """Return the sun's azimuth, clockwise from true north."""
    return _sun(t_ms, lat_deg, lon_deg)[1]


def is_night(t_ms: int, lat_deg: float, lon_deg: float) -> bool:
    """Whether the sun is down."""
    return sun_elevation_deg(t_ms, lat_deg, lon_deg) < DUSK_DEG
