"""Training pictures with exact labels: `python -m sim.camera.dataset --out DIR --count N --seed S`.

Writes `images/000000.jpg` and `labels/000000.txt` (YOLO: class, centre and size as fractions;
0 person, 1 smoke), and in `heights.csv` the camera's height above ground (`name,agl_m`). Heights,
angles, light, people, fires and grounds vary by the seed; a third of the pictures holds things that
are not smoke: fog, pale roofs, cloud shadows.
"""

import argparse
import csv
import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from sim.camera.projection import Lens, Viewpoint
from sim.camera.renderer import Renderer, TruthBox
from sim.world.fire import Fire
from sim.world.people import Walker
from sim.world.world import World

__all__ = ["write_dataset"]

CLASSES = {"person": 0, "smoke": 1}
FRAMES_PER_WORLD = 25
TEXTURES = 6
JACKETS = ("red", "orange", "yellow", "blue", "white", "dark")
MIN_SIDE_PX = 5
LAND = (24.76, 25.18, 102.37, 102.63)
"""South, north, west, east of ground that is not lake."""


def write_dataset(out: Path, count: int, seed: int, lens: Lens) -> int:
    """Write `count` pictures and labels; return how many boxes they hold."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    (out / "labels").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    boxes = 0
    heights: list[tuple[str, float]] = []
    renderer: Renderer | None = None
    for number in range(count):
        if renderer is None or number % FRAMES_PER_WORLD == 0:
            origin = GeoPoint(
                lat_deg=float(rng.uniform(*LAND[:2])), lon_deg=float(rng.uniform(*LAND[2:]))
            )
            texture_seed = 100 * seed + int(rng.integers(TEXTURES))
            renderer = Renderer(World(origin, demo_terrain(), seed=texture_seed), lens)
        image, truth, agl_m = _picture(rng, renderer, number)
        name = f"{number:06d}"
        cv2.imwrite(
            str(out / "images" / f"{name}.jpg"),
            image,
            [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 92))],
        )
        lines = [line for box in truth if (line := _label(box, lens))]
        (out / "labels" / f"{name}.txt").write_text("".join(lines))
        boxes += len(lines)
        heights.append((f"{name}.jpg", round(agl_m, 1)))
    with (out / "heights.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("name", "agl_m"), *heights])
    return boxes


def _label(box: TruthBox, lens: Lens) -> str | None:
    w, h = box.x1 - box.x0, box.y1 - box.y0
    if w < MIN_SIDE_PX or h < MIN_SIDE_PX:
        return None
    cx, cy = (box.x0 + box.x1) / 2 / lens.width_px, (box.y0 + box.y1) / 2 / lens.height_px
    return (
        f"{CLASSES[box.label]} {cx:.6f} {cy:.6f} {w / lens.width_px:.6f} {h / lens.height_px:.6f}\n"
    )


def _picture(
    rng: np.random.Generator, renderer: Renderer, number: int
) -> tuple[NDArray[np.uint8], tuple[TruthBox, ...], float]:
    """A picture, what is in it, and the camera's height above ground."""
    world = renderer.world
    with_fire = rng.random() < 0.4
    yaw = float(rng.uniform(0, 360))
    pitch = -float(rng.choice([90.0, rng.uniform(25, 60), rng.uniform(25, 60), rng.uniform(8, 25)]))
    agl = float(rng.uniform(20, 75) if not with_fire else rng.uniform(40, 130))
    tx, ty = (float(v) for v in rng.uniform(-2500, 2500, 2))
    ground = world.heights.one(tx, ty)
    back = agl / math.tan(math.radians(-pitch)) if pitch > -85 else 0.0
    cx = tx - back * math.sin(math.radians(yaw))
    cy = ty - back * math.cos(math.radians(yaw))
    z = max(ground + agl, world.heights.one(cx, cy) + 12)
    view = Viewpoint(cx, cy, z, yaw, pitch, float(rng.normal(0, 1.5)))
    world.walkers = _people(rng, tx, ty, min(agl, 80.0))
    t_s = float(rng.uniform(60, 900))
    world.fire = _fire(rng, world, tx, ty) if with_fire else None
    light = float(rng.uniform(0.7, 1.35))
    frame = renderer.frame(view, world.at(t_s), number, light)
    image = frame.image
    if rng.random() < 0.33:
        image = _not_smoke(rng, image)
    return image, frame.truth, z - world.heights.one(cx, cy)


