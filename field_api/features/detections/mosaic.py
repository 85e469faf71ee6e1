"""Makes people in a picture unrecognisable. Pure.

From the air a face is a few pixels and somebody lying has it at either end of their box: the whole
box is covered, a little beyond its edges, by squares so large that five of them make up its longer
side. That somebody is there, and how they lie, can still be seen.
"""

import io
from collections.abc import Sequence

from PIL import Image, UnidentifiedImageError

from field_api.contract.messages import PictureRegion

__all__ = ["PictureError", "covered", "within"]

SQUARES = 5
MARGIN = 0.15
"""Covered beyond a box on each side, in box sizes."""
MOST_PIXELS = 50_000_000
JPEG_QUALITY = 90


class PictureError(ValueError):
    """The bytes are no picture that can be covered."""


def within(region: PictureRegion, part: PictureRegion) -> PictureRegion | None:
    """Return a region of the whole picture as one of a part of it, None where it lies outside.

    The margin around people counts: who stands just beside the part may reach into it.
    """
    if part.w <= 0 or part.h <= 0:
        return None
    left = region.x - MARGIN * region.w
    top = region.y - MARGIN * region.h
    right = region.x + (1 + MARGIN) * region.w
    bottom = region.y + (1 + MARGIN) * region.h
    x0, x1 = max(0.0, (left - part.x) / part.w), min(1.0, (right - part.x) / part.w)
    y0, y1 = max(0.0, (top - part.y) / part.h), min(1.0, (bottom - part.y) / part.h)
    if x1 <= x0 or y1 <= y0:
        return None
    return PictureRegion(x=x0, y=y0, w=x1 - x0, h=y1 - y0)


def covered(data: bytes, regions: Sequence[PictureRegion]) -> bytes:
    """Return a JPEG with parts of it turned into large squares, without what its header says.

    Raises:
        PictureError: the bytes are no whole picture, or one too large to open.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureError(f"more than {MOST_PIXELS} pixels")
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise PictureError(str(error)) from error
    for region in regions:
        _cover(picture, region)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _cover(picture: Image.Image, region: PictureRegion) -> None:
    left = min(picture.width - 1, int(region.x * picture.width))
    top = min(picture.height - 1, int(region.y * picture.height))
    right = min(picture.width, max(left + 1, round((region.x + region.w) * picture.width)))
    bottom = min(picture.height, max(top + 1, round((region.y + region.h) * picture.height)))
    width_px, height_px = right - left, bottom - top
    square_px = max(width_px, height_px) / SQUARES
    squares = max(1, round(width_px / square_px)), max(1, round(height_px / square_px))
    small = picture.crop((left, top, right, bottom)).resize(squares, Image.Resampling.BOX)
    picture.paste(small.resize((width_px, height_px), Image.Resampling.NEAREST), (left, top))
