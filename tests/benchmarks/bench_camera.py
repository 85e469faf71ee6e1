"""What one simulated camera costs a frame, stage by stage, at 1280x720."""

import resource
import socket
import time
from collections.abc import Callable, Iterator

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from sim.camera.metadata import encode_pose
from sim.camera.projection import Lens, Viewpoint
from sim.camera.renderer import Renderer
from sim.camera.stream import CameraStream
from sim.vehicle.pose import Pose
from sim.world.fire import Fire
from sim.world.ground import texture
from sim.world.people import Walker
from sim.world.world import World

_FRAMES = 45
_JACKETS = ("red", "orange", "yellow", "blue", "white", "dark")
_POSE = Pose(0, 24.94, 102.62, 2400, 60, 1, 2, 30, 0, 5, 0, -40, 0)


def _world() -> World:
    world = World(GeoPoint(lat_deg=24.9415, lon_deg=102.6185), demo_terrain(), seed=1)
    world.walkers = tuple(
        Walker(
            id=f"P{n}",
            path=((-30.0 + 3 * n, -10.0), (-30.0 + 3 * n, 30.0)),
            speed_ms=0.8,
            height_m=1.7,
            jacket=_JACKETS[n % len(_JACKETS)],
        )
        for n in range(20)
    )
    ground_amsl_m = world.heights.one(10.0, 60.0)
    world.fire = Fire(10.0, 60.0, ground_amsl_m, 0.0, 5.0, 0.02, 60.0, 225.0, 7.0)
    return world


def _milliseconds(work: Callable[[int], object]) -> float:
    """CPU milliseconds of one call, all threads, over `_FRAMES` calls."""
    work(0)
    begin = time.process_time()
    for number in range(_FRAMES):
        work(number)
    return 1000 * (time.process_time() - begin) / _FRAMES


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Measured figures: name, value, unit, budget."""
    begin = time.perf_counter()
    texture(1)
    yield "ground texture, once", time.perf_counter() - begin, "s", "-"
    lens = Lens()
    world = _world()
    renderer = Renderer(world, lens)
    for name, agl_m, pitch_deg in (
        ("search", 50, -40),
        ("straight down", 50, -90),
        ("far", 90, -15),
    ):
        view = Viewpoint(0, -40, world.heights.one(0, -40) + agl_m, 0, pitch_deg)
        cost = _milliseconds(lambda n, view=view: renderer.frame(view, world.at(120 + n / 15), n))
        yield f"draw, {name} ({pitch_deg} deg), 20 people, 1 plume", cost, "ms CPU", "-"
    view = Viewpoint(0, -40, world.heights.one(0, -40) + 50, 0, -40)
    image = renderer.frame(view, world.at(120)).image
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        with CameraStream(f"udp://127.0.0.1:{listener.getsockname()[1]}") as stream:
            sent = 0

            def whole(number: int) -> None:
                nonlocal sent
                sent += 1
                frame = renderer.frame(view, world.at(120 + number / 15), number)
                metadata = encode_pose(_POSE, lens.hfov_deg, lens.vfov_deg, number)
                stream.send(frame.image, metadata, sent * 6000)

            def encode(number: int) -> None:
                nonlocal sent
                sent += 1
                metadata = encode_pose(_POSE, lens.hfov_deg, lens.vfov_deg, number)
                stream.send(image, metadata, sent * 6000)

            yield "encode and send a still picture", _milliseconds(encode), "ms CPU", "-"
            cost = _milliseconds(whole)
            yield "draw, encode and send", cost, "ms CPU", "66 (two at 15 fps on 2 cores)"
            yield "frames a second of one camera on one core", 1000 / cost, "1/s", "15"
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield "peak memory of this process", peak_kib / 1024, "MiB", "400"


if __name__ == "__main__":
    for name, value, unit, budget in rows():
        print(f"{name:60} {value:10.1f} {unit:8} budget {budget}")
