"""Judges an exported model: `python -m vision.training.evaluate --model CARD --data NAME=DIR`.

The pictures go through `vision.detector`, the code that ships, at its own input size. A box is
right when it overlaps a labelled one of its class by half (IoU 0.5). Average precision is the area
under the precision-recall curve (all points); precision and recall are given at the card's
threshold.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import Detector, RawBox
from vision.registry import ModelCard, load_card

__all__ = ["average_precision", "main", "match"]

LOWEST_CONFIDENCE = 0.01
MATCH_IOU = 0.5

Truth = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions."""


def overlap(box: RawBox, truth: Truth) -> float:
    """Intersection over union."""
    x0, y0 = max(box.x, truth[0]), max(box.y, truth[1])
    x1, y1 = min(box.x + box.w, truth[2]), min(box.y + box.h, truth[3])
    shared = max(0.0, x1 - x0) * max(0.0, y1 - y0)
    union = box.w * box.h + (truth[2] - truth[0]) * (truth[3] - truth[1]) - shared
    return shared / union if union > 0 else 0.0


def match(boxes: Sequence[RawBox], truths: Sequence[Truth]) -> list[bool]:
    """For each box, most confident first: is it a new true one?"""
    free = list(truths)
    right: list[bool] = []
    for box in boxes:
        best = max(free, key=lambda t: overlap(box, t), default=None)
        hit = best is not None and overlap(box, best) >= MATCH_IOU
        if hit and best is not None:
            free.remove(best)
        right.append(hit)
    return right


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


def read_truths(labels: Path, label_index: int) -> list[Truth]:
    """Boxes of one class from a YOLO label file; none where there is no file."""
    truths: list[Truth] = []
    for line in labels.read_text().splitlines() if labels.exists() else []:
        if line.split()[:1] == [str(label_index)]:
            x, y, w, h = (float(v) for v in line.split()[1:5])
            truths.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    return truths


def evaluate(
    card: ModelCard,
    folder: Path,
    label: str,
    label_index: int,
    prefix: str,
    min_px: float,
    threads: int,
) -> dict[str, Any]:
    """Figures of one class on one folder of pictures with YOLO labels.

    Objects lower than `min_px` at the detector's input size neither count as missed when they are
    not found nor as false when they are.
    """
    detector = Detector(card, threads=threads)
    lowest = dict.fromkeys(card.classes, LOWEST_CONFIDENCE)
    scores: list[float] = []
    right: list[bool] = []
    truths = pictures = empty = alarmed = 0
    for path in sorted(p for p in folder.glob("images/**/*") if p.suffix in {".jpg", ".png"}):
        if not path.name.startswith(prefix):
            continue
        image = cv2.imread(str(path))
        if image is None:
            raise ValueError(f"{path}: not a picture OpenCV can read")
        labels = Path(str(path).replace("/images/", "/labels/")).with_suffix(".txt")
        found = [
            b
            for b in detector.detect(
                np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8), lowest
            )
            if b.label == label
        ]
        fitted_px = image.shape[0] * min(
            card.input_width_px / image.shape[1], card.input_height_px / image.shape[0]
        )
        everything = read_truths(labels, label_index)
        wanted = [t for t in everything if (t[3] - t[1]) * fitted_px >= min_px]
        tiny = [t for t in everything if t not in wanted]
        found = [b for b in found if all(overlap(b, t) < MATCH_IOU for t in tiny)]
        pictures += 1
        truths += len(wanted)
        if not wanted:
            empty += 1
            alarmed += any(b.confidence >= card.thresholds[label] for b in found)
        scores += [b.confidence for b in found]
        right += match(found, wanted)
    score_array, right_array = np.array(scores), np.array(right, dtype=bool)
    kept = score_array >= card.thresholds[label]
    hits = int(right_array[kept].sum()) if len(scores) else 0
    return {
        "pictures": pictures,
        "objects": truths,
        "lowest_object_px": min_px,
        "ap50": round(average_precision(score_array, right_array, truths), 3),
        "threshold": card.thresholds[label],
        "precision": round(hits / max(1, int(kept.sum())), 3),
        "recall": round(hits / max(1, truths), 3),
        "pictures_without": empty,
        "of_these_alarmed": alarmed,
    }


def main() -> None:
    """Parse the command line, print the figures, write them into the card if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="name of a shipped model or path of a card")
    parser.add_argument(
        "--data",
        action="append",
        required=True,
        metavar="NAME:LABEL:INDEX=DIR[:PREFIX]",
        help="what to call it, class to judge, its number in the label files, folder, name prefix",
    )
    parser.add_argument("--min-px", type=float, default=0, help="lowest object that counts")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--card", action="store_true", help="write the figures into the card")
    arguments = parser.parse_args()
    card = load_card(arguments.model)
    figures: dict[str, Any] = dict(card.measured)
    for item in arguments.data:
        head, _, place = item.partition("=")
        name, label, index = head.split(":")
        folder, _, prefix = place.partition(":")
        figures[f"{name}/{label}"] = evaluate(
            card, Path(folder), label, int(index), prefix, arguments.min_px, arguments.threads
        )
        print(name, label, json.dumps(figures[f"{name}/{label}"]), flush=True)
    if arguments.card:
        path = card.folder / f"{card.name}.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        data["measured"] = figures
        path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
