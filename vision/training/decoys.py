"""Draws what is no person but has a person's size and colours: poles, cones, crates, two-wheelers.

A search from above meets many of them, and no labelled set of them may be trained on.
"""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.composites import CLOTHES

__all__ = ["draw_decoy"]

Picture = NDArray[np.float32]
Draw = np.random.Generator
SCALE = 4
"""Drawn larger by this and made smaller again: smooth edges."""
SMALLEST_PX, LARGEST_PX = 8, 60


class _Layer:
    """A transparent square with one thing in its middle; lengths are parts of its size."""

    def __init__(self, draw: Draw, size_px: float) -> None:
        self.draw = draw
        self.unit = size_px * SCALE
        side = int(1.6 * self.unit) + 8
        self.pixels = np.zeros((side, side, 4), np.float32)
        self.centre = side // 2

    def at(self, x: float, y: float) -> tuple[int, int]:
        return int(self.centre + x * self.unit), int(self.centre + y * self.unit)

    def length(self, part: float) -> int:
        return max(2, int(part * self.unit))

    def ink(self) -> list[float]:
        colour = CLOTHES[self.draw.integers(len(CLOTHES))] * self.draw.uniform(0.5, 1.2)
        return [float(v) for v in np.clip(colour + self.draw.normal(0, 0.05, 3), 0, 1)] + [1.0]

    def line(self, a: tuple[int, int], b: tuple[int, int], width: float) -> None:
        cv2.line(self.pixels, a, b, self.ink(), self.length(width), cv2.LINE_AA)

    def disc(self, at: tuple[int, int], radius: float) -> None:
        cv2.circle(self.pixels, at, self.length(radius), self.ink(), -1, cv2.LINE_AA)

    def polygon(self, corners: NDArray[Any]) -> None:
        cv2.fillPoly(self.pixels, [corners.astype(np.int32)], self.ink(), cv2.LINE_AA)

    def box(self, at: tuple[int, int], w: float, h: float, turn_deg: float) -> None:
        self.polygon(np.asarray(cv2.boxPoints((at, (w * self.unit, h * self.unit), turn_deg))))


def _pole(layer: _Layer) -> None:
    """With a lamp, a sign or nothing on top; some lie."""
    draw = layer.draw
    lean = draw.normal(0, 0.15) if draw.random() < 0.7 else draw.uniform(-np.pi, np.pi)
    x, y = 0.5 * np.sin(lean), -0.5 * np.cos(lean)
    layer.line(layer.at(-x, -y), layer.at(x, y), draw.uniform(0.03, 0.12))
    if draw.random() < 0.6:
        layer.disc(layer.at(x, y), draw.uniform(0.08, 0.2))
    elif draw.random() < 0.7:
        layer.box(layer.at(x, y), 0.3, 0.2, 0)


def _cone(layer: _Layer) -> None:
    half = layer.draw.uniform(0.15, 0.35)
    layer.polygon(np.array([layer.at(0, -0.5), layer.at(half, 0.5), layer.at(-half, 0.5)]))
    for y in layer.draw.uniform(-0.2, 0.4, 2):
        layer.line(layer.at(-0.6 * half, y), layer.at(0.6 * half, y), 0.1)


def _disc_or_ring(layer: _Layer) -> None:
    draw = layer.draw
    axes = (layer.length(0.5), layer.length(draw.uniform(0.25, 0.5)))
    width = -1 if draw.random() < 0.5 else layer.length(0.18)
    turn_deg = draw.uniform(0, 180)
    cv2.ellipse(
        layer.pixels, layer.at(0, 0), axes, turn_deg, 0, 360, layer.ink(), width, cv2.LINE_AA
    )


def _crate_or_car(layer: _Layer) -> None:
    draw = layer.draw
    narrow, turn_deg = draw.uniform(0.25, 0.9), draw.uniform(0, 180)
    layer.box(layer.at(0, 0), 1.0, narrow, turn_deg)
    for _ in range(int(draw.integers(0, 4))):
        x, y = draw.normal(0, 0.18, 2)
        w, h = draw.uniform(0.1, 0.4), draw.uniform(0.1, 0.5)
        layer.box(layer.at(x, y * narrow), w, h * narrow, turn_deg)


