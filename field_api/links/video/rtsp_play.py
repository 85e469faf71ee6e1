"""A stream sent out by RTSP: from the hub to packets on the connection of one viewer."""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from field_api.contract.nal_units import Codec, nal_units, parameter_set_kinds, unit_kind
from field_api.contract.rtp import (
    Packetizer,
    SenderReport,
    build_farewell,
    build_sender_report,
    describe_video,
    payloads,
)
from field_api.contract.rtsp import interleave
from field_api.contract.video_packet import VideoPacket
from field_api.links.video.hub import StreamInfo
from field_api.links.video.renditions import Renditions, Size

__all__ = [
    "PAYLOAD_TYPE",
    "Asked",
    "PayloadCache",
    "PlayedStream",
    "Writer",
    "codec_of",
    "describe",
]

PAYLOAD_TYPE = 96
REPORT_EVERY_MS = 5000
WAIT_FOR_PICTURE_S = 5.0
NAME = "xunshan"
CACHED_PACKETS = 128


class Writer(Protocol):
    """Where a viewer's packets go."""

    async def write(self, data: bytes) -> None:
        """Send, and wait while the other side is slower than what comes."""
        ...


def codec_of(info: StreamInfo) -> Codec:
    """The codec of a stream."""
    return Codec.H264 if info.codec.startswith("avc1") else Codec.H265


class PayloadCache:
    """The payloads of the newest packets, made once for all viewers."""

    def __init__(self) -> None:
        self._made: OrderedDict[int, tuple[VideoPacket, list[bytes]]] = OrderedDict()

    def of(self, codec: Codec, packet: VideoPacket) -> list[bytes]:
        """The RTP payloads of a packet's access unit."""
        known = self._made.get(id(packet))
        if known is not None:
            return known[1]
        # The packet is kept beside them, so that no other can have its identity.
        self._made[id(packet)] = packet, payloads(codec, bytes(packet.access_unit))
        while len(self._made) > CACHED_PACKETS:
            self._made.popitem(last=False)
        return self._made[id(packet)][1]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a viewer asked for."""

    stream_id: str
    size: Size = "full"
    browser: bool = False
    """H.264 whatever the camera sends."""


async def describe(renditions: Renditions, asked: Asked, control: str) -> str | None:
    """The SDP of a stream, None where it sends no key frame within some seconds."""
    watched = renditions.join(asked.stream_id, asked.size, browser=asked.browser)
    player = watched.viewer
    try:
        async with asyncio.timeout(WAIT_FOR_PICTURE_S):
            while True:
                packet = player.queue.take()
                if packet is not None and packet.keyframe and player.info is not None:
                    break
                if packet is None:
                    await player.wake.wait()
                    player.wake.clear()
    except TimeoutError:
        return None
    finally:
        renditions.leave(watched)
    codec = codec_of(player.info)
    kinds = parameter_set_kinds(codec)
    found = [u for u in nal_units(bytes(packet.access_unit)) if unit_kind(codec, u) in kinds]
    return describe_video(
        codec, found, name=asked.stream_id, control=control, payload_type=PAYLOAD_TYPE
    )


class PlayedStream:
    """One viewer."""

    def __init__(
        self, renditions: Renditions, cache: PayloadCache, asked: Asked, channel: int
    ) -> None:
        self.packetizer = Packetizer(
            Codec.H264, PAYLOAD_TYPE, secrets.randbits(32), secrets.randbits(16)
        )
        self._renditions = renditions
        self._asked = asked
        self._cache = cache
        self._channel = channel
        self._next_report_ms = 0

    async def run(self, writer: Writer) -> None:
        """Send until the stream ends or begins anew, and say so: viewers ask again then."""
        asked = self._asked
        watched = self._renditions.join(asked.stream_id, asked.size, browser=asked.browser)
        player = watched.viewer
        begun = False
        try:
            while not player.ended:
                if player.info is not None:
                    if begun:
                        break
                    begun = True
                    self.packetizer.codec = codec_of(player.info)
                    player.info = None
                packet = player.queue.take()
                if packet is None:
                    await player.wake.wait()
                    player.wake.clear()
                else:
                    await writer.write(self._wire(packet))
        finally:
            self._renditions.leave(watched)
        farewell = build_farewell(self.packetizer.ssrc, NAME)
        await writer.write(interleave(self._channel + 1, farewell))

    def _wire(self, packet: VideoPacket) -> bytes:
        parts = self._cache.of(self.packetizer.codec, packet)
        made = [
            interleave(self._channel, one)
            for one in self.packetizer.of_payloads(parts, packet.pts_90k)
        ]
        # Reports go by the pictures' own time: what a viewer sees is when it was taken.
        if not 0 < self._next_report_ms - packet.t_ms <= REPORT_EVERY_MS:
            self._next_report_ms = packet.t_ms + REPORT_EVERY_MS
            report = SenderReport(
                self.packetizer.ssrc,
                packet.t_ms,
                packet.pts_90k & 0xFFFFFFFF,
                self.packetizer.packets,
                self.packetizer.octets,
            )
            made.append(interleave(self._channel + 1, build_sender_report(report, NAME)))
        return b"".join(made)
