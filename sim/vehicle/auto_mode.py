"""AUTO: run the mission, one navigation command at a time with the do-commands beside it."""

import math
from collections import deque

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.actions import run_action
from sim.vehicle.airframe import Demand
from sim.vehicle.flight_modes import Hold, Landing, ReturnHome, face_course
from sim.vehicle.guidance import Leg, LegFollower, Target
from sim.vehicle.mission import NAV_COMMANDS, MissionItem, label
from sim.vehicle.pilot import FlightMode, Pilot

__all__ = ["Auto"]

_ALLOW_TAKEOFF_WITHOUT_THROTTLE = 2
_JUMP_LIMIT = 1000
_CORNER_COMMANDS = {mavlink.MAV_CMD_NAV_WAYPOINT, mavlink.MAV_CMD_NAV_SPLINE_WAYPOINT}


class Auto(FlightMode):
    """Mission execution; progress is kept in the pilot so that AUTO resumes where it left."""

    def __init__(self) -> None:
        self._item: MissionItem | None = None
        self._follow: LegFollower | None = None
        self._hold: Hold | None = None
        self._landing: Landing | None = None
        self._home: ReturnHome | None = None
        self._until_s: float | None = None
        self._turned_rad = 0.0
        self._circle_from: float | None = None
        self._do_queue: deque[tuple[int, MissionItem]] = deque()
        self._do_wait_until_s: float | None = None
        self._jumps: dict[int, int] = {}
        self._speed_ms: float | None = None
        self._yaw_rad: float | None = None
        self._paused = False
        self._complete = False

    @property
    def taking_off(self) -> bool:
        return self._item is not None and self._item.command == mavlink.MAV_CMD_NAV_TAKEOFF

    @property
    def follower(self) -> LegFollower | None:
        return self._follow

    @property
    def is_landing(self) -> bool:
        return self._landing is not None or (self._home is not None and self._home.landing)

    def enter(self, pilot: Pilot, *, paused: bool) -> str | None:
        del paused
        if len(pilot.mission) <= 1:
            return "init failed" if pilot.armed else None
        if pilot.armed and pilot.land_complete and not _starts_with_takeoff(pilot):
            pilot.say(2, "Auto: Missing Takeoff Cmd")
            return ""
        if int(pilot.params["MIS_RESTART"]) == 1 or pilot.mission_state in (
            mavlink.MISSION_STATE_COMPLETE,
        ):
            pilot.mission_current = 0
        if not pilot.land_complete:
            self._hold = Hold(pilot)
        return None

    def leave(self, pilot: Pilot) -> None:
        if pilot.mission_state == mavlink.MISSION_STATE_ACTIVE:
            pilot.mission_state = mavlink.MISSION_STATE_NOT_STARTED
        pilot.roi = None

    # --- Commands from outside ----------------------------------------------------------------

    def begin(self, pilot: Pilot) -> None:
        pilot.auto_armed = True

    def jump_to(self, pilot: Pilot, index: int) -> None:
        index = max(1, index)
        pilot.mission_current = index
        if pilot.armed and self._item is not None:
            self._clear()
            self._start_from(pilot, index)

    def pause(self, pilot: Pilot, *, go_on: bool) -> bool:
        if go_on and self._paused and self._item is not None:
            self._paused = False
            self._start_nav(pilot, self._item, resumed=True)
        elif not go_on and not self._paused:
            self._paused = True
            self._hold = Hold(pilot)
        return True

    def set_speed(self, speed_ms: float) -> None:
        self._speed_ms = speed_ms

    def set_yaw(self, yaw_rad: float) -> bool:
        """Hold a heading until the next waypoint."""
        self._yaw_rad = yaw_rad
        return True

    # --- Running -------------------------------------------------------------------------------

    def step(self, pilot: Pilot, dt: float) -> Demand:
        if pilot.land_complete:
            ready = pilot.auto_armed or pilot.rc_channels[2] > 1150
            if int(pilot.params["AUTO_OPTIONS"]) & _ALLOW_TAKEOFF_WITHOUT_THROTTLE:
                ready = True
            if not (ready and pilot.spooled_up):
                return Demand()
        if self._item is None and not self._complete:
            index = pilot.mission_current or 1
            self._start_from(pilot, index)
        if self._paused and self._hold is not None:
            return self._hold.step(pilot, dt)
        self._run_do_commands(pilot)
        demand = self._nav_demand(pilot, dt)
        if self._nav_done(pilot):
            self._reached(pilot)
        return demand

    def _clear(self) -> None:
        self._follow = self._hold = self._landing = self._home = None
        self._until_s = None
        self._circle_from = None
        self._turned_rad = 0.0
        self._yaw_rad = None

    def _start_from(self, pilot: Pilot, index: int) -> None:
        """Find and start the next navigation command at or after an index."""
        items = pilot.mission.items
        hops = 0
        while index < len(items) and hops < _JUMP_LIMIT:
            hops += 1
            item = items[index]
            if item.command in NAV_COMMANDS:
                pilot.mission_current = index
                pilot.mission_state = mavlink.MISSION_STATE_ACTIVE
                pilot.say(6, f"Mission: {index} {label(item)}")
                self._start_nav(pilot, item)
                return
            if item.command == mavlink.MAV_CMD_DO_JUMP:
                index = self._jump(index, item, len(items))
                continue
            self._do_queue.append((index, item))
            index += 1
        self._finish(pilot)

    def _jump(self, index: int, item: MissionItem, count: int) -> int:
        target, times = int(item.param1), int(item.param2)
        done = self._jumps.get(index, 0)
        if not 1 <= target < count or (times >= 0 and done >= times):
            return index + 1
        self._jumps[index] = done + 1
        return target

    def _finish(self, pilot: Pilot) -> None:
        self._item = None
        self._complete = True
        pilot.mission_state = mavlink.MISSION_STATE_COMPLETE
        if pilot.land_complete:
            pilot.disarm(force=True)
        elif self._hold is None:
            self._hold = Hold(pilot)

    def _next_corner(self, pilot: Pilot, item: MissionItem) -> Target | None:
        """The point after a waypoint that is flown through."""
        if item.command not in _CORNER_COMMANDS or item.param1 > 0:
            return None
        for index in range(pilot.mission_current + 1, len(pilot.mission)):
            after = pilot.mission.items[index]
            if after.command == mavlink.MAV_CMD_DO_JUMP:
                return None
            if after.command in NAV_COMMANDS:
                fits = after.command in _CORNER_COMMANDS and after.has_place
                return pilot.target_of(after) if fits else None
        return None

    def _start_nav(self, pilot: Pilot, item: MissionItem, *, resumed: bool = False) -> None:
        previous = self._follow.leg.end if self._follow is not None else None
        self._clear()
        self._item = item
        command = item.command
        speeds = pilot.speeds(self._speed_ms)
        if command == mavlink.MAV_CMD_NAV_TAKEOFF:
            here = pilot.here()
            height = pilot.target_of(item).height_m
            if item.is_above_terrain:
                height += pilot.ground_amsl_m
            target = Target(here.north_m, here.east_m, max(height, here.height_m))
            self._follow = LegFollower(Leg(here, target), speeds, pilot.velocity)
        elif command == mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH:
            self._home = ReturnHome(pilot)
        elif command == mavlink.MAV_CMD_NAV_DELAY:
            self._hold = Hold(pilot)
            self._until_s = pilot.time_s + max(0.0, item.param1)
        else:
            self._start_leg(pilot, item, None if resumed else previous)

    def _start_leg(self, pilot: Pilot, item: MissionItem, start: Target | None) -> None:
        speeds = pilot.speeds(self._speed_ms)
        target = pilot.target_of(item)
        if item.command == mavlink.MAV_CMD_NAV_LAND:
            if not item.has_place:
                self._landing = Landing(pilot, pause_s=0.0)
                return
            target = Target(target.north_m, target.east_m, pilot.here().height_m)
        here = pilot.here()
        if start is None or not _near(start, here):
            start = here
        if start.above_terrain != target.above_terrain:
            start = here if not target.above_terrain else start
        leg = Leg(start, target, self._next_corner(pilot, item))
        self._follow = LegFollower(leg, speeds, pilot.velocity)

    def _nav_demand(self, pilot: Pilot, dt: float) -> Demand:
        speeds = pilot.speeds(self._speed_ms)
        if self._landing is not None:
            demand = self._landing.step(pilot, dt)
        elif self._home is not None:
            return self._home.step(pilot, dt)
        elif self._circle_from is not None and self._item is not None:
            demand = self._circle(pilot, dt)
        elif self._follow is not None:
            demand = self._follow.step(dt, pilot.position, pilot.ground_amsl_m, speeds)
            far = self._follow.distance_m > 3.0
            face_course(pilot, demand, self._follow.bearing_rad if far else None)
        elif self._hold is not None:
            demand = self._hold.step(pilot, dt)
            face_course(pilot, demand, None)
        else:
            demand = Demand()
        if self._yaw_rad is not None and pilot.roi is None:
            demand.yaw_rad = self._yaw_rad
        return demand

    def _circle(self, pilot: Pilot, dt: float) -> Demand:
        item = self._item
        if item is None or self._circle_from is None:
            return Demand()
        centre = pilot.target_of(item)
        north, east, amsl = pilot.position
        radius = abs(item.param3) or pilot.params["CIRCLE_RADIUS"] / 100.0
        rate = math.radians(abs(pilot.params["CIRCLE_RATE"]) or 20.0)
        rate = min(rate, pilot.speeds(self._speed_ms).horizontal_ms / max(1.0, radius))
        turn = -1.0 if item.param3 < 0 else 1.0
        angle = math.atan2(east - centre.east_m, north - centre.north_m)
        change = (angle - self._circle_from + math.pi) % math.tau - math.pi
        self._turned_rad += change * turn
        self._circle_from = angle
        off = radius - math.hypot(north - centre.north_m, east - centre.east_m)
        demand = Demand()
        demand.north_ms = -math.sin(angle) * rate * radius * turn + math.cos(angle) * off
        demand.east_ms = math.cos(angle) * rate * radius * turn + math.sin(angle) * off
        demand.feed_north_ms2 = -math.cos(angle) * rate * rate * radius
        demand.feed_east_ms2 = -math.sin(angle) * rate * rate * radius
        height = centre.height_m + (pilot.ground_amsl_m if centre.above_terrain else 0.0)
        demand.up_ms = min(1.0, max(-1.0, height - amsl))
        demand.yaw_rad = (angle + math.pi) % math.tau
        return demand

    def _nav_done(self, pilot: Pilot) -> bool:
        item = self._item
        if item is None:
            return False
        command = item.command
        if command == mavlink.MAV_CMD_NAV_DELAY:
            return self._until_s is not None and pilot.time_s >= self._until_s
        if command == mavlink.MAV_CMD_NAV_LOITER_TURNS and self._circle_from is not None:
            return self._turned_rad >= math.tau * max(1.0, item.param1)
        if self._follow is None or not self._follow.finished:
            return False
        if command == mavlink.MAV_CMD_NAV_LAND:
            if self._landing is None:
                self._landing = Landing(pilot, pause_s=0.0)
            return False
        if command == mavlink.MAV_CMD_NAV_LOITER_UNLIM:
            return False
        if command == mavlink.MAV_CMD_NAV_LOITER_TURNS:
            north, east, _ = pilot.position
            centre = pilot.target_of(item)
            self._circle_from = math.atan2(east - centre.east_m, north - centre.north_m)
            return False
        delayed = command in (*_CORNER_COMMANDS, mavlink.MAV_CMD_NAV_LOITER_TIME)
        if delayed and item.param1 > 0:
            if self._until_s is None:
                self._until_s = pilot.time_s + item.param1
            return pilot.time_s >= self._until_s
        return True

    def _reached(self, pilot: Pilot) -> None:
        item = self._item
        if item is None:
            return
        index = pilot.mission_current
        pilot.emit(mavlink.MAVLink_mission_item_reached_message(index))
        if item.command != mavlink.MAV_CMD_NAV_TAKEOFF:
            pilot.say(6, f"Reached command #{index}")
        self._start_from(pilot, index + 1)

    def _run_do_commands(self, pilot: Pilot) -> None:
        while self._do_queue:
            if self._do_wait_until_s is not None:
                if pilot.time_s < self._do_wait_until_s:
                    return
                self._do_wait_until_s = None
            index, item = self._do_queue[0]
            if item.command == mavlink.MAV_CMD_CONDITION_DISTANCE:
                left_m = self._follow.distance_m if self._follow is not None else 0.0
                if left_m > item.param1:
                    return
            self._do_queue.popleft()
            pilot.say(6, f"Mission: {index} {label(item)}")
            if item.command == mavlink.MAV_CMD_CONDITION_DELAY:
                self._do_wait_until_s = pilot.time_s + max(0.0, item.param1)
            else:
                run_action(pilot, item)

    def disarms_on_ground(self, pilot: Pilot) -> bool:
        del pilot
        return self.is_landing


def _near(start: Target, here: Target) -> bool:
    """Whether the last leg's end is close enough to begin the next leg there."""
    return math.hypot(start.north_m - here.north_m, start.east_m - here.east_m) < 50.0


def _starts_with_takeoff(pilot: Pilot) -> bool:
    for item in pilot.mission.items[1:]:
        if item.command in NAV_COMMANDS:
            return item.command == mavlink.MAV_CMD_NAV_TAKEOFF
    return False