def _people(rng: np.random.Generator, tx: float, ty: float, spread_m: float) -> tuple[Walker, ...]:
    count = int(rng.choice([0, 1, 2, 3, 5, 8]))
    walkers: list[Walker] = []
    for k in range(count):
        x, y = (float(v) for v in rng.normal((tx, ty), spread_m * 0.45))
        heading = float(rng.uniform(0, 2 * math.pi))
        path = ((x, y), (x + 9 * math.sin(heading), y + 9 * math.cos(heading)))
        walkers.append(
            Walker(
                id=f"p{k}",
                path=path if rng.random() < 0.8 else path[:1],
                speed_ms=float(rng.uniform(0.3, 1.4)),
                height_m=float(rng.uniform(1.15, 1.9)),
                jacket=str(rng.choice(JACKETS)),
            )
        )
    return tuple(walkers)


def _fire(rng: np.random.Generator, world: World, tx: float, ty: float) -> Fire:
    x, y = (float(v) for v in rng.normal((tx, ty), 25.0))
    return Fire(
        x=x,
        y=y,
        ground_amsl_m=world.heights.one(x, y),
        start_s=float(rng.uniform(-600, 30)),
        radius_m=float(rng.uniform(1.5, 12)),
        growth_m_per_s=0.0,
        max_radius_m=60.0,
        wind_from_deg=float(rng.uniform(0, 360)),
        wind_ms=float(rng.uniform(0.5, 11)),
        seed=int(rng.integers(10_000)),
    )


def _not_smoke(rng: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Add a fog bank, a cloud shadow or a pale roof: what a detector must learn to leave alone."""
    h, w = image.shape[:2]
    kind = rng.choice(["fog", "shadow", "roof"])
    if kind == "roof":
        centre = rng.uniform((0.1 * w, 0.2 * h), (0.9 * w, 0.9 * h))
        side = rng.uniform(25, 110, 2)
        box = cv2.boxPoints(
            (
                (float(centre[0]), float(centre[1])),
                (float(side[0]), float(side[1])),
                float(rng.uniform(0, 90)),
            )
        )
        tone = float(rng.uniform(150, 235))
        roofed = image.copy()
        cv2.fillPoly(
            roofed, [np.round(box).astype(np.int32)], (tone, tone, tone * 0.98), cv2.LINE_AA
        )
        return roofed
    noise = rng.standard_normal((6, 9)).astype(np.float32)
    mask = np.asarray(cv2.resize(noise, (w, h), interpolation=cv2.INTER_CUBIC), np.float32)
    # A fog bank lies level across the picture; it has no source and no column.
    level = np.exp(-(((np.arange(h, dtype=np.float32) / h - rng.uniform(0, 0.6)) / 0.22) ** 2))[
        :, None
    ]
    veil = np.clip(mask * 0.25 + 0.5, 0, 1) * level
    if kind == "shadow":
        veil = np.clip(mask, 0, 1) * 0.5
        return (image * (1 - veil[..., None])).astype(np.uint8)
    share = (veil * float(rng.uniform(0.3, 0.8)))[..., None]
    return (image * (1 - share) + 214 * share).astype(np.uint8)


def main() -> None:
    """Parse the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    args = parser.parse_args()
    boxes = write_dataset(args.out, args.count, args.seed, Lens(args.width, args.height, 62.0))
    print(f"{args.count} pictures, {boxes} boxes in {args.out}")


if __name__ == "__main__":
    main()
