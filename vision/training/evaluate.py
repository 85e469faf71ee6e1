"""Judges exported models side by side, in one table of Markdown: `xunshan vision evaluate`.

The pictures go through `vision.detector`, the code that ships. A box is right when it overlaps a
labelled one of its label by half (IoU 0.5). Average precision is the area under the
precision-recall curve (all points); precision and recall are given at the card's thresholds.
"""

import json
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.detector import Detector, RawBox, input_size
from vision.registry import ModelCard
from vision.training.pictures import LabelledImage, Subject, Truth, pictures_of, sheets

__all__ = [
    "HEADER",
    "average_precision",
    "evaluate",
    "keep_figures",
    "match",
    "overlap",
    "row_of",
]

LOWEST_SCORE = 0.01
MATCH_IOU = 0.5
HEIGHTS_PX = (9, 12, 16, 24, 40, 10_000)
"""Limits of the classes of height at input size by which recall is given."""
HEIGHTS_AGL_M = (0, 30, 50, 70, 100, 10_000)
"""Limits of the classes of height above ground."""


def overlap(box: RawBox, truth: Truth) -> float:
    """Intersection over union."""
    x0, y0 = max(box.x, truth[0]), max(box.y, truth[1])
    x1, y1 = min(box.x + box.w, truth[2]), min(box.y + box.h, truth[3])
    shared = max(0.0, x1 - x0) * max(0.0, y1 - y0)
    union = box.w * box.h + (truth[2] - truth[0]) * (truth[3] - truth[1]) - shared
    return shared / union if union > 0 else 0.0


def pairs(boxes: Sequence[RawBox], truths: Sequence[Truth]) -> list[Truth | None]:
    """For each box, most confident first, the labelled one it is the first to find."""
    free = list(truths)
    found: list[Truth | None] = []
    for box in boxes:
        best = max(free, key=lambda t: overlap(box, t), default=None)
        if best is not None and overlap(box, best) >= MATCH_IOU:
            free.remove(best)
            found.append(best)
        else:
            found.append(None)
    return found


def match(boxes: Sequence[RawBox], truths: Sequence[Truth]) -> list[bool]:
    """For each box, most confident first: is it a new true one?"""
    return [truth is not None for truth in pairs(boxes, truths)]


def average_precision(scores: NDArray[np.float64], right: NDArray[np.bool_], truths: int) -> float:
    """Area under the precision-recall curve with precision made monotone."""
    if truths == 0 or len(scores) == 0:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    recall = hits / truths
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * envelope))


def evaluate(detector: Detector, subject: Subject, min_px: float = 9) -> dict[str, Any]:
    """Figures of one label on one set of pictures.

    Objects lower than `min_px` at the detector's input size neither count as missed when they are
    not found nor as false when they are.

    Raises `ValueError` where the folder holds no pictures.
    """
    card = detector.card
    lowest = dict.fromkeys(card.classes, LOWEST_SCORE)
    scores: list[float] = []
    right: list[bool] = []
    wanted_at: list[tuple[float, float | None]] = []
    """Height at input size and above ground of each wanted object, and below of each found."""
    found_at: list[tuple[float, float | None]] = []
    taken_s: list[float] = []
    pictures = empty = alarmed = total_over = 0
    for picture in _as_looked_at(detector, subject):
        image = picture.image
        # All scores make the curve; precision and recall are those of each class's threshold.
        found = detector.detect(image, lowest)
        began_s = time.process_time()
        over = detector.detect(image)
        taken_s.append(time.process_time() - began_s)
        width, height = input_size(
            (image.shape[1], image.shape[0]), detector.budget, flexible=card.flexible
        )
        fitted_px = image.shape[0] * min(width / image.shape[1], height / image.shape[0])
        wanted = [t for t in picture.truths if (t[3] - t[1]) * fitted_px >= min_px]
        tiny = [t for t in picture.truths if t not in wanted]
        found, over = (
            [
                b
                for b in boxes
                if b.label == subject.label and all(overlap(b, t) < MATCH_IOU for t in tiny)
            ]
            for boxes in (found, over)
        )
        pictures += 1
        if not wanted:
            empty += 1
            alarmed += bool(over)
        scores += [b.confidence for b in found]
        right += match(found, wanted)
        wanted_at += [((t[3] - t[1]) * fitted_px, picture.agl_m) for t in wanted]
        found_at += [((t[3] - t[1]) * fitted_px, picture.agl_m) for t in pairs(over, wanted) if t]
        total_over += len(over)
    if not pictures:
        raise ValueError(f"{subject.folder}: no pictures")
    return {
        "pictures": pictures,
        "objects": len(wanted_at),
        "lowest_object_px": min_px,
        "input_px": list(detector.budget),
        "ap50": round(
            average_precision(np.array(scores), np.array(right, bool), len(wanted_at)), 3
        ),
        "precision": round(len(found_at) / max(1, total_over), 3),
        "recall": round(len(found_at) / max(1, len(wanted_at)), 3),
        "processor_ms_per_look": round(1000 * float(np.median(taken_s))),
        "backend": detector.backend,
        "pictures_without": empty,
        "of_these_alarmed": alarmed,
        "found_of_by_height_px": _by_class(
            HEIGHTS_PX, [px for px, _ in found_at], [px for px, _ in wanted_at]
        ),
        "found_of_by_height_above_ground_m": _by_class(
            HEIGHTS_AGL_M, [m for _, m in found_at], [m for _, m in wanted_at]
        ),
    }


def _as_looked_at(detector: Detector, subject: Subject) -> Iterator[LabelledImage]:
    pictures = pictures_of(subject)
    if subject.scale is None:
        return pictures
    return sheets(pictures, detector.budget, subject.scale)


def _by_class(
    limits: Sequence[int], found: Sequence[float | None], wanted: Sequence[float | None]
) -> dict[str, list[int]]:
    """Per class of a value: how many were found, of how many; empty where no value is known."""
    if all(value is None for value in wanted):
        return {}
    return {
        f"{low}-{high}" if high < limits[-1] else f"{low}+": [
            sum(value is not None and low <= value < high for value in values)
            for values in (found, wanted)
        ]
        for low, high in pairwise(limits)
    }


def _heads(name: str, limits: Sequence[int]) -> str:
    return f"{name} {' / '.join(f'{low}+' for low in limits[:-1])}"


_COLUMNS = (
    "what",
    "model",
    "input",
    "pictures",
    "objects",
    "AP50",
    "precision",
    "recall",
    "processor ms a look",
    "empty pictures that alarm",
    _heads("found by px", HEIGHTS_PX),
    _heads("found by m above ground", HEIGHTS_AGL_M),
)
HEADER = f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}"
"""The table's first two lines."""


def row_of(model: str, name: str, f: dict[str, Any]) -> str:
    """One line of the table."""
    empty = f"{f['of_these_alarmed']} of {f['pictures_without']}" if f["pictures_without"] else "-"
    classes = [
        " / ".join(f"{a} of {b}" for a, b in f[key].values()) or "-"
        for key in ("found_of_by_height_px", "found_of_by_height_above_ground_m")
    ]
    cells = (name, model, f["input_px"][0], f["pictures"], f["objects"], f["ap50"])
    cells = (*cells, f["precision"], f["recall"], f["processor_ms_per_look"], empty, *classes)
    return f"| {' | '.join(str(c) for c in cells)} |"


def keep_figures(card: ModelCard, figures: dict[str, Any]) -> None:
    """Write figures into a card's file."""
    path = card.folder / f"{card.name}.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["measured"] |= figures
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
