"""Draws training tiles: people and smoke on procedural ground, nothing borrowed.

`python -m vision.training.composites --out DIR --count N --seed S`. Colours, light, sizes and
plumes vary far more than any one scene does: a detector that has seen all of this leans less on
the look of one renderer.
"""

import argparse
import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.prepare import PERSON, SMOKE, TILE_PX, LabelledPicture, write

__all__ = ["draw_tile", "main"]

Picture = NDArray[np.float32]

GROUNDS = np.array(  # BGR, 0..1: forest, dry grass, red soil, dark forest, rock, green field
    [
        [0.16, 0.29, 0.22],
        [0.35, 0.52, 0.56],
        [0.25, 0.36, 0.60],
        [0.10, 0.17, 0.13],
        [0.52, 0.55, 0.57],
        [0.22, 0.45, 0.36],
    ]
)
CLOTHES = np.array(
    [
        [0.1, 0.1, 0.75],
        [0.7, 0.25, 0.1],
        [0.1, 0.75, 0.85],
        [0.1, 0.45, 0.95],
        [0.85, 0.85, 0.85],
        [0.1, 0.1, 0.1],
        [0.2, 0.5, 0.2],
        [0.6, 0.5, 0.45],
    ]
)


LYING_SHARE = 0.6
"""Drawn people are there for what COCO's pictures lack: people who lie, seen from above."""


def noise(draw: np.random.Generator, octaves: int, side: int = TILE_PX) -> Picture:
    """Fractal noise, mean 0."""
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        cells = min(side, 2 ** (octave + 1))
        layer = draw.normal(size=(cells, cells)).astype(np.float32)
        total += np.asarray(
            cv2.resize(layer, (side, side), interpolation=cv2.INTER_CUBIC), np.float32
        ) / (1.7**octave)
    return total


def ground(draw: np.random.Generator) -> Picture:
    """Patches of two ground colours, tree crowns, perhaps a track."""
    first, second = GROUNDS[draw.choice(len(GROUNDS), 2, replace=False)]
    share = 1 / (1 + np.exp(-4 * noise(draw, 5)))[..., None]
    image = (first * share + second * (1 - share)) * draw.uniform(0.6, 1.3)
    image *= 1 + 0.15 * noise(draw, 8)[..., None] * draw.uniform(0.3, 1.0)
    for _ in range(int(draw.integers(0, 60)) if draw.random() < 0.6 else 0):
        centre = draw.integers(0, TILE_PX, 2)
        radius = int(draw.integers(4, 26))
        crown = GROUNDS[3] * draw.uniform(0.7, 2.0)
        shadow = (int(centre[0] + radius * 0.5), int(centre[1] + radius * 0.4))
        cv2.circle(image, shadow, radius, [float(v) for v in crown * 0.35], -1, cv2.LINE_AA)
        cv2.circle(
            image,
            (int(centre[0]), int(centre[1])),
            radius,
            [float(v) for v in crown],
            -1,
            cv2.LINE_AA,
        )
    if draw.random() < 0.4:
        start, end = draw.integers(0, TILE_PX, 2), draw.integers(0, TILE_PX, 2)
        colour = [float(v) for v in GROUNDS[int(draw.choice([1, 2, 4]))] * draw.uniform(0.8, 1.5)]
        cv2.line(
            image,
            (int(start[0]), 0),
            (int(end[0]), TILE_PX),
            colour,
            int(draw.integers(3, 20)),
            cv2.LINE_AA,
        )
    return np.clip(image * (1 + 0.08 * noise(draw, 9)[..., None]), 0, 1).astype(np.float32)


