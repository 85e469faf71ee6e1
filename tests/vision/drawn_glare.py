"""Sun in the lens, drawn: a blown-out core, bloom, veil, streaks and ghosts."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["with_glare"]

Picture = NDArray[np.uint8]

GHOSTS = ((0.45, 0.035, 0.10), (0.8, 0.02, 0.14), (1.35, 0.06, 0.08))
"""How far beyond the picture's middle, how large, how bright."""


def with_glare(image_rgb: Picture, x: float, y: float, power: float = 1.2) -> Picture:
    """A picture with the sun at a place of it, in fractions of its width and height."""
    height, width = image_rgb.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = (columns - x * width) / width, (rows - y * height) / width
    away = np.hypot(across, down)
    light = power * (
        1.6 / (1 + (away / 0.06) ** 2)
        + 0.25 * np.exp(-away / 0.5)
        + 0.35 * np.exp(-away / 0.25) * np.abs(np.cos(np.arctan2(down, across) * 3 + 0.4)) ** 40
    )
    out = image_rgb.astype(np.float32) / 255 + light[..., None] * np.float32([1.0, 0.97, 0.9])
    for beyond, size, bright in GHOSTS:
        gx, gy = x + (0.5 - x) * 1.8 * beyond, y + (0.5 - y) * 1.8 * beyond
        there = np.hypot((columns - gx * width) / width, (rows - gy * height) / width)
        edge = np.clip((there - size) / 0.004, -30, 30)
        out += (bright * power / (1 + np.exp(edge)))[..., None] * np.float32([0.8, 1.0, 0.7])
    return (np.clip(out, 0, 1) * 255).astype(np.uint8)
