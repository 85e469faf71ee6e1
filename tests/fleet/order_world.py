"""A real node, two model aircraft and an intruder, in a time of its own; and what must never be.

The node is the whole `FleetNode` with everything it does by itself; only its links, its connection
to a command post and the clock are the test's.
"""

import asyncio
import random
import selectors
import shutil
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, cast
from unittest import mock

from field_api.contract.ids import new_id
from field_api.contract.messages import Command, CommandBody, CommandOutcome, CommandResult
from fleet.config import FleetConfig
from fleet.links import Link, LinkWatch
from fleet.mavlink import Codec, Message
from fleet.node import FleetNode
from mission_plans.ground.geodesy import moved
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint, SearchPlan
from tests.fleet.flight_line import FCP, search_plan
from tests.fleet.order_model import OrderModel
from tests.fleet.wire import Side

__all__ = ["IDS", "NEXT", "PLANS", "OrderWorld"]

IDS = ("XS-U2", "XS-U3")
SYSTEMS = {"XS-U2": 2, "XS-U3": 3}
INTRUDER = ("intruder", 9)
STEP_S = 0.1
SHIFTED = [
    GeoPoint(lat_deg=24.9484 + up, lon_deg=102.6114 + right)
    for up, right in ((0, 0), (0.001, 0), (0.001, 0.0012), (0, 0.0012))
]
PLANS: dict[str, SearchPlan] = {vehicle_id: search_plan(vehicle_id) for vehicle_id in IDS}
NEXT: dict[str, SearchPlan] = {
    vehicle_id: search_plan(vehicle_id, area=SHIFTED) for vehicle_id in IDS
}
STOPS = {"pause_vehicle": "BRAKE", "return_vehicle": "RTL", "land_vehicle": "LAND"}


class _Selector(selectors.DefaultSelector):
    """Nobody waits: the time goes on instead."""

    def __init__(self, world: "OrderWorld") -> None:
        super().__init__()
        self._world = world

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is not None and timeout > 0:
            self._world.now_s += timeout
        return ready


class _Link(Link):
    """Carries frames to whoever stands at an address: some are lost, some come twice."""

    def __init__(self, world: "OrderWorld") -> None:
        super().__init__("udp", lambda *_: None, LinkWatch(lambda *_: None))
        self._world = world

    async def run(self) -> None:
        """Nothing arrives by itself."""

    def send_frame(self, frame: bytes, address: Any) -> None:
        self._world.carried(frame, address)