def _two_wheeler(layer: _Layer) -> None:
    draw = layer.draw
    tilt = draw.uniform(-0.5, 0.5)
    x, y = 0.35 * np.cos(tilt), 0.35 * np.sin(tilt)
    tyre = [*[float(draw.uniform(0.02, 0.2))] * 3, 1.0]
    for side in (-1, 1):
        width = -1 if draw.random() < 0.5 else 2
        at = layer.at(side * x, side * y + 0.12)
        cv2.circle(layer.pixels, at, layer.length(0.14), tyre, width, cv2.LINE_AA)
    layer.line(layer.at(-x, -y), layer.at(x, y), draw.uniform(0.1, 0.25))
    layer.disc(layer.at(0.3 * x, -0.12), 0.13)


def _heap(layer: _Layer) -> None:
    """Flowers, litter, cloth."""
    draw = layer.draw
    for _ in range(int(draw.integers(2, 9))):
        x, y = draw.normal(0, 0.2, 2)
        a, b = (layer.length(v) for v in draw.uniform(0.04, 0.22, 2))
        cv2.ellipse(
            layer.pixels,
            layer.at(x, y),
            (a, b),
            draw.uniform(0, 180),
            0,
            360,
            layer.ink(),
            -1,
            cv2.LINE_AA,
        )


_DRAWN: tuple[Callable[[_Layer], None], ...] = (
    _pole,
    _cone,
    _disc_or_ring,
    _crate_or_car,
    _crate_or_car,
    _two_wheeler,
    _heap,
)


def _patch(layer: _Layer, pictures: Sequence[NDArray[np.uint8]]) -> None:
    """A piece of a real picture in the outline of an ellipse or a ragged polygon."""
    draw, side = layer.draw, layer.pixels.shape[0]
    source = pictures[int(draw.integers(len(pictures)))]
    size = min(side, *source.shape[:2]) - 1
    x, y = (int(draw.integers(0, n - size)) for n in source.shape[1::-1])
    mask = np.zeros((side, side), np.float32)
    if draw.random() < 0.5:
        axes = (layer.length(0.5), layer.length(draw.uniform(0.15, 0.5)))
        turn_deg = draw.uniform(0, 180)
        cv2.ellipse(mask, layer.at(0, 0), axes, turn_deg, 0, 360, (1.0,), -1, cv2.LINE_AA)
    else:
        corners = np.array([layer.at(*c) for c in draw.normal(0, 0.3, (draw.integers(3, 7), 2))])
        cv2.fillPoly(mask, [corners.astype(np.int32)], (1.0,), cv2.LINE_AA)
    layer.pixels[:size, :size, :3] = source[y : y + size, x : x + size].astype(np.float32) / 255
    layer.pixels[..., 3] = mask
    layer.pixels[..., :3] *= mask[..., None]


def draw_decoy(draw: Draw, image: Picture, pictures: Sequence[NDArray[np.uint8]]) -> None:
    """Draw one thing somewhere into a picture (BGR, 0 to 1, square); `pictures` lend patches."""
    size_px = float(np.exp(draw.uniform(np.log(SMALLEST_PX), np.log(LARGEST_PX))))
    layer = _Layer(draw, size_px)
    kind = int(draw.integers(len(_DRAWN) + 2))
    if kind < len(_DRAWN):
        _DRAWN[kind](layer)
    else:
        _patch(layer, pictures)
    layer.pixels[..., :3] *= 1 + 0.12 * draw.normal(size=(*layer.pixels.shape[:2], 1))
    side = layer.pixels.shape[0] // SCALE
    small = cv2.resize(layer.pixels, (side, side), interpolation=cv2.INTER_AREA)
    x, y = (int(v) for v in draw.integers(0, image.shape[0] - side, 2))
    under = image[y : y + side, x : x + side]
    alpha = small[..., 3:]
    if draw.random() < 0.4:
        under *= 1 - 0.4 * np.roll(alpha, (side // 10, side // 8), (0, 1))
    under *= 1 - alpha
    under += np.clip(small[..., :3], 0, 1)
