"""The simulated world in one process: vehicles, camera processes, and handhelds."""

import asyncio
import signal
import sys
import time
from dataclasses import dataclass
from typing import Literal

import httpx
import structlog

from field_api.contract.scenario import Scenario, TerminalStart
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from sim.camera.run import CameraConfig
from sim.camera_processes import camera_configs, film
from sim.demo.options import DEMO_PASSWORD
from sim.demo.preflight import check_ports
from sim.demo.vehicle_ports import ports_of_vehicles, vehicle_tcp_ports
from sim.flight import fly_arducopter, fly_simulated, vehicle_configs
from sim.handheld import Handheld
from sim.handheld_session import HandheldSession
from sim.log_level import log_from_info
from sim.photo import take_photo
from sim.vehicle.arducopter import BINARY_VARIABLE, arducopter_binary

__all__ = ["SimOptions", "run_sim"]

log = structlog.get_logger(__name__)

CAMERAS_WAIT_S = 30
EXIT_PORT_TAKEN = 2


@dataclass(frozen=True, slots=True)
class SimOptions:
    """The command line of `xunshan sim`."""

    scenario: Scenario
    server: str | None
    mavlink_port: int
    camera_port: int
    sitl_port: int
    router_port: int
    speedup: float
    seed: int
    vehicles: int
    cameras: int
    autopilot: Literal["sim", "arducopter"]
    manual: tuple[str, ...]
    camera_width_px: int | None = None
    camera_fps: int | None = None


def run_sim(options: SimOptions) -> int:
    """Play until SIGINT or SIGTERM; return the exit status, 2 where a port is taken."""
    problems = check_ports(
        ports_of_vehicles(
            options.scenario, options.vehicles, options.sitl_port, options.router_port
        )
    )
    if problems:
        for problem in problems:
            print(problem, file=sys.stderr)
        return EXIT_PORT_TAKEN
    log_from_info()
    return asyncio.run(_run(options))


async def _run(options: SimOptions) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    stopped = asyncio.create_task(stop.wait())
    play = asyncio.create_task(_play(options))
    try:
        await asyncio.wait({stopped, play}, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            return 0
        await play
    finally:
        for task in (stopped, play):
            task.cancel()
        await asyncio.gather(stopped, play, return_exceptions=True)
    return 1


async def _play(options: SimOptions) -> None:
    terrain = demo_terrain()
    count = len(options.scenario.flying(options.vehicles))
    tcp_ports = vehicle_tcp_ports(options.sitl_port, count, options.router_port)
    configs = vehicle_configs(
        options.scenario, terrain, options.mavlink_port, tcp_ports, options.speedup
    )
    async with asyncio.TaskGroup() as group:
        if options.autopilot == "arducopter":
            binary = arducopter_binary()
            if binary is None:
                raise RuntimeError(f"{BINARY_VARIABLE} names no executable file")
            group.create_task(fly_arducopter(configs, binary, options.speedup))
        elif configs:
            group.create_task(fly_simulated(configs, terrain, options.speedup, options.seed))
        cameras = camera_configs(
            options.scenario,
            options.vehicles,
            options.cameras,
            tcp_ports=tcp_ports,
            camera_port=options.camera_port,
            epoch_s=time.time(),
            speedup=options.speedup,
            seed=options.seed,
            width_px=options.camera_width_px,
            frames_per_s=options.camera_fps,
        )
        if cameras:
            group.create_task(_film(cameras, options.server))
        if options.server:
            group.create_task(_play_handhelds(options, options.server))


async def _film(cameras: list[CameraConfig], server: str | None) -> None:
    """Start the cameras once the command post is up: drawing takes all the cores there are."""
    if server:
        async with httpx.AsyncClient(base_url=server, trust_env=False, timeout=5) as client:
            for _ in range(CAMERAS_WAIT_S):
                try:
                    if (await client.get("/api/v1/health")).is_success:
                        break
                except httpx.TransportError as error:
                    log.debug("cameras wait for the command post", reason=str(error))
                await asyncio.sleep(1)
    await film(cameras)


async def _play_handhelds(options: SimOptions, server: str) -> None:
    async with asyncio.TaskGroup() as group:
        for start in options.scenario.sim.terminals:
            group.create_task(_play_handheld(options, server, start))


async def _play_handheld(options: SimOptions, server: str, start: TerminalStart) -> None:
    handheld = Handheld(
        start.terminal_id,
        GeoPoint(lat_deg=start.lat, lon_deg=start.lon),
        start.report_text,
        take_photo,
    )
    # One client each: the session cookie of one must never travel with another's request.
    async with httpx.AsyncClient(base_url=server, trust_env=False, timeout=10) as client:
        session = HandheldSession(
            handheld,
            client,
            DEMO_PASSWORD,
            speedup=options.speedup,
            acts=start.acts and start.terminal_id not in options.manual,
        )
        await session.run()
