"""A drone's lane over the demo's world, seen by the shipped model: what is reported, and where.

The picture is drawn from the true pose; the analysis is told one with the errors of a usual gimbal.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from field_api.contract.messages import CameraPose, Detection
from field_api.contract.scenario import load_scenario
from mission_plans.ground.geodesy import distance_m
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from sim.camera.projection import Lens, Viewpoint
from sim.camera.renderer import Renderer
from sim.camera.run import build_world
from sim.scenario import DEFAULT_SCENARIO
from sim.world.world import World
from vision.alerts import AlertLedger
from vision.analysis import Look, StreamAnalysis
from vision.detector import Detector

__all__ = ["LANES", "Lane", "LaneResult", "LaneWorld", "fly"]

LOOKS_PER_S = 3
SPEED_MS = 8.0
PITCH_DEG = -40.0
BEFORE_M = 60.0
"""Flown before the target comes to the middle of the picture."""
POSE_ERRORS = (0.8, 0.8, 1.0, 0.8, 0.3)
"""North, east, up in metres; yaw and pitch in degrees; one sigma."""


@dataclass(frozen=True)
class Lane:
    """One pass over the hikers or the fire."""

    target: str
    agl_m: float
    yaw_deg: float
    beside_m: float
    at_s: float
    """World time at its start: the fire grows."""
    looks: int = 42


LANES = (
    Lane("person", 40, 200, 0, 300),
    Lane("person", 60, 20, 0, 300),
    Lane("person", 60, 110, 15, 320),
    Lane("smoke", 80, 60, 0, 300),
    Lane("smoke", 60, 300, 30, 400),
)


@dataclass(frozen=True)
class LaneResult:
    """What a lane gave."""

    seen: int
    """Objects found in single frames."""
    there: int
    false_boxes: int
    detections: tuple[Detection, ...]
    errors_m: tuple[float, ...]
    """Per detection of the lane's kind: distance to the nearest true one."""


class LaneWorld:
    """The demo scenario's truth and its renderer; slow to build, so built once."""

    def __init__(self) -> None:
        scenario = load_scenario(DEFAULT_SCENARIO)
        self.world: World = build_world(scenario, 1)
        self.renderer = Renderer(self.world, Lens())


def fly(lane: Lane, world: LaneWorld, detector: Detector, seed: int) -> LaneResult:
    """Fly one lane and judge it."""
    truth = world.world
    people = truth.at(lane.at_s).people
    x0, y0 = (
        (float(np.mean([p.x for p in people])), float(np.mean([p.y for p in people])))
        if lane.target == "person"
        else (0.0, 0.0)
    )
    errors = np.random.default_rng(seed).normal(0, POSE_ERRORS)
    analysis = StreamAnalysis("lane", None, detector.card, AlertLedger(), demo_terrain())
    yaw = math.radians(lane.yaw_deg)
    start_m = -lane.agl_m / math.tan(math.radians(-PITCH_DEG)) - BEFORE_M
    seen = there = false_boxes = 0
    detections: list[Detection] = []
    distances: list[float] = []
    for number in range(lane.looks):
        along = start_m + SPEED_MS * number / LOOKS_PER_S
        x = x0 + along * math.sin(yaw) + lane.beside_m * math.cos(yaw)
        y = y0 + along * math.cos(yaw) - lane.beside_m * math.sin(yaw)
        z = truth.heights.one(x, y) + lane.agl_m
        t_s = lane.at_s + number / LOOKS_PER_S
        moment = truth.at(t_s)
        frame = world.renderer.frame(Viewpoint(x, y, z, lane.yaw_deg, PITCH_DEG), moment, number)
        image = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB), np.uint8)
        boxes = detector.detect(image)
        centres = [
            (
                (b.x0 + b.x1) / 2,
                (b.y0 + b.y1) / 2,
                15 + 0.3 * (b.x1 - b.x0),
                15 + 0.3 * (b.y1 - b.y0),
            )
            for b in frame.truth
            if b.label == lane.target
        ]
        found = [
            ((b.x + b.w / 2) * 1280, (b.y + b.h / 2) * 720) for b in boxes if b.label == lane.target
        ]
        there += len(centres)
        seen += sum(
            any(abs(u - x) < w and abs(v - y) < h for u, v in found) for x, y, w, h in centres
        )
        false_boxes += sum(
            not any(abs(u - x) < w and abs(v - y) < h for x, y, w, h in centres) for u, v in found
        )
        camera = truth.frame.point(x + float(errors[1]), y + float(errors[0]))
        pose = CameraPose(
            lat_deg=camera.lat_deg,
            lon_deg=camera.lon_deg,
            altitude_amsl_m=z + float(errors[2]),
            yaw_deg=(lane.yaw_deg + float(errors[3])) % 360,
            pitch_deg=PITCH_DEG + float(errors[4]),
            hfov_deg=Lens().hfov_deg,
        )
        _, reported = analysis.look(
            Look(image, round(t_s * 1000), round(t_s * 90_000), boxes, pose)
        )
        places = (
            [truth.frame.point(p.x, p.y) for p in moment.people]
            if lane.target == "person"
            else [truth.frame.point(0, 0)]
        )
        for detection in reported:
            detections.append(detection)
            if detection.label == lane.target and detection.position is not None:
                distances.append(_nearest_m(detection.position, places))
    return LaneResult(seen, there, false_boxes, tuple(detections), tuple(distances))


def _nearest_m(place: GeoPoint, places: Sequence[GeoPoint]) -> float:
    return min(distance_m(place, p) for p in places)
