"""A vehicle and a ground station in one process without sockets, for exact timing."""

from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import SimClock, SimVehicle, VehicleConfig
from sim.vehicle.vehicle import STEP_S

Message = Any
HOME = (25.0, 102.66)
GROUND_M = 1890.0


def flat(lat_deg: float, lon_deg: float) -> float:
    return GROUND_M


class Cockpit:
    """Drives one `SimVehicle`; every message it sends is kept with its simulated time."""

    def __init__(
        self,
        *,
        terrain: Callable[[float, float], float] = flat,
        seed: int = 1,
        **config: Any,
    ) -> None:
        self.clock = SimClock(1_700_000_000_000)
        settings = {"sysid": 7, "lat_deg": HOME[0], "lon_deg": HOME[1]} | config
        self.vehicle = SimVehicle(VehicleConfig(**settings), self.clock, terrain, seed)
        self.log: list[tuple[float, Message]] = []
        self.drop: Callable[[Message], bool] = lambda message: False
        self.heartbeats = True
        self._beat_s = 0.0
        self._codec = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
        self._parser = mavlink.MAVLink(None)
        self._parser.robust_parsing = True
        self.link = self.vehicle.attach(self._arrive)

    def _arrive(self, data: bytes) -> None:
        for message in self._parser.parse_buffer(data) or []:
            if not self.drop(message):
                self.log.append((self.clock.time_s, message))

    def send(self, message: Message) -> None:
        frame = message.pack(self._codec)
        self._codec.seq = (self._codec.seq + 1) % 256
        self.vehicle.receive(self.link, bytes(frame))

    def speak_as(self, sysid: int) -> None:
        """Go on as another ground station."""
        self._codec.srcSystem = sysid

    def run(self, seconds: float) -> None:
        self.until(lambda: False, seconds)

    def until(self, condition: Callable[[], Any], seconds: float = 300.0) -> bool:
        """Let time pass until a condition holds; False if it never did."""
        end_s = self.clock.time_s + seconds
        while self.clock.time_s < end_s - 1e-9:
            if self.heartbeats and self.clock.time_s >= self._beat_s:
                self._beat_s = self.clock.time_s + 1.0
                self.send(mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
            self.clock.advance(STEP_S)
            self.vehicle.update()
            if condition():
                return True
        return False

    def of(self, name: str) -> list[Message]:
        return [message for _, message in self.log if message.get_type() == name]

    def texts(self) -> list[str]:
        return [message.text for message in self.of("STATUSTEXT")]

    def when(self, text: str) -> float | None:
        """Simulated time of the first STATUSTEXT that contains a text."""
        for time_s, message in self.log:
            if message.get_type() == "STATUSTEXT" and text in message.text:
                return time_s
        return None

    def command(self, command: int, *params: float) -> int:
        """COMMAND_LONG; returns the result that was acknowledged."""
        mark = len(self.log)
        padded = [*params, *[0.0] * (7 - len(params))]
        self.send(mavlink.MAVLink_command_long_message(7, 1, command, 0, *padded))
        for _, message in self.log[mark:]:
            if message.get_type() == "COMMAND_ACK" and message.command == command:
                return message.result
        raise AssertionError(f"command {command} was not acknowledged")

    def stream(self, *names: str, hz: float = 10.0) -> None:
        for name in names:
            message_id = getattr(mavlink, f"MAVLINK_MSG_ID_{name}")
            assert self.command(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, message_id, 1e6 / hz) == 0

    def set(self, name: str, value: float) -> None:
        self.send(mavlink.MAVLink_param_set_message(7, 1, name.encode(), value, 9))

    def item(
        self,
        seq: int,
        command: int,
        lat: float = 0.0,
        lon: float = 0.0,
        alt: float = 0.0,
        *,
        frame: int = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT,
        params: tuple[float, float, float, float] = (0, 0, 0, 0),
        mission_type: int = 0,
    ) -> Message:
        place = (round(lat * 1e7), round(lon * 1e7), alt)
        return mavlink.MAVLink_mission_item_int_message(
            7, 1, seq, frame, command, 0, 1, *params, *place, mission_type
        )

    def upload(self, items: list[Message], mission_type: int = 0) -> int | None:
        """Serve an upload until MISSION_ACK; its result, or None where none came in 30 s."""
        answered = len(self.log)
        self.send(mavlink.MAVLink_mission_count_message(7, 1, len(items), mission_type))
        result: int | None = None

        def serve() -> bool:
            nonlocal answered, result
            while answered < len(self.log):
                message = self.log[answered][1]
                answered += 1
                if message.get_type() == "MISSION_REQUEST":
                    self.send(items[message.seq])
                elif message.get_type() == "MISSION_ACK":
                    result = message.type
                    return True
            return False

        self.until(serve, 30.0)
        return result

    def search(self, height_m: float = 20.0) -> list[Message]:
        """Take off, two waypoints, home: 200 m north, 200 m east of there, back."""
        lat, lon = HOME
        return [
            self.item(0, 16),
            self.item(1, 22, alt=height_m),
            self.item(2, 16, lat + 0.0018, lon, height_m),
            self.item(3, 16, lat + 0.0018, lon + 0.002, height_m),
            self.item(4, 20),
        ]

    def ready(self) -> None:
        assert self.until(lambda: self.vehicle.pilot.estimator.using_gps, 60.0)
        self.run(0.1)

    def fly_search(self, *, seconds: float = 21.0) -> None:
        """Ready, upload, arm in GUIDED, start, and fly for a while (20 m, heading north)."""
        self.ready()
        assert self.upload(self.search()) == 0
        assert self.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4) == 0
        assert self.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
        assert self.command(mavlink.MAV_CMD_MISSION_START) == 0
        self.run(seconds)

    def metres(self) -> tuple[float, float, float]:
        """True north, east and height of the vehicle about home."""
        state = self.vehicle.state
        north, east = self.vehicle.pilot.frame.to_metres(state.lat_deg, state.lon_deg)
        return north, east, state.amsl_m - GROUND_M

    @property
    def mode(self) -> int:
        return self.vehicle.state.mode

    @property
    def armed(self) -> bool:
        return self.vehicle.state.armed
