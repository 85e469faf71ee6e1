# pyright: reportMissingImports=false
# (the `train` extra is not installed where the product runs)
"""Makes the training set: `python -m vision.training.prepare --real DIR --out DIR`.

Two sources, each optional (`composites` adds drawn pictures):

* `--real`: picture sets in YOLO's format (classes by name: `person` and `smoke` are kept; `default`
  marks a picture without fire; pictures with flames only are left out, they say nothing of smoke).
  A further set is a further path: a public one, or alerts that people judged
  (`xunshan admin labels`).
* `--simulated`: folders of frames with exact labels (`images/`, `labels/`), as
  `python -m sim.camera.dataset` writes them, cut to tiles at the size in which the detector will
  see them.

Scenes held out are written to `heldout/` and never trained on.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.training.classes import CLASSES
from vision.training.scenes import group_scenes, held_out

__all__ = ["LabelledPicture", "main", "read_labels"]

TILE_PX = 416
DETECTOR_WIDTH_PX = 960
"""Width at which the node shows a 16:9 frame to the detector; tiles are cut at that scale."""
MIN_PERSON_PX = 7.0
"""People lower than this in a tile are not labelled: there is nothing to learn from."""
FOG_SHARE = 0.75
"""A smoke box over more of the picture than this marks a picture with no edge of smoke to learn."""

PERSON, SMOKE = 0, 1


@dataclass(frozen=True)
class LabelledPicture:
    """A picture with boxes as (class, x centre, y centre, width, height) in fractions."""

    name: str
    image: np.ndarray
    boxes: list[tuple[int, float, float, float, float]]


def read_labels(path: Path) -> list[tuple[int, float, float, float, float]]:
    """Read a YOLO label file; a missing file is a picture without objects."""
    if not path.exists():
        return []
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return [
        (int(r[0]), float(r[1]), float(r[2]), float(r[3]), float(r[4])) for r in rows if len(r) >= 5
    ]


def class_names(folder: Path) -> list[str]:
    """Class names of a YOLO data set, by number; without a `data.yaml` they are the product's."""
    if not (folder / "data.yaml").exists():
        return list(CLASSES)
    import yaml  # comes with the `train` extra

    names: Any = yaml.safe_load((folder / "data.yaml").read_text())["names"]
    return [names[i] for i in sorted(names)] if isinstance(names, dict) else list(names)


def real_pictures(folder: Path) -> dict[Path, list[tuple[int, float, float, float, float]] | None]:
    """Pictures with their boxes; None where the picture must be left out."""
    names = class_names(folder)
    kept_as = {names.index(name): CLASSES.index(name) for name in CLASSES if name in names}
    negative = names.index("default") if "default" in names else -1
    pictures: dict[Path, list[tuple[int, float, float, float, float]] | None] = {}
    for picture in sorted(folder.glob("*/images/*.jpg")):
        rows = read_labels(picture.parent.parent / "labels" / f"{picture.stem}.txt")
        kept = [(kept_as[row[0]], *row[1:]) for row in rows if row[0] in kept_as]
        foggy = any(c == SMOKE and w * h > FOG_SHARE for c, _, _, w, h in kept)
        # A set with a class for "nothing" marks its empty pictures by it, others leave them bare.
        is_negative = all(row[0] == negative for row in rows) and (bool(rows) or negative < 0)
        pictures[picture] = kept if (kept and not foggy) or is_negative else None
    return pictures


def tiles_of(
    picture: LabelledPicture, draw: random.Random, per_frame: int
) -> Iterator[LabelledPicture]:
    """Cut tiles round objects (and elsewhere), and the whole frame where it shows smoke."""
    height_px = round(picture.image.shape[0] * DETECTOR_WIDTH_PX / picture.image.shape[1])
    scale_image = cv2.resize(
        picture.image, (DETECTOR_WIDTH_PX, height_px), interpolation=cv2.INTER_AREA
    )
    if any(c == SMOKE for c, *_ in picture.boxes):
        yield _whole(picture)
    for number in range(per_frame):
        if picture.boxes and draw.random() < 0.85:
            _, x, y, w, h = draw.choice(picture.boxes)
            centre_x = (x + draw.uniform(-0.5, 0.5) * w) * DETECTOR_WIDTH_PX
            centre_y = (y + draw.uniform(-0.5, 0.5) * h) * height_px
            left = centre_x - TILE_PX * draw.uniform(0.15, 0.85)
            top = centre_y - TILE_PX * draw.uniform(0.15, 0.85)
        else:
            left = draw.uniform(0, DETECTOR_WIDTH_PX - TILE_PX)
            top = draw.uniform(0, height_px - TILE_PX)
        left = int(min(max(left, 0), DETECTOR_WIDTH_PX - TILE_PX))
        top = int(min(max(top, 0), height_px - TILE_PX))
        yield LabelledPicture(
            name=f"{picture.name}-t{number}",
            image=scale_image[top : top + TILE_PX, left : left + TILE_PX],
            boxes=_boxes_in_tile(picture.boxes, left, top, height_px),
        )


