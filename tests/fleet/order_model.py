"""An aircraft without time of its own: obeys like ArduCopter, flies in straight simple steps."""

import math
from collections.abc import Callable

from fleet.autopilots.ardupilot import MODE_NUMBERS, MODES
from fleet.mavlink import Message, dialect
from mission_plans.ground.geodesy import moved
from mission_plans.values.plan import GeoPoint
from tests.fleet.mission_model import ModelVehicle

__all__ = ["OrderModel"]

CLIMB_MS = 4.0
CRUISE_MS = 10.0
ITEM_S = 6.0
FLY_M = 40.0
IDLE_DISARM_S = 15.0
ARMABLE = ("GUIDED", "STABILIZE", "LOITER")
ACCEPTED, DENIED = dialect.MAV_RESULT_ACCEPTED, dialect.MAV_RESULT_DENIED
EKF = dialect.EKF_ATTITUDE | dialect.EKF_VELOCITY_HORIZ | dialect.EKF_POS_HORIZ_ABS


class OrderModel:
    """One aircraft; `effect` is told what it was made to do."""

    def __init__(
        self, system: int, home: GeoPoint, home_amsl_m: float, effect: Callable[[str], None]
    ) -> None:
        self.system = system
        self.mode, self.armed, self.height_m = "STABILIZE", False, 0.0
        self.place = self.home = home
        self.takeoffs = 0
        self._home_amsl_m = home_amsl_m
        self._effect = effect
        self._stores = [ModelVehicle(kind) for kind in range(3)]
        self._parameters: dict[str, float] = {}
        self._seq, self._item_s, self._idle_s, self._started = 0, 0.0, 0.0, False
        self._target: tuple[GeoPoint, float] | None = None
        self._boot_s, self._beat_s = 10.0, 1.0

    # --- what it is told --------------------------------------------------------------------

    def receive(self, message: Message, now_s: float) -> list[Message]:
        kind = message.get_type()
        if kind == "COMMAND_LONG":
            result = self._command(message)
            return [dialect.MAVLink_command_ack_message(message.command, result)]
        if kind == "PARAM_SET":
            self._parameters[message.param_id] = message.param_value
            return [self._parameter(message.param_id)]
        if kind == "PARAM_REQUEST_READ":
            return [self._parameter(message.param_id)]
        if kind == "MISSION_SET_CURRENT":
            self._seq, self._item_s = message.seq, 0.0
            return []
        if kind == "SET_POSITION_TARGET_GLOBAL_INT":
            self._effect("target")
            if self.mode != "GUIDED" or self.height_m == 0:
                return []
            at = GeoPoint(lat_deg=message.lat_int / 1e7, lon_deg=message.lon_int / 1e7)
            self._target = (at, message.alt)
            return []
        if kind.startswith("MISSION_"):
            if kind == "MISSION_COUNT":
                self._effect("items")
            store = self._stores[getattr(message, "mission_type", 0) % 3]
            return store.receive(message, now_s)
        return []

    def _command(self, message: Message) -> int:
        match message.command:
            case dialect.MAV_CMD_DO_SET_MODE:
                self._set_mode(MODES[round(message.param2)])
            case dialect.MAV_CMD_COMPONENT_ARM_DISARM if message.param1:
                if self.mode not in ARMABLE:
                    return DENIED
                self._effect("arm")
                self.armed, self._idle_s = True, 0.0
            case dialect.MAV_CMD_COMPONENT_ARM_DISARM:
                if self.height_m > 0:
                    return DENIED
                self.armed = self._started = False
            case dialect.MAV_CMD_MISSION_START:
                if self.mode != "AUTO" or not self.armed:
                    return DENIED
                self._effect("begin")
                self._started = True
            case _:
                pass
        return ACCEPTED

    def _set_mode(self, mode: str) -> None:
        self._effect(mode)
        if mode != self.mode:
            self.mode, self._target = mode, None

    def _parameter(self, name: str) -> Message:
        value = self._parameters.get(name, 0.0)
        real = dialect.MAV_PARAM_TYPE_REAL32
        return dialect.MAVLink_param_value_message(name.encode(), value, real, 100, 1)

    # --- what it does -----------------------------------------------------------------------

    def step(self, dt: float, now_s: float) -> list[Message]:
        """Fly on, and say what it says anyway."""
        self._boot_s += dt
        out = [m for store in self._stores for m in store.poll(now_s)]
        count = len(self._stores[0].items)
        returning = self.mode in ("RTL", "LAND") or (self.mode == "AUTO" and self._seq >= count - 1)
        if not self.armed:
            self.height_m = 0.0
        elif self.mode == "AUTO" and (self._started or self.height_m > 0) and not returning:
            self._climb(FLY_M, dt)
            self._item_s += dt
            if self._item_s > ITEM_S:
                self._seq, self._item_s = self._seq + 1, 0.0
        elif self.mode == "GUIDED" and self._target is not None:
            self._go(*self._target, dt)
        elif returning and self.height_m > 0:
            self.height_m = max(0.0, self.height_m - CLIMB_MS * dt)
            if self.height_m == 0:
                self.armed = self._started = False
                self._seq, self.place = 0, self.home
        if self.armed and self.height_m == 0:
            self._idle_s += dt
            if self._idle_s > IDLE_DISARM_S:
                self.armed = self._started = False
        self._beat_s += dt
        if self._beat_s >= 0.5:
            self._beat_s = 0.0
            out += self._telemetry()
        return out

    def _climb(self, to_m: float, dt: float) -> None:
        before_m = self.height_m
        self.height_m = min(to_m, self.height_m + CLIMB_MS * dt)
        if before_m == 0 < self.height_m:
            self.takeoffs += 1
            self._effect("takeoff")

    def _go(self, to: GeoPoint, high_m: float, dt: float) -> None:
        north_m = (to.lat_deg - self.place.lat_deg) * 110_800
        east_m = (to.lon_deg - self.place.lon_deg) * 101_000
        away_m = math.hypot(north_m, east_m)
        part = 1.0 if away_m < CRUISE_MS * dt else CRUISE_MS * dt / away_m
        self.place = moved(self.place, north_m * part, east_m * part)
        self.height_m += max(-CLIMB_MS * dt, min(CLIMB_MS * dt, high_m - self.height_m))

    def _telemetry(self) -> list[Message]:
        flag = dialect.MAV_MODE_FLAG_SAFETY_ARMED if self.armed else 0
        up = self.height_m > 0
        landed = dialect.MAV_LANDED_STATE_IN_AIR if up else dialect.MAV_LANDED_STATE_ON_GROUND
        lat, lon = round(self.place.lat_deg * 1e7), round(self.place.lon_deg * 1e7)
        relative = round(self.height_m * 1000)
        amsl = relative + round(self._home_amsl_m * 1000)
        boot_ms = round(self._boot_s * 1000)
        return [
            dialect.MAVLink_heartbeat_message(
                dialect.MAV_TYPE_QUADROTOR, dialect.MAV_AUTOPILOT_ARDUPILOTMEGA,
                flag | dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED, MODE_NUMBERS[self.mode],
                dialect.MAV_STATE_ACTIVE if up else dialect.MAV_STATE_STANDBY, 3,
            ),
            dialect.MAVLink_global_position_int_message(
                boot_ms, lat, lon, amsl, relative, 0, 0, 0, 0
            ),
            dialect.MAVLink_gps_raw_int_message(
                boot_ms * 1000, 3, lat, lon, amsl, 80, 80, 0, 0, 12
            ),
            dialect.MAVLink_sys_status_message(0, 0, 0, 0, 15000, 100, 90, 0, 0, 0, 0, 0, 0),
            dialect.MAVLink_ekf_status_report_message(EKF, 0, 0, 0, 0, 0),
            dialect.MAVLink_extended_sys_state_message(0, landed),
            dialect.MAVLink_mission_current_message(self._seq),
        ]  # fmt: skip
