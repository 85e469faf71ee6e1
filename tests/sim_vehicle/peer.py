"""A small MAVLink ground station for tests, over TCP; time is the vehicle's own."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

Message = Any
WORD = 1e7
ANSWER_SIM_S = 200.0
"""Patience for an answer in the vehicle's time: at ten times ours, a busy machine needs it."""


class Peer:
    """Sends messages, keeps what arrives, and waits for conditions on it."""

    def __init__(self, sysid: int) -> None:
        self.target = sysid
        self.messages: list[Message] = []
        self.latest: dict[str, Message] = {}
        self.boot_s = 0.0
        self.texts: list[tuple[float, str]] = []
        self.modes: list[tuple[float, int, bool]] = []
        self.heartbeats = True
        self._codec = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
        self._parser = mavlink.MAVLink(None)
        self._parser.robust_parsing = True
        self._arrived = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._lost = False
        self._tasks: list[asyncio.Task[None]] = []

    def speak_as(self, sysid: int) -> None:
        """Go on as another ground station."""
        self._codec.srcSystem = sysid

    async def connect(self, port: int) -> None:
        for _ in range(100):
            try:
                reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except OSError:
                await asyncio.sleep(0.1)
        else:
            raise TimeoutError(f"no vehicle on port {port}")
        self._tasks = [
            asyncio.create_task(self._read(reader)),
            asyncio.create_task(self._beat()),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()

    async def _beat(self) -> None:
        while True:
            if self.heartbeats and not self._lost:
                self.send(mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
            await asyncio.sleep(0.05)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            for message in self._parser.parse_buffer(data) or []:
                if message.get_type() != "BAD_DATA":
                    self._take(message)
            self._arrived.set()
        self._lost = True
        self._arrived.set()

    def _take(self, message: Message) -> None:
        if message.get_srcComponent() != mavlink.MAV_COMP_ID_AUTOPILOT1:
            return  # Its camera speaks for itself.
        name = message.get_type()
        if name in ("ATTITUDE", "SYSTEM_TIME", "GLOBAL_POSITION_INT"):
            self.boot_s = message.time_boot_ms / 1000.0
        elif name == "STATUSTEXT":
            self.texts.append((self.boot_s, message.text))
        elif name == "HEARTBEAT":
            armed = bool(message.base_mode & 128)
            if not self.modes or self.modes[-1][1:] != (message.custom_mode, armed):
                self.modes.append((self.boot_s, message.custom_mode, armed))
        self.messages.append(message)
        self.latest[name] = message

    def send(self, message: Message) -> None:
        assert self._writer is not None
        self._writer.write(message.pack(self._codec))
        self._codec.seq = (self._codec.seq + 1) % 256

    async def until(
        self, condition: Callable[[], Any], sim_s: float = 60.0, wall_s: float = 60.0
    ) -> Any:
        """Wait for a condition, at most so long in the vehicle's time and in ours."""
        loop = asyncio.get_running_loop()
        end_wall = loop.time() + wall_s
        start_s = self.boot_s
        while True:
            if found := condition():
                return found
            if self.boot_s - start_s > sim_s or loop.time() > end_wall:
                raise TimeoutError(f"not within {sim_s} s; texts: {self.texts[-8:]}")
            self._arrived.clear()
            if self._lost:
                raise ConnectionError(f"the vehicle is gone; texts: {self.texts[-8:]}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._arrived.wait()

    async def next(
        self,
        name: str,
        where: Callable[[Message], bool] = lambda m: True,
        sim_s: float = ANSWER_SIM_S,
    ) -> Message:
        """The next message of a type."""
        mark = len(self.messages)

        def look() -> Message | None:
            for message in self.messages[mark:]:
                if message.get_type() == name and where(message):
                    return message
            return None

        return await self.until(look, sim_s)

    async def command(self, command: int, *params: float, retries: int = 2) -> int:
        """COMMAND_LONG; returns the result of its acknowledgement."""
        padded = [*params, *[0.0] * (7 - len(params))]
        for confirmation in range(retries + 1):
            waiting = asyncio.ensure_future(
                self.next("COMMAND_ACK", lambda m: m.command == command, sim_s=ANSWER_SIM_S)
            )
            await asyncio.sleep(0)
            self.send(
                mavlink.MAVLink_command_long_message(self.target, 1, command, confirmation, *padded)
            )
            try:
                return (await waiting).result
            except TimeoutError:
                continue
        raise TimeoutError(f"command {command} was not acknowledged")

    async def set_parameter(self, name: str, value: float) -> float:
        waiting = asyncio.ensure_future(
            self.next("PARAM_VALUE", lambda m: m.param_id == name, sim_s=ANSWER_SIM_S)
        )
        await asyncio.sleep(0)
        self.send(
            mavlink.MAVLink_param_set_message(
                self.target, 1, name.encode(), value, mavlink.MAV_PARAM_TYPE_REAL32
            )
        )
        return (await waiting).param_value

    async def stream(self, *names: str, hz: float = 10.0) -> None:
        for name in names:
            message_id = getattr(mavlink, f"MAVLINK_MSG_ID_{name}")
            await self.command(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, message_id, 1e6 / hz)

    async def ready(self) -> None:
        """Wait until the vehicle may be armed in GUIDED."""
        await self.stream("ATTITUDE", "GLOBAL_POSITION_INT")
        await self.stream("EKF_STATUS_REPORT", "SYS_STATUS", "EXTENDED_SYS_STATE", hz=5)
        await self.stream("SYSTEM_TIME", "GPS_RAW_INT", "MISSION_CURRENT", hz=5)
        await self.until(
            lambda: (
                "EKF_STATUS_REPORT" in self.latest
                and self.latest["EKF_STATUS_REPORT"].flags & 0x10
                and self.latest["SYS_STATUS"].onboard_control_sensors_health & 0x10000000
            ),
            sim_s=120.0,
        )
        # ArduCopter 4.0 forgets an interval that was asked for in its first second.
        await self.stream("ATTITUDE", "GLOBAL_POSITION_INT")
        await self.until(lambda: "ATTITUDE" in self.latest)

    async def upload(
        self, items: list[Message], mission_type: int = 0, *, sim_s: float = 60.0
    ) -> int:
        """Upload items (MISSION_ITEM_INT); returns the result of MISSION_ACK."""
        mark = len(self.messages)
        self.send(mavlink.MAVLink_mission_count_message(self.target, 1, len(items), mission_type))
        answered = mark

        def serve() -> Message | None:
            nonlocal answered
            fresh, answered = self.messages[answered:], len(self.messages)
            for message in fresh:
                if message.get_type() in ("MISSION_REQUEST", "MISSION_REQUEST_INT"):
                    if message.mission_type == mission_type:
                        self.send(items[message.seq])
                elif message.get_type() == "MISSION_ACK" and message.mission_type == mission_type:
                    return message
            return None

        return (await self.until(serve, sim_s)).type

    async def download(self, mission_type: int = 0) -> list[Message]:
        waiting = asyncio.ensure_future(self.next("MISSION_COUNT"))
        await asyncio.sleep(0)
        self.send(mavlink.MAVLink_mission_request_list_message(self.target, 1, mission_type))
        count = (await waiting).count
        items: list[Message] = []
        for seq in range(count):
            waiting = asyncio.ensure_future(
                self.next("MISSION_ITEM_INT", lambda m, seq=seq: m.seq == seq)
            )
            await asyncio.sleep(0)
            self.send(
                mavlink.MAVLink_mission_request_int_message(self.target, 1, seq, mission_type)
            )
            items.append(await waiting)
        return items

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
        return mavlink.MAVLink_mission_item_int_message(
            self.target,
            1,
            seq,
            frame,
            command,
            0,
            1,
            *params,
            round(lat * WORD),
            round(lon * WORD),
            alt,
            mission_type,
        )

    @property
    def height_m(self) -> float:
        message = self.latest.get("GLOBAL_POSITION_INT")
        return message.relative_alt / 1000.0 if message else 0.0

    @property
    def armed(self) -> bool:
        return bool(self.latest["HEARTBEAT"].base_mode & 128)

    @property
    def mode(self) -> int:
        return self.latest["HEARTBEAT"].custom_mode

    def said(self, text: str) -> float | None:
        """When a text was last heard (vehicle seconds), or None."""
        return next((t for t, words in reversed(self.texts) if text in words), None)
