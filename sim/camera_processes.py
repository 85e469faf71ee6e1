"""One process for each simulated camera: drawing and encoding fill a processor core."""

import asyncio
import multiprocessing
from collections.abc import Sequence
from multiprocessing.process import BaseProcess

from field_api.contract.scenario import Scenario
from sim.camera.run import CameraConfig, run_camera
from sim.demo.vehicle_ports import SECOND_PORT_OFFSET
from sim.log_level import log_from_info
from sim.parent_death import end_with_parent

__all__ = ["camera_configs", "film"]

STOP_WITHIN_S = 3.0


class CameraEndedError(RuntimeError):
    """A camera's process ended on its own."""


def camera_configs(
    scenario: Scenario,
    vehicles: int,
    cameras: int,
    *,
    tcp_ports: Sequence[int],
    camera_port: int,
    epoch_s: float,
    speedup: float,
    seed: int,
    width_px: int | None = None,
    frames_per_s: int | None = None,
) -> list[CameraConfig]:
    """Return the settings of the first `cameras` flying aircraft's cameras.

    `tcp_ports` are the vehicles' first ports; each camera follows its vehicle over the second.
    """
    return [
        CameraConfig(
            scenario=scenario,
            vehicle_id=craft.id,
            sysid=craft.sysid,
            pose_url=f"tcp:127.0.0.1:{tcp_ports[n] + SECOND_PORT_OFFSET}",
            destination=f"udp://127.0.0.1:{camera_port + 2 * n}",
            epoch_s=epoch_s,
            speedup=speedup,
            seed=seed,
            width_px=width_px,
            frames_per_s=frames_per_s,
        )
        for n, craft in enumerate(scenario.flying(vehicles)[:cameras])
    ]


async def film(configs: Sequence[CameraConfig]) -> None:
    """Run the cameras until cancelled.

    Raises:
        CameraEndedError: one of them ended on its own.
    """
    # A forked child would share the event loop and the sockets of this process.
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_camera, args=(config,), name=f"camera {config.vehicle_id}")
        for config in configs
    ]
    for process in processes:
        process.start()
    try:
        ended = await _first_end(processes)
        raise CameraEndedError(f"{ended.name} ended with status {ended.exitcode}")
    finally:
        _stop(processes)


def _camera(config: CameraConfig) -> None:
    end_with_parent()
    log_from_info()
    run_camera(config)


async def _first_end(processes: Sequence[BaseProcess]) -> BaseProcess:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[BaseProcess] = loop.create_future()

    def tell(process: BaseProcess) -> None:
        if not ended.done():
            ended.set_result(process)

    for process in processes:
        loop.add_reader(process.sentinel, tell, process)
    try:
        return await ended
    finally:
        for process in processes:
            loop.remove_reader(process.sentinel)


def _stop(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(STOP_WITHIN_S)
        if process.exitcode is None:
            process.kill()
            process.join()
