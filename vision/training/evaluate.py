"""Judges exported models side by side, in one table of Markdown.

    python -m vision.training.evaluate --model A --model B --data "people:person:0=DIR"

The pictures go through `vision.detector`, the code that ships. A box is right when it overlaps a
labelled one of its label by half (IoU 0.5). Average precision is the area under the
precision-recall curve (all points); precision and recall are given at the card's thresholds.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import PAD_GREY, Detector, RawBox, input_size
from vision.registry import load_card

__all__ = ["average_precision", "main", "match"]

LOWEST_CONFIDENCE = 0.01
MATCH_IOU = 0.5
HEIGHTS_PX = (9, 12, 16, 24, 40, 10_000)
"""Limits of the classes of height at input size by which recall is given."""
SHEET_GAP_PX = 12

Truth = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions."""


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
        """Read the command line's form."""
        head, _, place = text.partition("=")
        name, label, index = head.split(":")
        place, _, scale = place.partition("@")
        folder, _, prefix = place.partition(":")
        return cls(name, label, int(index), Path(folder), prefix, float(scale) if scale else None)


Picture = tuple[NDArray[np.uint8], list[Truth]]


def pictures_of(subject: Subject) -> Iterator[Picture]:
    """The labelled pictures, in RGB."""
    for path in sorted(subject.folder.glob("images/**/*")):
        if path.suffix not in {".jpg", ".png"} or not path.name.startswith(subject.prefix):
            continue
        image = cv2.imread(str(path))
        if image is None:
            raise ValueError(f"{path}: not a picture OpenCV can read")
        labels = Path(str(path).replace("/images/", "/labels/")).with_suffix(".txt")
        rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
        yield rgb, read_truths(labels, subject.index)


def sheets(pictures: Iterator[Picture], size: tuple[int, int], scale: float) -> Iterator[Picture]:
    """Cut-outs side by side on grey sheets."""
    width, height = size
    sheet, truths = np.full((height, width, 3), PAD_GREY, np.uint8), list[Truth]()
    x = y = row = SHEET_GAP_PX
    for image, boxes in pictures:
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        h, w = small.shape[:2]
        if x + w > width:
            x, y = SHEET_GAP_PX, row
        if y + h > height:
            yield sheet, truths
            sheet, truths = np.full((height, width, 3), PAD_GREY, np.uint8), []
            x = y = row = SHEET_GAP_PX
        sheet[y : y + h, x : x + w] = small
        truths += [
            ((x + a * w) / width, (y + b * h) / height, (x + c * w) / width, (y + d * h) / height)
            for a, b, c, d in boxes
        ]
        x, row = x + w + SHEET_GAP_PX, max(row, y + h + SHEET_GAP_PX)
    yield sheet, truths


