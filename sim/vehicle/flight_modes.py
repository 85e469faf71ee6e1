"""The modes without a mission or commands: sticks, brake, land and the ways home."""

import math

from sim.vehicle.airframe import Demand
from sim.vehicle.fence import ALT_MAX
from sim.vehicle.guidance import Leg, LegFollower, SpeedProfile, Speeds, Target, approach_speed
from sim.vehicle.modes import Mode
from sim.vehicle.pilot import FlightMode, Pilot

__all__ = [
    "Brake",
    "Hold",
    "Land",
    "Landing",
    "ReturnHome",
    "Rtl",
    "SmartRtl",
    "Sticks",
    "face_course",
]

_BRAKE_JERK_MS3 = 5.0
_LAND_PAUSE_S = 4.0
_MAX_HOLD_MS = 5.0


class Hold:
    """Stop as soon as the limits allow and stay there."""

    def __init__(self, pilot: Pilot, target: Target | None = None) -> None:
        if target is None:
            north, east, amsl = pilot.position
            vn, ve, vu = pilot.velocity
            speeds = pilot.speeds()
            speed = math.hypot(vn, ve)
            if speed > 0.1:
                stop_m = _stopping_distance(speed, speeds.accel_ms2, _BRAKE_JERK_MS3)
                north += vn / speed * stop_m
                east += ve / speed * stop_m
            amsl += math.copysign(_stopping_distance(abs(vu), 1.0, _BRAKE_JERK_MS3), vu)
            target = Target(north, east, amsl)
        self.target = target
        self._climb = SpeedProfile(pilot.velocity[2])

    def step(self, pilot: Pilot, dt: float) -> Demand:
        """Demand towards the held point."""
        north, east, amsl = pilot.position
        speeds = pilot.speeds()
        off_n, off_e = self.target.north_m - north, self.target.east_m - east
        distance = math.hypot(off_n, off_e)
        demand = Demand(yaw_rad=None)
        if distance > 1e-3:
            speed = min(
                _MAX_HOLD_MS if distance < 30 else speeds.horizontal_ms,
                approach_speed(distance, speeds.accel_ms2, 2.0),
                distance,
            )
            demand.north_ms = off_n / distance * speed
            demand.east_ms = off_e / distance * speed
        height = self.target.height_m
        if self.target.above_terrain:
            height += pilot.ground_amsl_m
        step_height(self._climb, dt, demand, height - amsl, speeds)
        return demand


def step_height(
    climb: SpeedProfile, dt: float, demand: Demand, error_m: float, speeds: Speeds
) -> None:
    """Climb or sink towards a height and stay there."""
    goal = min(approach_speed(abs(error_m), speeds.accel_up_ms2, speeds.jerk_ms3), abs(error_m))
    goal = math.copysign(goal, error_m)
    goal = min(speeds.up_ms, max(-speeds.down_ms, goal))
    climb.step(dt, goal, speeds.accel_up_ms2, speeds.jerk_ms3)
    demand.up_ms = climb.speed_ms
    demand.feed_up_ms2 = climb.accel_ms2


def _stopping_distance(speed_ms: float, accel_ms2: float, jerk_ms3: float) -> float:
    return speed_ms * speed_ms / (2 * accel_ms2) + speed_ms * accel_ms2 / (2 * jerk_ms3)


def face_course(
    pilot: Pilot, demand: Demand, course_rad: float | None, *, returning: bool = False
) -> None:
    """Turn the nose along the course, by WP_YAW_BEHAVIOR, or to the region of interest."""
    if pilot.roi is not None:
        north, east, _ = pilot.position
        demand.yaw_rad = math.atan2(pilot.roi.east_m - east, pilot.roi.north_m - north)
        return
    behaviour = int(pilot.params["WP_YAW_BEHAVIOR"])
    if course_rad is None or behaviour == 0 or (behaviour == 2 and returning):
        return
    demand.yaw_rad = course_rad


class Sticks(FlightMode):
    """STABILIZE, ALT_HOLD, LOITER and POSHOLD: the sticks command velocities.

    The real STABILIZE commands angles; here all four share one simple law, with position hold
    only where the mode has it.
    """

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._hold: Hold | None = None

    def enter(self, pilot: Pilot, *, paused: bool) -> str | None:
        del paused
        self._hold = None
        return None

    def step(self, pilot: Pilot, dt: float) -> Demand:
        p = pilot.params
        channels = pilot.rc_channels
        forward = -pilot.rc.stick(channels, 2)
        right = pilot.rc.stick(channels, 1)
        throttle = channels[2]
        positioned = self._mode.requires_position and pilot.estimator.position_ok
        top_ms = p["LOIT_SPEED"] / 100.0 if positioned else 8.0
        demand = Demand(level=not positioned and forward == 0.0 and right == 0.0)
        if positioned and forward == 0.0 and right == 0.0:
            if self._hold is None:
                self._hold = Hold(pilot)
            demand = self._hold.step(pilot, dt)
        else:
            self._hold = None
            cos_yaw, sin_yaw = math.cos(pilot.airframe.yaw_rad), math.sin(pilot.airframe.yaw_rad)
            demand.north_ms = top_ms * (forward * cos_yaw - right * sin_yaw)
            demand.east_ms = top_ms * (forward * sin_yaw + right * cos_yaw)
        up_ms = p["PILOT_SPEED_UP"] / 100.0
        down_ms = (p["PILOT_SPEED_DN"] or p["PILOT_SPEED_UP"]) / 100.0
        if throttle and throttle > 1600:
            demand.up_ms = up_ms * min(1.0, (throttle - 1600) / 350.0)
        elif throttle < 1400:
            demand.up_ms = -down_ms * min(1.0, (1400 - (throttle or 1000)) / 350.0)
        else:
            demand.up_ms = 0.0
        demand.feed_up_ms2 = 0.0
        demand.yaw_rad = None
        demand.yaw_rate_rads = math.radians(p["PILOT_Y_RATE"]) * pilot.rc.stick(channels, 4)
        return demand

    def disarms_on_ground(self, pilot: Pilot) -> bool:
        return False


