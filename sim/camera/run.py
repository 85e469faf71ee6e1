"""A camera as a process: follows its vehicle's telemetry, draws, encodes, sends.

The picture is drawn from the pose the vehicle reports; the metadata sent with it carries small
slowly wandering errors, as the attitude and position of a real gimbal do.
"""

import asyncio
import math
import signal
import threading
import time
import zlib
from dataclasses import dataclass, replace

import cv2
import numpy as np
import structlog

from field_api.contract.scenario import Scenario
from mission_plans.ground.geodesy import moved
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from sim.camera.metadata import encode_pose
from sim.camera.projection import Lens, Viewpoint
from sim.camera.renderer import Renderer
from sim.camera.stream import TICKS, CameraStream
from sim.vehicle.pose import Pose
from sim.vehicle.pose_feed import PoseFeed
from sim.world.fire import Fire
from sim.world.people import Walker
from sim.world.world import World

__all__ = ["CameraConfig", "PoseError", "build_world", "run_camera"]

log = structlog.get_logger(__name__)

LENS_HEIGHT_M = 0.4
"""The camera never sinks below this above the ground, e.g. on a landing slope."""


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """What one camera process needs; plain values, so that it can be sent to a new process."""

    scenario: Scenario
    vehicle_id: str
    sysid: int
    pose_url: str
    """`tcp:127.0.0.1:5762` or `udpin:...`: where the vehicle's telemetry comes from."""
    destination: str
    """e.g. `udp://127.0.0.1:5600`."""
    epoch_s: float
    """Wall time (seconds since 1970) at which the world's time was 0."""
    speedup: float = 1.0
    seed: int = 1
    frames_per_s: int | None = None
    """None takes the scenario's."""
    width_px: int | None = None
    """None takes the scenario's; the shape is kept."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the pictures, both even."""
        given = self.scenario.sim.cameras
        width_px = self.width_px or given.width_px
        return width_px // 2 * 2, given.height_px * width_px // given.width_px // 2 * 2


class PoseError:
    """Errors of a pose's metadata: Gauss-Markov processes, deterministic by seed."""

    CORRELATION_S = 30.0
    DEVIATIONS = (0.8, 0.8, 1.0, 0.8, 0.3)
    """North, east, up in metres; yaw and pitch in degrees."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._state = self._rng.normal(0, self.DEVIATIONS)

    def step(self, pose: Pose, dt_s: float) -> Pose:
        """Return the pose as the metadata tells it."""
        keep = math.exp(-dt_s / self.CORRELATION_S)
        fresh = self._rng.normal(0, self.DEVIATIONS)
        self._state = self._state * keep + fresh * math.sqrt(1 - keep * keep)
        north, east, up, yaw, pitch = (float(v) for v in self._state)
        place = moved(pose, north, east)
        return replace(
            pose,
            lat_deg=place.lat_deg,
            lon_deg=place.lon_deg,
            amsl_m=pose.amsl_m + up,
            yaw_deg=pose.yaw_deg + yaw,
            gimbal_pitch_deg=max(-90.0, pose.gimbal_pitch_deg + pitch),
        )


def build_world(scenario: Scenario, seed: int) -> World:
    """Return the scenario's truth around its fire, or its first aircraft's base without one."""
    origin = scenario.fire_origin() or scenario.point(scenario.aircraft[0].base)
    world = World(origin, demo_terrain(), seed=seed)
    world.walkers = tuple(
        Walker(
            id=person.id,
            path=tuple(world.place(GeoPoint(lat_deg=lat, lon_deg=lon)) for lat, lon in person.path),
            speed_ms=person.speed_ms,
            height_m=person.height_m,
            jacket=person.jacket,
        )
        for person in scenario.sim.people
    )
    fire = scenario.sim.fire
    if fire is not None:
        world.fire = Fire(
            x=0.0,
            y=0.0,
            ground_amsl_m=world.heights.one(0.0, 0.0),
            start_s=fire.start_s,
            radius_m=fire.radius_m,
            growth_m_per_s=fire.growth_m_per_min / 60,
            max_radius_m=fire.max_radius_m,
            wind_from_deg=scenario.weather.wind_dir_from,
            wind_ms=scenario.weather.wind_ms,
            seed=seed,
        )
    return world


def _viewpoint(world: World, pose: Pose) -> Viewpoint:
    x, y = world.place(GeoPoint(lat_deg=pose.lat_deg, lon_deg=pose.lon_deg))
    return Viewpoint(
        x=x,
        y=y,
        z=max(pose.amsl_m, world.heights.one(x, y) + LENS_HEIGHT_M),
        yaw_deg=pose.yaw_deg + pose.gimbal_yaw_deg,
        pitch_deg=pose.gimbal_pitch_deg,
    )


class _Follower:
    """Keeps the vehicle's pose in a thread of its own and tells it for now."""

    def __init__(self, url: str, sysid: int, speedup: float) -> None:
        self._feed = PoseFeed(url, sysid)
        self._speedup = speedup
        self._newest: tuple[int, float] | None = None
        threading.Thread(target=lambda: asyncio.run(self._feed.run()), daemon=True).start()

    def now(self) -> Pose | None:
        latest = self._feed.latest
        if latest is None:
            return None
        wall_s = time.monotonic()
        if self._newest is None or self._newest[0] != latest.t_ms:
            self._newest = (latest.t_ms, wall_s)
        ahead_ms = (wall_s - self._newest[1]) * 1000 * self._speedup
        return self._feed.pose_at(latest.t_ms + round(min(ahead_ms, 400))) or latest


def run_camera(config: CameraConfig) -> None:
    """Send pictures until SIGTERM or SIGINT; frames are skipped when drawing is too slow."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    # One camera, one core: OpenCV's own threads would only fight the other camera for the next.
    cv2.setNumThreads(1)
    settings = config.scenario.sim.cameras
    lens = Lens(*config.size_px, settings.hfov_deg)
    rate = config.frames_per_s or settings.frames_per_s
    seed = config.seed
    world = build_world(config.scenario, seed)
    renderer = Renderer(world, lens)
    error = PoseError(seed + zlib.crc32(config.vehicle_id.encode()) % 1000)
    follower = _Follower(config.pose_url, config.sysid, config.speedup)
    log.info("camera ready", vehicle_id=config.vehicle_id, destination=config.destination)
    with CameraStream(config.destination, lens.width_px, lens.height_px, rate) as stream:
        number = 0
        began_s = time.monotonic()
        next_s = began_s
        while not stop.wait(max(0.0, next_s - time.monotonic())):
            pose = follower.now()
            if pose is None:
                next_s = time.monotonic() + 0.1
                continue
            captured_s = time.time()
            pts = round((time.monotonic() - began_s) * TICKS) + TICKS
            t_s = (captured_s - config.epoch_s) * config.speedup
            if pose.hfov_deg is not None:
                renderer.zoom(pose.hfov_deg)
            frame = renderer.frame(_viewpoint(world, pose), world.at(t_s), number)
            told = error.step(pose, 1 / rate)
            lens = renderer.lens
            stream.send(
                frame.image,
                encode_pose(told, lens.hfov_deg, lens.vfov_deg, round(captured_s * 1e6)),
                pts,
            )
            number += 1
            next_s = max(next_s + 1 / rate, time.monotonic())