def evaluate(detector: Detector, subject: Subject, min_px: float) -> dict[str, Any]:
    """Figures of one label on one set of pictures.

    Objects lower than `min_px` at the detector's input size neither count as missed when they are
    not found nor as false when they are.
    """
    card = detector.card
    # A class that only adds to another's label speaks at its threshold or not at all, here too.
    lowest = {
        c: card.thresholds[c] if c in card.labels else LOWEST_CONFIDENCE for c in card.classes
    }
    scores: list[float] = []
    right: list[bool] = []
    heights: list[float] = []
    """Height of each wanted object, and below of each found over the threshold, px at input."""
    found_heights: list[float] = []
    pictures = empty = alarmed = total_over = 0
    thresholds = {t for c, t in card.thresholds.items() if card.label_of(c) == subject.label}
    source = pictures_of(subject)
    if subject.scale is not None:
        source = sheets(source, detector.budget, subject.scale)
    for image, everything in source:
        # All scores make the curve; precision and recall are those of each class's threshold.
        found = [b for b in detector.detect(image, lowest) if b.label == subject.label]
        if len(thresholds) == 1:
            over = [b for b in found if b.confidence >= min(thresholds)]
        else:
            over = [b for b in detector.detect(image) if b.label == subject.label]
        width, height = input_size(
            (image.shape[1], image.shape[0]), detector.budget, flexible=card.flexible
        )
        fitted_px = image.shape[0] * min(width / image.shape[1], height / image.shape[0])
        wanted = [t for t in everything if (t[3] - t[1]) * fitted_px >= min_px]
        tiny = [t for t in everything if t not in wanted]
        found = [b for b in found if all(overlap(b, t) < MATCH_IOU for t in tiny)]
        over = [b for b in over if all(overlap(b, t) < MATCH_IOU for t in tiny)]
        pictures += 1
        if not wanted:
            empty += 1
            alarmed += bool(over)
        scores += [b.confidence for b in found]
        right += match(found, wanted)
        heights += [(t[3] - t[1]) * fitted_px for t in wanted]
        found_heights += [(t[3] - t[1]) * fitted_px for t in pairs(over, wanted) if t]
        total_over += len(over)
    if not pictures:
        raise ValueError(f"{subject.folder}: no pictures")
    by_height = {
        f"{low}-{high}" if high < HEIGHTS_PX[-1] else f"{low}+": [
            sum(low <= h < high for h in found_heights),
            sum(low <= h < high for h in heights),
        ]
        for low, high in pairwise(HEIGHTS_PX)
    }
    return {
        "pictures": pictures,
        "objects": len(heights),
        "lowest_object_px": min_px,
        "input_px": list(detector.budget),
        "ap50": round(average_precision(np.array(scores), np.array(right, bool), len(heights)), 3),
        "thresholds": sorted(thresholds),
        "precision": round(len(found_heights) / max(1, total_over), 3),
        "recall": round(len(found_heights) / max(1, len(heights)), 3),
        "pictures_without": empty,
        "of_these_alarmed": alarmed,
        "found_of_by_height_px": by_height,
    }


COLUMNS = ("model", "input", "pictures", "objects", "AP50", "precision", "recall")


def row_of(model: str, name: str, f: dict[str, Any]) -> str:
    """One line of the table."""
    empty = f"{f['of_these_alarmed']} of {f['pictures_without']}" if f["pictures_without"] else "-"
    heights = " / ".join(f"{a} of {b}" for a, b in f["found_of_by_height_px"].values())
    cells = (
        f"{name} | {model} | {f['input_px'][0]} | {f['pictures']} | {f['objects']} | {f['ap50']} | "
        f"{f['precision']} | {f['recall']} | {empty} | {heights}"
    )
    return f"| {cells} |"


def main() -> None:
    """Parse the command line, print the table, write the figures into the card if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model",
        action="append",
        required=True,
        help="name of a shipped model or path of a card; the first is the one --card writes to",
    )
    parser.add_argument(
        "--data", action="append", required=True, metavar="NAME:LABEL:INDEX=DIR[:PREFIX][@SCALE]"
    )
    parser.add_argument("--min-px", type=float, default=9, help="lowest object that counts")
    parser.add_argument("--width", type=int, help="input width, where the model takes any")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--card", action="store_true", help="write the figures into the card")
    arguments = parser.parse_args()
    limits = [f"{low}+" for low in HEIGHTS_PX[:-1]]
    columns = ("what", *COLUMNS, "empty pictures that alarm", f"found by px {' / '.join(limits)}")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns), flush=True)
    for number, model in enumerate(arguments.model):
        card = load_card(model)
        detector = Detector(
            card, threads=arguments.threads, width_px=arguments.width if card.flexible else None
        )
        figures: dict[str, Any] = {}
        for text in arguments.data:
            subject = Subject.parse(text)
            if subject.label not in {card.label_of(c) for c in card.classes}:
                continue
            figures[f"{subject.name}/{subject.label}"] = found = evaluate(
                detector, subject, arguments.min_px
            )
            print(row_of(card.name, subject.name, found), flush=True)
        if arguments.card and number == 0:
            path = card.folder / f"{card.name}.json"
            data = json.loads(path.read_text(encoding="utf-8"))
            data["measured"] |= figures
            path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