def person(
    draw: np.random.Generator, image: Picture, lying_share: float = LYING_SHARE
) -> tuple[int, float, float, float, float] | None:
    """One standing, walking or lying figure with its shadow; returns its label."""
    height = float(np.exp(draw.uniform(np.log(9), np.log(55))))
    # Standing people lean a little; from above a lying one points anywhere and throws no shadow.
    lying = draw.random() < lying_share
    lean = draw.uniform(-math.pi, math.pi) if lying else draw.normal(0, 0.12)
    scale = 6
    side = int(height * 3 * scale)
    figure = np.zeros((side, side, 4), np.float32)
    unit = height * scale
    up = np.array([math.sin(lean), -math.cos(lean)]) * unit
    foot = np.array([side / 2, side / 2]) - up / 2 if lying else np.array([side / 2, side * 0.72])
    across = np.array([-up[1], up[0]]) / np.linalg.norm(up)
    top, legs = CLOTHES[draw.integers(len(CLOTHES))], CLOTHES[draw.integers(len(CLOTHES))]
    skin = np.array([0.35, 0.48, 0.65]) * draw.uniform(0.5, 1.3)
    light = draw.uniform(0.5, 1.2)

    def at(along: float, beside: float = 0.0) -> tuple[int, int]:
        place = foot + up * along + across * unit * beside
        return int(place[0]), int(place[1])

    def bone(
        a: tuple[int, int], b: tuple[int, int], width: float, colour: NDArray[np.float64]
    ) -> None:
        ink = [float(v) for v in np.clip(colour * light, 0, 1)] + [1.0]
        cv2.line(figure, a, b, ink, max(1, int(width * unit)), cv2.LINE_AA)

    stride, swing = draw.uniform(0, 0.16), draw.uniform(0.05, 0.2)
    bone(at(0, -stride), at(0.48, -0.05), 0.13, legs)
    bone(at(0, stride), at(0.48, 0.05), 0.13, legs * 0.85)
    bone(at(0.48), at(0.78), 0.25, top)
    bone(at(0.78, -0.12), at(0.45, -0.12 - swing), 0.09, top * 0.9)
    bone(at(0.78, 0.12), at(0.45, 0.12 + swing), 0.09, top * 0.8)
    if draw.random() < 0.3:
        bone(at(0.55, 0.1), at(0.75, 0.1), 0.22, CLOTHES[draw.integers(len(CLOTHES))])
    head = CLOTHES[draw.integers(len(CLOTHES))] if draw.random() < 0.4 else skin
    cv2.circle(
        figure, at(0.92), int(0.085 * unit), [*(float(v) for v in head * light), 1.0], -1, 16
    )
    small = cv2.resize(figure, (side // scale, side // scale), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:]
    mask = alpha[..., 0] > 0.3
    if not mask.any():
        return None
    size = small.shape[0]
    left, upper = (int(v) for v in draw.integers(-size // 3, TILE_PX - size // 2, 2))
    shadow_shift = (draw.uniform(-0.6, 0.6), draw.uniform(0.1, 0.35))
    squash = np.array(
        [[1, shadow_shift[0], -shadow_shift[0] * size * 0.72], [0, shadow_shift[1], 0]],
        np.float32,
    )
    squash[1, 2] = size * 0.72 * (1 - shadow_shift[1])
    shade = cv2.warpAffine(alpha[..., 0], squash, (size, size))[..., None]
    x0, y0, x1, y1 = (
        max(0, left),
        max(0, upper),
        min(TILE_PX, left + size),
        min(TILE_PX, upper + size),
    )
    if x1 <= x0 or y1 <= y0:
        return None
    cut = (slice(y0 - upper, y1 - upper), slice(x0 - left, x1 - left))
    under = image[y0:y1, x0:x1]
    under *= 1 - (0.15 if lying else 0.55) * shade[cut]
    # The resized layer holds premultiplied colours: area averaging mixed them with empty ink.
    under *= 1 - alpha[cut]
    under += small[cut][..., :3]
    rows, columns = np.where(mask[cut])
    if len(rows) < 0.6 * mask.sum():
        return None
    px0, px1 = x0 + columns.min(), x0 + columns.max() + 1
    py0, py1 = y0 + rows.min(), y0 + rows.max() + 1
    return (
        PERSON,
        float(px0 + px1) / 2 / TILE_PX,
        float(py0 + py1) / 2 / TILE_PX,
        float(px1 - px0) / TILE_PX,
        float(py1 - py0) / TILE_PX,
    )


def smoke(
    draw: np.random.Generator, image: Picture
) -> tuple[int, float, float, float, float] | None:
    """A plume of soft puffs that drift and grow from a source; returns its label."""
    source = draw.uniform(0.1, 0.9, 2) * TILE_PX
    heading = (
        draw.uniform(0, 2 * math.pi) if draw.random() < 0.4 else draw.normal(-math.pi / 2, 0.6)
    )
    length = float(np.exp(draw.uniform(np.log(40), np.log(420))))
    start_radius = draw.uniform(2, 9)
    spread = draw.uniform(0.12, 0.35)
    tone = draw.uniform(0.12, 0.4) if draw.random() < 0.25 else draw.uniform(0.6, 1.0)
    colour = np.array([1.04, 1.0, 0.97]) * tone
    alpha = np.zeros((TILE_PX, TILE_PX), np.float32)
    lit = np.zeros((TILE_PX, TILE_PX), np.float32)
    count = int(length / 4) + 12
    grid_y, grid_x = np.mgrid[0:TILE_PX, 0:TILE_PX].astype(np.float32)
    strength = draw.uniform(0.25, 0.9)
    for i in range(count):
        along = (i + draw.uniform(0, 1)) / count
        radius = start_radius + spread * length * along * draw.uniform(0.6, 1.2)
        offset = draw.normal(0, spread * length * along * 0.4 + 1, 2)
        x = source[0] + math.cos(heading) * length * along + offset[0]
        y = source[1] + math.sin(heading) * length * along + offset[1]
        x0, x1 = int(max(0, x - 2 * radius)), int(min(TILE_PX, x + 2 * radius + 1))
        y0, y1 = int(max(0, y - 2 * radius)), int(min(TILE_PX, y + 2 * radius + 1))
        if x1 <= x0 or y1 <= y0:
            continue
        gx, gy = grid_x[y0:y1, x0:x1], grid_y[y0:y1, x0:x1]
        puff = np.exp(-((gx - x) ** 2 + (gy - y) ** 2) / (radius**2)) * strength
        puff *= (1 - 0.7 * along) * draw.uniform(0.5, 1)
        lit_puff = 0.85 + 0.25 * np.clip((y - gy) / radius, -1, 1)
        part = alpha[y0:y1, x0:x1]
        lit_part = lit[y0:y1, x0:x1]
        lit_part *= 1 - puff
        lit_part += puff * lit_puff
        part += puff * (1 - part)
    texture = np.clip(1 + 0.35 * noise(draw, 6), 0.2, 1.6)
    alpha = np.clip(alpha * texture, 0, 0.97).astype(np.float32)
    shade = np.where(alpha > 1e-3, lit / np.maximum(alpha, 1e-3), 1).clip(0.5, 1.3)[..., None]
    image *= 1 - alpha[..., None]
    image += alpha[..., None] * np.clip(colour * shade, 0, 1.1).astype(np.float32)
    np.clip(image, 0, 1, out=image)
    rows, columns = np.where(alpha > 0.18)
    if len(rows) < 60:
        return None
    x0, x1 = np.percentile(columns, [0.5, 99.5])
    y0, y1 = np.percentile(rows, [0.5, 99.5])
    return (
        SMOKE,
        float(x0 + x1) / 2 / TILE_PX,
        float(y0 + y1) / 2 / TILE_PX,
        float(x1 - x0 + 1) / TILE_PX,
        float(y1 - y0 + 1) / TILE_PX,
    )


def draw_tile(seed: int) -> LabelledPicture:
    """One tile; the same seed gives the same tile."""
    draw = np.random.default_rng(seed)
    image = ground(draw)
    boxes: list[tuple[int, float, float, float, float]] = []
    kind = draw.random()
    for _ in range(int(draw.integers(1, 7)) if kind < 0.65 else 0):
        if label := person(draw, image):
            boxes.append(label)
    if 0.5 < kind < 0.9 and (label := smoke(draw, image)):
        boxes.append(label)
    if draw.random() < 0.5:
        image = np.asarray(
            cv2.GaussianBlur(image, (0, 0), float(draw.uniform(0.3, 1.0))), np.float32
        )
    image = image + draw.normal(0, draw.uniform(0.002, 0.03), image.shape)
    return LabelledPicture(
        f"composite-{seed:06d}", np.clip(image * 255, 0, 255).astype(np.uint8), boxes
    )


def main() -> None:
    """Parse the command line and write the tiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for number in range(arguments.count):
        write(draw_tile(arguments.seed * 100_000 + number), arguments.out)


if __name__ == "__main__":
    main()
