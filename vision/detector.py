"""Finds people and smoke in one picture with a neural network.

Models live in `vision/models/` as an ONNX file beside a JSON card (see `registry`). The picture is
scaled to the model's input without distorting it (letterbox), boxes come back as fractions of the
full frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.backends import BackendError, BackendName, load_network
from vision.registry import ModelCard, ModelError

__all__ = ["Detector", "PictureDetector", "RawBox", "input_size", "letterbox", "merged", "suppress"]

PAD_GREY = 114
STRIDE = 32
"""Inputs are multiples of this many pixels."""


@dataclass(frozen=True)
class RawBox:
    """One detection in one picture; fractions of the frame, `x`, `y` the top left corner."""

    label: str
    confidence: float
    x: float
    y: float
    w: float
    h: float
    worth: float = 1.0
    """Part of its score that counts beside boxes of the label's own class."""

    @property
    def score(self) -> float:
        """How sure the class that found it is; `confidence` is comparable between classes."""
        return self.confidence / self.worth


class PictureDetector(Protocol):
    """Anything that finds people and smoke in a picture."""

    card: ModelCard
    backend: str
    """What runs the network."""

    def detect(
        self,
        image_rgb: NDArray[np.uint8],
        thresholds: dict[str, float] | None = None,
        width_px: int | None = None,
    ) -> list[RawBox]:
        """Boxes over each label's threshold (the card's where none are given).

        `width_px` asks for a look of another width than usual.
        """
        ...


def letterbox(
    image: NDArray[np.uint8], width_px: int, height_px: int
) -> tuple[NDArray[np.uint8], float, int, int]:
    """Fit a picture into a size with grey bars; returns it, the scale and the bars' widths."""
    source_height, source_width = image.shape[:2]
    scale = min(width_px / source_width, height_px / source_height)
    inner = (round(source_width * scale), round(source_height * scale))
    left, top = (width_px - inner[0]) // 2, (height_px - inner[1]) // 2
    fitted = np.full((height_px, width_px, 3), PAD_GREY, np.uint8)
    fitted[top : top + inner[1], left : left + inner[0]] = (
        image
        if inner == (source_width, source_height)
        else cv2.resize(
            image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        )
    )
    return fitted, scale, left, top


def suppress(boxes: Sequence[RawBox], overlap: float) -> list[RawBox]:
    """Keep the most confident of boxes of one label that overlap more than `overlap` (IoU)."""
    kept: list[RawBox] = []
    for label in sorted({b.label for b in boxes}):
        group = [b for b in boxes if b.label == label]
        chosen = cv2.dnn.NMSBoxes(
            [(b.x, b.y, b.w, b.h) for b in group], [b.confidence for b in group], 0.0, overlap
        )
        kept += [group[int(i)] for i in np.asarray(chosen).ravel()]
    return sorted(kept, key=lambda b: -b.confidence)


def merged(boxes: Sequence[RawBox], added: Sequence[RawBox]) -> list[RawBox]:
    """Boxes of the main classes as they are, and of the added ones those at other places.

    A main box is never changed or left out for an added one; an added one gives way to a more
    confident main box at its place.
    """
    kept = [
        a for a in added if not _at_one_place(a, [b for b in boxes if b.confidence > a.confidence])
    ]
    return sorted([*boxes, *kept], key=lambda b: -b.confidence)


def _at_one_place(a: RawBox, others: Sequence[RawBox]) -> bool:
    return any(a.label == b.label and (_middle_in(a, b) or _middle_in(b, a)) for b in others)


def _middle_in(a: RawBox, b: RawBox) -> bool:
    x, y = a.x + a.w / 2, a.y + a.h / 2
    return b.x <= x <= b.x + b.w and b.y <= y <= b.y + b.h


def input_size(picture: tuple[int, int], usual: tuple[int, int], flexible: bool) -> tuple[int, int]:
    """Width and height at which a picture is looked at.

    A network of one size looks at that size. Else a portrait picture is looked at with the usual
    size turned by a quarter, so that it is not two thirds grey bars.
    """
    upright = flexible and picture[0] < picture[1]
    return (usual[1], usual[0]) if upright else usual


def wide(width_px: int) -> tuple[int, int]:
    """The input of a width, 16:9, both sides whole strides."""
    height_px = math.ceil(width_px * 9 / 16 / STRIDE) * STRIDE
    return math.ceil(width_px / STRIDE) * STRIDE, height_px


