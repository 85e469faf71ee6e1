"""Smoke, flames and burnt ground in the picture, and the smoke's truth box."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.camera.projection import Lens, Viewpoint
from sim.world.fire import Puffs

__all__ = ["draw_burnt_ground", "draw_smoke"]

REDUCED = 4
"""Smoke is soft: it is composed at a quarter of the size."""

SPRITE_PX = 96
TRUTH_ALPHA = 0.18
LIT_BGR = np.array((232, 230, 228), np.float32)
SHADE_BGR = np.array((120, 122, 128), np.float32)

Box = tuple[float, float, float, float]


def _sprites() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a soft ragged disc and its lightness from the sunny to the shaded side."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[-1 : 1 : SPRITE_PX * 1j, -1 : 1 : SPRITE_PX * 1j]
    ragged = cv2.resize(rng.standard_normal((12, 12)), (SPRITE_PX, SPRITE_PX))
    distance = np.hypot(x, y) * (1 + 0.16 * ragged)
    alpha = np.clip(1 - distance, 0, 1) ** 0.8
    light = np.clip(0.62 - 0.42 * (x * 0.6 + y * 0.8), 0, 1)
    return alpha.astype(np.float32), light.astype(np.float32)


ALPHA, LIGHT = _sprites()


def draw_burnt_ground(
    picture: NDArray[np.uint8],
    outline: tuple[tuple[float, float], ...],
    ground_z: list[float],
    view: Viewpoint,
    lens: Lens,
    t_s: float,
) -> None:
    """Blacken the burnt area and set flickering flames along its edge."""
    if not outline:
        return
    points = np.array([(x, y, z) for (x, y), z in zip(outline, ground_z, strict=True)])
    pixels, depth = view.project(points, lens)
    if depth.min() < 3.0:
        return
    ring = np.round(pixels * 8).astype(np.int32).reshape(-1, 1, 2)
    low = np.clip(pixels.min(axis=0) - 20, 0, (lens.width_px, lens.height_px)).astype(int)
    high = np.clip(pixels.max(axis=0) + 20, 0, (lens.width_px, lens.height_px)).astype(int)
    if high[0] - low[0] < 2 or high[1] - low[1] < 2:
        return
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [ring], 215, cv2.LINE_AA, shift=3)
    part = (slice(low[1], high[1]), slice(low[0], high[0]))
    soft = cv2.GaussianBlur(mask[part], (0, 0), 3).astype(np.float32)[..., None] / 255
    picture[part] = (picture[part] * (1 - soft) + np.array((26, 28, 32)) * soft).astype(np.uint8)
    metre = lens.focal_px / np.maximum(depth, 1.0)
    rng = np.random.default_rng(int(t_s * 12))
    glow = np.zeros_like(picture[part])
    for (u, v), m in zip(pixels, metre, strict=True):
        if rng.random() < 0.35:
            continue
        for _ in range(2):
            height = float(m * rng.uniform(0.5, 1.7))
            x = float(u + rng.normal(0, 0.8 * m)) - low[0]
            y = float(v + rng.normal(0, 0.3 * m)) - low[1]
            tip = (round(x + rng.normal(0, 0.2 * m)), round(y - height))
            width = max(1, round(0.35 * m))
            cv2.line(glow, (round(x), round(y)), tip, (20, 96, 250), width, cv2.LINE_AA)
            half = ((round(x) + tip[0]) // 2, (round(y) + tip[1]) // 2)
            cv2.line(glow, (round(x), round(y)), half, (110, 220, 255), max(1, width // 2))
    spread = cv2.GaussianBlur(glow, (0, 0), 1.2 + float(np.median(metre)) * 0.12)
    picture[part] = cv2.add(picture[part], cv2.max(glow, spread))


def draw_smoke(
    picture: NDArray[np.uint8], puffs: Puffs, view: Viewpoint, lens: Lens, light: float = 1.0
) -> Box | None:
    """Draw the plume back to front; return the box in pixels of what is clearly smoke."""
    if len(puffs.x) == 0:
        return None
    centres = np.stack([puffs.x, puffs.y, puffs.z], axis=1)
    pixels, depth = view.project(centres, lens)
    radius = puffs.radius_m * lens.focal_px / np.maximum(depth, 1.0) / REDUCED
    w, h = lens.width_px // REDUCED, lens.height_px // REDUCED
    at = pixels / REDUCED
    visible = (
        (depth > 3)
        & (at[:, 0] > -radius)
        & (at[:, 0] < w + radius)
        & (at[:, 1] > -radius)
        & (at[:, 1] < h + radius)
        & (radius > 0.4)
    )
    if not visible.any():
        return None
    colour = np.zeros((h, w, 3), np.float32)
    cover = np.zeros((h, w), np.float32)
    for k in np.flatnonzero(visible)[np.argsort(-depth[visible])]:
        # A camera inside the plume sees a veil, not a sprite of ten thousand pixels.
        r = float(min(radius[k], w))
        x0, y0 = int(at[k, 0] - r), int(at[k, 1] - r)
        size = max(2, int(2 * r))
        left, top = max(x0, 0), max(y0, 0)
        right, bottom = min(x0 + size, w), min(y0 + size, h)
        if right <= left or bottom <= top:
            continue
        alpha = cv2.resize(ALPHA, (size, size), interpolation=cv2.INTER_LINEAR)
        lit = cv2.resize(LIGHT, (size, size), interpolation=cv2.INTER_LINEAR)
        part = (slice(top - y0, bottom - y0), slice(left - x0, right - x0))
        a = alpha[part] * float(puffs.opacity[k]) * 0.7
        shade = np.clip(lit[part] + float(puffs.lightness[k]) - 0.62, 0, 1)[..., None]
        tone = SHADE_BGR * (1 - shade) + LIT_BGR * shade
        target = (slice(top, bottom), slice(left, right))
        colour[target] = colour[target] * (1 - a[..., None]) + tone * a[..., None]
        cover[target] = cover[target] * (1 - a) + a
    rows = np.flatnonzero(cover.max(axis=1) > 0.01)
    columns = np.flatnonzero(cover.max(axis=0) > 0.01)
    if rows.size == 0:
        return None
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    x0, x1 = int(columns[0]), int(columns[-1]) + 1
    size = ((x1 - x0) * REDUCED, (y1 - y0) * REDUCED)
    big_colour = cv2.resize(colour[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
    big_cover = cv2.resize(cover[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
    part = (slice(y0 * REDUCED, y1 * REDUCED), slice(x0 * REDUCED, x1 * REDUCED))
    mixed = picture[part] * (1 - big_cover[..., None]) + big_colour * min(1.1, light)
    picture[part] = np.clip(mixed, 0, 255).astype(np.uint8)
    clear = cover > TRUTH_ALPHA
    if not clear.any():
        return None
    rows, columns = np.flatnonzero(clear.any(axis=1)), np.flatnonzero(clear.any(axis=0))
    return (
        float(columns[0] * REDUCED),
        float(rows[0] * REDUCED),
        float((columns[-1] + 1) * REDUCED),
        float((rows[-1] + 1) * REDUCED),
    )
