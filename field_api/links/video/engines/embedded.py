"""The engine of the post itself: aiortc passes packets through and encodes nothing per viewer."""

import asyncio
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, VideoStreamTrack

from field_api.contract.ids import new_id
from field_api.contract.video_packet import VideoPacket
from field_api.links.video.engines.connected import Connected, Connection
from field_api.links.video.engines.engine import Answer, Clock
from field_api.links.video.engines.peers import answer_offer, h264_only
from field_api.links.video.renditions import Renditions, Size, Watched

__all__ = ["EmbeddedEngine"]

CLOCK = Fraction(1, 90_000)
CONNECT_WITHIN_S = 15.0
SQUEEZED_90K = 90
"""The group of pictures a viewer begins with is sent with a millisecond between pictures: with the
camera's own distances the browser would show all of it, at the camera's pace, and stay behind."""
RTP_MASK = 0xFFFFFFFF


class _Pictures(VideoStreamTrack):
    """A stream's packets as they came, in the order in which a decoder can take them."""

    def __init__(self, renditions: Renditions, stream_id: str, size: Size) -> None:
        super().__init__()
        self._renditions = renditions
        self._stream_id = stream_id
        self._size: Size = size
        self._watched: Watched | None = None
        self._opening = 0
        self._sent: VideoPacket | None = None
        self._sent_pts: int | None = None
        self.sender: RTCRtpSender | None = None
        self.clock: Clock | None = None

    async def recv(self) -> Any:
        """Return the next packet, compressed."""
        self._learn_clock()
        packet = await self._next()
        unit = av.Packet(bytes(packet.access_unit))
        unit.pts, unit.time_base = self._time(packet), CLOCK
        self._sent, self._sent_pts = packet, unit.pts
        return unit

    def stop(self) -> None:
        """Take no more."""
        super().stop()
        if self._watched is not None:
            self._renditions.leave(self._watched)
            self._watched = None

    async def _next(self) -> VideoPacket:
        if self._watched is None:
            # Now, and not when the offer was answered: the line is up, the newest group is wanted.
            self._watched = self._renditions.join(self._stream_id, self._size)
            self._opening = len(self._watched.viewer.queue)
        viewer = self._watched.viewer
        if not viewer.queue:
            self._opening = 0
        return await viewer.next_packet()

    def _time(self, packet: VideoPacket) -> int:
        """The camera's time stamp, but for the pictures a viewer begins with."""
        newest = self._watched.viewer.queue.newest if self._watched is not None else None
        if self._opening <= 1 or newest is None:
            self._opening = 0
            return packet.pts_90k
        self._opening -= 1
        return newest.pts_90k - self._opening * SQUEEZED_90K

    def _learn_clock(self) -> None:
        """How RTP times lie to the camera's: when the next packet is wanted, the last was sent.

        The library adds a random origin to every time stamp and keeps it to itself.
        """
        sent = getattr(self.sender, "_RTCRtpSender__rtp_timestamp", None)
        if isinstance(sent, int) and self._sent is not None and self._sent_pts is not None:
            away_90k = self._sent.pts_90k - self._sent_pts
            rtp_90k = (sent + away_90k) & RTP_MASK
            self.clock = Clock(rtp_90k, self._sent.pts_90k, self._sent.t_ms)


@dataclass(eq=False)
class _Connection(Connection):
    peer: RTCPeerConnection
    pictures: _Pictures


class EmbeddedEngine(Connected[_Connection]):
    """WHEP inside `xunshan serve`. Lives on the event loop."""

    name = "embedded"

    def __init__(self, renditions: Renditions, addresses: tuple[str, ...]) -> None:
        super().__init__()
        self._renditions = renditions
        self._addresses = addresses

    async def answer(self, stream_id: str, offer_sdp: str, size: Size) -> Answer:
        """Answer a viewer's offer; its pictures begin with the newest group."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pictures = _Pictures(self._renditions, stream_id, size)
        transceiver = peer.addTransceiver(pictures, direction="sendonly")
        pictures.sender = transceiver.sender
        # Before the offer is taken: afterwards VP8 is agreed on and nothing can be shown.
        transceiver.setCodecPreferences(h264_only())
        sdp = await answer_offer(peer, offer_sdp, self._addresses)
        session_id = new_id()
        connection = _Connection(peer, pictures)
        self._connections[session_id] = connection
        self._watch(session_id, connection)
        return Answer(session_id, sdp)

    def clock(self, session_id: str) -> Clock | None:
        """Return how a connection's RTP times lie to the camera's."""
        connection = self._connections.get(session_id)
        return connection.pictures.clock if connection is not None else None

    async def _end(self, session_id: str, connection: _Connection) -> None:
        connection.pictures.stop()
        await connection.peer.close()

    def _watch(self, session_id: str, connection: _Connection) -> None:
        peer = connection.peer

        async def changed() -> None:
            if peer.connectionState in ("failed", "closed"):
                await self.hang_up(session_id)

        async def late() -> None:
            await asyncio.sleep(CONNECT_WITHIN_S)
            if peer.connectionState != "connected":
                await self.hang_up(session_id)

        peer.on("connectionstatechange", changed)
        connection.watch = asyncio.create_task(late())
