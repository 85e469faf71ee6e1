"""The copter as a point mass that can only tilt so far, with drag, wind and the ground."""

import math
from dataclasses import dataclass

__all__ = ["Airframe", "Demand", "Limits", "Motors"]

GRAVITY_MS2 = 9.80665
_DRAG_PER_S = 0.475
"""Linear drag: the recordings hold 10 m/s at 25.9 degrees of tilt."""
_FALL_DRAG_PER_S = 0.33
_HOVER_THROTTLE = 0.335
_ATTITUDE_LAG_S = 0.12
_WIND_LEARNING_S = 1.5
_VELOCITY_GAIN_PER_S = 2.0
_YAW_GAIN_PER_S = 2.0
_YAW_ACCEL_RADS2 = 2.0


@dataclass(slots=True)
class Demand:
    """What the autopilot asks of the airframe for one step."""

    north_ms: float = 0.0
    east_ms: float = 0.0
    up_ms: float = 0.0
    feed_north_ms2: float = 0.0
    feed_east_ms2: float = 0.0
    feed_up_ms2: float = 0.0
    level: bool = False
    """Keep level instead of holding a velocity (no position estimate)."""
    yaw_rad: float | None = None
    yaw_rate_rads: float = 0.0


@dataclass(slots=True)
class Limits:
    """How hard the airframe may be flown, from the parameters."""

    tilt_rad: float
    accel_ms2: float
    jerk_ms3: float
    accel_up_ms2: float
    jerk_up_ms3: float
    yaw_rate_rads: float


@dataclass(slots=True)
class Motors:
    """What the motors can do now."""

    spinning: bool = False
    failed: bool = False
    """Too little thrust left to fly: it tumbles."""


