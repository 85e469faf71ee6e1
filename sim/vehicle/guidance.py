"""Flying from point to point with limited speed, acceleration and jerk."""

import math
from dataclasses import dataclass

from sim.vehicle.airframe import Demand

__all__ = ["Leg", "LegFollower", "SpeedProfile", "Speeds", "Target", "approach_speed"]

_CROSS_TRACK_GAIN_PER_S = 1.0
_CROSS_TRACK_MAX_MS = 4.0
_HEIGHT_GAIN_PER_S = 1.0
_VERTICAL_LEG_M = 1.0


@dataclass(frozen=True, slots=True)
class Speeds:
    """Speed, acceleration and jerk that a leg is flown with (WPNAV_*)."""

    horizontal_ms: float
    up_ms: float
    down_ms: float
    accel_ms2: float
    accel_corner_ms2: float
    accel_up_ms2: float
    jerk_ms3: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Target:
    """A point in metres about home; with `above_terrain` the height is above the ground below."""

    north_m: float
    east_m: float
    height_m: float
    above_terrain: bool = False


def approach_speed(distance_m: float, accel_ms2: float, jerk_ms3: float) -> float:
    """Fastest speed from which a jerk-limited brake stops within a distance."""
    if distance_m <= 0.0:
        return 0.0
    ramp = accel_ms2 / (2.0 * jerk_ms3)
    return accel_ms2 * (-ramp + math.sqrt(ramp * ramp + 2.0 * distance_m / accel_ms2))


class SpeedProfile:
    """A speed that moves to its goal under limits of acceleration and jerk."""

    def __init__(self, speed_ms: float = 0.0) -> None:
        self.speed_ms = speed_ms
        self.accel_ms2 = 0.0

    def step(self, dt: float, goal_ms: float, accel_ms2: float, jerk_ms3: float) -> None:
        """Move towards `goal_ms` for `dt` seconds; braking may use three times the jerk."""
        error = goal_ms - self.speed_ms
        size = abs(error)
        want = math.copysign(min(accel_ms2, math.sqrt(2.0 * jerk_ms3 * size), 2.0 * size), error)
        jerk = jerk_ms3 if want > self.accel_ms2 and self.accel_ms2 >= 0 else 3.0 * jerk_ms3
        most = jerk * dt
        self.accel_ms2 += min(most, max(-most, want - self.accel_ms2))
        self.speed_ms += self.accel_ms2 * dt


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight leg, and the leg after it where the corner may be cut."""

    start: Target
    end: Target
    following: Target | None = None


def _corner(leg: Leg, speeds: Speeds) -> tuple[float, float]:
    """Speed through the corner at the leg's end and how far before it the turn begins."""
    if leg.following is None:
        return 0.0, 0.0
    in_n, in_e = leg.end.north_m - leg.start.north_m, leg.end.east_m - leg.start.east_m
    out_n, out_e = leg.following.north_m - leg.end.north_m, leg.following.east_m - leg.end.east_m
    in_m, out_m = math.hypot(in_n, in_e), math.hypot(out_n, out_e)
    if in_m < _VERTICAL_LEG_M or out_m < _VERTICAL_LEG_M:
        return 0.0, 0.0
    cosine = min(1.0, max(-1.0, (in_n * out_n + in_e * out_e) / (in_m * out_m)))
    half = math.acos(cosine) / 2.0
    if half > math.radians(80.0):
        return 0.0, 0.0
    if half < math.radians(0.5):
        return speeds.horizontal_ms, 0.0
    arc_m = speeds.radius_m / (1.0 / math.cos(half) - 1.0)
    lead_m = min(arc_m * math.tan(half), in_m / 2.0, out_m / 2.0)
    arc_m = lead_m / math.tan(half)
    return min(speeds.horizontal_ms, math.sqrt(speeds.accel_corner_ms2 * arc_m)), lead_m


