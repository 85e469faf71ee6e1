"""RTP without sockets: packets, H.264 and H.265 in them, RTCP, SDP.

Everything is bytes in, values out, or the other way round; whatever comes from outside is refused
by `RtpError` or counted as damage, never by anything else.
"""

from field_api.contract.rtp.depacketizer import MAX_UNIT_BYTES, Depacketizer, RtpUnit
from field_api.contract.rtp.packet import (
    RtpError,
    RtpPacket,
    Unwrapped,
    build_rtp,
    is_rtcp,
    parse_rtp,
)
from field_api.contract.rtp.packetizer import PAYLOAD_BYTES, Packetizer, payloads
from field_api.contract.rtp.rtcp import (
    Farewell,
    SenderReport,
    build_farewell,
    build_receiver_report,
    build_sender_report,
    parse_rtcp,
)
from field_api.contract.rtp.sdp import SdpMedia, SessionDescription, describe_video, parse_sdp

__all__ = [
    "MAX_UNIT_BYTES",
    "PAYLOAD_BYTES",
    "Depacketizer",
    "Farewell",
    "Packetizer",
    "RtpError",
    "RtpPacket",
    "RtpUnit",
    "SdpMedia",
    "SenderReport",
    "SessionDescription",
    "Unwrapped",
    "build_farewell",
    "build_receiver_report",
    "build_rtp",
    "build_sender_report",
    "describe_video",
    "is_rtcp",
    "parse_rtcp",
    "parse_rtp",
    "parse_sdp",
    "payloads",
]
