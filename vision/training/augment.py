"""Turns labelled pictures into training canvases: scaled, moved, mirrored, recoloured, joined."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.prepare import SMOKE, LabelledPicture

__all__ = ["canvas", "recoloured"]

Row = tuple[int, float, float, float, float]
GREY = 114
MOSAIC_SHARE = 0.4
MIN_OBJECT_PX = 7.0


def canvas(
    pictures: Sequence[LabelledPicture], draw: np.random.Generator, side: int
) -> tuple[NDArray[np.uint8], list[Row]]:
    """One square canvas from the first picture, or from four side by side."""
    board = np.full((side, side, 3), GREY, np.uint8)
    rows: list[Row] = []
    if draw.random() < MOSAIC_SHARE and len(pictures) >= 4:
        x, y = (int(v) for v in draw.uniform(0.35, 0.65, 2) * side)
        places = [(0, 0, x, y), (x, 0, side, y), (0, y, x, side), (x, y, side, side)]
        for picture, (x0, y0, x1, y1) in zip(pictures, places, strict=False):
            rows += _place(board, picture, draw, (x0, y0, x1, y1), 0.7)
    else:
        rows += _place(board, pictures[0], draw, (0, 0, side, side), 1.0)
    return recoloured(board, draw), rows


def _place(
    board: NDArray[np.uint8],
    picture: LabelledPicture,
    draw: np.random.Generator,
    room: tuple[int, int, int, int],
    factor: float,
) -> list[Row]:
    """Draw a picture into a part of the board; returns the labels that can still be seen there."""
    side = board.shape[0]
    image = picture.image
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width)) * factor
    scale *= float(np.exp(draw.uniform(np.log(0.55), np.log(1.6))))
    new_w, new_h = max(8, round(width * scale)), max(8, round(height * scale))
    image = cv2.resize(
        image, (new_w, new_h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    mirrored = draw.random() < 0.5
    if mirrored:
        image = image[:, ::-1]
    x0, y0, x1, y1 = room
    left, top = _offset(draw, x1 - x0, new_w) + x0, _offset(draw, y1 - y0, new_h) + y0
    cut = (max(x0, left), max(y0, top), min(x1, left + new_w), min(y1, top + new_h))
    board[cut[1] : cut[3], cut[0] : cut[2]] = image[
        cut[1] - top : cut[3] - top, cut[0] - left : cut[2] - left
    ]
    rows: list[Row] = []
    for label, x, y, w, h in picture.boxes:
        centre = left + (1 - x if mirrored else x) * new_w
        bx0, bx1 = centre - w * new_w / 2, centre + w * new_w / 2
        by0, by1 = top + (y - h / 2) * new_h, top + (y + h / 2) * new_h
        area = max(1e-9, (bx1 - bx0) * (by1 - by0))
        bx0, bx1 = max(bx0, cut[0]), min(bx1, cut[2])
        by0, by1 = max(by0, cut[1]), min(by1, cut[3])
        seen = max(0.0, bx1 - bx0) * max(0.0, by1 - by0) / area
        # A slice of a plume is smoke all the same; a slice of a person is not a person.
        enough = seen >= 0.15 if label == SMOKE else seen >= 0.5
        if enough and min(bx1 - bx0, by1 - by0) >= (MIN_OBJECT_PX if label == SMOKE else 4):
            rows.append(
                (
                    label,
                    (bx0 + bx1) / 2 / side,
                    (by0 + by1) / 2 / side,
                    (bx1 - bx0) / side,
                    (by1 - by0) / side,
                )
            )
    return rows


def _offset(draw: np.random.Generator, room: int, length: int) -> int:
    """Where a picture begins: anywhere inside, or cut at one side when it is larger."""
    spare = room - length
    return int(draw.uniform(min(0, spare), max(0, spare)))


def recoloured(board: NDArray[np.uint8], draw: np.random.Generator) -> NDArray[np.uint8]:
    """Light, colour, haze, blur and compression as cameras and weather make them."""
    hsv = cv2.cvtColor(board, cv2.COLOR_BGR2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + draw.uniform(-4, 4)) % 180
    hsv[..., 1] *= draw.uniform(0.4, 1.4)
    hsv[..., 2] *= draw.uniform(0.6, 1.3)
    image = cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR)
    if draw.random() < 0.2:  # haze over the whole picture is weather, no smoke
        share = draw.uniform(0.05, 0.3)
        image = cv2.addWeighted(image, 1 - share, np.full_like(image, 200), share, 0)
    if draw.random() < 0.15:
        image = cv2.GaussianBlur(image, (0, 0), float(draw.uniform(0.4, 1.2)))
    if draw.random() < 0.2:
        quality = int(draw.integers(35, 85))
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return np.asarray(image, np.uint8)
