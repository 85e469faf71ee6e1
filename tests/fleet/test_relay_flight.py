"""A place watched in turn by two flying aircraft: real node, real command post, small batteries.

Flown by the simulated vehicle and, where there is one, by the real ArduCopter. The time in which
nobody is there is measured in the aircraft's own seconds (story O11: 30 at most).
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from field_api.app import make_services
from field_api.contract.ids import new_id
from field_api.contract.messages import VehicleState
from field_api.contract.scenario import load_scenario
from field_api.features.accounts.demo import seed_accounts
from field_api.features.flights.heard import newest_state
from field_api.features.roster.scenario import seed_roster
from field_api.settings import Settings
from fleet.config import FleetConfig
from fleet.node import FleetNode
from mission_plans.ground.geodesy import destination, distance_m
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from sim.vehicle import VehicleConfig, VehicleGroup, vehicle_group
from sim.vehicle.arducopter import BINARY_VARIABLE, arducopter_binary, real_arducopter
from tests.field_api.post import (
    CHECKLIST,
    OPERATOR,
    SCENARIO,
    T0_MS,
    Post,
    plan_body,
    socket_post,
)
from tests.fleet.flight_line import FCP, free_port

pytestmark = [pytest.mark.slow, pytest.mark.serial]

PLACE = destination(FCP, 45, 120)
IDS = ("XS-U1", "XS-U2")
GAP_S = 30.0
WITHIN_S = 400
"""A battery lasts longer where the machine can't keep up with the aircraft."""


@dataclass(frozen=True)
class Kind:
    """How one kind of aircraft is flown."""

    speedup: float
    endurance_min: int


KINDS = {
    "simulated": Kind(5, 8),
    # Its clock does not wait while a busy machine holds the node up: five of its seconds without a
    # heartbeat bring it home.
    "arducopter": Kind(2, 6),
}


def elevation(lat_deg: float, lon_deg: float) -> float:
    return float(demo_terrain().elevation_m(lat_deg, lon_deg))


