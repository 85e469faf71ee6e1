"""Janus brings streams to browsers: it is sent each stream once, by RTP, whoever watches.

A mountpoint of its streaming plugin is made for a stream when its first viewer comes and taken away
with its last. Browsers number payloads as they like, and Janus passes numbers on as they are:
viewers with other numbers get a mountpoint of their own. A viewer begins with the next key frame;
the newest group of pictures, which the embedded engine sends at once, Janus does not keep.
"""

import asyncio
import secrets
import socket
from dataclasses import dataclass, field

import structlog

from field_api.contract.ids import new_id
from field_api.contract.nal_units import Codec
from field_api.contract.rtp import Packetizer
from field_api.links.video.engines.connected import Connected, Connection
from field_api.links.video.engines.engine import Answer, Clock, EngineError
from field_api.links.video.engines.janus_api import JanusApi, JanusHandle
from field_api.links.video.engines.two_offers import (
    Wanted,
    answer_to_sender,
    answer_to_viewer,
    parse_offer,
    wanted_video,
)
from field_api.links.video.renditions import Renditions, Size

__all__ = ["JanusEngine"]

log = structlog.get_logger(__name__)

KEEP_ALIVE_S = 25.0
CONNECT_WITHIN_S = 20.0


@dataclass(eq=False)
class _Mountpoint:
    """One stream under one number of payload."""

    key: tuple[str, Size, int, str]
    pin: str
    number: int = 0
    feed: asyncio.Task[None] | None = None
    viewers: set[str] = field(default_factory=set[str])
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(eq=False)
class _Connection(Connection):
    handle: JanusHandle
    mountpoint: _Mountpoint


