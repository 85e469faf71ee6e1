"""The flying part of the vehicle: arming, mode changes and the step from time to motion."""

import math

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.airframe import Airframe, Demand, Limits, Motors
from sim.vehicle.arming import prearm_problem, refusal
from sim.vehicle.battery import Battery
from sim.vehicle.config import Terrain, VehicleConfig
from sim.vehicle.estimator import Estimator
from sim.vehicle.failsafes import Failsafes
from sim.vehicle.fence import Fence, areas_from_items
from sim.vehicle.gimbal import Gimbal
from sim.vehicle.gimbal_manager import look_at
from sim.vehicle.guidance import Speeds, Target
from sim.vehicle.limits import airframe_limits, speeds_of
from sim.vehicle.location import LocalFrame
from sim.vehicle.mission import MissionItem
from sim.vehicle.mission_transfer import MissionStore
from sim.vehicle.modes import Mode
from sim.vehicle.parameters import Parameters
from sim.vehicle.pilot import Emit, FlightMode, Home, ModeTable
from sim.vehicle.rc_input import RcInput
from sim.vehicle.wind import Wind, height_profile

__all__ = ["Autopilot"]

_SPOOL_UP_S = 3.2
"""From arming to lift-off: 2 s arming delay and the motors' spool-up, as recorded."""
_LAND_DETECT_S = 2.2
_BREADCRUMB_M = 3.0
_SMART_RTL_LOST_S = 22.4
_PREARM_TEXT_S = 30.0