class OrderWorld:
    """Gives orders, lets time pass, and raises AssertionError for what must never happen."""

    def __init__(self, seed: int) -> None:
        self.now_s = 1000.0
        self.loss, self.twice = 0.0, 0.0
        self.muted: dict[str, float] = {}
        """Until when nothing is heard of an aircraft."""
        self.intrudes = ""
        self.answers: dict[str, CommandResult] = {}
        self._random = random.Random(seed)
        self._folder = Path(tempfile.mkdtemp(prefix="orders-"))
        self._patch = mock.patch.object(time, "monotonic", self._monotonic)
        self._patch.start()
        self._loop = asyncio.SelectorEventLoop(_Selector(self))
        self.models = {
            vehicle_id: OrderModel(
                system,
                self._home(vehicle_id),
                PLANS[vehicle_id].sorties[0].launch_amsl_m,
                lambda what, vehicle_id=vehicle_id: self._effect(vehicle_id, what),
            )
            for vehicle_id, system in SYSTEMS.items()
        }
        self._sides = {vehicle_id: Side(system) for vehicle_id, system in SYSTEMS.items()}
        self._addresses = {vehicle_id: (vehicle_id, 1) for vehicle_id in IDS}
        self._stop: dict[str, str] = dict.fromkeys(IDS, "")
        """The last stop that was given."""
        self._after: dict[str, set[str]] = {vehicle_id: set() for vehicle_id in IDS}
        """What was ordered after it."""
        self._stopped_ms: dict[str, int] = dict.fromkeys(IDS, 1)
        self._starts: dict[str, int] = dict.fromkeys(IDS, 0)
        self._orders: set[asyncio.Task[None]] = set()
        self.broken: list[str] = []
        self._run(self._begin())

    def _monotonic(self) -> float:
        return self.now_s

    @staticmethod
    def _home(vehicle_id: str) -> GeoPoint:
        return FCP if vehicle_id == IDS[0] else moved(FCP, 0.0, 6.0)

    def _run(self, steps: Coroutine[Any, Any, None]) -> None:
        self._loop.run_until_complete(steps)
        for part in (self._flying, self._ticking):
            if part.done():
                part.result()  # The world itself must not stand still unnoticed.
        assert not self.broken, "; ".join(self.broken)

    async def _begin(self) -> None:
        self._node = self._new_node()
        self._ticking = self._loop.create_task(self._node._tick())  # pyright: ignore[reportPrivateUsage]
        self._flying = self._loop.create_task(self._fly())
        await asyncio.sleep(3)

    def _new_node(self) -> FleetNode:
        config = FleetConfig.model_validate(
            {
                "node_id": "fleet-test",
                "server_url": "http://127.0.0.1:9",
                "data_dir": str(self._folder),
                "links": [{"id": "udp", "url": "udpin:127.0.0.1:14550"}],
                "vehicles": [
                    {"vehicle_id": vehicle_id, "link": "udp", "sysid": system}
                    for vehicle_id, system in SYSTEMS.items()
                ],
                "endpoints": False,
                "max_wind_ms": 30,
            }
        )
        with mock.patch("fleet.node.demo_terrain", demo_terrain):
            node = cast(Any, FleetNode(config, "secret"))
        node._links["udp"] = _Link(self)
        clock = node._clock
        clock._began_ns, clock._monotonic_ns = 10**18, lambda: round(self.now_s * 1e9)
        node._departures._monotonic_s = lambda: self.now_s
        node._reports.tell = self._told
        return node

    def _told(self, message: Any) -> None:
        if isinstance(message, CommandResult):
            self.answers[message.command_id] = message

    @property
    def now_ms(self) -> int:
        """The node's time."""
        return self._node.now_ms()

    # --- time -------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Let the world go on."""
        self._run(asyncio.sleep(seconds))

    async def _fly(self) -> None:
        intruder = OrderModel(0, moved(FCP, 600.0, 0.0), 1900.0, lambda _: None)
        while True:
            for vehicle_id, model in self.models.items():
                self._heard(vehicle_id, model.step(STEP_S, self.now_s))
            for message in intruder.step(STEP_S, self.now_s) if self._may_intrude() else ():
                said = self._sides[self.intrudes].says(message)
                self._node._receive("udp", INTRUDER, said)  # pyright: ignore[reportPrivateUsage]
            await asyncio.sleep(STEP_S)

    def _may_intrude(self) -> bool:
        """Whether the other device speaks: never before the aircraft, which is met first."""
        binding = self._node._roster.binding(self.intrudes, "udp")  # pyright: ignore[reportPrivateUsage]
        return binding is not None and binding.address == self._addresses[self.intrudes]

    def _heard(self, vehicle_id: str, messages: list[Message]) -> None:
        for message in messages:
            if self._random.random() < self.loss or self.muted.get(vehicle_id, 0) > self.now_s:
                continue
            said = self._sides[vehicle_id].says(message)
            address = self._addresses[vehicle_id]
            self._node._receive("udp", address, said)  # pyright: ignore[reportPrivateUsage]

    def carried(self, frame: bytes, address: Any) -> None:
        """Take a frame of the node to where it goes."""
        (message,) = Codec().parse(frame)
        to = getattr(message, "target_system", None)
        if address == INTRUDER:
            if message.get_type() != "COMMAND_LONG" or message.command != 512:
                self.broken.append(f"{message.get_type()} to the intruder")
            return
        vehicle_id = address[0]
        if to not in (None, 0, SYSTEMS[vehicle_id]):
            self.broken.append(f"{message.get_type()} for {to} at the address of {vehicle_id}")
        if self.muted.get(vehicle_id, 0) > self.now_s or self._random.random() < self.loss:
            return
        for _ in range(2 if self._random.random() < self.twice else 1):
            answers = self.models[vehicle_id].receive(message, self.now_s)
            self._loop.call_soon(self._heard, vehicle_id, answers)

    # --- orders -----------------------------------------------------------------------------

    def give(self, *bodies: CommandBody) -> list[str]:
        """Give orders at once, without waiting for what comes of them; return their ids."""
        ids = [new_id() for _ in bodies]
        self._run(self._give(dict(zip(ids, bodies, strict=True))))
        return ids

    def give_late(self, body: CommandBody) -> None:
        """Give an order from before the last stop, which had been on its way for long."""
        self._run(self._give_late(body))

    async def _give_late(self, body: CommandBody) -> None:
        issued_ms = self._stopped_ms[body.vehicle_id] - 1
        command = Command(
            id=new_id(),
            author="pilot",
            issued_ms=issued_ms,
            expires_ms=self.now_ms + 30_000,
            body=body,
        )
        await self._node.on_command(command)

    async def _give(self, bodies: dict[str, CommandBody]) -> None:
        for command_id, body in bodies.items():
            await asyncio.sleep(0.01)
            task = self._loop.create_task(self._carry_out(command_id, body))
            self._orders.add(task)
            task.add_done_callback(self._orders.discard)
        await asyncio.sleep(0.01)

    async def _carry_out(self, command_id: str, body: CommandBody) -> None:
        vehicle_id, now_ms = body.vehicle_id, self._node.now_ms()
        if body.action in STOPS:
            self._stop[vehicle_id], self._after[vehicle_id] = body.action, set()
            self._stopped_ms[vehicle_id] = now_ms
        else:
            self._after[vehicle_id].add(body.action)
            self._starts[vehicle_id] += body.action == "start_sortie"
        command = Command(
            id=command_id, author="pilot", issued_ms=now_ms, expires_ms=now_ms + 30_000, body=body
        )
        await self._node.on_command(command)
        answer = self.answers.get(command_id)
        untouched = self._stop[vehicle_id] == body.action and not self._after[vehicle_id]
        if body.action in STOPS and untouched and answer is not None:
            self._stopped(vehicle_id, answer, STOPS[body.action])

    def _stopped(self, vehicle_id: str, answer: CommandResult, mode: str) -> None:
        model = self.models[vehicle_id]
        if (
            answer.outcome is CommandOutcome.DONE
            and model.armed
            and model.mode not in (mode, "GUIDED")
        ):
            self.broken.append(f"{vehicle_id} is in {model.mode} after a confirmed {mode}")

    def _effect(self, vehicle_id: str, what: str) -> None:
        """Judge what an aircraft was just made to do."""
        stop, after = self._stop[vehicle_id], self._after[vehicle_id]
        sortie = self._node._aircraft[vehicle_id].pilot.sortie  # pyright: ignore[reportPrivateUsage]
        # The node's own order of landing moves an aircraft on its way home, and no other.
        lands_later = stop in ("", "return_vehicle") and sortie is not None and sortie.waits_to_land
        going = {"start_sortie", "resume_vehicle", "look_again", "retask_sortie"}
        guided = {"start_sortie", "fly_to", "look_again"}
        allowed = {
            "arm": "start_sortie" in after,
            "begin": "start_sortie" in after,
            "takeoff": "start_sortie" in after,
            "items": bool(after & {"upload_sortie", "retask_sortie"}),
            "target": bool(after & guided) or lands_later,
            "AUTO": bool(after & going),
            "GUIDED": bool(after & guided) or lands_later,
            "BRAKE": stop == "pause_vehicle" or "retask_sortie" in after,
            "RTL": stop == "return_vehicle" or lands_later,
            "LAND": stop == "land_vehicle",
        }[what]
        if not allowed:
            self.broken.append(
                f"{vehicle_id}: {what} after {stop or 'nothing'} and {sorted(after)}"
            )
        if what == "takeoff" and self.models[vehicle_id].takeoffs > self._starts[vehicle_id]:
            self.broken.append(f"{vehicle_id} took off more often than it was started")

    # --- faults -----------------------------------------------------------------------------

    def kill_node(self, down_s: float) -> None:
        """End the node as a kill does, and start another on the same disk."""
        self._run(self._restart(down_s))

    async def _restart(self, down_s: float) -> None:
        await self._end([self._ticking, *self._orders, *self._own_tasks()])
        node = self._node
        node.client.close()
        self._node = self._new_node()
        await asyncio.sleep(down_s)
        self._ticking = self._loop.create_task(self._node._tick())  # pyright: ignore[reportPrivateUsage]

    def _own_tasks(self) -> list[asyncio.Task[Any]]:
        mine = {self._flying, asyncio.current_task(self._loop)}
        return [task for task in asyncio.all_tasks(self._loop) if task not in mine]

    @staticmethod
    async def _end(tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """Let go of everything."""
        try:
            self._loop.run_until_complete(self._end([self._flying]))
            self._loop.run_until_complete(self._end_all())
        finally:
            self._node.client.close()
            self._loop.close()
            self._patch.stop()
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _end_all(self) -> None:
        await self._end(self._own_tasks())