class Brake(FlightMode):
    """Stop and stay."""

    def __init__(self) -> None:
        self._hold: Hold | None = None

    def enter(self, pilot: Pilot, *, paused: bool) -> str | None:
        del paused
        self._hold = Hold(pilot)
        return None

    def step(self, pilot: Pilot, dt: float) -> Demand:
        if self._hold is None or pilot.land_complete:
            return Demand()
        return self._hold.step(pilot, dt)


class Landing:
    """Come straight down: fast until LAND_ALT_LOW above the ground, then at LAND_SPEED."""

    def __init__(self, pilot: Pilot, *, pause_s: float) -> None:
        self._pause_until_s = pilot.time_s + pause_s
        self._hold = Hold(pilot)
        self._climb = SpeedProfile(pilot.velocity[2])

    def step(self, pilot: Pilot, dt: float) -> Demand:
        """Demand on the way down."""
        p = pilot.params
        if not pilot.estimator.position_ok:
            demand = Demand(level=True)
        else:
            demand = self._hold.step(pilot, dt)
            if pilot.time_s < self._pause_until_s:
                return demand
        goal_ms = 0.0
        if pilot.time_s >= self._pause_until_s:
            slow_ms = max(0.3, p["LAND_SPEED"] / 100.0)
            fast_ms = (p["LAND_SPEED_HIGH"] or p["WPNAV_SPEED_DN"]) / 100.0
            agl_m = pilot.airframe.amsl_m - pilot.ground_amsl_m
            above_m = agl_m - p["LAND_ALT_LOW"] / 100.0
            slowing_ms = math.hypot(slow_ms, approach_speed(max(0.0, above_m), 1.0, 5.0))
            goal_ms = -min(max(fast_ms, slow_ms), slowing_ms)
        self._climb.step(dt, goal_ms, 1.5, 2.0)
        demand.up_ms = self._climb.speed_ms if not pilot.airframe.on_ground else -0.5
        demand.feed_up_ms2 = self._climb.accel_ms2
        return demand


class Land(FlightMode):
    """Land where it is."""

    def __init__(self) -> None:
        self._landing: Landing | None = None

    @property
    def is_landing(self) -> bool:
        return True

    def enter(self, pilot: Pilot, *, paused: bool) -> str | None:
        self._landing = Landing(pilot, pause_s=_LAND_PAUSE_S if paused else 0.0)
        return None

    def step(self, pilot: Pilot, dt: float) -> Demand:
        if self._landing is None:
            return Demand()
        return self._landing.step(pilot, dt)

    def disarms_on_ground(self, pilot: Pilot) -> bool:
        return True


