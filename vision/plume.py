"""Where a plume stands on the ground.

A smoke box says little of its source: wind carries the plume sideways, over the aircraft or across
the ground, so the source is rarely below the middle of the box. Visible flames mark it best;
without them the lowest smoke in the box is taken. Both are classical colour rules: they only place
what the network has found, and a large error is claimed for them.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import RawBox

__all__ = ["Foot", "plume_foot"]

MARGIN_SIDE, MARGIN_BELOW = 0.15, 0.3
"""Flames are looked for this far beside and below the box, in box sizes."""
FLAME_RED, FLAME_GREEN, FLAME_RED_OVER_BLUE = 245, 185, 70
"""A flame's core saturates red and is yellow; red soil and roofs stay below."""
MIN_FLAME_SHARE = 6e-5
"""Of the frame's pixels; fewer are sparks of noise."""
SMOKE_MAX_CHROMA = 26
SMOKE_MIN_VALUE = 95
MIN_SMOKE_SHARE = 2e-4
LOWEST_SHARE = 0.15
"""Part of the box's height that counts as its lowest smoke."""


@dataclass(frozen=True)
class Foot:
    """A place in the image where something stands, fractions of the frame."""

    x: float
    y: float
    error_px: float
    """One sigma in pixels of the picture it was found in."""


def plume_foot(image_rgb: NDArray[np.uint8], box: RawBox) -> Foot:
    """The foot of the plume in a box."""
    return (
        _flames(image_rgb, box)
        or _lowest_smoke(image_rgb, box)
        or Foot(box.x + box.w / 2, min(1.0, box.y + box.h), 0.3 * box.w * image_rgb.shape[1])
    )


def _flames(image_rgb: NDArray[np.uint8], box: RawBox) -> Foot | None:
    height_px, width_px = image_rgb.shape[:2]
    part, left, top = _cut(
        image_rgb,
        box.x - MARGIN_SIDE * box.w,
        box.y,
        box.x + (1 + MARGIN_SIDE) * box.w,
        box.y + (1 + MARGIN_BELOW) * box.h,
    )
    red, green, blue = (part[..., i].astype(np.int16) for i in range(3))
    flames = (red > FLAME_RED) & (green > FLAME_GREEN) & (red - blue > FLAME_RED_OVER_BLUE)
    rows, columns = np.nonzero(flames)
    if len(rows) < MIN_FLAME_SHARE * height_px * width_px:
        return None
    # Flames stand round the burning ground: their middle is good to about half their spread.
    spread = float(np.hypot(columns.std(), rows.std()))
    return Foot(
        (left + float(columns.mean())) / width_px,
        (top + float(rows.mean())) / height_px,
        max(15.0, spread / 2),
    )


def _lowest_smoke(image_rgb: NDArray[np.uint8], box: RawBox) -> Foot | None:
    height_px, width_px = image_rgb.shape[:2]
    part, left, top = _cut(image_rgb, box.x, box.y, box.x + box.w, box.y + box.h)
    soft = cv2.GaussianBlur(part, (0, 0), 3)
    value = soft.max(axis=2).astype(np.int16)
    smoke = (value - soft.min(axis=2) < SMOKE_MAX_CHROMA) & (value > SMOKE_MIN_VALUE)
    if smoke.sum() < MIN_SMOKE_SHARE * height_px * width_px:
        return None
    smoky_rows = np.flatnonzero(smoke.mean(axis=1) > 0.02)
    if len(smoky_rows) == 0:
        return None
    lowest = int(smoky_rows[-1])
    highest = max(0, lowest - round(LOWEST_SHARE * len(part)))
    rows, columns = np.nonzero(smoke[highest : lowest + 1])
    return Foot(
        (left + float(np.median(columns))) / width_px,
        (top + highest + float(np.median(rows))) / height_px,
        max(30.0, 0.2 * box.w * width_px, float(columns.std())),
    )


def _cut(
    image: NDArray[np.uint8], x0: float, y0: float, x1: float, y1: float
) -> tuple[NDArray[np.uint8], int, int]:
    """The part of an image between fractions, and its left and top in pixels."""
    height_px, width_px = image.shape[:2]
    left, top = max(0, int(x0 * width_px)), max(0, int(y0 * height_px))
    right = min(width_px, max(left + 1, round(x1 * width_px)))
    bottom = min(height_px, max(top + 1, round(y1 * height_px)))
    return image[top:bottom, left:right], left, top
