"""Labelled pictures to judge by: sets in YOLO's format, named on the command line.

`NAME:LABEL:INDEX=DIR[:PREFIX][@SCALE]`: what the set is called, the label that is wanted and its
number in the label files, the folder with `images/` and `labels/`, only files that begin so, and
for cut-outs the scale at which they are laid side by side. `heights.csv` in the folder
(`name,agl_m`) says from how high above ground each picture was taken, where that is known.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import PAD_GREY

__all__ = ["LabelledImage", "Subject", "Truth", "pictures_of", "sheets"]

SHEET_GAP_PX = 12

Truth = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions."""


class LabelledImage(NamedTuple):
    """A picture in RGB with what is to be found in it."""

    image: NDArray[np.uint8]
    truths: list[Truth]
    agl_m: float | None = None
    """Camera's height above ground."""


def read_truths(labels: Path, label_index: int) -> list[Truth]:
    """Boxes of one class from a YOLO label file; none where there is no file."""
    truths: list[Truth] = []
    for line in labels.read_text().splitlines() if labels.exists() else []:
        if line.split()[:1] == [str(label_index)]:
            x, y, w, h = (float(v) for v in line.split()[1:5])
            truths.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    return truths


@dataclass(frozen=True)
class Subject:
    """Pictures to judge by: `NAME:LABEL:INDEX=DIR[:PREFIX][@SCALE]`."""

    name: str
    label: str
    index: int
    """The label's number in the label files."""
    folder: Path
    prefix: str = ""
    scale: float | None = None
    """Small cut-outs are scaled by this and laid side by side on sheets of the input's size: what
    they would be in the whole photo at that input."""

    @classmethod
    def parse(cls, text: str) -> "Subject":
        """Read the command line's form; raises `ValueError` that says what is wrong."""
        head, _, place = text.partition("=")
        place, _, scale = place.partition("@")
        folder, _, prefix = place.partition(":")
        try:
            name, label, index = head.split(":")
            number, factor = int(index), float(scale) if scale else None
        except ValueError as error:
            raise ValueError(f"{text!r} is not NAME:LABEL:INDEX=DIR[:PREFIX][@SCALE]") from error
        if not (Path(folder) / "images").is_dir():
            raise ValueError(f"{folder}: no folder images/ in it")
        return cls(name, label, number, Path(folder), prefix, factor)


def pictures_of(subject: Subject) -> Iterator[LabelledImage]:
    """The labelled pictures."""
    heights = heights_of(subject.folder)
    images = subject.folder / "images"
    for path in sorted(images.glob("**/*")):
        if path.suffix not in {".jpg", ".png"} or not path.name.startswith(subject.prefix):
            continue
        image = cv2.imread(str(path))
        if image is None:
            raise ValueError(f"{path}: not a picture OpenCV can read")
        labels = Path(str(path).replace("/images/", "/labels/")).with_suffix(".txt")
        rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
        yield LabelledImage(
            rgb,
            read_truths(labels, subject.index),
            heights.get(path.relative_to(images).as_posix()),
        )


def heights_of(folder: Path) -> dict[str, float]:
    """Heights above ground by picture, from `heights.csv`; none where there is no such file."""
    path = folder / "heights.csv"
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        try:
            return {row["name"]: float(row["agl_m"]) for row in csv.DictReader(file)}
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path}: wants lines of name,agl_m: {error}") from error


def sheets(
    pictures: Iterator[LabelledImage], size: tuple[int, int], scale: float
) -> Iterator[LabelledImage]:
    """Cut-outs side by side on grey sheets."""
    width, height = size
    sheet, truths = np.full((height, width, 3), PAD_GREY, np.uint8), list[Truth]()
    x = y = row = SHEET_GAP_PX
    for image, boxes, _ in pictures:
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        h, w = small.shape[:2]
        if x + w > width:
            x, y = SHEET_GAP_PX, row
        if y + h > height:
            yield LabelledImage(sheet, truths)
            sheet, truths = np.full((height, width, 3), PAD_GREY, np.uint8), []
            x = y = row = SHEET_GAP_PX
        sheet[y : y + h, x : x + w] = small
        truths += [
            ((x + a * w) / width, (y + b * h) / height, (x + c * w) / width, (y + d * h) / height)
            for a, b, c, d in boxes
        ]
        x, row = x + w + SHEET_GAP_PX, max(row, y + h + SHEET_GAP_PX)
    yield LabelledImage(sheet, truths)