class ReturnHome:
    """RTL: climb, fly to home or the nearest rally point, wait, then land (or stay high)."""

    def __init__(self, pilot: Pilot) -> None:
        self._stage = "climb"
        self._target = self._destination(pilot)
        self._speeds = pilot.speeds(pilot.params["RTL_SPEED"] / 100.0 or None)
        here = pilot.here()
        north, east, amsl = pilot.position
        self._height_m = self._return_height_m(pilot, amsl)
        if self._height_m > amsl + 0.5:
            hold = Hold(pilot).target
            start = Target(hold.north_m, hold.east_m, amsl)
            climb = Target(hold.north_m, hold.east_m, self._height_m)
            self._follow = LegFollower(Leg(start, climb), self._speeds, pilot.velocity)
        else:
            self._follow = self._way_home(pilot, Target(north, east, here.height_m))
            self._stage = "return"
        self._wait_until_s = 0.0
        self._hold: Hold | None = None
        self._landing: Landing | None = None

    @staticmethod
    def _destination(pilot: Pilot) -> Target:
        home = pilot.home
        here = pilot.here()
        if home is None:
            return here
        best = Target(home.north_m, home.east_m, home.amsl_m)
        limit_m = pilot.params["RALLY_LIMIT_KM"] * 1000.0 or math.inf
        points = [pilot.target_of(item) for item in pilot.rally.items]
        near = [
            point
            for point in points
            if math.hypot(point.north_m - here.north_m, point.east_m - here.east_m) <= limit_m
        ]
        if int(pilot.params["RALLY_INCL_HOME"]) & 1 or not near:
            near.append(best)
        return min(near, key=lambda t: math.hypot(t.north_m - here.north_m, t.east_m - here.east_m))

    def _return_height_m(self, pilot: Pilot, amsl: float) -> float:
        p = pilot.params
        home_m = pilot.home.amsl_m if pilot.home else pilot.ground_amsl_m
        wanted = max(
            home_m + p["RTL_ALT"] / 100.0,
            amsl + max(0.0, p["RTL_CLIMB_MIN"] / 100.0),
            self._target.height_m,
        )
        slope = p["RTL_CONE_SLOPE"]
        north, east, _ = pilot.position
        distance = math.hypot(self._target.north_m - north, self._target.east_m - east)
        if slope > 0:
            wanted = min(wanted, home_m + max(2.0, distance * slope))
        wanted = max(wanted, amsl)
        if pilot.fence.enabled and int(p["FENCE_TYPE"]) & ALT_MAX:
            wanted = min(wanted, home_m + p["FENCE_ALT_MAX"] - p["FENCE_MARGIN"])
        return wanted

    def _way_home(self, pilot: Pilot, start: Target) -> LegFollower:
        end = Target(self._target.north_m, self._target.east_m, self._height_m)
        return LegFollower(Leg(start, end), self._speeds, pilot.velocity)

    @property
    def landing(self) -> bool:
        """Whether it is on its last descent."""
        return self._stage == "land"

    def step(self, pilot: Pilot, dt: float) -> Demand:
        """Demand on the way home."""
        if self._stage in ("climb", "return"):
            demand = self._follow.step(dt, pilot.position, pilot.ground_amsl_m, self._speeds)
            if self._stage == "return":
                face_course(pilot, demand, self._follow.bearing_rad, returning=True)
            if self._follow.finished:
                self._next(pilot)
            return demand
        if self._stage == "wait" and self._hold is not None:
            if pilot.time_s >= self._wait_until_s:
                self._next(pilot)
            return self._hold.step(pilot, dt)
        if self._landing is not None:
            return self._landing.step(pilot, dt)
        return self._hold.step(pilot, dt) if self._hold is not None else Demand()

    def _next(self, pilot: Pilot) -> None:
        if self._stage == "climb":
            self._stage = "return"
            self._follow = self._way_home(pilot, pilot.here())
        elif self._stage == "return":
            self._stage = "wait"
            target = Target(self._target.north_m, self._target.east_m, self._height_m)
            self._hold = Hold(pilot, target)
            self._wait_until_s = pilot.time_s + pilot.params["RTL_LOIT_TIME"] / 1000.0
        elif pilot.params["RTL_ALT_FINAL"] > 0:
            self._stage = "stay"
            home_m = pilot.home.amsl_m if pilot.home else pilot.ground_amsl_m
            height = home_m + pilot.params["RTL_ALT_FINAL"] / 100.0
            target = Target(self._target.north_m, self._target.east_m, height)
            self._hold = Hold(pilot, target)
        else:
            self._stage = "land"
            self._landing = Landing(pilot, pause_s=0.0)


class Rtl(FlightMode):
    """Return to launch."""

    def __init__(self) -> None:
        self._home: ReturnHome | None = None

    def enter(self, pilot: Pilot, *, paused: bool) -> str | None:
        del paused
        self._home = ReturnHome(pilot)
        return None

    def step(self, pilot: Pilot, dt: float) -> Demand:
        if self._home is None or pilot.land_complete:
            return Demand()
        return self._home.step(pilot, dt)

    def disarms_on_ground(self, pilot: Pilot) -> bool:
        return True


class SmartRtl(FlightMode):
    """Fly back along the path that was flown."""

    def __init__(self) -> None:
        self._path: list[Target] = []
        self._follow: LegFollower | None = None
        self._landing: Landing | None = None

    def enter(self, pilot: Pilot, *, paused: bool) -> str | None:
        del paused
        if not pilot.armed:
            return None
        if pilot.smart_rtl_lost or not pilot.breadcrumbs:
            return "init failed"
        self._path = list(pilot.breadcrumbs)
        first = self._path[0]
        self._path[0] = Target(first.north_m, first.east_m, first.height_m + 2.0)
        return None

    def step(self, pilot: Pilot, dt: float) -> Demand:
        if pilot.land_complete:
            return Demand()
        if self._landing is not None:
            return self._landing.step(pilot, dt)
        speeds = pilot.speeds()
        if self._follow is None or self._follow.finished:
            if not self._path:
                self._landing = Landing(pilot, pause_s=0.0)
                return self._landing.step(pilot, dt)
            end = self._path.pop()
            start = self._follow.leg.end if self._follow else pilot.here()
            following = self._path[-1] if self._path else None
            self._follow = LegFollower(Leg(start, end, following), speeds, pilot.velocity)
        return self._follow.step(dt, pilot.position, pilot.ground_amsl_m, speeds)

    def disarms_on_ground(self, pilot: Pilot) -> bool:
        return True
