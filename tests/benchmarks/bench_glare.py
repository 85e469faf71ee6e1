"""Drones that fly towards the sun and its mirror image: boxes of smoke, and what becomes of them.

The ground is the demo's without its fire, the light is drawn where the sun stands at the time.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from field_api.contract.messages import CameraPose
from mission_plans.ground.sun import sun_azimuth_deg, sun_elevation_deg
from mission_plans.ground.terrain_files import demo_terrain
from sim.camera.projection import Lens, Viewpoint
from tests.benchmarks.__main__ import Row
from tests.benchmarks.lane_replay import LOOKS_PER_S, SPEED_MS, LaneWorld
from tests.vision.drawn_glare import with_glare
from vision.alerts import AlertLedger
from vision.analysis import Look, StreamAnalysis
from vision.detector import Detector
from vision.glare import sun_places
from vision.registry import DEFAULT_MODEL, load_card

HOURS_UTC = (1.0, 3.0, 4.5)
"""9:00, 11:00 and 12:30 in Kunming: the sun at 16, 43 and 59 degrees."""
DAY_MS = 1_741_996_800_000
BEFORE_THE_FIRE_S = -1000.0
LOOKS = 21
ASIDE_DEG = (-18.0, 0.0, 15.0)


def _fly(
    world: LaneWorld, detector: Detector, at_ms: int, aside_deg: float, told: bool
) -> np.ndarray:
    """Looks, looks with a box, alerts; `told` is whether the stream says where it looks."""
    truth, terrain = world.world, demo_terrain()
    start = truth.frame.point(0.0, 0.0)
    sun_deg = sun_elevation_deg(at_ms, start.lat_deg, start.lon_deg)
    yaw_deg = (sun_azimuth_deg(at_ms, start.lat_deg, start.lon_deg) + aside_deg) % 360
    pitch_deg = -min(55.0, sun_deg + 5)
    analysis = StreamAnalysis("glare", "U1", detector.card, AlertLedger(), terrain)
    boxes_seen = alerts = 0
    for number in range(LOOKS):
        along = SPEED_MS * number / LOOKS_PER_S
        x, y = along * np.sin(np.radians(yaw_deg)), along * np.cos(np.radians(yaw_deg))
        z = truth.heights.one(float(x), float(y)) + 60
        eye = Viewpoint(float(x), float(y), z, yaw_deg, pitch_deg)
        drawn = world.renderer.frame(eye, truth.at(BEFORE_THE_FIRE_S), number)
        image = np.asarray(cv2.cvtColor(drawn.image, cv2.COLOR_BGR2RGB), np.uint8)
        place = truth.frame.point(float(x), float(y))
        pose = CameraPose(
            lat_deg=place.lat_deg, lon_deg=place.lon_deg, altitude_amsl_m=z,
            yaw_deg=yaw_deg, pitch_deg=pitch_deg, hfov_deg=Lens().hfov_deg,
        )  # fmt: skip
        t_ms = at_ms + round(number * 1000 / LOOKS_PER_S)
        for sun in sun_places(pose, t_ms, 16 / 9):
            image = with_glare(image, *sun, power=1.5 + 0.2 * np.sin(number))
        boxes = detector.detect(image)
        boxes_seen += any(box.label == "smoke" for box in boxes)
        look = Look(image, t_ms, number * 30_000, boxes, pose if told else None)
        alerts += sum(one.label == "smoke" for one in analysis.look(look)[1])
    return np.array([LOOKS, boxes_seen, alerts])


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget)."""
    world, detector = LaneWorld(), Detector(load_card(DEFAULT_MODEL))
    for told, name in ((True, "with a pose"), (False, "without a pose")):
        flights = [
            _fly(world, detector, DAY_MS + round(hour * 3_600_000), aside_deg, told)
            for hour in HOURS_UTC
            for aside_deg in ASIDE_DEG
        ]
        looks, boxes, alerts = np.sum(flights, axis=0)
        yield f"into the sun, {name}: looks with a box of smoke", boxes / looks, "", "-"
        yield f"into the sun, {name}: alerts in {len(flights)} flights", alerts, "", "0", alerts > 0