def _whole(picture: LabelledPicture) -> LabelledPicture:
    """The frame at tile width; people too small to see there are dropped from the labels."""
    height_px = round(picture.image.shape[0] * TILE_PX / picture.image.shape[1])
    image = cv2.resize(picture.image, (TILE_PX, height_px), interpolation=cv2.INTER_AREA)
    kept = [b for b in picture.boxes if b[0] == SMOKE or b[4] * height_px >= MIN_PERSON_PX]
    return LabelledPicture(f"{picture.name}-whole", image, kept)


def _boxes_in_tile(
    boxes: Sequence[tuple[int, float, float, float, float]], left: int, top: int, height_px: int
) -> list[tuple[int, float, float, float, float]]:
    kept: list[tuple[int, float, float, float, float]] = []
    for label, x, y, w, h in boxes:
        x0, x1 = ((x - w / 2) * DETECTOR_WIDTH_PX - left), ((x + w / 2) * DETECTOR_WIDTH_PX - left)
        y0, y1 = ((y - h / 2) * height_px - top), ((y + h / 2) * height_px - top)
        area = max(1e-9, (x1 - x0) * (y1 - y0))
        x0, x1 = max(0.0, x0), min(float(TILE_PX), x1)
        y0, y1 = max(0.0, y0), min(float(TILE_PX), y1)
        if x1 - x0 < 2 or y1 - y0 < 2:
            continue
        visible = (x1 - x0) * (y1 - y0) / area
        # A slice of a plume is smoke all the same; a slice of a person is not a person.
        if label == PERSON and (visible < 0.5 or y1 - y0 < MIN_PERSON_PX):
            continue
        if label == SMOKE and visible < 0.1 and (x1 - x0) * (y1 - y0) < 0.15 * TILE_PX**2:
            continue
        kept.append(
            (
                label,
                (x0 + x1) / 2 / TILE_PX,
                (y0 + y1) / 2 / TILE_PX,
                (x1 - x0) / TILE_PX,
                (y1 - y0) / TILE_PX,
            )
        )
    return kept


def write(picture: LabelledPicture, folder: Path) -> None:
    """Write one picture and its label file in YOLO's layout."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "labels").mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "images" / f"{picture.name}.jpg"), picture.image)
    lines = (f"{c} {x:.6f} {y:.6f} {w:.6f} {h:.6f}" for c, x, y, w, h in picture.boxes)
    (folder / "labels" / f"{picture.name}.txt").write_text("\n".join(lines))


def simulated_pictures(folder: Path) -> Iterator[LabelledPicture]:
    """Frames of a simulated data set with classes mapped by name."""
    by_index = class_names(folder)
    for path in sorted(p for p in folder.rglob("images/**/*") if p.suffix in {".jpg", ".png"}):
        image = cv2.imread(str(path))
        if image is None:
            raise ValueError(f"{path}: not a picture OpenCV can read")
        label_path = Path(str(path).replace("/images/", "/labels/")).with_suffix(".txt")
        boxes = [
            (CLASSES.index(by_index[c]), *rest)
            for c, *rest in read_labels(label_path)
            if by_index[c] in CLASSES
        ]
        yield LabelledPicture(path.stem, image, [(b[0], b[1], b[2], b[3], b[4]) for b in boxes])


def main() -> None:
    """Parse the command line and write the set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=Path, nargs="*", default=[], help="sets in YOLO's layout")
    parser.add_argument("--simulated", type=Path, nargs="*", default=[])
    parser.add_argument("--tiles", type=int, default=2, help="tiles per simulated frame")
    parser.add_argument("--hold-out", nargs="*", default=["pexels-alan"], help="name prefixes")
    parser.add_argument("--hold-out-share", type=float, default=0.2, help="further scenes")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    counts: dict[str, int] = {}
    for folder in arguments.real:
        pictures = real_pictures(folder)
        for scene in group_scenes(list(pictures)):
            judged = held_out(scene, arguments.hold_out, arguments.hold_out_share)
            side = "heldout" if judged else "train"
            for path in scene:
                boxes = pictures[path]
                if boxes is None:
                    continue
                image = cv2.imread(str(path))
                assert image is not None
                write(LabelledPicture(path.stem, image, boxes), arguments.out / side)
                counts[f"real {side}"] = counts.get(f"real {side}", 0) + 1
    for number, folder in enumerate(arguments.simulated):
        for frame in simulated_pictures(folder):
            for tile in tiles_of(frame, draw, arguments.tiles):
                named = LabelledPicture(f"sim{number}-{tile.name}", tile.image, tile.boxes)
                write(named, arguments.out / "train")
                counts["simulated train"] = counts.get("simulated train", 0) + 1
    names = "".join(f"  {i}: {name}\n" for i, name in enumerate(CLASSES))
    head = f"path: {arguments.out.resolve()}\ntrain: train/images\nval: heldout/images\n"
    (arguments.out / "data.yaml").write_text(f"{head}names:\n{names}")
    (arguments.out / "manifest.json").write_text(json.dumps(counts, indent=1))
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