@dataclass
class Relay:
    """A post, a node, two aircraft, and what was seen of both."""

    post: Post
    node: FleetNode
    pilot: httpx.AsyncClient
    incident_id: str
    speedup: float
    seen: list[tuple[float, dict[str, VehicleState]]] = field(
        default_factory=list[tuple[float, dict[str, VehicleState]]]
    )
    """Every twentieth of a second, with the time in the aircraft's seconds."""

    def state(self, vehicle_id: str) -> VehicleState | None:
        return newest_state(self.post.services, vehicle_id)

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        while True:
            now_s = (loop.time() - begun_s) * self.speedup
            states = {name: self.state(name) for name in IDS}
            self.seen.append((now_s, {n: s for n, s in states.items() if s is not None}))
            await asyncio.sleep(0.05)

    async def until(self, vehicle_id: str, fits: Callable[[VehicleState], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            # What the bus heard is asked.
            while (state := self.state(vehicle_id)) is None or not fits(state):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def plan(self, vehicle_id: str) -> str:
        """Make and authorise a small search beside the place; return its id."""
        south, west = 24.9482, 102.6112
        corners = ((0, 0), (0.0014, 0), (0.0014, 0.0018), (0, 0.0018))
        area = [{"lat_deg": south + up, "lon_deg": west + right} for up, right in corners]
        body = plan_body(area=area, vehicle_ids=[vehicle_id])
        made = await self.pilot.post(f"incidents/{self.incident_id}/plans", json=body)
        assert made.status_code == 201, made.text
        answer = await self.pilot.post(
            f"plans/{body['id']}/authorise", json={"checklist": CHECKLIST, "revision": 1}
        )
        assert answer.status_code == 200, answer.text
        return body["id"]

    async def actions(self) -> list[str]:
        lines = (await self.pilot.get(f"incidents/{self.incident_id}/timeline")).json()
        return [line["action"] for line in lines]

    async def said(self, action: str) -> None:
        async with asyncio.timeout(WITHIN_S):
            while action not in await self.actions():  # noqa: ASYNC110 - HTTP is asked
                await asyncio.sleep(0.2)


def spec_of_day(folder: Path, endurance_min: int) -> Settings:
    """Seed a post whose aircraft have small batteries."""
    scenario: dict[str, Any] = json.loads(json.dumps(SCENARIO))
    for craft in scenario["aircraft"]:
        craft["endurance_min"] = endurance_min
    folder.mkdir(parents=True)
    file = folder / "scenario.json"
    file.write_text(json.dumps(scenario), "utf-8")
    settings = Settings(data_dir=folder, command_expiry_s=30)
    services = make_services(settings, lambda: T0_MS)
    with services.store.change(OPERATOR) as change:
        seed_roster(change, load_scenario(file))
        seed_accounts(change, load_scenario(file))
    services.close()
    return settings


async def tick(post: Post) -> None:
    """Let the post's clock go on as fast as the machine's."""
    loop = asyncio.get_running_loop()
    begun_s, begun_ms = loop.time(), post.clock.now_ms
    while True:
        post.clock.now_ms = begun_ms + round((loop.time() - begun_s) * 1000)
        await asyncio.sleep(0.02)


async def in_the_air(
    name: str, crafts: list[VehicleConfig], stack: contextlib.AsyncExitStack
) -> list[int]:
    """Switch the aircraft on; return the port of each."""
    speedup = KINDS[name].speedup
    if name == "simulated":
        group = VehicleGroup(crafts, speedup=speedup, terrain=elevation)
        await stack.enter_async_context(vehicle_group(group))
        return list(group.tcp_ports[::2])
    binary = arducopter_binary()
    if binary is None:
        pytest.skip(f"{BINARY_VARIABLE} names no ArduCopter binary on this machine")
    flown = [real_arducopter(binary, craft, speedup=speedup) for craft in crafts]
    return [await stack.enter_async_context(one) for one in flown]


@pytest_asyncio.fixture(params=list(KINDS))
async def relay(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Relay]:
    kind = KINDS[request.param]
    places = [FCP, destination(FCP, 225, 15)]
    crafts = [
        VehicleConfig(
            number + 1, at.lat_deg, at.lon_deg, tcp_port=0,
            ground_amsl_m=elevation(at.lat_deg, at.lon_deg), endurance_s=kind.endurance_min * 60.0,
        )
        for number, at in enumerate(places)
    ]  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        ports = await in_the_air(request.param, crafts, stack)
        post = await stack.enter_async_context(
            socket_post(spec_of_day(tmp_path / "post", kind.endurance_min))
        )
        config = FleetConfig.model_validate(
            {
                "node_id": "fleet-1",
                "server_url": post.base_url,
                "data_dir": str(tmp_path / "fleet"),
                "links": [
                    {"id": f"tcp{number}", "url": f"tcp:127.0.0.1:{port}"}
                    for number, port in enumerate(ports)
                ],
                "vehicles": [
                    {"vehicle_id": name, "link": f"tcp{number}", "sysid": number + 1}
                    for number, name in enumerate(IDS)
                ],
                "endpoint_base_port": free_port(),
                "heartbeat_hz": 5.0,
            }
        )
        pilot = await post.sign_in("pilot")
        node = FleetNode(config, post.enrol("fleet-1", "fleet"))
        line = Relay(post, node, pilot, await post.open_incident(), kind.speedup)
        works = [asyncio.create_task(work) for work in (tick(post), node.run(), line.watch())]
        try:
            yield line
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)


async def first_watches(relay: Relay) -> None:
    """The first flies and is sent to the place, the second is its relief."""
    for name in IDS:
        await relay.until(name, lambda s: s.position_ok and s.prearm_ok)
    first = await relay.plan("XS-U1")
    await relay.plan("XS-U2")
    launched = await relay.pilot.post(f"plans/{first}/launch")
    assert launched.status_code == 202, launched.text
    await relay.until(
        "XS-U1",
        lambda s: s.mode == "AUTO" and (s.altitude_agl_m or 0) > 40 and s.minutes_left is not None,
    )
    keep = {
        "id": new_id(), "place": PLACE.model_dump(), "height_agl_m": 60, "reliefs": ["XS-U2"],
    }  # fmt: skip
    answer = await relay.pilot.post("vehicles/XS-U1/keep-watch", json=keep)
    assert answer.status_code == 202, answer.text
    await relay.until("XS-U1", is_there)


def away_m(state: VehicleState) -> float:
    assert state.lat_deg is not None
    assert state.lon_deg is not None
    return distance_m(GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg), PLACE)


