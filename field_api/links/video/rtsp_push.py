"""A stream pushed by RTSP (ANNOUNCE, RECORD): from packets to the hub."""

from collections.abc import Callable

import structlog
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from field_api.contract.access_units import AccessUnitFormer
from field_api.contract.capture_clock import CaptureClock
from field_api.contract.nal_units import Codec
from field_api.contract.rtp import (
    Depacketizer,
    Farewell,
    RtpError,
    SdpMedia,
    SenderReport,
    Unwrapped,
    parse_rtcp,
    parse_rtp,
)
from field_api.contract.video_packet import PacketError, pack_packet
from field_api.links.video.hub import StreamInfo, VideoHub, VideoSource
from field_api.links.video.picture_size import picture_size

__all__ = ["PushedStream"]

log = structlog.get_logger(__name__)

CLOCK_HZ = 90_000


class PushedStream:
    """One publisher's video."""

    def __init__(
        self,
        hub: VideoHub,
        stream_id: str,
        media: SdpMedia,
        codec: Codec,
        clock_ms: Callable[[], int],
    ) -> None:
        self.stream_id = stream_id
        self.media = media
        self.ended = False
        """Whether it said that it ends, or another took its place."""
        self._hub = hub
        self._codec = codec
        self._clock_ms = clock_ms
        self._former = AccessUnitFormer(codec)
        self._former.configure(media.parameter_sets())
        self._ssrc: int | None = None
        self._sets: list[bytes] = []
        self._source: VideoSource | None = None
        self._basis = ""
        self._begin()

    def _begin(self) -> None:
        self._depacketizer = Depacketizer(self._codec)
        self._time = Unwrapped()
        self._clock = CaptureClock()

    async def packet(self, data: bytes) -> None:
        """Take an RTP packet; what is broken is left out, and what builds on it."""
        try:
            packet = parse_rtp(data)
        except RtpError:
            return
        if packet.payload_type != self.media.payload_type:
            return
        if packet.ssrc != self._ssrc:
            if self._ssrc is not None:
                self._begin()
            self._ssrc = packet.ssrc
        for unit in self._depacketizer.receive(packet):
            time = self._time.of(unit.timestamp)
            if unit.clean:
                await self._unit(unit.data, time * CLOCK_HZ // self.media.clock_hz)

    def report(self, data: bytes) -> None:
        """Take an RTCP packet."""
        try:
            found = parse_rtcp(data)
        except RtpError:
            return
        for one in found:
            if one.ssrc != self._ssrc:
                continue
            if isinstance(one, Farewell):
                self.ended = True
            else:
                self._reported(one)

    def _reported(self, report: SenderReport) -> None:
        time = self._time.near(report.timestamp)
        if time is not None:
            self._clock.reported(time * CLOCK_HZ // self.media.clock_hz, report.utc_ms)

    def close(self) -> None:
        """The connection is over."""
        if self._source is not None:
            self._hub.end(self._source)
            self._source = None

    async def _unit(self, data: bytes, pts_90k: int) -> None:
        arrived_ms = self._clock_ms()
        self._clock.arrived(pts_90k, arrived_ms)
        formed = self._former.form(data)
        if formed is None:
            return
        unit, key = formed
        if key and self._former.parameter_sets != self._sets:
            await self._publish(unit)
        source = self._source
        if source is None:
            return
        if source.replaced.is_set():
            self.ended = True
            return
        t_ms, basis = self._clock.capture(pts_90k, arrived_ms)
        if basis != self._basis:
            self._basis = basis
            log.info("capture_time", stream=self.stream_id, by=basis)
        try:
            packet = pack_packet(unit, keyframe=key, pts_90k=pts_90k, t_ms=max(0, t_ms))
        except PacketError as error:
            log.warning("picture_not_relayed", stream=self.stream_id, reason=str(error))
            return
        self._hub.put(source, packet)

    async def _publish(self, key_frame: bytes) -> None:
        """Begin the stream, or begin it anew: its pictures have another form."""
        size = await run_in_threadpool(picture_size, self._codec, key_frame)
        name = self._former.name
        if size is None or name is None:
            log.warning("key_frame_broken", stream=self.stream_id)
            return
        try:
            info = StreamInfo(stream_id=self.stream_id, codec=name, width=size[0], height=size[1])
        except ValidationError as error:
            log.warning("picture_not_relayed", stream=self.stream_id, reason=str(error)[:300])
            return
        if self._source is not None and self._source.replaced.is_set():
            return
        self._sets = self._former.parameter_sets
        self._source = self._hub.publish(info)