class JanusEngine(Connected[_Connection]):
    """WHEP by a Janus beside the post. Lives on the event loop."""

    name = "janus"

    def __init__(
        self, renditions: Renditions, url: str, api_secret: str = "", rtp_host: str = "127.0.0.1"
    ) -> None:
        """`url` is its HTTP API, `rtp_host` where it takes packets."""
        super().__init__()
        self._renditions = renditions
        self._rtp_host = rtp_host
        self._api = JanusApi(url, api_secret)
        self._control: JanusHandle | None = None
        self._control_lock = asyncio.Lock()
        self._keeping: asyncio.Task[None] | None = None
        self._mountpoints: dict[tuple[str, Size, int, str], _Mountpoint] = {}

    async def answer(self, stream_id: str, offer_sdp: str, size: Size) -> Answer:
        """Answer a viewer's offer; its pictures begin with the next key frame."""
        offer = parse_offer(offer_sdp)
        info = self._renditions.hub.info(stream_id)
        profile = info.codec.removeprefix("avc1.") if info is not None and info.is_h264 else "42"
        wanted = wanted_video(offer, profile)
        session_id = new_id()
        mountpoint = await self._mounted(stream_id, size, wanted, session_id)
        try:
            handle = await self._api.open()
            try:
                offered = parse_offer(await handle.watch(mountpoint.number, mountpoint.pin))
                sender = next((m for m in offered.media if m.kind == "video"), None)
                if sender is None:
                    raise EngineError("Janus offers no video")
                to_viewer = answer_to_viewer(offer, sender, wanted)
                await handle.start(answer_to_sender(sender, wanted))
            except BaseException:
                await self._quietly(handle)
                raise
        except BaseException:
            await self._unmount(mountpoint, session_id)
            raise
        connection = _Connection(handle, mountpoint)
        self._connections[session_id] = connection
        connection.watch = asyncio.create_task(self._listen(session_id, connection))
        return Answer(session_id, to_viewer)

    def clock(self, session_id: str) -> Clock | None:
        """Janus gives every viewer times of its own, and says them to nobody."""
        return None

    async def close(self) -> None:
        """End them all."""
        await super().close()
        if self._keeping is not None:
            self._keeping.cancel()
        if self._control is not None:
            await self._quietly(self._control)
        await self._api.close()

    async def _end(self, session_id: str, connection: _Connection) -> None:
        await self._quietly(connection.handle)
        await self._unmount(connection.mountpoint, session_id)

    async def _listen(self, session_id: str, connection: _Connection) -> None:
        reason = await connection.handle.until_over()
        log.info("viewing_over", engine=self.name, reason=reason)
        await self.hang_up(session_id)

    async def _quietly(self, handle: JanusHandle) -> None:
        try:
            await handle.end()
        except EngineError as error:
            # Janus ends by itself what it is not asked for.
            log.info("janus_session_left", reason=str(error))

    # --- mountpoints ------------------------------------------------------------------------

    async def _mounted(
        self, stream_id: str, size: Size, wanted: Wanted, session_id: str
    ) -> _Mountpoint:
        key = (stream_id, size, wanted.payload_type, wanted.fmtp)
        mountpoint = self._mountpoints.get(key)
        if mountpoint is None:
            mountpoint = self._mountpoints[key] = _Mountpoint(key, secrets.token_hex(16))
        mountpoint.viewers.add(session_id)
        try:
            async with mountpoint.lock:
                if mountpoint.feed is None or mountpoint.feed.done():
                    await self._mount(mountpoint, wanted)
        except BaseException:
            await self._unmount(mountpoint, session_id)
            raise
        return mountpoint

    async def _mount(self, mountpoint: _Mountpoint, wanted: Wanted) -> None:
        media = {
            "type": "video",
            "mid": "v",
            "codec": "h264",
            "pt": wanted.payload_type,
            "fmtp": wanted.fmtp,
            "port": 0,
            "iface": self._rtp_host,
        }
        create = {
            "request": "create",
            "type": "rtp",
            "is_private": True,
            "secret": mountpoint.pin,
            "pin": mountpoint.pin,
            "media": [media],
        }
        try:
            made = await (await self._controlled()).request(create)
        except EngineError:
            # It may have been started anew and know nothing of us.
            self._forget_control()
            made = await (await self._controlled()).request(create)
        try:
            stream = made["stream"]
            mountpoint.number, port = int(stream["id"]), int(stream["ports"][0]["port"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise EngineError("Janus says no port for the stream") from error
        stream_id, size, payload_type, _ = mountpoint.key
        mountpoint.feed = asyncio.create_task(self._feed(stream_id, size, payload_type, port))
        log.info("janus_mounted", stream=stream_id, number=mountpoint.number, port=port)

    async def _feed(self, stream_id: str, size: Size, payload_type: int, port: int) -> None:
        watched = self._renditions.join(stream_id, size)
        viewer = watched.viewer
        packetizer = Packetizer(Codec.H264, payload_type, secrets.randbits(32))
        family = socket.AF_INET6 if ":" in self._rtp_host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.connect((self._rtp_host, port))
            loop = asyncio.get_running_loop()
            try:
                while True:
                    packet = await viewer.next_packet()
                    unit = bytes(packet.access_unit)
                    for part in packetizer.access_unit(unit, packet.pts_90k):
                        await _send(loop, line, part)
            finally:
                self._renditions.leave(watched)

    async def _unmount(self, mountpoint: _Mountpoint, session_id: str) -> None:
        mountpoint.viewers.discard(session_id)
        if mountpoint.viewers or self._mountpoints.get(mountpoint.key) is not mountpoint:
            return
        del self._mountpoints[mountpoint.key]
        if mountpoint.feed is None:
            return
        mountpoint.feed.cancel()
        await asyncio.gather(mountpoint.feed, return_exceptions=True)
        try:
            control = await self._controlled()
            body = {"request": "destroy", "id": mountpoint.number, "secret": mountpoint.pin}
            await control.request(body)
        except EngineError as error:
            log.warning("janus_mountpoint_left", number=mountpoint.number, reason=str(error))

    async def _controlled(self) -> JanusHandle:
        async with self._control_lock:
            if self._control is None:
                self._control = await self._api.open()
                self._keeping = asyncio.create_task(self._keep(self._control))
            return self._control

    async def _keep(self, control: JanusHandle) -> None:
        try:
            while True:
                await asyncio.sleep(KEEP_ALIVE_S)
                await control.keep_alive()
        except EngineError as error:
            # It was started anew, and knows nothing of us; viewers notice by themselves.
            log.warning("janus_lost", reason=str(error))
            if self._control is control:
                self._control = None

    def _forget_control(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
        self._control = None


async def _send(loop: asyncio.AbstractEventLoop, line: socket.socket, data: bytes) -> None:
    try:
        await loop.sock_sendall(line, data)
    except ConnectionRefusedError:
        # Janus is away, or has just taken the mountpoint down; its sessions tell.
        return
