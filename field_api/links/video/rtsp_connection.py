"""One RTSP connection: what it may do, in the order in which RFC 2326 has it."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog

from field_api.contract.rtp import RtpError, SdpMedia, parse_sdp
from field_api.contract.rtsp import (
    Challenge,
    Interleaved,
    RtspError,
    RtspReader,
    RtspRequest,
    RtspResponse,
    basic_of,
    parse_transport,
    query_of,
)
from field_api.links.browsers.sockets import CHECK_S
from field_api.links.video.renditions import Renditions
from field_api.links.video.rtsp_access import RtspAccess, Watcher
from field_api.links.video.rtsp_play import Asked, PayloadCache, PlayedStream, describe
from field_api.links.video.rtsp_push import PushedStream

__all__ = ["RtspConnection"]

log = structlog.get_logger(__name__)

ASKING_S = 15.0
"""How long a peer may take to say what it wants, and a publisher may be silent."""
WRITING_S = 10.0
"""A viewer that takes nothing for so long is gone."""
RECEIVED_BYTES = 262_144
SESSION_TIMEOUT_S = 60
TOKEN = "token"
PUBLIC = "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_STREAM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_CHALLENGE = Challenge("basic", "Xunshan").header()


class _Over(Exception):  # noqa: N818 - no error
    """The peer said goodbye."""


class RtspConnection:
    """Serves one peer until it leaves, breaks the rules or falls silent."""

    def __init__(
        self,
        renditions: Renditions,
        access: RtspAccess,
        cache: PayloadCache,
        clock_ms: Callable[[], int],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._renditions = renditions
        self._access = access
        self._cache = cache
        self._clock_ms = clock_ms
        self._reader = reader
        self._writer = writer
        self._peer = str((writer.get_extra_info("peername") or ["?"])[0])
        self._stream_id = ""
        self._media: list[SdpMedia] = []
        self._push: PushedStream | None = None
        self._recording = False
        self._channels: dict[int, tuple[SdpMedia, bool]] = {}
        """Of a publisher: medium, and whether reports come there."""
        self._play_asked = Asked("")
        self._play: PlayedStream | None = None
        self._playing: asyncio.Task[None] | None = None
        self._session = ""
        self._watcher: Watcher | None = None
        self._watch: asyncio.Task[None] | None = None
        """Ends when the viewer may not watch any more."""
        self._answers: dict[str, Callable[[RtspRequest], Awaitable[RtspResponse]]] = {
            "OPTIONS": self._options,
            "DESCRIBE": self._describe,
            "ANNOUNCE": self._announce,
            "SETUP": self._setup,
            "PLAY": self._begin_play,
            "RECORD": self._begin_record,
            "GET_PARAMETER": self._keep_alive,
            "SET_PARAMETER": self._keep_alive,
        }

    async def run(self) -> None:
        """Serve."""
        try:
            await self._serve()
        except _Over:
            pass
        except RtspError as error:
            log.warning("bad_rtsp", peer=self._peer, error=str(error)[:300])
            await self._last_words(RtspResponse(400, body=f"{error}\n".encode()))
        except TimeoutError:
            log.info("rtsp_silent", peer=self._peer, stream=self._stream_id)
        except OSError as error:
            log.info("rtsp_lost", peer=self._peer, stream=self._stream_id, reason=str(error))
        finally:
            tasks = [task for task in (self._playing, self._watch) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._push is not None:
                self._push.close()

    async def _until_forbidden(self) -> None:
        assert self._watcher is not None, "nobody plays who was not let in"
        while await self._watcher.still():  # noqa: ASYNC110 - the end of a session tells nobody
            await asyncio.sleep(CHECK_S)

    async def _last_words(self, response: RtspResponse) -> None:
        try:
            await self.write(response.build())
        except (OSError, TimeoutError):
            # Whoever sends garbage seldom listens.
            return

    async def write(self, data: bytes) -> None:
        """Send, and wait while the peer is slow.

        Raises:
            TimeoutError: it takes nothing any more.
            OSError: it is gone.
        """
        self._writer.write(data)
        async with asyncio.timeout(WRITING_S):
            await self._writer.drain()

    async def _serve(self) -> None:
        messages = RtspReader()
        while True:
            data = await self._receive()
            if not data:
                return
            for one in messages.receive(data):
                if isinstance(one, Interleaved):
                    await self._packet(one)
                elif isinstance(one, RtspRequest):
                    await self._asked(one)

    async def _receive(self) -> bytes:
        playing = self._playing
        if playing is None:
            async with asyncio.timeout(ASKING_S):
                return await self._reader.read(RECEIVED_BYTES)
        assert self._watch is not None, "it begins with playing"
        reading = asyncio.create_task(self._reader.read(RECEIVED_BYTES))
        try:
            waited = {reading, playing, self._watch}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not reading.done():
                reading.cancel()
        if playing.done():
            # The stream ended, or the viewer takes nothing: raises what ended it.
            playing.result()
            return b""
        if self._watch.done():
            self._watch.result()
            log.info("rtsp_forbidden", peer=self._peer, stream=self._stream_id)
            return b""
        return reading.result()

    async def _packet(self, packet: Interleaved) -> None:
        media, reports = self._channels.get(packet.channel, (None, False))
        if self._push is None or not self._recording or media is not self._push.media:
            return  # Viewers' reports, sound, and what comes too early.
        if reports:
            self._push.report(packet.data)
        else:
            await self._push.packet(packet.data)
        if self._push.ended:
            raise _Over

    async def _asked(self, request: RtspRequest) -> None:
        cseq = request.headers.get("cseq", "").strip()
        if not (cseq.isascii() and cseq.isdigit() and len(cseq) <= 10):
            raise RtspError("a request has a CSeq header, a number")
        if request.method == "TEARDOWN":
            await self.write(RtspResponse(200, {"CSeq": cseq}).build())
            raise _Over
        answer = self._answers.get(request.method)
        if answer is None:
            response = RtspResponse(405, {"Allow": PUBLIC})
        elif "require" in request.headers:
            response = RtspResponse(551, {"Unsupported": request.headers["require"][:200]})
        else:
            response = await answer(request)
        response.headers = {"CSeq": cseq, "Server": "Xunshan", **response.headers}
        if self._session:
            response.headers["Session"] = f"{self._session};timeout={SESSION_TIMEOUT_S}"
        await self.write(response.build())
        if request.method == "PLAY" and response.status == 200 and self._play and not self._playing:
            self._playing = asyncio.create_task(self._play.run(self))
            self._watch = asyncio.create_task(self._until_forbidden())

    # --- requests ---------------------------------------------------------------------------

    async def _options(self, request: RtspRequest) -> RtspResponse:
        return RtspResponse(200, {"Public": PUBLIC})

    async def _keep_alive(self, request: RtspRequest) -> RtspResponse:
        return RtspResponse(200)

    async def _describe(self, request: RtspRequest) -> RtspResponse:
        stream_id = _stream_of(request.url)
        if self._stream_id:
            return _words(455, "one stream a connection")
        token = query_of(request.url, TOKEN)
        if stream_id is None:
            return _words(404, "an address is rtsp://HOST:PORT/STREAM?token=TOKEN")
        watcher = await self._access.viewer(stream_id, token, self._peer) if token else None
        if watcher is None:
            log.warning("rtsp_refused", peer=self._peer, stream=stream_id, action="play")
            return _words(403, "the address needs a token for this stream: ?token=TOKEN")
        parts = urlsplit(request.url)
        base = parts._replace(path=f"/{stream_id}", query="", fragment="").geturl()
        low = query_of(request.url, "size") == "low"
        browser = query_of(request.url, "for") == "browser"
        self._play_asked = Asked(stream_id, "low" if low else "full", browser)
        control = f"{base}/video?{parts.query}"
        description = await describe(self._renditions, self._play_asked, control)
        if description is None:
            return _words(404, "the stream does not send now")
        self._stream_id, self._watcher = stream_id, watcher
        log.info("rtsp_watched", peer=self._peer, stream=stream_id, user=watcher.user_id)
        return RtspResponse(
            200, {"Content-Type": "application/sdp", "Content-Base": base}, description.encode()
        )

    async def _announce(self, request: RtspRequest) -> RtspResponse:
        stream_id = _stream_of(request.url)
        if stream_id is None:
            return _words(404, "an address is rtsp://HOST:PORT/STREAM")
        who = basic_of(request.headers.get("authorization", ""))
        if who is None:
            return RtspResponse(401, {"WWW-Authenticate": _CHALLENGE})
        device_id = await self._access.publisher(stream_id, who)
        if device_id is None:
            log.warning("rtsp_refused", peer=self._peer, stream=stream_id, action="publish")
            return RtspResponse(401, {"WWW-Authenticate": _CHALLENGE})
        if self._stream_id:
            return _words(455, "one stream a connection")
        try:
            media = parse_sdp(request.body).media
        except RtpError as error:
            return _words(400, str(error))
        video = next((m for m in media if m.codec is not None), None)
        if video is None or video.codec is None:
            offered = ", ".join(m.encoding or m.kind for m in media)[:100] or "nothing"
            return _words(415, f"offered is {offered}; taken are H264 and H265")
        self._stream_id, self._media = stream_id, media[:8]
        self._push = PushedStream(
            self._renditions.hub, stream_id, video, video.codec, self._clock_ms
        )
        log.info("rtsp_pushed", peer=self._peer, stream=stream_id, device=device_id)
        return RtspResponse(200)

    async def _setup(self, request: RtspRequest) -> RtspResponse:
        if _stream_of(request.url) != self._stream_id or not (self._push or self._watcher):
            return _words(455, "DESCRIBE or ANNOUNCE comes first, of the same stream")
        offered = request.headers.get("transport", "")
        choices = [parse_transport(part) for part in offered.replace("\n", ",").split(",")]
        transport = next((t for t in choices if t["protocol"] == "RTP/AVP/TCP"), None)
        if transport is None:
            return _words(461, "packets travel on this connection: RTP/AVP/TCP")
        first, _, second = transport.get("interleaved", "").partition("-")
        used = 2 * (len(self._channels) // 2)
        pair = (int(first), int(second)) if _is_channel(first) and _is_channel(second) else None
        channel, reports = pair if pair is not None else (used, used + 1)
        if self._push is not None:
            if len(self._channels) >= 16:
                return _words(400, "too many tracks")
            media = self._track(request.url)
            self._channels[channel] = media, False
            self._channels[reports] = media, True
        elif self._play is None:
            if reports != channel + 1:
                return _words(461, "the channels of a track follow each other")
            self._play = PlayedStream(self._renditions, self._cache, self._play_asked, channel)
        else:
            return _words(459, "the stream has one track")
        self._session = self._session or secrets.token_hex(8)
        return RtspResponse(
            200, {"Transport": f"RTP/AVP/TCP;unicast;interleaved={channel}-{reports}"}
        )

    def _track(self, url: str) -> SdpMedia:
        """The announced track an address means; names of tracks are the publisher's."""
        for media in self._media:
            if media.control and url.endswith(media.control):
                return media
        return self._media[min(len(self._channels) // 2, len(self._media) - 1)]

    async def _begin_record(self, request: RtspRequest) -> RtspResponse:
        if self._push is None or not self._session:
            return _words(455, "ANNOUNCE and SETUP come first")
        self._recording = True
        return RtspResponse(200)

    async def _begin_play(self, request: RtspRequest) -> RtspResponse:
        if self._play is None:
            return _words(455, "DESCRIBE and SETUP come first")
        return RtspResponse(
            200,
            {
                "Range": "npt=now-",
                "RTP-Info": f"url={request.url};seq={self._play.packetizer.sequence}",
            },
        )


def _words(status: int, text: str) -> RtspResponse:
    return RtspResponse(status, {"Content-Type": "text/plain"}, f"{text}\n".encode())


def _stream_of(url: str) -> str | None:
    """The stream an address names: the first part of its path."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    stream_id = path.strip("/").split("/")[0]
    return stream_id if _STREAM_ID.fullmatch(stream_id) else None


def _is_channel(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 255
