"""Finds people and smoke in one picture with a neural network, by ONNX Runtime.

Models live in `vision/models/` as an ONNX file beside a JSON card (see `registry`). The picture is
scaled to the model's input without distorting it (letterbox), boxes come back as fractions of the
full frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

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


class PictureDetector(Protocol):
    """Anything that finds people and smoke in a picture."""

    card: ModelCard

    def detect(
        self, image_rgb: NDArray[np.uint8], thresholds: dict[str, float] | None = None
    ) -> list[RawBox]:
        """Boxes over each label's threshold (the card's where none are given)."""
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


def merged(
    boxes: Sequence[RawBox], added: Sequence[RawBox], sure: dict[str, float]
) -> list[RawBox]:
    """Boxes of the main classes as they are, and of the added ones those at other places.

    So what one head finds for sure is never changed by another; fainter ones at the place of an
    added box are the same thing seen badly.
    """
    firm = [b for b in boxes if b.confidence >= sure.get(b.label, 0)]
    faint = [b for b in boxes if b.confidence < sure.get(b.label, 0)]
    kept = [a for a in added if not _at_one_place(a, firm)]
    faint = [b for b in faint if not _at_one_place(b, kept)]
    return sorted([*firm, *faint, *kept], key=lambda b: -b.confidence)


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


class Detector:
    """A loaded model; `detect` may be called from one thread at a time."""

    def __init__(self, card: ModelCard, threads: int = 1, width_px: int | None = None) -> None:
        """Load the model the card names, after its hash and its shape have been checked.

        `width_px` replaces the card's input width (16:9) where the model takes any size.

        Raises `ModelError` when the file is missing, is not the one the card describes, or has
        other inputs or outputs than the card says.
        """
        self.card = card
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                card.verified_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"model {card.name}: not a network: {error}") from error
        self._input = self._session.get_inputs()[0].name
        self._check_shape()
        self.budget = (card.input_width_px, card.input_height_px)
        if width_px is not None:
            if not card.flexible:
                raise ModelError(f"model {card.name} takes {self.budget[0]} px wide pictures only")
            height_px = math.ceil(width_px * 9 / 16 / STRIDE) * STRIDE
            self.budget = (math.ceil(width_px / STRIDE) * STRIDE, height_px)

    def _check_shape(self) -> None:
        """Look at a grey picture: what comes out says more than the file's own word."""
        card = self.card
        given = self._session.get_inputs()[0].shape
        fits = (
            all(isinstance(side, str) for side in given[2:])
            if card.flexible
            else given[2:] == [card.input_height_px, card.input_width_px]
        )
        if not fits:
            raise ModelError(f"model {card.name}: takes {given}, its card says otherwise")
        side = (2 * STRIDE, 2 * STRIDE) if card.flexible else tuple(given[2:])
        grey = np.full((1, 3, *side), PAD_GREY / 255, np.float32)
        output: Any = self._session.run(None, {self._input: grey})[0]
        if output.ndim != 3 or output.shape[1] != 4 + len(card.classes):
            raise ModelError(
                f"model {card.name}: gives {output.shape}, its card has {len(card.classes)} classes"
            )

    def detect(
        self, image_rgb: NDArray[np.uint8], thresholds: dict[str, float] | None = None
    ) -> list[RawBox]:
        """Boxes over each class's threshold (the card's where none is given)."""
        card = self.card
        size = input_size(
            (image_rgb.shape[1], image_rgb.shape[0]), self.budget, flexible=card.flexible
        )
        fitted, scale, left, top = letterbox(image_rgb, *size)
        blob = np.ascontiguousarray(fitted.transpose(2, 0, 1)[None], dtype=np.float32) / 255
        output: Any = self._session.run(None, {self._input: blob})[0]
        limits = thresholds or card.thresholds
        found = self._decode(np.asarray(output)[0], limits, scale, left, top, image_rgb.shape)
        boxes = suppress([b for n, b in found if n not in card.labels], card.nms_overlap)
        added = suppress([b for n, b in found if n in card.labels], card.nms_overlap)
        return merged(boxes, added, card.thresholds)

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
            limit = limits.get(name, self.card.thresholds[name])
            for i in np.flatnonzero(scores >= limit):
                centre_x, centre_y, w, h = (float(v) for v in output[:4, i])
                x0 = max(0.0, (centre_x - w / 2 - left) / scale / width_px)
                y0 = max(0.0, (centre_y - h / 2 - top) / scale / height_px)
                x1 = min(1.0, (centre_x + w / 2 - left) / scale / width_px)
                y1 = min(1.0, (centre_y + h / 2 - top) / scale / height_px)
                if x1 > x0 and y1 > y0:
                    box = RawBox(label, float(scores[i]), x0, y0, x1 - x0, y1 - y0)
                    found.append((name, box))
        return found
