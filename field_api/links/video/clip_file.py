"""Relayed packets as a film that players open: the same pictures in an MP4, nothing coded anew."""

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import av.error

from field_api.contract.video_packet import VideoPacket

__all__ = ["ClipError", "mp4_of"]

TICKS = Fraction(1, 90_000)
LONGEST_90K = 60 * 90_000


class ClipError(ValueError):
    """The packets are no film."""


def mp4_of(packets: Sequence[VideoPacket]) -> bytes:
    """Return the packets, the first of them a key frame, as an MP4.

    Raises:
        ClipError: nothing that FFmpeg can read as H.264, or the camera's clock jumped meanwhile.
    """
    times = _times([packet.pts_90k for packet in packets])
    stream = io.BytesIO(b"".join(packet.access_unit for packet in packets))
    out = io.BytesIO()
    muxed = 0
    try:
        with av.open(stream, "r", format="h264") as source, av.open(out, "w", format="mp4") as film:
            video = film.add_stream_from_template(source.streams.video[0])
            video.time_base = TICKS
            pictures = (packet for packet in source.demux(video=0) if packet.size)
            # FFmpeg cuts the stream where the packets were: one access unit each.
            for picture, (shown, decoded) in zip(pictures, times, strict=False):
                picture.pts, picture.dts = shown, decoded
                picture.time_base, picture.stream = TICKS, video
                film.mux(picture)
                muxed += 1
    except (av.error.FFmpegError, IndexError) as error:
        raise ClipError(str(error)[:200]) from error
    if muxed == 0:
        raise ClipError("no picture in it")
    return out.getvalue()


def _times(pts_90k: Sequence[int]) -> list[tuple[int, int]]:
    """When each picture is shown and when it is decoded, in the order in which they came.

    Pictures that look ahead come after what they look at: they are decoded in the order of coming,
    as much earlier than shown as the one that waits longest.
    """
    rising: list[int] = []
    for pts in sorted(pts_90k):
        rising.append(pts if not rising else max(pts, rising[-1] + 1))
    if not rising or rising[-1] - rising[0] > LONGEST_90K:
        raise ClipError("the pictures' times are no film's")
    wait = max(decoded - shown for shown, decoded in zip(pts_90k, rising, strict=True))
    return [
        (shown - rising[0] + wait, decoded - rising[0])
        for shown, decoded in zip(pts_90k, rising, strict=True)
    ]
