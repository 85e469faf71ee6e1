"""How the ground looks: a procedural texture of forest, scrub, red soil and paths.

Two layers: a detail tile of tree crowns and grass that repeats seamlessly, and a wide tint map of
woods, clearings, red soil and tracks that never repeats within the world. Multiplied, the
repetition of the tile is not seen. Everything is drawn from a seed.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["DETAIL_M_PER_PX", "DETAIL_PX", "TINT_M_PER_PX", "TINT_PX", "GroundTexture", "texture"]

DETAIL_PX = 2048
DETAIL_M_PER_PX = 0.12
TINT_PX = 3000
TINT_M_PER_PX = 2.0
MIP_LEVELS = 5


@dataclass(frozen=True, slots=True)
class GroundTexture:
    """The layers, BGR bytes."""

    wood: tuple[NDArray[np.uint8], ...]
    """Detail tile of forest, each level half the size of the one before; wraps round."""
    open_land: tuple[NDArray[np.uint8], ...]
    """Detail tile of scrub and soil, likewise."""
    tint: NDArray[np.uint8]
    """Colour of the land, TINT_PX square, centred on the world's origin."""
    wood_share: NDArray[np.uint8]
    """255 where there is forest, of the tint map's size."""


def _wrap_noise(rng: np.random.Generator, size: int, cell: int) -> NDArray[np.float32]:
    """Return smooth noise of zero mean and unit deviation that repeats seamlessly."""
    coarse = rng.standard_normal((max(2, size // cell),) * 2).astype(np.float32)
    coarse = np.pad(coarse, 2, mode="wrap")
    scale = size / (coarse.shape[0] - 4)
    big = cv2.resize(coarse, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    edge = round(2 * scale)
    noise = big[edge : edge + size, edge : edge + size]
    return ((noise - noise.mean()) / (noise.std() + 1e-6)).astype(np.float32)


def _crowns(rng: np.random.Generator, tile: NDArray[np.float32], count: int) -> None:
    """Draw tree crowns with a lit and a shaded side and a shadow; they wrap round the edges."""
    size = tile.shape[0]
    centres = rng.uniform(0, size, (count, 2))
    radii = rng.gamma(6.0, 2.4, count) + 6
    shades = rng.uniform(0.75, 1.2, count)
    hues = rng.uniform(-1, 1, count)
    for (x, y), r, shade, hue in zip(centres, radii, shades, hues, strict=True):
        base = np.array([46 + 7 * hue, 84 + 10 * hue, 66 + 16 * hue]) * shade
        for dx in (-size, 0, size):
            for dy in (-size, 0, size):
                cx, cy = x + dx, y + dy
                if not (-60 < cx < size + 60 and -60 < cy < size + 60):
                    continue
                _disc(tile, cx + r * 0.55, cy + r * 0.45, r, (22, 36, 30))
                _disc(tile, cx, cy, r, base * 0.72)
                _disc(tile, cx - r * 0.18, cy - r * 0.15, r * 0.78, base)
                _disc(tile, cx - r * 0.34, cy - r * 0.3, r * 0.42, base * 1.28)


def _disc(tile: NDArray[np.float32], x: float, y: float, r: float, colour: object) -> None:
    bgr = tuple(float(c) for c in np.asarray(colour, dtype=np.float64))
    cv2.circle(
        tile, (round(x * 8), round(y * 8)), max(4, round(r * 8)), bgr, -1, cv2.LINE_AA, shift=3
    )


def _mips(tile: NDArray[np.float32]) -> tuple[NDArray[np.uint8], ...]:
    levels = [np.clip(tile, 0, 255).astype(np.uint8)]
    for _ in range(MIP_LEVELS - 1):
        h, w = levels[-1].shape[:2]
        half = cv2.resize(levels[-1], (w // 2, h // 2), interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(half, np.uint8))
    return tuple(levels)


def _detail(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    size = DETAIL_PX
    fine = _wrap_noise(rng, size, 4)
    middle = _wrap_noise(rng, size, 24)
    coarse = _wrap_noise(rng, size, 160)
    wood = np.empty((size, size, 3), np.float32)
    wood[:] = (38, 62, 52)
    _crowns(rng, wood, 5200)
    wood *= (1 + 0.10 * fine + 0.05 * coarse)[..., None]
    soil = np.empty((size, size, 3), np.float32)
    soil[:] = (92, 128, 158)
    soil *= (1 + 0.06 * fine + 0.08 * middle + 0.06 * coarse)[..., None]
    grass = np.clip(0.5 + 0.5 * middle + 0.4 * coarse, 0, 1)[..., None]
    blades = np.array((84, 138, 126), np.float32) * 0.75 * grass * (1 + 0.12 * fine)[..., None]
    soil = np.asarray(soil * (1 - 0.75 * grass) + blades, np.float32)
    _crowns(rng, soil, 420)
    rocks = rng.uniform(0, size, (160, 2))
    for x, y in rocks:
        r = float(rng.uniform(2, 9))
        grey = float(rng.uniform(110, 165))
        _disc(soil, x + r * 0.4, y + r * 0.3, r, (40, 46, 52))
        _disc(soil, x, y, r, (grey, grey * 1.02, grey * 1.04))
    return wood, soil


def _wide(rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    size = TINT_PX
    broad = _wrap_noise(rng, size, 420)
    patch = _wrap_noise(rng, size, 110)
    small = _wrap_noise(rng, size, 26)
    cover = 0.75 * broad + 0.55 * patch + 0.25 * small
    share = np.clip((cover + 0.55) * 3.2, 0, 1).astype(np.float32)
    # Tint is a factor around 128: redder soil in some places, drier grass in others.
    red = np.clip(patch * 0.5 + broad * 0.4, -1, 1) * (1 - share)
    uneven = 1 + 0.07 * small + 0.08 * broad
    tint = np.empty((size, size, 3), np.float32)
    for channel, redder in enumerate((-16.0, -8.0, 18.0)):
        tint[..., channel] = (128 + red * redder) * uneven
    _tracks(rng, tint, share)
    np.clip(tint, 0, 255, out=tint)
    return tint.astype(np.uint8), np.clip(share * 255, 0, 255).astype(np.uint8)


def _tracks(
    rng: np.random.Generator, tint: NDArray[np.float32], share: NDArray[np.float32]
) -> None:
    """Draw winding dirt roads and footpaths."""
    size = tint.shape[0]
    for number in range(26):
        width = 3 if number < 7 else 1
        heading = rng.uniform(0, 2 * np.pi)
        x, y = rng.uniform(0, size, 2)
        line = [(x, y)]
        for _ in range(140):
            heading += rng.normal(0, 0.22)
            x, y = x + 12 * np.cos(heading), y + 12 * np.sin(heading)
            line.append((x, y))
        points = np.round(np.asarray(line) * 8).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(share, [points], False, 0.0, width + 2, cv2.LINE_AA, shift=3)
        cv2.polylines(tint, [points], False, (128, 150, 184), width, cv2.LINE_AA, shift=3)


@lru_cache(maxsize=2)
def texture(seed: int) -> GroundTexture:
    """Draw the layers of a seed; takes a second or two and about 120 MB."""
    rng = np.random.default_rng(seed)
    wood, soil = _detail(rng)
    tint, share = _wide(rng)
    return GroundTexture(_mips(wood), _mips(soil), tint, share)
