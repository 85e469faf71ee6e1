"""Killed in flight, the node goes on before any of its aircraft comes home by itself."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandBody,
    CommandOutcome,
    CommandResult,
    PauseVehicle,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
    VehicleState,
)
from fleet.mavlink import Codec, Message, dialect
from mission_plans.ground.geodesy import moved
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint, SearchPlan
from sim.demo.command_line import python_words
from sim.parent_death import end_with_parent
from sim.vehicle import VehicleConfig, VehicleGroup, vehicle_group
from sim.vehicle.arducopter import BINARY_VARIABLE, arducopter_binary, real_arducopter
from sim.vehicle.link import VehicleLink
from tests.contract.command_post import TOKEN, CommandPost
from tests.fleet.flight_line import FCP, free_port, search_plan

pytestmark = [pytest.mark.slow, pytest.mark.serial]

SYSTEMS = (2, 3, 4, 5)
IDS = tuple(f"XS-U{system}" for system in SYSTEMS)
HELD, STOPPED = IDS[1], IDS[3]
ALTERING = frozenset(
    {
        "COMMAND_LONG", "COMMAND_INT", "SET_MODE", "MISSION_COUNT", "MISSION_ITEM_INT",
        "MISSION_ITEM", "MISSION_CLEAR_ALL", "MISSION_SET_CURRENT", "PARAM_SET",
        "SET_POSITION_TARGET_GLOBAL_INT", "RC_CHANNELS_OVERRIDE", "MANUAL_CONTROL",
    }
)  # fmt: skip
ASKING = (dialect.MAV_CMD_REQUEST_MESSAGE, dialect.MAV_CMD_SET_MESSAGE_INTERVAL)
CALM_BEATS = 9
"""Heartbeats of an aircraft, one a second: by then its failsafe would have brought it home."""


def place(index: int) -> GeoPoint:
    """Where an aircraft stands: a row, 40 m between them."""
    return moved(FCP, 0.0, 40.0 * index)


def plan_of(index: int) -> SearchPlan:
    """A small search of its own, beside that of its neighbour."""
    south, west = 24.9486, 102.6096 + 0.0014 * index
    area = [
        GeoPoint(lat_deg=south + up, lon_deg=west + right)
        for up, right in ((0, 0), (0.0014, 0), (0.0014, 0.0011), (0, 0.0011))
    ]
    craft = search_plan().request.aircraft[0]
    own = craft.model_copy(update={"vehicle_id": IDS[index], "launch": place(index)})
    return search_plan(IDS[index], area=area, aircraft=[own])


class Watcher:
    """Hears what one aircraft says on its second port, and never says a word."""

    def __init__(self, system: int) -> None:
        self.system = system
        self.modes: list[int] = []
        """By heartbeat."""
        self._beat = asyncio.Event()

    async def run(self, port: int) -> None:
        """Listen until cancelled."""
        reader, writer = await self._connect(port)
        codec = Codec(250, 190)
        with contextlib.closing(writer):
            while data := await reader.read(4096):
                for message in codec.parse(data):
                    if message.get_type() == "HEARTBEAT" and message.get_srcComponent() == 1:
                        self.modes.append(int(message.custom_mode))
                        self._beat.set()

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)

    async def beats(self, count: int) -> None:
        """Wait for so many heartbeats more."""
        end = len(self.modes) + count
        while len(self.modes) < end:
            self._beat.clear()
            await self._beat.wait()


class Site:
    """A node as a program of its own, its command post, and who listens to the aircraft."""

    def __init__(self, post: CommandPost, process: asyncio.subprocess.Process) -> None:
        self.post = post
        self.process = process
        self.states: dict[str, VehicleState] = {}
        self.watchers = {name: Watcher(s) for name, s in zip(IDS, SYSTEMS, strict=True)}
        post.on_latest = self._keep

    def _keep(self, message: object) -> None:
        if isinstance(message, VehicleState):
            self.states[message.vehicle_id] = message

    async def until(self, condition: Callable[[], bool], within_s: float) -> None:
        """Wait for something that the post is told of."""
        ended = asyncio.create_task(self.process.wait())
        waiting = asyncio.create_task(self.post.wait_for(condition))
        try:
            async with asyncio.timeout(within_s):
                await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
            assert not ended.done(), "the node ended"
            await waiting
        finally:
            ended.cancel()
            waiting.cancel()

    async def all_are(self, condition: Callable[[VehicleState], bool], within_s: float) -> None:
        """Wait until the newest state of each aircraft fulfils a condition."""
        await self.until(
            lambda: set(self.states) == set(IDS) and all(map(condition, self.states.values())),
            within_s,
        )

    async def order(self, body: CommandBody) -> None:
        """Give an order and see it done."""
        now_ms = time.time_ns() // 1_000_000
        command = Command(
            id=new_id(), author="pilot", issued_ms=now_ms, expires_ms=now_ms + 90_000, body=body
        )
        await self.post.command(command)

        def end() -> CommandResult | None:
            mine = [r for r in self.post.results if r.command_id == command.id]
            return next((r for r in mine if r.outcome is not CommandOutcome.ACCEPTED), None)

        await self.until(lambda: end() is not None, 120)
        result = end()
        assert result is not None
        assert result.outcome is CommandOutcome.DONE, f"{body.action}: {result.text}"

    def worker(self) -> int | None:
        """The process that works for the node's."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else None


def _elevation(lat_deg: float, lon_deg: float) -> float:
    return float(demo_terrain().elevation_m(lat_deg, lon_deg))


