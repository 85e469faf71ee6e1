"""People drawn as bodies of bones in three dimensions, with shadows, and their truth boxes."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.camera.projection import Lens, Viewpoint
from sim.world.people import Walking

__all__ = ["draw_people", "skeleton"]

SUPERSAMPLE = 4
MIN_HEIGHT_PX = 2.0
SUN = np.array([0.55, -0.45])
"""Shadow of one metre of height on level ground, east and north: a mid-afternoon sun."""

JACKETS_BGR = {
    "red": (46, 44, 196),
    "orange": (40, 120, 232),
    "yellow": (60, 205, 228),
    "blue": (180, 96, 42),
    "white": (226, 228, 230),
    "dark": (58, 54, 52),
}
SKIN_BGR = (120, 156, 204)
TROUSERS_BGR = (78, 66, 58)
HAIR_BGR = (34, 32, 36)

Box = tuple[float, float, float, float]


def skeleton(person: Walking, ground_z: float) -> dict[str, NDArray[np.float64]]:
    """Return joint positions (east, north, up) of a person standing or walking."""
    h = person.height_m
    forward = np.array([math.sin(person.heading_rad), math.cos(person.heading_rad), 0.0])
    right = np.array([forward[1], -forward[0], 0.0])
    up = np.array([0.0, 0.0, 1.0])
    base = np.array([person.x, person.y, ground_z])
    swing = math.sin(2 * math.pi * person.phase) if person.moving else 0.12
    hip = base + up * 0.52 * h
    chest = base + up * 0.80 * h + forward * 0.02 * h

    def leg(side: float, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        top = hip + right * side * 0.055 * h
        knee = top - up * 0.26 * h + forward * step * 0.13 * h
        foot = base + right * side * 0.06 * h + forward * step * 0.22 * h + up * 0.02 * h
        return knee, foot

    def arm(side: float, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shoulder = chest + right * side * 0.115 * h
        hand = shoulder - up * 0.34 * h + forward * step * 0.16 * h + right * side * 0.05 * h
        return shoulder, hand

    left_knee, left_foot = leg(-1, swing)
    right_knee, right_foot = leg(1, -swing)
    left_shoulder, left_hand = arm(-1, -swing)
    right_shoulder, right_hand = arm(1, swing)
    return {
        "hip": hip,
        "chest": chest,
        "head": base + up * 0.93 * h + forward * 0.03 * h,
        "left_knee": left_knee,
        "left_foot": left_foot,
        "right_knee": right_knee,
        "right_foot": right_foot,
        "left_shoulder": left_shoulder,
        "left_hand": left_hand,
        "right_shoulder": right_shoulder,
        "right_hand": right_hand,
    }


BONES = (
    ("hip", "left_knee", 0.085, "trousers"),
    ("left_knee", "left_foot", 0.065, "trousers"),
    ("hip", "right_knee", 0.085, "trousers"),
    ("right_knee", "right_foot", 0.065, "trousers"),
    ("left_shoulder", "left_hand", 0.058, "jacket"),
    ("right_shoulder", "right_hand", 0.058, "jacket"),
    ("hip", "chest", 0.20, "jacket"),
    ("left_shoulder", "right_shoulder", 0.10, "jacket"),
)
"""From, to, width as a share of the height, and what it wears."""


def draw_people(
    picture: NDArray[np.uint8],
    people: tuple[Walking, ...],
    ground_z: list[float],
    view: Viewpoint,
    lens: Lens,
    light: float = 1.0,
) -> list[tuple[str, Box]]:
    """Draw everybody in the picture, far ones first; return ids and boxes in pixels."""
    order = sorted(
        zip(people, ground_z, strict=True),
        key=lambda pair: -math.dist((pair[0].x, pair[0].y), (view.x, view.y)),
    )
    seen: list[tuple[str, Box]] = []
    for person, z in order:
        box = _draw(picture, person, z, view, lens, light)
        if box is not None:
            seen.append((person.id, box))
    return seen


def _draw(
    picture: NDArray[np.uint8],
    person: Walking,
    ground_z: float,
    view: Viewpoint,
    lens: Lens,
    light: float,
) -> Box | None:
    joints = skeleton(person, ground_z)
    names = list(joints)
    points = np.stack([joints[name] for name in names])
    pixels, depth = view.project(points, lens)
    if depth.min() < 2.0:
        return None
    scale = lens.focal_px / float(depth.mean())
    flat = points.copy()
    rise = points[:, 2] - ground_z
    flat[:, :2] += rise[:, None] * SUN
    flat[:, 2] = ground_z
    shadow, shadow_depth = view.project(flat, lens)
    body = 0.1 * person.height_m * scale
    low = np.minimum(pixels.min(axis=0), shadow.min(axis=0)) - body - 2
    high = np.maximum(pixels.max(axis=0), shadow.max(axis=0)) + body + 2
    x0, y0 = np.maximum(np.floor(low), 0).astype(int)
    x1 = min(int(np.ceil(high[0])), lens.width_px)
    y1 = min(int(np.ceil(high[1])), lens.height_px)
    if x1 - x0 < 2 or y1 - y0 < 2 or shadow_depth.min() < 2.0:
        return None
    size = ((x1 - x0) * SUPERSAMPLE, (y1 - y0) * SUPERSAMPLE)
    colour = cv2.resize(picture[y0:y1, x0:x1], size, interpolation=cv2.INTER_NEAREST)
    where = {n: (p - (x0, y0)) * SUPERSAMPLE for n, p in zip(names, pixels, strict=True)}
    dark = {n: (p - (x0, y0)) * SUPERSAMPLE for n, p in zip(names, shadow, strict=True)}
    factor = person.height_m * scale * SUPERSAMPLE
    shade = np.zeros(colour.shape[:2], np.uint8)
    for a, b, width, _ in BONES:
        _bone(shade, dark[a], dark[b], width * factor * 0.8, (150,))
    _bone(shade, dark["head"], dark["head"], 0.13 * factor, (150,))
    colour = (colour * (1 - shade[..., None] / 255.0 * 0.85)).astype(np.uint8)
    wears = {"trousers": TROUSERS_BGR, "jacket": JACKETS_BGR[person.jacket]}
    for a, b, width, wear in BONES:
        _bone(colour, where[a], where[b], width * factor, _lit(wears[wear], light))
    _bone(colour, where["left_hand"], where["left_hand"], 0.05 * factor, _lit(SKIN_BGR, light))
    _bone(colour, where["right_hand"], where["right_hand"], 0.05 * factor, _lit(SKIN_BGR, light))
    _bone(colour, where["head"], where["head"], 0.135 * factor, _lit(SKIN_BGR, light))
    crown = where["head"] - (0, 0.02 * factor)
    _bone(colour, crown, crown, 0.11 * factor, _lit(HAIR_BGR, light))
    picture[y0:y1, x0:x1] = cv2.resize(colour, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    top, bottom = pixels.min(axis=0) - body * 0.5, pixels.max(axis=0) + body * 0.3
    left, upper = np.maximum(top, 0)
    right = min(float(bottom[0]), lens.width_px)
    lower = min(float(bottom[1]), lens.height_px)
    if right - left < MIN_HEIGHT_PX or lower - upper < MIN_HEIGHT_PX:
        return None
    return float(left), float(upper), right, lower


def _lit(bgr: tuple[int, int, int], light: float) -> tuple[int, ...]:
    return tuple(int(min(255, c * light)) for c in bgr)


def _bone(
    image: NDArray[np.uint8],
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    width: float,
    colour: tuple[int, ...],
) -> None:
    start = (round(float(a[0])), round(float(a[1])))
    end = (round(float(b[0])), round(float(b[1])))
    cv2.line(image, start, end, colour, max(1, round(width)), cv2.LINE_AA)
    cv2.circle(image, end, max(1, round(width / 2)), colour, -1, cv2.LINE_AA)
