"""When two that fly straight on come too close: exact, over a flat piece of Earth. Pure."""

import math
from dataclasses import dataclass

from mission_plans.ground.geodesy import metres_per_degree

__all__ = ["Course", "Meeting", "meeting"]

Vector = tuple[float, float, float]
STANDING: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Course:
    """Where something was at a time, and how it moves."""

    lat_deg: float
    lon_deg: float
    altitude_m: float | None
    """Above mean sea level."""
    velocity_ms: Vector | None
    """North, east, up; None where unknown: it is taken to stand still."""
    age_s: float = 0.0
    """How long ago that was."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two that are, or will be, too close."""

    in_s: float
    """From now; 0 when it is so already."""
    apart_m: float
    """Now, horizontally."""
    height_m: float | None
    """Now, how much higher the other is; None where a height is unknown."""


def meeting(
    own: Course, other: Course, near_m: float, level_m: float, within_s: float
) -> Meeting | None:
    """Return when both come closer than `near_m` and `level_m`, None when not `within_s` seconds.

    Where a height is unknown both are taken to be equally high: one warns rather than not.
    """
    north_m, east_m = metres_per_degree(own.lat_deg)
    mine, theirs = own.velocity_ms or STANDING, other.velocity_ms or STANDING
    turn = (other.lon_deg - own.lon_deg + 180) % 360 - 180  # Across 180 degrees the short way.
    # Both places are old, and not equally: each is moved on to now first.
    x = (other.lat_deg - own.lat_deg) * north_m + theirs[0] * other.age_s - mine[0] * own.age_s
    y = turn * east_m + theirs[1] * other.age_s - mine[1] * own.age_s
    z = None
    if own.altitude_m is not None and other.altitude_m is not None:
        z = other.altitude_m - own.altitude_m + theirs[2] * other.age_s - mine[2] * own.age_s
    closing = tuple(t - m for t, m in zip(theirs, mine, strict=True))
    flat = _closer_flat((x, y), (closing[0], closing[1]), near_m)
    tall = (-math.inf, math.inf) if z is None else _closer_tall(z, closing[2], level_m)
    if flat is None or tall is None:
        return None
    begin, end = max(0.0, flat[0], tall[0]), min(within_s, flat[1], tall[1])
    return Meeting(begin, math.hypot(x, y), z) if begin <= end else None


def _closer_flat(
    place: tuple[float, float], speed: tuple[float, float], near_m: float
) -> tuple[float, float] | None:
    """Return from when to when a point that moves past the origin is nearer than `near_m`."""
    a = speed[0] ** 2 + speed[1] ** 2
    half_b = place[0] * speed[0] + place[1] * speed[1]
    c = place[0] ** 2 + place[1] ** 2 - near_m**2
    if a < 1e-9:
        return (-math.inf, math.inf) if c < 0 else None
    square = half_b**2 - a * c
    if square <= 0:
        return None
    root = math.sqrt(square)
    return (-half_b - root) / a, (-half_b + root) / a


def _closer_tall(height: float, speed: float, level_m: float) -> tuple[float, float] | None:
    if abs(speed) < 1e-9:
        return (-math.inf, math.inf) if abs(height) < level_m else None
    first, second = (-level_m - height) / speed, (level_m - height) / speed
    return min(first, second), max(first, second)
