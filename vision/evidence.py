"""The pictures that go with a detection: a crop of the object and the whole frame."""

import base64
import hashlib
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from field_api.contract.messages import EvidenceImage, PictureRegion
from vision.detector import RawBox

__all__ = ["evidence_of"]

Picture = NDArray[Any]

JPEG_QUALITY = 85
CROP_MARGIN = 0.6
"""Added on each side of the box, in box sizes: people judge by what is around."""
MIN_CROP_PX = 160
MAX_CROP_PX = 640
MAX_FRAME_PX = 1280


def evidence_of(image_rgb: NDArray[np.uint8], box: RawBox) -> list[EvidenceImage]:
    """Crop and full frame as JPEG, each with the SHA-256 of its bytes and the part it shows."""
    bgr = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR)
    height_px, width_px = bgr.shape[:2]
    x0, y0, x1, y1 = _crop_px(width_px, height_px, box)
    part = PictureRegion(
        x=x0 / width_px, y=y0 / height_px, w=(x1 - x0) / width_px, h=(y1 - y0) / height_px
    )
    return [
        _encode("crop", _limited(bgr[y0:y1, x0:x1], MAX_CROP_PX), part),
        _encode("frame", _limited(bgr, MAX_FRAME_PX), PictureRegion(x=0, y=0, w=1, h=1)),
    ]


def _crop_px(width_px: int, height_px: int, box: RawBox) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the crop."""
    side_x = max(MIN_CROP_PX, box.w * width_px * (1 + 2 * CROP_MARGIN))
    side_y = max(MIN_CROP_PX, box.h * height_px * (1 + 2 * CROP_MARGIN))
    centre_x, centre_y = (box.x + box.w / 2) * width_px, (box.y + box.h / 2) * height_px
    x0, x1 = _span(centre_x, side_x, width_px)
    y0, y1 = _span(centre_y, side_y, height_px)
    return x0, y0, x1, y1


def _span(centre: float, side: float, limit: int) -> tuple[int, int]:
    """A span of about `side` round a centre, moved inside 0..limit."""
    side = min(side, limit)
    start = round(min(max(0.0, centre - side / 2), limit - side))
    return start, max(start + 1, round(start + side))


def _limited(image: Picture, longest_px: int) -> Picture:
    scale = longest_px / max(image.shape[:2])
    if scale >= 1:
        return image
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _encode(role: Literal["crop", "frame"], image: Picture, part: PictureRegion) -> EvidenceImage:
    done, buffer = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError(f"cannot encode a picture of shape {image.shape} as JPEG")
    data = buffer.tobytes()
    return EvidenceImage(
        role=role,
        sha256=hashlib.sha256(data).hexdigest(),
        data_base64=base64.b64encode(data).decode("ascii"),
        part=part,
    )
