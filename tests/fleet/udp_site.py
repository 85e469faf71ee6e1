"""A node on UDP, its command post, and devices that speak to it with sockets of their own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandBody,
    CommandResult,
    ConfirmIdentity,
    NodeState,
    ReturnVehicle,
    VehicleState,
)
from fleet.config import FleetConfig
from fleet.mavlink import Codec, Message, Signing, dialect
from fleet.node import FleetNode
from mission_plans.values.plan import GeoPoint
from tests.contract.command_post import TOKEN, CommandPost
from tests.fleet.flight_line import FCP

ID, SYSTEM = "XS-U2", 2
FAR = GeoPoint(lat_deg=FCP.lat_deg + 0.0054, lon_deg=FCP.lon_deg)
"""600 m away."""
ASKING = (dialect.MAV_CMD_REQUEST_MESSAGE, dialect.MAV_CMD_SET_MESSAGE_INTERVAL)


async def until(condition: Callable[[], bool], within_s: float = 20) -> None:
    """Wait until something without an event of its own is so."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Device:
    """Something with a system id, at one or more addresses of its own."""

    def __init__(
        self,
        port: int | Sequence[int],
        boot_ms: int,
        place: GeoPoint,
        *,
        armed: bool,
        uid: int = 0,
        system: int = SYSTEM,
        signing: Signing | None = None,
    ) -> None:
        ports = [port] if isinstance(port, int) else list(port)
        self._sockets: list[tuple[socket.socket, int, Codec]] = []
        for to in ports:
            own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            own.bind(("127.0.0.1", 0))
            own.setblocking(False)
            # A stream with its own sequence numbers on every port, as autopilots have.
            self._sockets.append((own, to, Codec(system, 1, signing)))
        self._boot_ms, self.place, self.armed, self._uid = boot_ms, place, armed, uid
        self._began_s = asyncio.get_running_loop().time()
        self.mode = 3
        self.heard_on: list[list[Message]] = [[] for _ in ports]

    @property
    def boot_ms(self) -> int:
        """Its clock since boot."""
        passed_s = asyncio.get_running_loop().time() - self._began_s
        return self._boot_ms + round(passed_s * 1000)

    def restart(self) -> None:
        """Begin its clock anew."""
        self._boot_ms, self._began_s = 500, asyncio.get_running_loop().time()

    def say(self, *messages: Message, on: Sequence[int] | None = None) -> None:
        """Send on the given of its links, all by default."""
        for index, (own, to, codec) in enumerate(self._sockets):
            if on is None or index in on:
                for message in messages:
                    own.sendto(codec.pack(message), ("127.0.0.1", to))

    def speak(self, on: Sequence[int] | None = None) -> None:
        """Say everything that tells it from others, and hear what came."""
        mode = dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
        mode |= dialect.MAV_MODE_FLAG_SAFETY_ARMED if self.armed else 0
        lat, lon = round(self.place.lat_deg * 1e7), round(self.place.lon_deg * 1e7)
        self.say(
            dialect.MAVLink_heartbeat_message(2, 3, mode, self.mode, 4, 3),
            dialect.MAVLink_global_position_int_message(
                self.boot_ms, lat, lon, 2_000_000, 50_000, 0, 0, 0, 0
            ),
            on=on,
        )
        if self._uid:
            version = [0] * 8
            self.say(
                dialect.MAVLink_autopilot_version_message(
                    0, 0, 0, 0, 0, version, version, version, 0, 0, self._uid
                ),
                on=on,
            )
        self.listen()

    def listen(self) -> None:
        """Take what came."""
        for (own, _, _), heard in zip(self._sockets, self.heard_on, strict=True):
            parser = Codec(255, 190)
            while True:
                try:
                    heard += parser.parse(own.recv(65_536))
                except (BlockingIOError, ConnectionError):
                    break

    @property
    def heard(self) -> list[Message]:
        """All that came to it."""
        return [message for heard in self.heard_on for message in heard]

    @property
    def orders(self) -> set[int]:
        """The commands that it was given, other than questions."""
        return set().union(*(self.orders_on(index) for index in range(len(self._sockets))))

    def orders_on(self, index: int) -> set[int]:
        """Those that came over one of its links."""
        found = [m.command for m in self.heard_on[index] if m.get_type() == "COMMAND_LONG"]
        return {command for command in found if command not in ASKING}

    def close(self) -> None:
        for own, _, _ in self._sockets:
            own.close()


class Site:
    """A node and the command post that it reports to."""

    def __init__(self, node: FleetNode, post: CommandPost, ports: Sequence[int]) -> None:
        self.node, self.post, self.ports = node, post, ports
        self.node_states: list[NodeState] = []
        post.on_latest = lambda m: self.node_states.append(m) if isinstance(m, NodeState) else None

    @property
    def port(self) -> int:
        """Of its first link."""
        return self.ports[0]

    @property
    def state(self) -> VehicleState:
        """The aircraft as it is published."""
        state = self.node.state(ID)
        assert state is not None
        return state

    async def order(self, body: CommandBody | None = None) -> CommandResult:
        """Order the aircraft home, or something else, and return the answer."""
        now_ms = self.node.now_ms()
        command = Command(
            id=new_id(),
            author="pilot",
            issued_ms=now_ms,
            expires_ms=now_ms + 30_000,
            body=body or ReturnVehicle(vehicle_id=ID),
        )
        await self.post.command(command)
        await self.post.wait_for(lambda: any(r.command_id == command.id for r in self.post.results))
        return next(r for r in self.post.results if r.command_id == command.id)

    async def confirm(self) -> CommandResult:
        """Say that what orders go to is the aircraft."""
        return await self.order(ConfirmIdentity(vehicle_id=ID))

    def told(self, code: str) -> bool:
        """Whether an event of this code reached the command post."""
        return any(f'"code":"{code}"' in body for body in self.post.bodies)

    async def while_speaking(
        self,
        until: Callable[[], bool],
        *speaking: tuple[Device, Sequence[int] | None],
        within_s: float = 60,
    ) -> None:
        """Let devices speak five times a second, each on some of its links, until it is so."""
        async with asyncio.timeout(within_s):
            while not until():
                for device, on in speaking:
                    device.speak(on)
                await asyncio.sleep(0.2)


def free_udp_ports(count: int) -> list[int]:
    """Ports that nothing holds now."""
    with contextlib.ExitStack() as stack:
        ports: list[int] = []
        for _ in range(count):
            probe = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
        return ports


@contextlib.asynccontextmanager
async def udp_site(folder: Path, udp_links: int = 1, **settings: object) -> AsyncGenerator[Site]:
    """Run a node that hears its one aircraft, XS-U2, over as many UDP ports."""
    post = CommandPost(folder / "post.db")
    post_port = await post.start()
    ports = free_udp_ports(udp_links)
    names = [f"udp{n}" for n in range(udp_links)]
    config = FleetConfig.model_validate(
        {
            "node_id": "fleet-test",
            "server_url": f"http://127.0.0.1:{post_port}",
            "data_dir": str(folder / "fleet"),
            "links": [
                {"id": name, "url": f"udpin:127.0.0.1:{port}"}
                for name, port in zip(names, ports, strict=True)
            ],
            "vehicles": [{"vehicle_id": ID, "links": names, "sysid": SYSTEM}],
            "endpoints": False,
        }
        | settings
    )
    node = FleetNode(config, TOKEN)
    site = Site(node, post, ports)
    work = asyncio.create_task(node.run())
    await node.client.wait_connected()
    try:
        yield site
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await post.stop()