@contextlib.asynccontextmanager
async def aircraft(kind: str) -> AsyncGenerator[tuple[Sequence[int], Sequence[int]]]:
    """Four aircraft at real speed; gives their first and their second ports."""
    crafts = [
        VehicleConfig(
            system, spot.lat_deg, spot.lon_deg,
            ground_amsl_m=_elevation(spot.lat_deg, spot.lon_deg), tcp_port=0,
        )
        for system, spot in zip(SYSTEMS, map(place, range(4)), strict=True)
    ]  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        if kind == "simulated":
            group = VehicleGroup(crafts, terrain=_elevation)
            await stack.enter_async_context(vehicle_group(group))
            yield group.tcp_ports[::2], group.tcp_ports[1::2]
            return
        binary = arducopter_binary()
        if binary is None:
            pytest.skip(f"{BINARY_VARIABLE} names no ArduCopter binary on this machine")
        ports = [
            await stack.enter_async_context(real_arducopter(binary, craft, speedup=1.0))
            for craft in crafts
        ]
        yield ports, [port + 2 for port in ports]


@contextlib.asynccontextmanager
async def flying_site(kind: str, folder: Path) -> AsyncGenerator[Site]:
    """Run `xunshan fleet` with four aircraft."""
    post = CommandPost(folder / "post.db")
    post_port = await post.start()
    async with aircraft(kind) as (ports, second_ports):
        config = {
            "node_id": "fleet-test",
            "server_url": f"http://127.0.0.1:{post_port}",
            "data_dir": str(folder / "fleet"),
            "links": [
                {"id": name, "url": f"tcp:127.0.0.1:{port}"}
                for name, port in zip(IDS, ports, strict=True)
            ],
            "vehicles": [
                {"vehicle_id": name, "link": name, "sysid": system}
                for name, system in zip(IDS, SYSTEMS, strict=True)
            ],
            "endpoint_base_port": free_port(),
        }
        file = folder / "fleet.json"
        file.write_text(json.dumps(config))
        process = await asyncio.create_subprocess_exec(
            *python_words(["fleet", "--config", str(file)]),
            env={**os.environ, "XUNSHAN_NODE_TOKEN": TOKEN},
            preexec_fn=end_with_parent,
        )
        site = Site(post, process)
        listening = [
            asyncio.create_task(watcher.run(port))
            for watcher, port in zip(site.watchers.values(), second_ports, strict=True)
        ]
        try:
            yield site
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
            if process.returncode is None:
                process.terminate()
            await process.wait()
            await post.stop()


@pytest.mark.parametrize("kind", ["simulated", "arducopter"])
async def test_four_in_the_air_outlive_the_kill_of_their_node(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived: defaultdict[int, list[Message]] = defaultdict(list)
    hear = VehicleLink.receive

    def noted(link: VehicleLink, data: bytes) -> list[Message]:
        messages = hear(link, data)
        system = link._codec.srcSystem  # pyright: ignore[reportPrivateUsage]
        arrived[system].extend(messages)
        return messages

    monkeypatch.setattr(VehicleLink, "receive", noted)
    async with flying_site(kind, tmp_path) as site:
        plans = dict(zip(IDS, map(plan_of, range(4)), strict=True))
        await site.all_are(lambda s: s.position_ok and s.prearm_ok, 180)
        for name, plan in plans.items():
            assert plan.flyable
            await site.order(
                UploadSortie(vehicle_id=name, sortie=plan.sorties[0], checks=plan.checks)
            )
        await asyncio.gather(
            *(
                site.order(StartSortie(vehicle_id=name, sortie_id=plan.sorties[0].id))
                for name, plan in plans.items()
            )
        )
        arrived.clear()
        others = [name for name in IDS if name != HELD]
        await site.order(PauseVehicle(vehicle_id=HELD))
        held, flying = ("BRAKE", "paused"), ("AUTO", "flying")
        await site.all_are(
            lambda s: (s.mode, s.sortie_state) == (held if s.vehicle_id == HELD else flying), 30
        )
        assert all(not altering(arrived[int(name[-1])]) for name in others), "not meant for them"

        before = {name: (s.mode, s.sortie_id, s.sortie_state) for name, s in site.states.items()}
        heard = {name: len(watcher.modes) for name, watcher in site.watchers.items()}
        arrived.clear()
        first, signed_in = site.worker(), site.post.sign_ins
        assert first is not None
        killed_s = time.monotonic()
        os.kill(first, signal.SIGKILL)
        await site.until(lambda: site.post.sign_ins > signed_in, 60)
        site.states.clear()
        await site.all_are(
            lambda s: (s.mode, s.sortie_id, s.sortie_state) == before[s.vehicle_id], 60
        )
        print(f"{kind}: all adopted {time.monotonic() - killed_s:.1f} s after the kill")
        assert site.worker() not in (first, None)
        async with asyncio.timeout(60):
            await asyncio.gather(*(w.beats(CALM_BEATS) for w in site.watchers.values()))
        for name, watcher in site.watchers.items():
            assert len(set(watcher.modes[heard[name] - 1 :])) == 1, f"{name} was disturbed"
            assert not altering(arrived[watcher.system]), f"{name} was told to do something"

        await site.order(ReturnVehicle(vehicle_id=STOPPED))
        await site.all_are(
            lambda s: s.mode == {HELD: "BRAKE", STOPPED: "RTL"}.get(s.vehicle_id, "AUTO"), 30
        )
        for name, watcher in site.watchers.items():
            if name != STOPPED:
                assert len(set(watcher.modes[heard[name] - 1 :])) == 1, f"{name} was not meant"
        site.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await site.process.wait() == 0


def altering(messages: Sequence[Message]) -> list[str]:
    """What asks for more than information."""
    return [
        str(message)
        for message in messages
        if message.get_type() in ALTERING
        and not (message.get_type() == "COMMAND_LONG" and message.command in ASKING)
    ]
