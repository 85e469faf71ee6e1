"""WHIP: a phone's camera by WebRTC, its compressed pictures handed to the hub as they are.

Each picture is known to be whole when the next one begins, so it comes a picture late.
"""

import asyncio
import queue
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver
from aiortc.mediastreams import MediaStreamError

from field_api.contract.fmp4 import ParameterSets, parameter_sets
from field_api.contract.ids import new_id
from field_api.contract.nal_units import Codec, is_key_unit, nal_units, unit_kind
from field_api.contract.video_packet import PacketError, pack_packet
from field_api.links.video.engines.engine import Answer
from field_api.links.video.engines.peers import answer_offer, h264_only
from field_api.links.video.hub import StreamInfo, VideoHub, VideoSource
from field_api.links.video.picture_size import picture_size

__all__ = ["Passed", "WhipIngest"]

log = structlog.get_logger(__name__)

CONNECT_WITHIN_S = 15.0
MayNot = Callable[[], Coroutine[Any, Any, None]]
"""Returns once its holder may not send any more."""
KEY_FRAME_EVERY_90K = 90_000
"""Phones send key frames only when asked: whoever joins waits no longer than this."""


class Passed(queue.Queue[Any]):
    """In the place of the library's queue to its decoder: pictures go past it."""

    def __init__(self, take: Callable[[bytes, int], None]) -> None:
        super().__init__()
        self._take = take

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Take a picture; the end goes to the decoder's thread, which then ends."""
        if item is None:
            super().put(item, block, timeout)
            return
        _codec, frame = item
        self._take(bytes(frame.data), int(frame.timestamp))


@dataclass(eq=False)
class _Phone:
    """One camera's connection."""

    hub: VideoHub
    stream_id: str
    peer: RTCPeerConnection
    clock: Callable[[], int]
    receiver: RTCRtpReceiver | None = None
    source: VideoSource | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _sets: ParameterSets | None = None
    _key_asked_90k: int | None = None

    def take(self, unit: bytes, pts_90k: int) -> None:
        """Publish a picture."""
        kinds = (unit_kind(Codec.H264, one) for one in nal_units(unit))
        key = any(is_key_unit(Codec.H264, kind) for kind in kinds)
        self._ask_for_key(pts_90k, key)
        sets = parameter_sets(unit) if key else None
        if sets is not None and sets != self._sets:
            self._begin(unit, sets)
        if self.source is None:
            return
        if self.source.replaced.is_set():
            self.over.set()
            return
        try:
            packet = pack_packet(unit, keyframe=key, pts_90k=pts_90k, t_ms=self.clock())
        except PacketError as error:
            log.warning("picture_not_taken", stream=self.stream_id, reason=str(error))
            return
        self.hub.put(self.source, packet)

    def end(self) -> None:
        """The phone is gone."""
        if self.source is not None:
            self.hub.end(self.source)
            self.source = None

    def _begin(self, unit: bytes, sets: ParameterSets) -> None:
        """A new size: viewers are told, and start anew."""
        size = picture_size(Codec.H264, unit)
        if size is None:
            return
        self._sets = sets
        codec = f"avc1.{sets.sps[1:4].hex()}"
        info = StreamInfo(stream_id=self.stream_id, codec=codec, width=size[0], height=size[1])
        self.source = self.hub.publish(info)

    def _ask_for_key(self, pts_90k: int, key: bool) -> None:
        if self._key_asked_90k is None or key:
            self._key_asked_90k = pts_90k
        elif pts_90k - self._key_asked_90k >= KEY_FRAME_EVERY_90K:
            self._key_asked_90k = pts_90k
            # What the library does when its decoder fails: it asks the phone for a key frame.
            cast("Any", self.receiver)._RTCRtpReceiver__decoder_error.set()


class WhipIngest:
    """The phones that send now. Lives on the event loop."""

    def __init__(self, hub: VideoHub, clock: Callable[[], int], addresses: tuple[str, ...]) -> None:
        self._hub = hub
        self._clock = clock
        self._addresses = addresses
        self._phones: dict[str, _Phone] = {}
        self._guards: set[asyncio.Task[None]] = set()

    def streams(self) -> list[str]:
        """Streams that phones send."""
        return sorted(phone.stream_id for phone in self._phones.values())

    async def answer(self, stream_id: str, offer_sdp: str, may_not: MayNot) -> Answer:
        """Answer a camera's offer; it sends until it hangs up or `may_not` returns.

        Raises:
            EngineError: the offer can't be answered, or has no H.264.
        """
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        phone = _Phone(self._hub, stream_id, peer, self._clock)
        transceiver = peer.addTransceiver("video", direction="recvonly")
        transceiver.setCodecPreferences(h264_only())
        phone.receiver = transceiver.receiver
        cast("Any", phone.receiver)._RTCRtpReceiver__decoder_queue = Passed(phone.take)
        sdp = await answer_offer(peer, offer_sdp, self._addresses)
        session_id = new_id()
        self._phones[session_id] = phone
        guard = asyncio.create_task(self._guard(session_id, phone, may_not))
        self._guards.add(guard)
        guard.add_done_callback(self._guards.discard)
        return Answer(session_id, sdp)

    def hang_up(self, session_id: str, stream_id: str) -> bool:
        """End a camera's connection; False where there is none of this stream."""
        phone = self._phones.get(session_id)
        if phone is None or phone.stream_id != stream_id:
            return False
        phone.over.set()
        return True

    def close(self) -> None:
        """End them all."""
        for guard in self._guards:
            guard.cancel()

    async def _guard(self, session_id: str, phone: _Phone, may_not: MayNot) -> None:
        def changed() -> None:
            if phone.peer.connectionState in ("failed", "closed"):
                phone.over.set()

        phone.peer.on("connectionstatechange", changed)
        waiting = [
            asyncio.create_task(may_not()),
            asyncio.create_task(phone.over.wait()),
            asyncio.create_task(_silent(phone)),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            self._phones.pop(session_id, None)
            phone.end()
            await phone.peer.close()
            log.info("camera_gone", stream=phone.stream_id)


async def _silent(phone: _Phone) -> None:
    """Return when a phone that answered never connects, or its track ends."""
    await asyncio.sleep(CONNECT_WITHIN_S)
    if phone.peer.connectionState != "connected":
        return
    assert phone.receiver is not None
    try:
        # Pictures go past the decoder, so all that ever comes here is the end.
        await phone.receiver.track.recv()
    except MediaStreamError:
        return
