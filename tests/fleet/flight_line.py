"""A launch site for tests: a fleet node on real sockets, its vehicle, and a command post."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandBody,
    CommandOutcome,
    CommandResult,
    VehicleState,
)
from fleet.config import FleetConfig
from fleet.node import FleetNode
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.plan import AircraftSpec, CameraSpec, GeoPoint, PlanRequest, SearchPlan
from sim.vehicle import VehicleConfig, VehicleGroup, vehicle_group
from sim.vehicle.arducopter import BINARY_VARIABLE, arducopter_binary, real_arducopter
from sim.vehicle.link_fault_proxy import LinkFaultProxy, link_fault_proxy
from tests.contract.command_post import TOKEN, CommandPost

FCP = GeoPoint(lat_deg=24.9478, lon_deg=102.6108)
SPEEDUP = 10.0
MINUTE_S = 60.0
QUIET_FOR_A_WHILE = {"FS_GCS_TIMEOUT": 5.0 * SPEEDUP}
"""Five seconds by the clock, as in life: at ten times its speed a vehicle would turn back when this
machine stands still for half a second. ArduCopter before 4.1 has no such parameter."""


def free_port() -> int:
    """A TCP port that nothing holds now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def search_plan(vehicle_id: str = "XS-U2", **changed: object) -> SearchPlan:
    """A small search beside the fire checkpoint, over real slopes of the demo terrain."""
    south, west = 24.9482, 102.6112
    area = [
        GeoPoint(lat_deg=south, lon_deg=west),
        GeoPoint(lat_deg=south + 0.0014, lon_deg=west),
        GeoPoint(lat_deg=south + 0.0014, lon_deg=west + 0.0018),
        GeoPoint(lat_deg=south, lon_deg=west + 0.0018),
    ]
    craft = AircraftSpec(vehicle_id=vehicle_id, launch=FCP, camera=CameraSpec(pitch_deg=-40))
    request = PlanRequest.model_validate({"area": area, "aircraft": [craft], **changed})
    return plan_search(request, demo_terrain(), new_id())


@dataclass
class FlightLine:
    """What a test drives."""

    node: FleetNode
    post: CommandPost
    endpoint_port: int
    second_port: int
    """Another way to the vehicle, past the node."""
    proxies: Sequence[LinkFaultProxy] = ()
    """Of radio and mobile network, where there are two ways."""
    work: asyncio.Task[None] | None = None
    states: list[VehicleState] = field(default_factory=list[VehicleState])
    radio: LinkFaultProxy | None = None
    """The radio to the vehicle, which a test may make bad."""
    neighbours: list[VehicleState] = field(default_factory=list[VehicleState])
    """Of the second aircraft, where there is one."""
    post_port: int = 0
    """Where the command post listens, also after it was stopped and started again."""

    async def order(self, body: CommandBody, within_s: float = 60) -> CommandResult:
        """Send an order over the field link and return how it ended."""
        now_ms = self.node.now_ms()
        command = Command(
            id=new_id(), author="pilot", issued_ms=now_ms, expires_ms=now_ms + 30_000, body=body
        )
        await self.post.command(command)

        def ended() -> CommandResult | None:
            begun = CommandOutcome.ACCEPTED
            answers = [r for r in self.post.results if r.command_id == command.id]
            return next((r for r in answers if r.outcome is not begun), None)

        async with asyncio.timeout(within_s):
            await self.post.wait_for(lambda: ended() is not None)
        result = ended()
        assert result is not None
        return result

    async def kill_node(self) -> None:
        """End the node; its vehicle hears nothing more of it."""
        assert self.work is not None
        self.work.cancel()
        await asyncio.gather(self.work, return_exceptions=True)

    async def until(self, condition: Callable[[VehicleState], bool], within_s: float = 120) -> None:
        """Wait until the newest published state fulfils a condition."""
        async with asyncio.timeout(within_s):
            await self.post.wait_for(lambda: bool(self.states) and condition(self.states[-1]))


def _elevation(lat_deg: float, lon_deg: float) -> float:
    return float(demo_terrain().elevation_m(lat_deg, lon_deg))


