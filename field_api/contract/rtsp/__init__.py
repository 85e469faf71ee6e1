"""RTSP without sockets: messages, passwords, and the side that asks a camera for its pictures."""

from field_api.contract.rtsp.auth import (
    Challenge,
    Credentials,
    authorise,
    basic_of,
    parse_challenges,
)
from field_api.contract.rtsp.message import (
    Interleaved,
    Received,
    RtspError,
    RtspReader,
    RtspRequest,
    RtspResponse,
    interleave,
    parse_transport,
    query_of,
)
from field_api.contract.rtsp.pull import RefusedError, RtspPull
from field_api.contract.rtsp.tracks import (
    ClockTold,
    Ended,
    MetadataCame,
    PictureCame,
    Playing,
    PullEvent,
)

__all__ = [
    "Challenge",
    "ClockTold",
    "Credentials",
    "Ended",
    "Interleaved",
    "MetadataCame",
    "PictureCame",
    "Playing",
    "PullEvent",
    "Received",
    "RefusedError",
    "RtspError",
    "RtspPull",
    "RtspReader",
    "RtspRequest",
    "RtspResponse",
    "authorise",
    "basic_of",
    "interleave",
    "parse_challenges",
    "parse_transport",
    "query_of",
]