class Airframe:
    """True position, velocity, acceleration and attitude, in metres about home and radians."""

    def __init__(self, ground_amsl_m: float, heading_rad: float) -> None:
        self.north_m = 0.0
        self.east_m = 0.0
        self.amsl_m = ground_amsl_m
        self.north_ms = 0.0
        self.east_ms = 0.0
        self.up_ms = 0.0
        self.roll_rad = 0.0
        self.pitch_rad = 0.0
        self.yaw_rad = heading_rad
        self.roll_rate_rads = 0.0
        self.pitch_rate_rads = 0.0
        self.yaw_rate_rads = 0.0
        self.throttle = 0.0
        self.on_ground = True
        self.impact_ms: float | None = None
        """Downward speed of a touch-down in the last step, if there was one."""
        self._accel = [0.0, 0.0, 0.0]
        self._wanted = [0.0, 0.0]
        self._wind_estimate = [0.0, 0.0]

    @property
    def accel_ms2(self) -> tuple[float, float, float]:
        """Acceleration north, east, up."""
        return self._accel[0], self._accel[1], self._accel[2]

    def step(
        self,
        dt: float,
        demand: Demand,
        limits: Limits,
        motors: Motors,
        wind: tuple[float, float],
        ground_amsl_m: float,
    ) -> None:
        """Advance by `dt` seconds."""
        self.impact_ms = None
        if not motors.spinning or motors.failed:
            self._fall(dt, motors.spinning, wind)
        elif self.on_ground and demand.up_ms <= 0.0:
            self._rest(dt)
            self.throttle = 0.0
        else:
            self.on_ground = False
            self._fly(dt, demand, limits, wind)
        if not self.on_ground:
            self.north_m += self.north_ms * dt
            self.east_m += self.east_ms * dt
            self.amsl_m += self.up_ms * dt
        if self.amsl_m <= ground_amsl_m or self.on_ground:
            self._touch(ground_amsl_m)

    def _touch(self, ground_amsl_m: float) -> None:
        if not self.on_ground:
            self.impact_ms = -self.up_ms
            self.on_ground = True
        self.amsl_m = ground_amsl_m
        self.north_ms = self.east_ms = self.up_ms = 0.0
        self._accel[:] = (0.0, 0.0, 0.0)
        self._wanted[:] = (0.0, 0.0)

    def _rest(self, dt: float) -> None:
        keep = math.exp(-dt / 0.2)
        self.roll_rate_rads = self.pitch_rate_rads = self.yaw_rate_rads = 0.0
        self.roll_rad *= keep
        self.pitch_rad *= keep

    def _fall(self, dt: float, tumbling: bool, wind: tuple[float, float]) -> None:
        self.throttle = 1.0 if tumbling else 0.0
        if self.on_ground:
            self._rest(dt)
            return
        # A failed motor leaves some thrust: the recording falls with 7.2 m/s2 at first.
        gravity = 7.2 if tumbling else GRAVITY_MS2
        self.up_ms += (-gravity - _FALL_DRAG_PER_S * self.up_ms) * dt
        self.north_ms += -_DRAG_PER_S * (self.north_ms - wind[0]) * dt
        self.east_ms += -_DRAG_PER_S * (self.east_ms - wind[1]) * dt
        if tumbling:
            self.yaw_rate_rads = -6.0
            self.yaw_rad = (self.yaw_rad + self.yaw_rate_rads * dt) % math.tau
            self.roll_rad = -0.7 + 0.5 * math.sin(self.yaw_rad)
            self.pitch_rad = -0.6 + 0.3 * math.cos(self.yaw_rad)

    def _fly(self, dt: float, demand: Demand, limits: Limits, wind: tuple[float, float]) -> None:
        accel = self._accel
        drag_north = _DRAG_PER_S * (self.north_ms - wind[0])
        drag_east = _DRAG_PER_S * (self.east_ms - wind[1])
        max_push = GRAVITY_MS2 * math.tan(limits.tilt_rad)
        if demand.level:
            push_north = push_east = 0.0
            self._wanted[:] = (0.0, 0.0)
        else:
            gain = _VELOCITY_GAIN_PER_S
            want_n = demand.feed_north_ms2 + gain * (demand.north_ms - self.north_ms)
            want_e = demand.feed_east_ms2 + gain * (demand.east_ms - self.east_ms)
            size = math.hypot(want_n, want_e)
            if size > limits.accel_ms2:
                want_n *= limits.accel_ms2 / size
                want_e *= limits.accel_ms2 / size
            change_n, change_e = want_n - self._wanted[0], want_e - self._wanted[1]
            size = math.hypot(change_n, change_e)
            most = limits.jerk_ms3 * dt
            if size > most:
                change_n *= most / size
                change_e *= most / size
            # The controller knows its own drag at once and learns the wind over a second or two.
            learn = min(1.0, dt / _WIND_LEARNING_S)
            learned = self._wind_estimate
            learned[0] += (wind[0] - learned[0]) * learn
            learned[1] += (wind[1] - learned[1]) * learn
            self._wanted[0] += change_n
            self._wanted[1] += change_e
            push_north = self._wanted[0] + _DRAG_PER_S * (self.north_ms - learned[0])
            push_east = self._wanted[1] + _DRAG_PER_S * (self.east_ms - learned[1])
            push_north, push_east = _within_tilt(push_north, push_east, max_push, demand)
        accel[0] = push_north - drag_north
        accel[1] = push_east - drag_east
        want_up = demand.feed_up_ms2 + 3.0 * (demand.up_ms - self.up_ms)
        want_up = min(limits.accel_up_ms2, max(-limits.accel_up_ms2, want_up))
        most = limits.jerk_up_ms3 * dt
        accel[2] += min(most, max(-most, want_up - accel[2]))
        self.north_ms += accel[0] * dt
        self.east_ms += accel[1] * dt
        self.up_ms += accel[2] * dt
        tilt = math.hypot(push_north, push_east) / GRAVITY_MS2
        lift = _HOVER_THROTTLE * (1.0 + accel[2] / GRAVITY_MS2) * math.sqrt(1.0 + tilt * tilt)
        self.throttle = min(1.0, max(0.0, lift))
        self._turn(dt, demand, limits)
        self._tilt(dt, push_north, push_east)

    def _turn(self, dt: float, demand: Demand, limits: Limits) -> None:
        if demand.yaw_rad is None:
            want = demand.yaw_rate_rads
        else:
            error = (demand.yaw_rad - self.yaw_rad + math.pi) % math.tau - math.pi
            want = _YAW_GAIN_PER_S * error
        want = min(limits.yaw_rate_rads, max(-limits.yaw_rate_rads, want))
        most = _YAW_ACCEL_RADS2 * dt
        self.yaw_rate_rads += min(most, max(-most, want - self.yaw_rate_rads))
        self.yaw_rad = (self.yaw_rad + self.yaw_rate_rads * dt) % math.tau

    def _tilt(self, dt: float, push_north: float, push_east: float) -> None:
        cos_yaw, sin_yaw = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        forward = push_north * cos_yaw + push_east * sin_yaw
        right = -push_north * sin_yaw + push_east * cos_yaw
        pitch = -math.atan2(forward, GRAVITY_MS2)
        roll = math.atan2(right * math.cos(pitch), GRAVITY_MS2)
        blend = min(1.0, dt / _ATTITUDE_LAG_S)
        pitch_change = (pitch - self.pitch_rad) * blend
        roll_change = (roll - self.roll_rad) * blend
        self.pitch_rad += pitch_change
        self.roll_rad += roll_change
        self.pitch_rate_rads = pitch_change / dt
        self.roll_rate_rads = roll_change / dt


def _within_tilt(north: float, east: float, most: float, demand: Demand) -> tuple[float, float]:
    """Keep a push within the tilt limit, giving up speed along the track before the track."""
    if math.hypot(north, east) <= most:
        return north, east
    speed = math.hypot(demand.north_ms, demand.east_ms)
    if speed < 0.5:
        scale = most / math.hypot(north, east)
        return north * scale, east * scale
    along_n, along_e = demand.north_ms / speed, demand.east_ms / speed
    along = north * along_n + east * along_e
    cross = -north * along_e + east * along_n
    cross = min(0.95 * most, max(-0.95 * most, cross))
    along = math.copysign(math.sqrt(most * most - cross * cross), along)
    return along * along_n - cross * along_e, along * along_e + cross * along_n