@contextlib.asynccontextmanager
async def flight_line(
    kind: str,
    folder: Path,
    *,
    settings: Mapping[str, object] | None = None,
    parameters: Mapping[str, float] | None = None,
    neighbour: GeoPoint | None = None,
    two_ways: bool = False,
    radio_between: bool = False,
    ftp: bool = True,
    remote_id: bool = False,
    autopilot_only: bool = False,
) -> AsyncGenerator[FlightLine]:
    """Run a command post, a vehicle (`simulated` or `arducopter`) and a fleet node.

    Args:
        kind: of vehicle.
        folder: for the node's and the post's files.
        settings: of the node, besides the usual ones.
        parameters: of the simulated vehicle.
        neighbour: where a second vehicle stands, XS-U3; None for none.
        two_ways: the node hears it over a radio and a mobile network (`FlightLine.proxies`).
        radio_between: put `line.radio` between node and vehicle.
        ftp: whether the simulated vehicle serves files by MAVLink FTP.
        remote_id: whether it has a Remote ID module.
        autopilot_only: its endpoint hides the camera.
    """
    post = CommandPost(folder / "post.db")
    post_port = await post.start()
    vehicle = VehicleConfig(
        2, FCP.lat_deg, FCP.lon_deg, ground_amsl_m=_elevation(FCP.lat_deg, FCP.lon_deg),
        tcp_port=0, ftp=ftp, remote_id=remote_id, camera_hfov_deg=62.0,
        parameters={**(QUIET_FOR_A_WHILE if kind == "simulated" else {}), **(parameters or {})},
    )  # fmt: skip
    crafts = [vehicle]
    vehicles: list[Mapping[str, object]] = [
        {
            "vehicle_id": "XS-U2",
            "link": "tcp",
            "sysid": 2,
            "read_only": False,
            "autopilot_only": autopilot_only,
        }
    ]
    if neighbour is not None:
        place = (neighbour.lat_deg, neighbour.lon_deg)
        crafts.append(VehicleConfig(3, *place, ground_amsl_m=_elevation(*place), tcp_port=0))
        vehicles.append({"vehicle_id": "XS-U3", "link": "tcp3", "sysid": 3, "read_only": True})
    async with contextlib.AsyncExitStack() as stack:
        if kind == "simulated":
            group = VehicleGroup(crafts, speedup=SPEEDUP, terrain=_elevation)
            await stack.enter_async_context(vehicle_group(group))
            ports, second_port = group.tcp_ports[::2], group.tcp_ports[1]
        else:
            binary = arducopter_binary()
            if binary is None:
                pytest.skip(f"{BINARY_VARIABLE} names no ArduCopter binary on this machine")
            ports = [
                await stack.enter_async_context(real_arducopter(binary, craft, speedup=SPEEDUP))
                for craft in crafts
            ]
            second_port = ports[0] + 2
        proxies: list[LinkFaultProxy] = []
        names = ["tcp", "tcp3"]
        if two_ways:
            names = ["radio", "mobile"]
            proxies = [
                await stack.enter_async_context(link_fault_proxy(port, seed=seed))
                for seed, port in enumerate((ports[0], second_port))
            ]
            ports = [proxy.port for proxy in proxies]
            vehicles[0] = {**vehicles[0], "link": "", "links": names}
        radio = None
        if radio_between:
            radio = await stack.enter_async_context(link_fault_proxy(ports[0]))
            ports = [radio.port, *ports[1:]]
        base = free_port()
        config = FleetConfig.model_validate(
            {
                "node_id": "fleet-test",
                "server_url": f"http://127.0.0.1:{post_port}",
                "data_dir": str(folder / "fleet"),
                "links": [
                    {"id": name, "url": f"tcp:127.0.0.1:{port}"}
                    for name, port in zip(names, ports, strict=False)
                ],
                "vehicles": vehicles,
                "endpoint_base_port": base,
                "heartbeat_hz": SPEEDUP,
            }
            | dict(settings or {})
        )
        node = FleetNode(config, TOKEN)
        line = FlightLine(
            node, post, base + 2, second_port, proxies, radio=radio, post_port=post_port
        )

        def keep(message: object) -> None:
            if isinstance(message, VehicleState):
                own = message.vehicle_id == "XS-U2"
                (line.states if own else line.neighbours).append(message)

        post.on_latest = keep
        line.work = asyncio.create_task(node.run())
        try:
            yield line
        finally:
            await line.kill_node()
            await post.stop()
