"""How large the pictures of a stream are: what its first key frame decodes to."""

from typing import Any

import av
import av.error

from field_api.contract.nal_units import Codec

__all__ = ["picture_size"]

_FFMPEG_NAMES = {Codec.H264: "h264", Codec.H265: "hevc"}
MOST_PIXELS = 8192 * 8192


def picture_size(codec: Codec, key_frame: bytes) -> tuple[int, int] | None:
    """Width and height of a key frame in Annex B form; None where it can't be decoded."""
    decoder: Any = av.CodecContext.create(_FFMPEG_NAMES[codec], "r")
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(MOST_PIXELS)}
    try:
        frames = decoder.decode(av.Packet(key_frame)) + decoder.decode(None)
    except av.error.FFmpegError:
        return None
    for frame in frames:
        return frame.width, frame.height
    return None
