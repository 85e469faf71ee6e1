"""GUIDED: take off, go to a point or fly a velocity, as commanded from outside."""

import math

from sim.vehicle.airframe import Demand
from sim.vehicle.flight_modes import Hold, face_course
from sim.vehicle.guidance import Leg, LegFollower, SpeedProfile, Target
from sim.vehicle.pilot import FlightMode, Pilot

__all__ = ["Guided"]


class Guided(FlightMode):
    """Follows the last command; a velocity command runs out after GUID_TIMEOUT."""

    def __init__(self) -> None:
        self._follow: LegFollower | None = None
        self._hold: Hold | None = None
        self._speed_ms: float | None = None
        self._velocity: tuple[float, float, float] | None = None
        self._velocity_until_s = 0.0
        self._climb = SpeedProfile()
        self._taking_off = False
        self._yaw_rad: float | None = None
        self._yaw_rate_rads: float | None = None

    @property
    def taking_off(self) -> bool:
        return self._taking_off

    @property
    def follower(self) -> LegFollower | None:
        return self._follow

    def enter(self, pilot: Pilot, *, paused: bool) -> str | None:
        del paused
        if not pilot.land_complete:
            self._hold = Hold(pilot)
        return None

    def take_off(self, pilot: Pilot, amsl_m: float) -> bool:
        here = pilot.here()
        target = Target(here.north_m, here.east_m, amsl_m)
        self._start(pilot, target)
        self._taking_off = True
        pilot.auto_armed = True
        return True

    def go_to(self, pilot: Pilot, target: Target) -> bool:
        if pilot.fence.enabled and pilot.beyond_fence(target):
            return False
        if not pilot.land_complete:
            self._taking_off = False
            self._start(pilot, target)
        return True

    def _start(self, pilot: Pilot, target: Target) -> None:
        self._velocity = None
        self._hold = None
        leg = Leg(pilot.here(), target)
        self._follow = LegFollower(leg, pilot.speeds(self._speed_ms), pilot.velocity)

    def fly_velocity(self, pilot: Pilot, north: float, east: float, up: float) -> bool:
        if pilot.land_complete:
            return True
        if self._velocity is None:
            self._climb = SpeedProfile(pilot.velocity[2])
        self._follow = self._hold = None
        self._taking_off = False
        top = pilot.speeds(self._speed_ms)
        size = math.hypot(north, east)
        scale = min(1.0, top.horizontal_ms / size) if size > 0 else 1.0
        up = min(top.up_ms, max(-top.down_ms, up))
        self._velocity = (north * scale, east * scale, up)
        self._velocity_until_s = pilot.time_s + max(0.1, pilot.params["GUID_TIMEOUT"])
        return True

    def pause(self, pilot: Pilot, *, go_on: bool) -> bool:
        if go_on:
            return False
        self._stop(pilot)
        return True

    def _stop(self, pilot: Pilot) -> None:
        self._follow = None
        self._velocity = None
        self._taking_off = False
        if not pilot.land_complete:
            self._hold = Hold(pilot)

    def set_speed(self, speed_ms: float) -> None:
        self._speed_ms = speed_ms

    def set_yaw(self, yaw_rad: float) -> bool:
        self._yaw_rad, self._yaw_rate_rads = yaw_rad, None
        return True

    def set_yaw_rate(self, rate_rads: float) -> bool:
        self._yaw_rad, self._yaw_rate_rads = None, rate_rads
        return True

    def step(self, pilot: Pilot, dt: float) -> Demand:
        speeds = pilot.speeds(self._speed_ms)
        if self._velocity is not None and pilot.time_s > self._velocity_until_s:
            self._stop(pilot)
        if self._velocity is not None:
            demand = Demand(north_ms=self._velocity[0], east_ms=self._velocity[1])
            self._climb.step(dt, self._velocity[2], speeds.accel_up_ms2, speeds.jerk_ms3)
            demand.up_ms = self._climb.speed_ms
            course = math.atan2(self._velocity[1], self._velocity[0])
            face_course(pilot, demand, course if self._yaw_rad is None else None)
        elif self._follow is not None:
            if self._taking_off and not pilot.spooled_up:
                return Demand()
            demand = self._follow.step(dt, pilot.position, pilot.ground_amsl_m, speeds)
            far = self._follow.distance_m > 5.0
            face_course(pilot, demand, self._follow.bearing_rad if far else None)
            if self._taking_off and self._follow.finished:
                self._taking_off = False
        elif self._hold is not None:
            demand = self._hold.step(pilot, dt)
            face_course(pilot, demand, None)
        else:
            demand = Demand()
        if pilot.roi is None:
            if self._yaw_rate_rads is not None:
                demand.yaw_rad, demand.yaw_rate_rads = None, self._yaw_rate_rads
            elif self._yaw_rad is not None:
                demand.yaw_rad = self._yaw_rad
        return demand
