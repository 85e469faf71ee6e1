"""Two devices with one system id: told apart, and nothing commanded while it is not certain."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.contract.messages import Command, CommandOutcome, CommandResult, ReturnVehicle
from fleet.config import FleetConfig
from fleet.identity import Claims, Likeness, Sighting, alike
from fleet.mavlink import Codec, Message, dialect
from fleet.node import FleetNode
from fleet.protocol.presence import LOST_S
from mission_plans.plan import GeoPoint
from tests.contract.command_post import TOKEN, CommandPost
from tests.fleet.flight_line import FCP
from tests.fleet.wire import Side

ID, SYSTEM = "XS-U2", 2
KNOWN = Sighting(10.0, None, 60_000, 10.0, FCP, 10.0, True)
FAR = GeoPoint(lat_deg=FCP.lat_deg + 0.0054, lon_deg=FCP.lon_deg)
"""600 m away."""


def later(s: float, **changes: object) -> Sighting:
    seen = replace(KNOWN, heard_s=10 + s, boot_ms=60_000 + round(s * 1000), boot_heard_s=10 + s)
    return replace(seen, place_heard_s=10 + s, **changes)  # pyright: ignore[reportArgumentType]


def test_what_tells_aircraft_apart() -> None:
    assert alike(KNOWN, later(8)) is Likeness.SAME
    assert alike(KNOWN, later(8, boot_ms=3_000, armed=False, place=FAR)) is Likeness.OTHER
    assert alike(KNOWN, later(8, boot_ms=3_000, armed=False)) is Likeness.OTHER, "none lives that"
    assert alike(KNOWN, later(8, place=FAR)) is Likeness.OTHER
    assert alike(KNOWN, later(30, place=FAR)) is Likeness.SAME, "it may have flown there"
    assert alike(KNOWN, later(8, place=None)) is Likeness.DOUBT
    assert alike(replace(KNOWN, uid="a"), later(8, uid="b")) is Likeness.OTHER
    parked = replace(KNOWN, armed=False)
    assert alike(parked, later(8, boot_ms=3_000, armed=False)) is Likeness.SAME, "restarted"
    assert alike(parked, later(8, boot_ms=3_000, armed=True)) is Likeness.OTHER


@given(
    s=st.floats(5, 600),
    boot_ms=st.integers(0, 2**32 - 1),
    north_deg=st.floats(-0.05, 0.05),
    armed=st.booleans(),
)
def test_an_aircraft_in_the_air_is_never_taken_for_one_with_another_clock(
    s: float, boot_ms: int, north_deg: float, armed: bool
) -> None:
    place = GeoPoint(lat_deg=FCP.lat_deg + north_deg, lon_deg=FCP.lon_deg)
    found = alike(KNOWN, later(s, boot_ms=boot_ms, place=place, armed=armed))
    if abs(60_000 + s * 1000 - boot_ms) > 3_001:
        assert found is Likeness.OTHER


def position(boot_ms: int) -> Message:
    lat, lon = round(FCP.lat_deg * 1e7), round(FCP.lon_deg * 1e7)
    message = dialect.MAVLink_global_position_int_message(boot_ms, lat, lon, 0, 0, 0, 0, 0, 0)
    return Side(SYSTEM).says(message)


def test_two_devices_on_one_link_are_noticed_and_a_restart_is_not() -> None:
    claims = Claims(0.0)
    for s in range(20):
        # It restarts at 10 s.
        claims.heard(position(60_000 + s * 1000 if s < 10 else (s - 9) * 1000), float(s))
        assert not claims.doubtful
    over = []
    for s in range(20, 30):
        over.append(claims.heard(position((s - 9) * 1000), s + 0.0))
        over.append(claims.heard(position(90_000 + s * 1000), s + 0.5))
    assert claims.mixed
    assert claims.doubtful
    assert not any(over)
    over = [claims.heard(position((s - 9) * 1000), float(s)) for s in range(30, 60)]
    assert over.count(True) == 1
    assert not claims.doubtful


class Device:
    """Something with a system id at an address of its own."""

    def __init__(self, port: int, boot_ms: int, place: GeoPoint, *, armed: bool) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._to = ("127.0.0.1", port)
        self._codec = Codec(SYSTEM, 1)
        self._boot_ms, self._place, self._armed = boot_ms, place, armed
        self._began_s = asyncio.get_running_loop().time()
        self.heard: list[Message] = []

    def speak(self) -> None:
        """Say everything that tells it from others, and hear what came."""
        mode = dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
        mode |= dialect.MAV_MODE_FLAG_SAFETY_ARMED if self._armed else 0
        passed_s = asyncio.get_running_loop().time() - self._began_s
        boot_ms = self._boot_ms + round(passed_s * 1000)
        lat, lon = round(self._place.lat_deg * 1e7), round(self._place.lon_deg * 1e7)
        for message in (
            dialect.MAVLink_heartbeat_message(2, 3, mode, 3, 4, 3),
            dialect.MAVLink_global_position_int_message(
                boot_ms, lat, lon, 2_000_000, 50_000, 0, 0, 0, 0
            ),
        ):
            self._socket.sendto(self._codec.pack(message), self._to)
        parser = Codec(255, 190)
        while True:
            try:
                self.heard += parser.parse(self._socket.recv(65_536))
            except BlockingIOError:
                return

    @property
    def orders(self) -> set[int]:
        """The commands that it was given, other than questions."""
        asked = (dialect.MAV_CMD_REQUEST_MESSAGE, dialect.MAV_CMD_SET_MESSAGE_INTERVAL)
        found = [m.command for m in self.heard if m.get_type() == "COMMAND_LONG"]
        return {command for command in found if command not in asked}

    def close(self) -> None:
        self._socket.close()


class Site:
    """A node on UDP and the command post that it reports to."""

    def __init__(self, node: FleetNode, post: CommandPost, port: int) -> None:
        self.node, self.post, self.port = node, post, port

    async def order(self) -> CommandResult:
        """Order the aircraft home and return the answer."""
        now_ms = self.node.now_ms()
        command = Command(
            id=new_id(),
            author="pilot",
            issued_ms=now_ms,
            expires_ms=now_ms + 30_000,
            body=ReturnVehicle(vehicle_id=ID),
        )
        await self.post.command(command)
        await self.post.wait_for(lambda: any(r.command_id == command.id for r in self.post.results))
        return next(r for r in self.post.results if r.command_id == command.id)

    def told(self, code: str) -> bool:
        return any(f'"code":"{code}"' in body for body in self.post.bodies)


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site]:
    post = CommandPost(tmp_path / "post.db")
    post_port = await post.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = FleetConfig.model_validate(
        {
            "node_id": "fleet-test",
            "server_url": f"http://127.0.0.1:{post_port}",
            "data_dir": str(tmp_path / "fleet"),
            "links": [{"id": "udp", "url": f"udpin:127.0.0.1:{port}"}],
            "vehicles": [{"vehicle_id": ID, "link": "udp", "sysid": SYSTEM}],
            "endpoints": False,
        }
    )
    node = FleetNode(config, TOKEN)
    work = asyncio.create_task(node.run())
    await node.client.wait_connected()
    yield Site(node, post, port)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await post.stop()


@pytest.mark.slow
async def test_another_device_does_not_become_the_aircraft_that_fell_silent(site: Site) -> None:
    real = Device(site.port, 60_000, FCP, armed=True)
    other = Device(site.port, 3_000, FAR, armed=False)

    async def speaking(*devices: Device, until: str = "", seconds: float = 60) -> None:
        async with asyncio.timeout(90):
            end_s = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end_s:
                for device in devices:
                    device.speak()
                if until and site.told(until):
                    return
                await asyncio.sleep(0.2)

    await speaking(real, seconds=1)
    await speaking(other, until="identity_in_doubt", seconds=LOST_S + 30)
    assert site.told("identity_in_doubt")
    answer = await site.order()
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "identity_in_doubt")
    state = site.node.state(ID)
    assert state is not None
    assert state.lat_deg == pytest.approx(FCP.lat_deg)

    # The real one speaks again: it is certain, the other one stays a stranger.
    await speaking(real, until="identity_certain")
    await speaking(real, other, seconds=1)
    ordered = asyncio.create_task(site.order())
    await speaking(real, other, seconds=6)
    ordered.cancel()
    real.speak()
    other.speak()
    assert dialect.MAV_CMD_DO_SET_MODE in real.orders
    assert other.orders == set()
    real.close()
    other.close()


@pytest.mark.slow
async def test_an_aircraft_that_comes_back_from_another_port_is_known_again(site: Site) -> None:
    real = Device(site.port, 60_000, FCP, armed=True)
    real.speak()
    await asyncio.sleep(LOST_S + 0.5)
    moved = Device(site.port, 60_000 + round((LOST_S + 0.5) * 1000), FCP, armed=True)
    async with asyncio.timeout(30):
        while dialect.MAV_CMD_DO_SET_MODE not in moved.orders:
            ordered = asyncio.create_task(site.order())
            for _ in range(5):
                moved.speak()
                await asyncio.sleep(0.2)
            ordered.cancel()
    assert not site.told("identity_in_doubt")
    real.close()
    moved.close()