class Detector:
    """A loaded model; `detect` may be called from one thread at a time."""

    def __init__(
        self,
        card: ModelCard,
        threads: int = 1,
        width_px: int | None = None,
        backend: BackendName | None = None,
    ) -> None:
        """Load the model the card names, after its hash and its shape have been checked.

        `width_px` replaces the card's input width (16:9) where the model takes any size; `backend`
        the fastest that is installed.

        Raises `ModelError` when the file is missing, is not the one the card describes, or has
        other inputs or outputs than the card says.
        """
        self.card = card
        try:
            self._network = load_network(card.verified_bytes(), threads, backend)
        except BackendError as error:
            raise ModelError(f"model {card.name}: {error}") from error
        self.backend: str = self._network.name
        self._check_shape()
        if width_px is not None and not card.flexible:
            raise ModelError(f"model {card.name} takes {card.input_width_px} px wide pictures only")
        self.budget = (
            (card.input_width_px, card.input_height_px) if width_px is None else wide(width_px)
        )

    def _check_shape(self) -> None:
        """Look at a grey picture: what comes out says more than the file's own word."""
        card = self.card
        given = self._network.input_shape
        fits = (
            all(isinstance(side, str) for side in given[2:])
            if card.flexible
            else list(given[2:]) == [card.input_height_px, card.input_width_px]
        )
        if not fits:
            raise ModelError(f"model {card.name}: takes {given}, its card says otherwise")
        side = (
            (2 * STRIDE, 2 * STRIDE)
            if card.flexible
            else (card.input_height_px, card.input_width_px)
        )
        grey = np.full((1, 3, *side), PAD_GREY / 255, np.float32)
        output = self._network.run(grey)
        if output.ndim != 3 or output.shape[1] != 4 + len(card.classes):
            raise ModelError(
                f"model {card.name}: gives {output.shape}, its card has {len(card.classes)} classes"
            )

    def detect(
        self,
        image_rgb: NDArray[np.uint8],
        thresholds: dict[str, float] | None = None,
        width_px: int | None = None,
    ) -> list[RawBox]:
        """Boxes over each class's threshold (the card's where none is given).

        `width_px` is this look's width where the model takes any; else it is left aside.
        """
        card = self.card
        usual = wide(width_px) if width_px is not None and card.flexible else self.budget
        size = input_size((image_rgb.shape[1], image_rgb.shape[0]), usual, flexible=card.flexible)
        fitted, scale, left, top = letterbox(image_rgb, *size)
        blob = np.ascontiguousarray(fitted.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(
            255
        )
        output = self._network.run(blob)[0]
        limits = thresholds or card.thresholds
        found = self._decode(output, limits, scale, left, top, image_rgb.shape)
        boxes = suppress([b for n, b in found if n not in card.labels], card.nms_overlap)
        added = suppress([b for n, b in found if n in card.labels], card.nms_overlap)
        return merged(boxes, added)

    def _decode(
        self,
        output: NDArray[np.float32],
        limits: dict[str, float],
        scale: float,
        left: int,
        top: int,
        shape: tuple[int, ...],
    ) -> list[tuple[str, RawBox]]:
        """Rows of the network's output (centre, size, one score per class): class and box."""
        height_px, width_px = shape[0], shape[1]
        found: list[tuple[str, RawBox]] = []
        for index, name in enumerate(self.card.classes):
            scores, label = output[4 + index], self.card.label_of(name)
            worth = self.card.worth.get(name, 1.0)
            limit = limits.get(name, self.card.thresholds[name])
            for i in np.flatnonzero(scores >= limit):
                centre_x, centre_y, w, h = (float(v) for v in output[:4, i])
                x0 = max(0.0, (centre_x - w / 2 - left) / scale / width_px)
                y0 = max(0.0, (centre_y - h / 2 - top) / scale / height_px)
                x1 = min(1.0, (centre_x + w / 2 - left) / scale / width_px)
                y1 = min(1.0, (centre_y + h / 2 - top) / scale / height_px)
                if x1 > x0 and y1 > y0:
                    confidence = worth * float(scores[i])
                    box = RawBox(label, confidence, x0, y0, x1 - x0, y1 - y0, worth)
                    found.append((name, box))
        return found
