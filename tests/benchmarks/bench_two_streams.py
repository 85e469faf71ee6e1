"""Two 720p25 streams through one vision node: looks, how late they are, processor and memory.

The node is the installed program in a process of its own, on the cores this machine has; the films
are drawn lanes over the demo's hikers, played at their own pace from a file.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from sim.camera.projection import Lens, Viewpoint
from tests.benchmarks.__main__ import Row
from tests.benchmarks.lane_replay import LaneWorld
from tests.vision.post_peer import PostPeer

FRAMES, RATE = 125, 25
AGL_M, SPEED_MS, PITCH_DEG = 60.0, 8.0, -40.0
WARM_UP_S, MEASURED_S = 8.0, 30.0
STREAMS = ("one", "two")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def _film(path: Path, world: LaneWorld, yaw_deg: float) -> None:
    """A drone's way over the hikers, as its camera would send it."""
    people = world.world.at(300.0).people
    x0, y0 = float(np.mean([p.x for p in people])), float(np.mean([p.y for p in people]))
    yaw = np.radians(yaw_deg)
    with av.open(str(path), "w", format="mpegts") as out:
        options = {"preset": "veryfast", "tune": "zerolatency", "g": str(RATE)}
        video = out.add_stream("libx264", rate=RATE, options=options)
        video.width, video.height, video.pix_fmt = Lens().width_px, Lens().height_px, "yuv420p"
        video.bit_rate = 4_000_000
        for number in range(FRAMES):
            along = SPEED_MS * number / RATE - AGL_M - 20
            x, y = x0 + along * float(np.sin(yaw)), y0 + along * float(np.cos(yaw))
            at = Viewpoint(x, y, world.world.heights.one(x, y) + AGL_M, yaw_deg, PITCH_DEG)
            drawn = world.renderer.frame(at, world.world.at(300.0 + number / RATE), number)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(drawn.image), format="bgr24")
            out.mux(video.encode(frame))
        out.mux(video.encode(None))


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


async def _watch(folder: Path, workers: int) -> dict[str, float]:
    async with PostPeer() as post:
        config = {
            "server_url": post.url,
            "token": "x",
            "data_dir": str(folder / f"node-{workers}"),
            "detector_workers": workers,
            "streams": [
                {"stream_id": name, "url": str(folder / f"{name}.ts"), "repeat": True}
                for name in STREAMS
            ],
        }
        file = folder / "vision.json"
        file.write_text(json.dumps(config))
        code = "import sys; from xunshan import main; sys.argv[0] = 'xunshan'; main()"
        command = [sys.executable, "-c", code, "vision", "--config", str(file)]
        node = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
        try:
            await post.until(lambda: {s.stream_id for s in post.states} == set(STREAMS), 60)
            await asyncio.sleep(WARM_UP_S)
            began_s, used_s, first = time.monotonic(), _processor_s(node.pid), len(post.states)
            await asyncio.sleep(MEASURED_S)
            cores = (_processor_s(node.pid) - used_s) / (time.monotonic() - began_s)
            peak_mib = _peak_mib(node.pid)
        finally:
            node.terminate()
            node.wait(30)
    states = [s for s in post.states[first:] if s.state == "live"]
    looks = [s.detector_frames_per_s or 0.0 for s in states]
    late = [s.detector_latency_ms for s in states if s.detector_latency_ms is not None]
    return {
        "looks a second and stream": float(np.mean(looks)),
        "pictures a second and stream": float(np.mean([s.frames_per_s or 0.0 for s in states])),
        "picture's arrival to its boxes, mean": float(np.mean(late)),
        "picture's arrival to its boxes, most": max(late),
        "processor": cores,
        "memory at its highest": peak_mib,
    }


UNITS = {"processor": "cores", "memory at its highest": "MiB"}


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget)."""
    with tempfile.TemporaryDirectory() as name:
        folder, world = Path(name), LaneWorld()
        for stream, yaw_deg in zip(STREAMS, (20.0, 110.0), strict=True):
            _film(folder / f"{stream}.ts", world, yaw_deg)
        for workers in (1, 2):
            for what, figure in asyncio.run(_watch(folder, workers)).items():
                unit = "ms" if "arrival" in what else UNITS.get(what, "")
                yield f"two 720p25 streams, {workers} worker(s): {what}", figure, unit, "-"