def is_there(state: VehicleState) -> bool:
    """Whether an aircraft stands beside the place: 40 m away from it."""
    return state.lat_deg is not None and abs(away_m(state) - 40) < 8 and state.mode == "GUIDED"


async def test_the_second_is_there_before_the_first_leaves(relay: Relay) -> None:
    await first_watches(relay)
    await relay.said("station.relieved")
    await relay.until("XS-U1", lambda s: s.mode == "RTL")
    await relay.until("XS-U1", lambda s: s.sortie_state == "returned")
    begun_s = next(t for t, states in relay.seen if "XS-U1" in states and is_there(states["XS-U1"]))
    alone_s = last_s = 0.0
    both_s, closest = 0.0, 1e9
    before_s = begun_s
    for now_s, states in relay.seen:
        if now_s <= begun_s:
            continue
        there = [name for name in IDS if name in states and is_there(states[name])]
        last_s = 0.0 if there else last_s + now_s - before_s
        alone_s = max(alone_s, last_s)
        both_s += now_s - before_s if len(there) == 2 else 0.0
        before_s = now_s
        closest = min(closest, separation(states)) if len(states) == 2 else closest
    print(
        f"nobody there for {alone_s:.1f} s at most, both for {both_s:.1f} s; nearest {closest:.2f}"
    )
    assert alone_s <= GAP_S
    assert both_s > 0
    assert closest > 0.7
    first = relay.state("XS-U1")
    assert first is not None
    # It came home with the reserve that it was relieved for.
    assert (first.battery.remaining_fraction or 0) > 0.1
    assert "station.left" not in await relay.actions()


def separation(states: dict[str, VehicleState]) -> float:
    """Return how far apart both in the air are, as a share of 50 m or 20 m of height."""
    a, b = states.values()
    if not (a.armed and b.armed) or min(a.altitude_agl_m or 0, b.altitude_agl_m or 0) < 10:
        return 1e9
    level_m = distance_m(
        GeoPoint(lat_deg=a.lat_deg or 0, lon_deg=a.lon_deg or 0),
        GeoPoint(lat_deg=b.lat_deg or 0, lon_deg=b.lon_deg or 0),
    )
    rise_m = abs((a.altitude_amsl_m or 0) - (b.altitude_amsl_m or 0))
    return max(level_m / 50, rise_m / 20)


async def test_where_the_relief_does_not_start_the_first_comes_home_in_time(relay: Relay) -> None:
    await first_watches(relay)
    plans = (await relay.pilot.get("sorties")).json()
    second = next(s for s in plans if s["vehicle_id"] == "XS-U2")
    await relay.said("station.relief_sent")
    # Somebody keeps it on the ground: that stop is final.
    stop = {"id": new_id(), "action": "pause"}
    stopped = await relay.pilot.post("vehicles/XS-U2/commands", json=stop)
    assert stopped.status_code == 202, stopped.text
    await relay.said("station.left")
    assert "station.relief_taken" in await relay.actions()
    await relay.until("XS-U1", lambda s: s.sortie_state == "returned")
    first, other = relay.state("XS-U1"), relay.state("XS-U2")
    assert first is not None
    assert other is not None
    assert (first.battery.remaining_fraction or 0) > 0.1
    assert not other.armed
    states = (await relay.pilot.get("sorties")).json()
    assert next(s for s in states if s["id"] == second["id"])["state"] != "flying"