class Autopilot:
    """State and behaviour of one vehicle, without links: commands in, motion and messages out."""

    def __init__(
        self, config: VehicleConfig, terrain: Terrain, seed: int, emit: Emit, modes: ModeTable
    ) -> None:
        self.config = config
        self._modes = modes
        self.emit = emit
        self.params = Parameters(config.parameters, gimbal=config.gimbal)
        self.params.set("SYSID_THISMAV", config.sysid)
        self.frame = LocalFrame(config.lat_deg, config.lon_deg)
        self._terrain = terrain
        ground_m = config.ground_amsl_m
        if ground_m is None:
            ground_m = terrain(config.lat_deg, config.lon_deg)
        # A surveyed launch height may differ from the grid: keep the grid's shape around it.
        self._terrain_offset_m = ground_m - terrain(config.lat_deg, config.lon_deg)
        self.airframe = Airframe(ground_m, math.radians(config.heading_deg))
        self.wind = Wind(seed)
        self.wind_ms = (0.0, 0.0)
        power_w = None
        if config.endurance_s is not None:
            capacity_wh = self.params["BATT_CAPACITY"] / 1000.0 * 11.4
            power_w = capacity_wh * 3600.0 / config.endurance_s
        self.battery = Battery(power_w)
        self.gimbal = Gimbal()
        self.rc = RcInput()
        self.fence = Fence()
        self.mission = MissionStore(mavlink.MAV_MISSION_TYPE_MISSION)
        self.rally = MissionStore(mavlink.MAV_MISSION_TYPE_RALLY)
        self.fence_items = MissionStore(mavlink.MAV_MISSION_TYPE_FENCE)
        self.time_s = 0.0
        self._chunk_id = 0
        self.emit_heartbeat_soon = True
        self.announce_home = False
        self._power_on(ground_m)

    def _power_on(self, ground_m: float) -> None:
        self.boot_s = self.time_s
        self.estimator = Estimator(self.config.boot)
        self.failsafes = Failsafes()
        self.home: Home | None = None
        self.mission.home = MissionItem(mavlink.MAV_CMD_NAV_WAYPOINT, mavlink.MAV_FRAME_GLOBAL)
        self.origin: tuple[float, float, float] | None = None
        self.ground_amsl_m = ground_m
        self.mode = Mode.STABILIZE
        self._told_prearm_s = self.time_s
        self.controller: FlightMode = self._modes[Mode.STABILIZE]()
        self.armed = False
        self.armed_at_s = 0.0
        self.auto_armed = False
        self.land_complete = True
        self._ground_since_s: float | None = self.time_s
        self.motor_demand = Demand()
        self.breadcrumbs: list[Target] = []
        self.smart_rtl_lost = False
        self.mission_current = 0
        self.mission_state = mavlink.MISSION_STATE_NO_MISSION
        self.roi: Target | None = None
        self._limits_revision = -1
        self._limits = airframe_limits(self.params)
        self.fence.enabled = self.params["FENCE_ENABLE"] > 0

    # --- Talking ---------------------------------------------------------------------------

    def say(self, severity: int, text: str) -> None:
        """Send STATUSTEXT, in chunks of 50 bytes where it is longer."""
        raw = text.encode("utf-8", errors="replace")
        if len(raw) <= 50:
            self.emit(mavlink.MAVLink_statustext_message(severity, raw))
            return
        self._chunk_id = self._chunk_id % 65535 + 1
        for seq in range(0, len(raw) // 50 + 1):
            chunk = raw[seq * 50 : seq * 50 + 50]
            self.emit(mavlink.MAVLink_statustext_message(severity, chunk, self._chunk_id, seq))

    # --- Position as the vehicle believes it ------------------------------------------------

    @property
    def uptime_s(self) -> float:
        """Seconds since power-on or the last reboot."""
        return self.time_s - self.boot_s

    @property
    def position(self) -> tuple[float, float, float]:
        """Estimated north, east and height above mean sea level, metres."""
        body = self.airframe
        offset = self.estimator.offset_deg
        if offset == (0.0, 0.0):
            return body.north_m, body.east_m, body.amsl_m
        lat, lon = self.frame.to_degrees(body.north_m, body.east_m)
        north, east = self.frame.to_metres(lat + offset[0], lon + offset[1])
        return north, east, body.amsl_m

    @property
    def velocity(self) -> tuple[float, float, float]:
        """Velocity north, east, up, m/s."""
        body = self.airframe
        return body.north_ms, body.east_ms, body.up_ms

    @property
    def relative_m(self) -> float:
        """Height above home."""
        home = self.home
        return self.airframe.amsl_m - (home.amsl_m if home else self.ground_amsl_m)

    @property
    def rc_channels(self) -> list[int]:
        """Channels as the vehicle hears them, microseconds; 0 is no signal."""
        p = self.params
        lost = p["SIM_RC_FAIL"] == 1
        return self.rc.channels(self.time_s, max(0.5, p["RC_OVERRIDE_TIME"]), lost=lost)

    @property
    def rc_lost(self) -> bool:
        """Whether the receiver is silent or its throttle is below FS_THR_VALUE."""
        fail = self.params["SIM_RC_FAIL"]
        return fail == 2 or (fail == 1 and self.rc_channels[2] == 0)

    @property
    def battery_low(self) -> bool:
        """Whether the battery failsafe has spoken."""
        return self.failsafes.battery_low

    @property
    def gcs_lost(self) -> bool:
        """Whether the ground station failsafe holds."""
        return self.failsafes.gcs

    def beyond_fence(self, target: Target | None = None) -> dict[int, float]:
        """How far a point, else the estimated position, lies beyond the fence (`Fence.beyond`)."""
        home = self.home
        if home is None:
            return {}
        north, east, amsl = self.position
        if target is not None:
            north, east, amsl = target.north_m, target.east_m, target.height_m
            if target.above_terrain:
                amsl += self.terrain_amsl_m(north, east)
        about_home = (north - home.north_m, east - home.east_m)
        return self.fence.beyond(self.params, (north, east), about_home, amsl - home.amsl_m)

    def load_fence(self) -> None:
        """Make the uploaded fence items the fence that is watched."""
        self.fence.areas = areas_from_items(self.fence_items.items, self.frame)

    def parameter_changed(self, name: str) -> None:
        """A ground station set a parameter that is copied elsewhere."""
        if name == "FENCE_ENABLE":
            self.fence.enabled = self.params["FENCE_ENABLE"] > 0

    def terrain_amsl_m(self, north_m: float, east_m: float) -> float:
        """Ground elevation under a point of the local frame."""
        lat, lon = self.frame.to_degrees(north_m, east_m)
        return self._terrain(lat, lon) + self._terrain_offset_m

    def here(self) -> Target:
        """The estimated position as a target."""
        north, east, amsl = self.position
        return Target(north, east, amsl)

    def target_of(self, item: MissionItem) -> Target:
        """Where a mission item lies; a place of 0, 0 is the current one, like a height of 0."""
        north, east, amsl = self.position
        if item.has_place:
            north, east = self.frame.to_metres(item.lat_deg, item.lon_deg)
        if item.is_above_terrain:
            return Target(north, east, item.z, above_terrain=True)
        home_m = self.home.amsl_m if self.home else self.ground_amsl_m
        height = item.z if item.is_amsl else home_m + item.z
        return Target(north, east, height if math.isfinite(height) else amsl)

    def speeds(self, horizontal_ms: float | None = None) -> Speeds:
        """WPNAV limits, with another horizontal speed where one was commanded."""
        return speeds_of(self.params, horizontal_ms)

    def _airframe_limits(self) -> Limits:
        p = self.params
        if p.revision != self._limits_revision:
            self._limits_revision = p.revision
            self._limits = airframe_limits(p)
        return self._limits

    # --- Modes -------------------------------------------------------------------------------

    def set_mode(self, mode: Mode, *, paused: bool = False) -> bool:
        """Change mode; False with a STATUSTEXT where the vehicle refuses.

        `paused` is LAND after a failsafe: it waits four seconds before it descends.
        """
        if mode == self.mode and not paused:
            return True
        if self.armed and mode.requires_position and not self.estimator.position_ok:
            self.say(4, f"Mode change to {mode.label} failed: requires position")
            return False
        controller = self._modes[mode]()
        problem = controller.enter(self, paused=paused)
        if problem is not None:
            if problem:
                self.say(4, f"Mode change to {mode.label} failed: {problem}")
            return False
        self.controller.leave(self)
        self.mode = mode
        self.controller = controller
        self.fence.recover(self.time_s)
        self.emit_heartbeat_soon = True
        return True

    # --- Arming ------------------------------------------------------------------------------

    def arm(self, *, force: bool) -> bool:
        """Arm the motors; False with the reason as STATUSTEXT."""
        if self.armed:
            return True
        if not force:
            reason = refusal(self)
            if reason is not None:
                self.say(2, f"Arm: {reason}")
                return False
        self.armed = True
        self.armed_at_s = self.time_s
        self.auto_armed = False
        self.breadcrumbs.clear()
        self.smart_rtl_lost = False
        self._ground_since_s = self.time_s
        if self.estimator.origin_set:
            self.set_home(*self.position)
        self.say(6, "Arming motors")
        self.controller.enter(self, paused=False)
        return True

    def tell_prearm(self) -> None:
        """Say which pre-arm check fails, if one does."""
        problem = prearm_problem(self)
        if problem is not None:
            self.say(2, f"PreArm: {problem}")

    def disarm(self, *, force: bool) -> bool:
        """Stop the motors; refused in flight unless forced."""
        if not self.armed:
            return True
        if not force and not self.land_complete:
            return False
        self.armed = False
        self.auto_armed = False
        self.say(6, "Disarming motors")
        self.mission_current = 0
        if self.mission_state != mavlink.MISSION_STATE_NO_MISSION:
            self.mission_state = mavlink.MISSION_STATE_NOT_STARTED
        self.emit_heartbeat_soon = True
        return True

    def set_home(self, north_m: float, east_m: float, amsl_m: float) -> None:
        """Move home and tell everybody."""
        self.home = Home(north_m, east_m, amsl_m)
        lat, lon = self.frame.to_degrees(north_m, east_m)
        self.mission.home = MissionItem(
            mavlink.MAV_CMD_NAV_WAYPOINT,
            frame=mavlink.MAV_FRAME_GLOBAL,
            x=round(lat * 1e7),
            y=round(lon * 1e7),
            z=round(amsl_m, 2),
        )
        self.announce_home = True

    @property
    def spooled_up(self) -> bool:
        """Whether the motors can lift."""
        return self.armed and self.time_s - self.armed_at_s >= _SPOOL_UP_S

    def reboot(self) -> None:
        """Start again from power-on; parameters and missions survive."""
        if self.armed:
            self.disarm(force=True)
        self._power_on(self.ground_amsl_m)

    # --- Time --------------------------------------------------------------------------------

    def step(self, dt: float, time_s: float) -> None:
        """Advance to `time_s`, `dt` seconds after the last step."""
        self.time_s = time_s
        p = self.params
        self.estimator.step(
            self.uptime_s,
            gps_disabled=p["SIM_GPS_DISABLE"] > 0 or p["SIM_GPS_JAM"] > 0,
            glitch_deg=(p["SIM_GPS_GLITCH_X"], p["SIM_GPS_GLITCH_Y"]),
            baro_disabled=p["SIM_BARO_DISABLE"] > 0 and p["SIM_BAR2_DISABLE"] > 0,
            satellites=int(p["SIM_GPS_NUMSATS"]),
        )
        if self.estimator.events:
            for event in self.estimator.events:
                self.say(event.severity, event.text)
            self.estimator.events.clear()
        if self.origin is None and self.estimator.origin_set:
            north, east, amsl = self.position
            self.origin = (*self.frame.to_degrees(north, east), amsl)
            self.set_home(north, east, amsl)
            self.say(6, f"Field Elevation Set: {amsl:.0f}m")
        if not self.armed and time_s - self._told_prearm_s >= _PREARM_TEXT_S:
            self._told_prearm_s = time_s
            self.tell_prearm()
        self.failsafes.step(self)
        self._fly(dt)
        if self.roi is not None:
            look_at(self, self.roi)
        self.gimbal.step(dt)
        self.battery.step(dt, self.airframe.throttle, p["SIM_BATT_VOLTAGE"], p["SIM_BATT_CAP_AH"])
        if self.armed:
            self._track_landing()
            self._drop_breadcrumb()

    def _fly(self, dt: float) -> None:
        body, p = self.airframe, self.params
        self.wind_ms = self.wind.step(
            dt,
            p["SIM_WIND_SPD"],
            p["SIM_WIND_DIR"],
            p["SIM_WIND_TURB"],
            height_profile(body.amsl_m - self.ground_amsl_m, p["SIM_WIND_T_ALT"]),
        )
        demand = Demand()
        if self.armed:
            demand = self.controller.step(self, dt)
            if not self.spooled_up:
                demand.up_ms = min(demand.up_ms, 0.0)
            elif self.land_complete and demand.up_ms > 0.05:
                self.land_complete = False
        self.motor_demand = demand
        motors = Motors(
            spinning=self.armed,
            failed=p["SIM_ENGINE_MUL"] < 0.5 and not body.on_ground,
        )
        if body.on_ground and not self.armed:
            body.throttle = 0.0
            return
        self.ground_amsl_m = self.terrain_amsl_m(body.north_m, body.east_m)
        body.step(dt, demand, self._airframe_limits(), motors, self.wind_ms, self.ground_amsl_m)
        if body.impact_ms is not None and body.impact_ms > 0.05:
            self.say(6, f"SIM Hit ground at {body.impact_ms:.6g} m/s")

    def _track_landing(self) -> None:
        if not self.airframe.on_ground:
            self._ground_since_s = None
            return
        if self._ground_since_s is None:
            self._ground_since_s = self.time_s
        on_ground_s = self.time_s - self._ground_since_s
        if self.params["SIM_ENGINE_MUL"] < 0.5 and not self.land_complete:
            return  # crashed with the motors still pushing: the real one stays armed too
        if not self.land_complete and on_ground_s >= _LAND_DETECT_S:
            self.land_complete = True
            if self.controller.disarms_on_ground(self):
                self.disarm(force=True)
                return
        delay_s = self.params["DISARM_DELAY"]
        idle_s = self.time_s - max(self._ground_since_s, self.armed_at_s)
        if self.land_complete and delay_s > 0 and idle_s >= delay_s:
            self.disarm(force=True)

    def _drop_breadcrumb(self) -> None:
        if self.smart_rtl_lost or self.mode is Mode.SMART_RTL:
            return
        if not self.estimator.position_ok:
            if self.estimator.lost_for(_SMART_RTL_LOST_S):
                self.smart_rtl_lost = True
                self.say(4, "SmartRTL deactivated: bad position")
            return
        here = self.here()
        if self.breadcrumbs:
            last = self.breadcrumbs[-1]
            moved = math.dist(
                (here.north_m, here.east_m, here.height_m),
                (last.north_m, last.east_m, last.height_m),
            )
            if moved < _BREADCRUMB_M:
                return
        if len(self.breadcrumbs) < 5000:
            self.breadcrumbs.append(here)
