"""Figures of the vision node: what one look costs, and what the shipped model finds."""

import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from field_api.contract.messages import CameraPose
from mission_plans.ground.terrain_files import demo_terrain
from tests.benchmarks.lane_replay import LANES, LaneWorld, fly
from vision.detector import Detector
from vision.geolocation import PoseErrors, geolocate
from vision.registry import DEFAULT_MODEL, load_card
from vision.training.classes import CLASSES
from vision.training.composites import draw_tile
from vision.training.evaluate import Truth, average_precision, match

TILES = 60
FIRST_SEED = 9_000_000
"""Far from the seeds the model was trained on."""


def _median_ms(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median elapsed and processor time of a call."""
    elapsed: list[float] = []
    used: list[float] = []
    for _ in range(repeats):
        began, began_used = time.perf_counter(), time.process_time()
        work()
        elapsed.append((time.perf_counter() - began) * 1000)
        used.append((time.process_time() - began_used) * 1000)
    return float(np.median(elapsed)), float(np.median(used))


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Measure and yield (name, measured, unit, budget)."""
    card = load_card(DEFAULT_MODEL)
    detector = Detector(card, threads=1)
    picture = np.random.default_rng(1).integers(0, 255, (720, 1280, 3)).astype(np.uint8)
    elapsed, used = _median_ms(lambda: detector.detect(picture), 12)
    yield "one look, 720p picture, one thread", elapsed, "ms", "under 250"
    yield (
        "processor for two streams at 3 looks/s",
        used * 6 / 1000,
        "cores",
        "about 0.7",
    )
    terrain = demo_terrain()
    ground_m = float(terrain.elevation_m(24.94, 102.62))
    pose = CameraPose(
        lat_deg=24.94,
        lon_deg=102.62,
        altitude_amsl_m=ground_m + 80,
        yaw_deg=30,
        pitch_deg=-40,
        hfov_deg=62,
    )
    elapsed, _ = _median_ms(
        lambda: geolocate(pose, 0.5, 0.6, 16 / 9, 1280, terrain, PoseErrors()), 20
    )
    yield "place and error ellipse of one box", elapsed, "ms", "under 20"
    yield from _quality(detector)
    yield from _lanes(detector)


def _lanes(detector: Detector) -> Iterator[tuple[str, float, str, str]]:
    world = LaneWorld()
    for seed, lane in enumerate(LANES):
        result = fly(lane, world, detector, seed)
        name = f"lane over {lane.target} at {lane.agl_m:.0f} m"
        yield f"{name}: found in single frames", result.seen / max(1, result.there), "", "-"
        yield f"{name}: false boxes per look", result.false_boxes / lane.looks, "", "-"
        # Three hikers stand together; a fire is one.
        wanted = "1" if lane.target == "smoke" else "1 to 3"
        yield f"{name}: alerts", len(result.detections), "", wanted
        if result.errors_m:
            yield f"{name}: nearest alert's error", min(result.errors_m), "m", "under 30 at 80 m"
            yield f"{name}: farthest alert's error", max(result.errors_m), "m", "under 30 at 80 m"


def _quality(detector: Detector) -> Iterator[tuple[str, float, str, str]]:
    card = detector.card
    lowest = dict.fromkeys(card.classes, 0.01)
    for index, label in enumerate(CLASSES):
        scores: list[float] = []
        right: list[bool] = []
        truths = 0
        for seed in range(FIRST_SEED, FIRST_SEED + TILES):
            tile = draw_tile(seed)
            image = np.asarray(cv2.cvtColor(tile.image, cv2.COLOR_BGR2RGB), np.uint8)
            found = [b for b in detector.detect(image, lowest) if b.label == label]
            wanted: list[Truth] = [
                (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
                for c, x, y, w, h in tile.boxes
                if c == index
            ]
            truths += len(wanted)
            scores += [b.confidence for b in found]
            right += match(found, wanted)
        figure = average_precision(np.array(scores), np.array(right, dtype=bool), truths)
        yield f"{label}: AP50 on drawn tiles, fresh seeds", figure, "", "see docs/model_card.md"