class LegFollower:
    """Turns one leg into velocity demands; `finished` once its end is reached."""

    def __init__(self, leg: Leg, speeds: Speeds, velocity: tuple[float, float, float]) -> None:
        self.leg = leg
        start, end = leg.start, leg.end
        self._north_m = end.north_m - start.north_m
        self._east_m = end.east_m - start.east_m
        self.length_m = math.hypot(self._north_m, self._east_m)
        self._vertical = self.length_m < _VERTICAL_LEG_M
        if self._vertical:
            self._unit = (0.0, 0.0)
        else:
            self._unit = (self._north_m / self.length_m, self._east_m / self.length_m)
        along = velocity[0] * self._unit[0] + velocity[1] * self._unit[1]
        self._along = SpeedProfile(max(0.0, along))
        self._climb = SpeedProfile(velocity[2])
        self._corner_ms, self._lead_m = _corner(leg, speeds)
        self.finished = False
        self.distance_m = self.length_m
        self.cross_track_m = 0.0
        self.height_error_m = 0.0

    @property
    def bearing_rad(self) -> float | None:
        """Course of the leg, or None where it only climbs or sinks."""
        if self._vertical:
            return None
        return math.atan2(self._unit[1], self._unit[0]) % math.tau

    def _height_amsl_m(self, fraction: float, ground_amsl_m: float) -> float:
        start, end = self.leg.start, self.leg.end
        if end.above_terrain:
            first_m = start.height_m if start.above_terrain else start.height_m - ground_amsl_m
            return ground_amsl_m + first_m + (end.height_m - first_m) * fraction
        first_m = start.height_m + (ground_amsl_m if start.above_terrain else 0.0)
        return first_m + (end.height_m - first_m) * fraction

    def step(
        self,
        dt: float,
        position: tuple[float, float, float],
        ground_amsl_m: float,
        speeds: Speeds,
    ) -> Demand:
        """Demand for the next `dt` seconds at a position (north m, east m, amsl m)."""
        end = self.leg.end
        left_n, left_e = end.north_m - position[0], end.east_m - position[1]
        demand = Demand()
        if self._vertical:
            self.distance_m = math.hypot(left_n, left_e)
            demand.north_ms = _limit(left_n, _CROSS_TRACK_MAX_MS)
            demand.east_ms = _limit(left_e, _CROSS_TRACK_MAX_MS)
            target_amsl_m, climb_ms = self._height_amsl_m(1.0, ground_amsl_m), 0.0
        else:
            target_amsl_m, climb_ms = self._step_along(
                dt, demand, left_n, left_e, ground_amsl_m, speeds
            )
        self.height_error_m = target_amsl_m - position[2]
        self._step_height(dt, demand, climb_ms, speeds)
        self._check_finished(speeds)
        return demand

    def _step_along(
        self,
        dt: float,
        demand: Demand,
        left_n: float,
        left_e: float,
        ground_amsl_m: float,
        speeds: Speeds,
    ) -> tuple[float, float]:
        unit_n, unit_e = self._unit
        left_m = left_n * unit_n + left_e * unit_e
        off_n, off_e = left_n - left_m * unit_n, left_e - left_m * unit_e
        self.distance_m = left_m
        self.cross_track_m = -(off_e * unit_n - off_n * unit_e)
        fraction = min(1.0, max(0.0, 1.0 - left_m / self.length_m))
        target_amsl_m = self._height_amsl_m(fraction, ground_amsl_m)
        rise_m = self._height_amsl_m(1.0, ground_amsl_m) - self._height_amsl_m(0.0, ground_amsl_m)
        slope = rise_m / self.length_m
        fastest_ms = speeds.horizontal_ms
        if slope > 0.0:
            fastest_ms = min(fastest_ms, speeds.up_ms / slope)
        elif slope < 0.0:
            fastest_ms = min(fastest_ms, -speeds.down_ms / slope)
        if abs(self.height_error_m) > 5.0:  # too far off the line in height: wait for it
            fastest_ms = min(fastest_ms, max(1.0, fastest_ms * 5.0 / abs(self.height_error_m)))
        braking_ms = approach_speed(abs(left_m) - self._lead_m, speeds.accel_ms2, speeds.jerk_ms3)
        goal_ms = min(fastest_ms, math.hypot(self._corner_ms, braking_ms))
        if left_m < 0.0:  # past the end: come back
            goal_ms = -goal_ms
        self._along.step(dt, goal_ms, speeds.accel_ms2, speeds.jerk_ms3)
        along_ms = self._along.speed_ms
        correction_n = _CROSS_TRACK_GAIN_PER_S * off_n
        correction_e = _CROSS_TRACK_GAIN_PER_S * off_e
        size = math.hypot(correction_n, correction_e)
        if size > _CROSS_TRACK_MAX_MS:
            correction_n *= _CROSS_TRACK_MAX_MS / size
            correction_e *= _CROSS_TRACK_MAX_MS / size
        demand.north_ms = unit_n * along_ms + correction_n
        demand.east_ms = unit_e * along_ms + correction_e
        demand.feed_north_ms2 = unit_n * self._along.accel_ms2
        demand.feed_east_ms2 = unit_e * self._along.accel_ms2
        return target_amsl_m, slope * along_ms

    def _step_height(self, dt: float, demand: Demand, climb_ms: float, speeds: Speeds) -> None:
        error_m = self.height_error_m
        braking_ms = approach_speed(abs(error_m), speeds.accel_up_ms2, speeds.jerk_ms3)
        braking_ms = min(braking_ms, _HEIGHT_GAIN_PER_S * abs(error_m))
        goal_ms = climb_ms + math.copysign(braking_ms, error_m)
        goal_ms = min(speeds.up_ms, max(-speeds.down_ms, goal_ms))
        self._climb.step(dt, goal_ms, speeds.accel_up_ms2, speeds.jerk_ms3)
        demand.up_ms = self._climb.speed_ms
        demand.feed_up_ms2 = self._climb.accel_ms2

    def _check_finished(self, speeds: Speeds) -> None:
        if self._corner_ms > 0.0:
            if self.distance_m <= max(self._lead_m, 0.3):
                self.finished = True
        elif (
            abs(self.distance_m) <= speeds.radius_m
            and abs(self.cross_track_m) <= speeds.radius_m
            and abs(self.height_error_m) <= (0.1 if self._vertical else speeds.radius_m)
        ):
            self.finished = True


def _limit(value: float, most: float) -> float:
    return min(most, max(-most, value))
