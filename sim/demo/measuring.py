"""Measures what the demo's pictures and looks cost on this machine, while other things start."""

import asyncio
import os
import statistics
import time

import cv2

from field_api.contract.scenario import Scenario
from sim.camera.projection import Lens, Viewpoint
from sim.camera.renderer import Renderer
from sim.camera.run import build_world
from sim.demo.budget import Costs
from sim.demo.command_line import python_words

__all__ = ["cores_here", "measure"]

WIDTHS_PX = (480, 960)
PICTURES = 3
ENCODED = 1.15
"""Drawing and encoding take this much of what drawing takes."""
HEIGHT_M = 80.0
LOOK_WITHIN_S = 60.0
ASSUMED_LOOK_S = 0.1
"""Where the detector does not say: an average machine's."""


def cores_here() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2


async def measure(scenario: Scenario, seed: int) -> Costs:
    """Return the costs; takes two or three seconds of one core."""
    drawn, look_s = await asyncio.gather(asyncio.to_thread(_draw, scenario, seed), _look_s())
    (small_mpx, small_s), (large_mpx, large_s) = drawn
    megapixel_s = max(0.0, (large_s - small_s) / (large_mpx - small_mpx))
    return Costs(max(0.0, small_s - small_mpx * megapixel_s), megapixel_s, look_s)


def _draw(scenario: Scenario, seed: int) -> list[tuple[float, float]]:
    """Return for each width its megapixels and the processor seconds of a picture."""
    cv2.setNumThreads(1)
    world = build_world(scenario, seed)
    z = world.heights.one(0.0, 0.0) + HEIGHT_M
    found: list[tuple[float, float]] = []
    for width_px in WIDTHS_PX:
        height_px = width_px * 9 // 16
        renderer = Renderer(world, Lens(width_px, height_px, scenario.sim.cameras.hfov_deg))
        costs_s: list[float] = []
        for number in range(PICTURES + 1):
            view = Viewpoint(x=5.0 * number, y=-60.0, z=z, yaw_deg=10.0, pitch_deg=-40.0)
            began_s = time.thread_time()
            renderer.frame(view, world.at(60.0 + number), number)
            costs_s.append(time.thread_time() - began_s)
        # The first one also draws what the others find ready.
        found.append((width_px * height_px / 1e6, statistics.median(costs_s[1:]) * ENCODED))
    return found


async def _look_s() -> float:
    """Ask the vision node's own command: nothing here knows its network."""
    process = await asyncio.create_subprocess_exec(
        *python_words(["vision", "speed", "--width", "640"]),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LOOK_WITHIN_S):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        return ASSUMED_LOOK_S
    words = out.split()
    return float(words[1]) / 1000 if process.returncode == 0 and len(words) == 2 else ASSUMED_LOOK_S
