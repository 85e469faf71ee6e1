"""The whole simulated vehicle without sockets: bytes of any number of links in and out."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import telemetry
from sim.vehicle.autopilot import Autopilot
from sim.vehicle.camera_component import CAMERA_COMPONENT, CameraComponent
from sim.vehicle.clock import SimClock
from sim.vehicle.config import Terrain, VehicleConfig
from sim.vehicle.fence_items import fence_problem, fence_total
from sim.vehicle.file_server import FileServer
from sim.vehicle.frozen_position import FREEZE_PARAMETER, FrozenPosition
from sim.vehicle.link import VehicleLink
from sim.vehicle.log_protocol import LogProtocol
from sim.vehicle.message_handlers import HANDLERS
from sim.vehicle.mission_transfer import MissionTransfer
from sim.vehicle.mode_table import MODE_TABLE
from sim.vehicle.onboard_log import flight_log
from sim.vehicle.parameter_protocol import ParameterProtocol
from sim.vehicle.remote_id_module import MODULE, RemoteIdModule
from sim.vehicle.telemetry_motion import gps_global_origin, home_position

__all__ = ["STEP_S", "SimVehicle", "VehicleState"]

STEP_S = 0.02
"""Length of one physics step, simulated seconds."""

_BANNER = b"\n\nInit ArduCopter V4.5.7\n\nFree RAM: 131072\n"


@dataclass(frozen=True, slots=True)
class VehicleState:
    """Where the vehicle truly is (or, as `estimate`, where it believes it is)."""

    t_ms: int
    """Simulated UTC."""
    lat_deg: float
    lon_deg: float
    amsl_m: float
    agl_m: float
    roll_deg: float
    pitch_deg: float
    yaw_deg: float
    north_ms: float
    east_ms: float
    up_ms: float
    gimbal_pitch_deg: float
    """Against the horizon; -90 looks straight down."""
    gimbal_yaw_deg: float
    """Against the nose."""
    armed: bool
    mode: int
    on_ground: bool


class SimVehicle:
    """One ArduCopter-compatible vehicle: `attach` links, feed them, `update` as time moves.

    `clock` is shared by all vehicles of a run; `terrain` gives the ground under it.
    """

    def __init__(
        self, config: VehicleConfig, clock: SimClock, terrain: Terrain, seed: int = 1
    ) -> None:
        self.config = config
        self.clock = clock
        self.links: list[VehicleLink] = []
        self._time_s = clock.time_s
        self.pilot = Autopilot(
            config, terrain, seed * 1000 + config.sysid, self.broadcast, MODE_TABLE
        )
        self.pilot.time_s = clock.time_s
        self.pilot.boot_s = clock.time_s - config.uptime_s
        self.parameters = ParameterProtocol(self.pilot.params, self.broadcast)
        pilot = self.pilot
        self.transfers = {
            0: MissionTransfer(pilot.mission, pilot.say, self._mission_changed, self._may_clear),
            1: MissionTransfer(
                pilot.fence_items, pilot.say, self._fence_changed, lambda: True, fence_problem
            ),
            2: MissionTransfer(pilot.rally, pilot.say, self._rally_changed, lambda: True),
        }
        self.files = FileServer(self._files)
        self.logs = LogProtocol(
            self._log, lambda: pilot.armed, pilot.say, lambda: clock.utc_ms // 1000
        )
        self.remote_id = RemoteIdModule(self._module_says) if config.remote_id else None
        self._logged: tuple[int, bytes] | None = None
        self.camera = (
            None if config.camera_hfov_deg is None else CameraComponent(config.camera_hfov_deg)
        )
        self._frozen = FrozenPosition()
        self._said_boot = False
        self._after_ack: list[Callable[[], None]] = []

    # --- Links -------------------------------------------------------------------------------

    def attach(self, write: Callable[[bytes], None], *, banner: bool = False) -> VehicleLink:
        """A new peer; `write` takes frames. `banner` sends the boot text a TCP peer sees."""
        link = VehicleLink(self.config.sysid, write, self._time_s)
        self.links.append(link)
        if banner:
            write(_BANNER)
        return link

    def detach(self, link: VehicleLink) -> None:
        """A peer is gone."""
        link.close()
        if link in self.links:
            self.links.remove(link)

    def broadcast(self, message: mavlink.MAVLink_message) -> None:
        """Send a message to every peer."""
        for link in self.links:
            link.send(message)

    def _module_says(self, message: mavlink.MAVLink_message) -> None:
        for link in self.links:
            link.send_as(MODULE, message)

    def receive(self, link: VehicleLink, data: bytes) -> None:
        """Bytes arrived from a peer."""
        for message in link.receive(data):
            target = getattr(message, "target_system", 0)
            if self.remote_id is not None and target == self.config.sysid:
                self.remote_id.receive(message, self._time_s)
            handler = HANDLERS.get(message.get_msgId())
            if handler is None:
                continue
            if target not in (0, self.config.sysid) or not self._listens_to(message):
                continue
            if self._is_for_camera(message):
                self._command_camera(link, message)
            else:
                handler(self, link, message)
        self._after_events()

    def _listens_to(self, message: mavlink.MAVLink_message) -> bool:
        params = self.pilot.params
        enforced = params["SYSID_ENFORCE"] > 0
        return not enforced or message.get_srcSystem() == int(params["SYSID_MYGCS"])

    def _is_for_camera(self, message: mavlink.MAVLink_message) -> bool:
        return (
            self.camera is not None
            and message.get_msgId() == mavlink.MAVLINK_MSG_ID_COMMAND_LONG
            and getattr(message, "target_component", 0) == CAMERA_COMPONENT
        )

    def _command_camera(self, link: VehicleLink, message: mavlink.MAVLink_message) -> None:
        if self.camera is None:
            return
        north, east, amsl_m = self.pilot.position
        place = (*self.pilot.frame.to_degrees(north, east), amsl_m)
        self.camera.command(link, message, self._boot_ms, place)

    @property
    def _boot_ms(self) -> int:
        return round(self.pilot.uptime_s * 1000) & 0xFFFFFFFF

    def after_ack(self, send: Callable[[], None]) -> None:
        """Keep a reply that must follow the COMMAND_ACK of the command being handled."""
        self._after_ack.append(send)

    def flush_after_ack(self) -> None:
        """Send the kept replies."""
        waiting, self._after_ack = self._after_ack, []
        for send in waiting:
            send()

    # --- Time --------------------------------------------------------------------------------

    @property
    def time_s(self) -> float:
        """Simulated time this vehicle has reached."""
        return self._time_s

    def update(self) -> None:
        """Live up to the clock's time, in fixed steps."""
        while self.clock.time_s - self._time_s >= STEP_S - 1e-9:
            self._time_s += STEP_S
            self._step(STEP_S)

    def _step(self, dt: float) -> None:
        now_s = self._time_s
        pilot = self.pilot
        if not self._said_boot and pilot.uptime_s >= 0.5:
            self._said_boot = True
            pilot.say(6, "ArduPilot Ready")
        pilot.step(dt, now_s)
        for transfer in self.transfers.values():
            if transfer.is_receiving:
                transfer.step(now_s)
        self.parameters.step(dt)
        self.files.step(dt)
        self.logs.step(dt)
        if self.remote_id is not None:
            self.remote_id.step(now_s)
        if self.camera is not None:
            self.camera.step(now_s, self._boot_ms, self.links)
        self._after_events()
        self._stream(now_s)

    def _after_events(self) -> None:
        pilot = self.pilot
        if pilot.emit_heartbeat_soon:
            pilot.emit_heartbeat_soon = False
            self.broadcast(telemetry.heartbeat(pilot))
        if pilot.announce_home:
            pilot.announce_home = False
            for build in (gps_global_origin, home_position):
                message = build(pilot)
                if message is not None:
                    self.broadcast(message)

    def _stream(self, now_s: float) -> None:
        built: dict[int, mavlink.MAVLink_message | None] = {}
        for link in self.links:
            for message_id in link.due(now_s):
                if message_id not in built:
                    built[message_id] = self.build(message_id)
                message = built[message_id]
                if message is not None:
                    link.send(message)
            if link.timesync_due(now_s):
                stamp_ns = round(self.pilot.uptime_s * 1e9) + self.config.sysid
                link.send(mavlink.MAVLink_timesync_message(0, stamp_ns))

    def build(self, message_id: int) -> mavlink.MAVLink_message | None:
        """A telemetry message by id, or None where there is nothing to send."""
        if message_id == mavlink.MAVLINK_MSG_ID_SYSTEM_TIME:
            utc_us = self.clock.utc_ms * 1000 if self.pilot.estimator.gps_fix >= 3 else 0
            return mavlink.MAVLink_system_time_message(utc_us, self._boot_ms)
        builder = telemetry.BUILDERS.get(message_id)
        message = None if builder is None else builder(self.pilot)
        if message is None:
            return None
        return self._frozen.told(message, int(self.pilot.params[FREEZE_PARAMETER]))

    def _log(self) -> bytes:
        # Written when the motors start; before that it says how the vehicle is set up now.
        revision = self.pilot.params.revision
        if self._logged is None or (self._logged[0] != revision and not self.pilot.armed):
            self._logged = revision, flight_log(self.pilot.params)
        return self._logged[1]

    def _files(self) -> dict[str, bytes]:
        return {
            "/APM/LOGS/00000001.BIN": self._log(),
            "/APM/LOGS/LASTLOG.TXT": b"1\r\n",
        }

    # --- Stores ------------------------------------------------------------------------------

    def _may_clear(self) -> bool:
        pilot = self.pilot
        return not (pilot.armed and pilot.mission_state == mavlink.MISSION_STATE_ACTIVE)

    def _mission_changed(self) -> None:
        pilot = self.pilot
        total = len(pilot.mission)
        pilot.params.set("MIS_TOTAL", total)
        self.parameters.announce("MIS_TOTAL")
        if total <= 1:
            pilot.mission_state = mavlink.MISSION_STATE_NO_MISSION
            pilot.mission_current = 0
        elif pilot.mission_state != mavlink.MISSION_STATE_ACTIVE:
            pilot.mission_state = mavlink.MISSION_STATE_NOT_STARTED
            pilot.mission_current = 0

    def _fence_changed(self) -> None:
        pilot = self.pilot
        pilot.load_fence()
        pilot.say(7, "Fence Indexed OK")
        pilot.params.set("FENCE_TOTAL", fence_total(pilot.fence_items.items))
        self.parameters.announce("FENCE_TOTAL")

    def _rally_changed(self) -> None:
        self.pilot.params.set("RALLY_TOTAL", min(127, len(self.pilot.rally)))
        self.parameters.announce("RALLY_TOTAL")

    # --- What others look at -------------------------------------------------------------------

    @property
    def state(self) -> VehicleState:
        """The truth."""
        body = self.pilot.airframe
        return self._snapshot(body.north_m, body.east_m)

    @property
    def estimate(self) -> VehicleState:
        """What the vehicle believes (differs after a GPS glitch)."""
        north, east, _ = self.pilot.position
        return self._snapshot(north, east)

    def _snapshot(self, north_m: float, east_m: float) -> VehicleState:
        pilot = self.pilot
        body, gimbal = pilot.airframe, pilot.gimbal
        lat, lon = pilot.frame.to_degrees(north_m, east_m)
        return VehicleState(
            t_ms=self.clock.start_utc_ms + round(self._time_s * 1000),
            lat_deg=lat,
            lon_deg=lon,
            amsl_m=body.amsl_m,
            agl_m=body.amsl_m - pilot.ground_amsl_m,
            roll_deg=math.degrees(body.roll_rad),
            pitch_deg=math.degrees(body.pitch_rad),
            yaw_deg=math.degrees(body.yaw_rad) % 360.0,
            north_ms=body.north_ms,
            east_ms=body.east_ms,
            up_ms=body.up_ms,
            gimbal_pitch_deg=gimbal.pitch_deg,
            gimbal_yaw_deg=gimbal.yaw_deg,
            armed=pilot.armed,
            mode=int(pilot.mode),
            on_ground=body.on_ground,
        )
