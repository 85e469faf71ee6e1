"""Whether a sortie flies in the dark. Pure."""

from fleet.watch.catalogue import Alarm, Limits
from fleet.watch.sight import Sight, airborne, place
from mission_plans.ground.sun import sun_elevation_deg

__all__ = ["sunset"]

CIVIL_TWILIGHT_DEG = -6.0
"""The sun's elevation at which civil twilight ends, in the evening, or begins."""
LAST_MS = 4_102_444_800_000
"""2100: later a clock is broken."""


def sunset(sight: Sight, limits: Limits) -> Alarm | None:
    """A sortie in the air between the end of civil twilight and its beginning."""
    at = place(sight.state)
    if limits.night_flights or sight.flying is None or not airborne(sight.state) or at is None:
        return None
    if not 0 <= sight.now_ms <= LAST_MS:
        return None
    if sun_elevation_deg(sight.now_ms, at.lat_deg, at.lon_deg) >= CIVIL_TWILIGHT_DEG:
        return None
    return Alarm(
        "sunset",
        "天已黑(民用昏影已过),仍在飞行;检查夜航灯光",
        "it flies in the dark, after civil twilight: check that its lights are on",
    )
