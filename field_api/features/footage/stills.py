"""One recorded picture as JPEG: the only place where footage is decoded."""

import io
from itertools import islice

import av
from av.error import FFmpegError

from field_api.features.footage.reading import FootageBytes

__all__ = ["StillError", "still"]

QUALITY = 92


class StillError(ValueError):
    """There is no picture at the moment, or it can't be decoded."""


def still(footage: FootageBytes, t_ms: int) -> tuple[bytes, int]:
    """Return the picture shown at a moment, full size, and when it was taken.

    Raises:
        StillError: the file has no picture of that moment, or a damaged one.
    """
    found = footage.up_to(t_ms)
    if found is None:
        raise StillError("there is no picture")
    data, number, pts_90k = found
    try:
        with av.open(io.BytesIO(data), "r", format="mp4") as file:
            picture = next(islice(file.decode(video=0), number, None), None)
    except FFmpegError as error:
        raise StillError(str(error)) from None
    if picture is None:
        raise StillError("the picture can't be decoded")
    out = io.BytesIO()
    picture.to_image().save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), footage.capture_ms(pts_90k)
