"""Asks a camera for its pictures by RTSP over TCP: the protocol without the socket.

`receive` takes what came and returns what it means; `take_output` what is to be sent then. The
packets travel on the connection of the messages ("interleaved"), so none is lost or late on its
own, and access units come out with their last packet: FFmpeg's demuxer holds each back until the
next one begins.
"""

import secrets
from urllib.parse import unquote, urlsplit

from field_api.contract.rtp import RtpError, SdpMedia, build_receiver_report, parse_sdp
from field_api.contract.rtsp.auth import Challenge, Credentials, authorise, parse_challenges
from field_api.contract.rtsp.message import (
    Interleaved,
    RtspError,
    RtspReader,
    RtspRequest,
    RtspResponse,
    interleave,
    parse_transport,
)
from field_api.contract.rtsp.tracks import (
    Ended,
    MetadataCame,
    MetadataTrack,
    PictureTrack,
    Playing,
    PullEvent,
)

__all__ = ["RefusedError", "RtspPull"]

DEFAULT_TIMEOUT_S = 60
REPORT_EVERY_S = 5.0
AGENT = "Xunshan"


class RefusedError(RtspError):
    """The camera answered with an error."""

    def __init__(self, method: str, status: int, reason: str) -> None:
        super().__init__(f"the camera refuses {method}: {status} {reason}".rstrip())
        self.status = status


class RtspPull:
    """One connection to one camera."""

    def __init__(self, url: str) -> None:
        """`url` may hold user and password."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        self.url = parts._replace(netloc=host, fragment="").geturl()
        self._who = (
            Credentials(unquote(parts.username), unquote(parts.password or ""))
            if parts.username
            else None
        )
        self._reader = RtspReader()
        self._output = bytearray()
        self._cseq = 0
        self._waiting: RtspRequest | None = None
        self._authorised_with: Challenge | None = None
        self._tried: str | None = None
        self._public = ""
        self._base = self.url
        self._aggregate = self.url
        self._to_set_up: list[tuple[str, SdpMedia]] = []
        self._session: str | None = None
        self._keep_alive_s = DEFAULT_TIMEOUT_S / 2
        self._next_keep_alive_s: float | None = None
        self._next_report_s = 0.0
        self._ssrc = secrets.randbits(32)
        self._pictures: PictureTrack | None = None
        self._metadata = MetadataTrack()
        self._channels: dict[int, str] = {}
        self._playing: Playing | None = None

    @property
    def playing(self) -> bool:
        """Whether the camera agreed to send."""
        return self._next_keep_alive_s is not None

    @property
    def lost(self) -> int:
        """Packets of the pictures that never came."""
        return self._pictures.lost if self._pictures else 0

    def begin(self) -> None:
        """Ask for what the camera can do; everything else follows from its answers."""
        self._ask("OPTIONS", self.url)

    def end(self) -> None:
        """Ask the camera to stop, if it sends."""
        if self._session is not None:
            self._waiting = None
            self._ask("TEARDOWN", self._aggregate)

    def take_output(self) -> bytes:
        """What is to be sent now."""
        data = bytes(self._output)
        self._output.clear()
        return data

    def poll(self, now_s: float) -> None:
        """Stay alive; to be called about once a second.

        Args:
            now_s: seconds of a clock that only goes on.
        """
        if self._next_keep_alive_s is None:
            return
        if now_s >= self._next_report_s:
            self._next_report_s = now_s + REPORT_EVERY_S
            report = build_receiver_report(self._ssrc, AGENT)
            for channel, use in self._channels.items():
                if use == "video_reports":
                    self._output += interleave(channel, report)
        if now_s >= self._next_keep_alive_s and self._waiting is None:
            self._next_keep_alive_s = now_s + self._keep_alive_s
            known = "GET_PARAMETER" if "GET_PARAMETER" in self._public else "OPTIONS"
            self._ask(known, self._aggregate)

    def receive(self, data: bytes, now_s: float) -> list[PullEvent]:
        """Take what came.

        Raises:
            RefusedError: the camera answered with an error.
            RtspError: it speaks something else.
        """
        found: list[PullEvent] = []
        for one in self._reader.receive(data):
            if isinstance(one, Interleaved):
                found += self._packet(one)
            elif isinstance(one, RtspResponse):
                found += self._answered(one, now_s)
            else:
                found += self._asked(one)
        return found

    # --- packets ----------------------------------------------------------------------------

    def _packet(self, packet: Interleaved) -> list[PullEvent]:
        use = self._channels.get(packet.channel)
        try:
            if use == "video" and self._pictures:
                return self._pictures.receive(packet.data)
            if use == "video_reports" and self._pictures:
                return self._pictures.reported(packet.data)
            if use == "metadata" and (whole := self._metadata.receive(packet.data)):
                return [MetadataCame(whole)]
        except RtpError:
            # One broken packet: what it makes of the pictures, the gap behind it tells.
            pass
        return []

    # --- messages ---------------------------------------------------------------------------

    def _ask(self, method: str, url: str, headers: dict[str, str] | None = None) -> None:
        self._cseq += 1
        told = {"CSeq": str(self._cseq), "User-Agent": AGENT, **(headers or {})}
        if self._session is not None:
            told["Session"] = self._session
        request = RtspRequest(method, url, told)
        if self._authorised_with is not None and self._who is not None:
            told["Authorization"] = authorise(self._authorised_with, self._who, method, url)
        self._waiting = request
        self._output += request.build()

    def _asked(self, request: RtspRequest) -> list[PullEvent]:
        """Cameras hardly ever ask; what they may say is that it is over."""
        status = 200 if request.method in ("OPTIONS", "TEARDOWN", "GET_PARAMETER") else 405
        cseq = request.headers.get("cseq", "0")[:20]
        self._output += RtspResponse(status, {"CSeq": cseq}).build()
        return [Ended()] if request.method == "TEARDOWN" else []

    def _answered(self, response: RtspResponse, now_s: float) -> list[PullEvent]:
        request = self._waiting
        if request is None or response.headers.get("cseq", "").strip() != request.headers["CSeq"]:
            return []
        self._waiting = None
        if response.status == 401 and self._authorise(request, response):
            return []
        if response.status != 200:
            if self.playing and request.method != "TEARDOWN":
                # A camera that knows no keep-alive answers so, and lives on the packets' reports.
                return []
            if request.method == "OPTIONS":
                self._ask("DESCRIBE", self.url, {"Accept": "application/sdp"})
                return []
            raise RefusedError(request.method, response.status, response.reason[:80])
        self._tried = None
        return self._go_on(request.method, response, now_s)

    def _authorise(self, request: RtspRequest, response: RtspResponse) -> bool:
        """Ask again with the password; False where there is none, or it was wrong."""
        challenges = parse_challenges(response.headers.get("www-authenticate", ""))
        if self._who is None or not challenges:
            return False
        # A camera may take a new nonce for each request; the same one again means a wrong password.
        if self._tried is not None or self._authorised_with == challenges[0]:
            return False
        self._authorised_with, self._tried = challenges[0], challenges[0].nonce
        told = {
            name: value
            for name, value in request.headers.items()
            if name not in ("CSeq", "User-Agent", "Session", "Authorization")
        }
        self._ask(request.method, request.url, told)
        return True

    def _go_on(self, method: str, response: RtspResponse, now_s: float) -> list[PullEvent]:
        if method == "OPTIONS" and self._playing is None:
            self._public = response.headers.get("public", "").upper()
            self._ask("DESCRIBE", self.url, {"Accept": "application/sdp"})
        elif method == "DESCRIBE":
            return self._described(response)
        elif method == "SETUP":
            self._set_up(response)
        elif method == "PLAY" and self._pictures is not None:
            self._pictures.begins_with(_first_sequence(response, self._channels))
            self._next_keep_alive_s = now_s + self._keep_alive_s
        return []

    def _described(self, response: RtspResponse) -> list[PullEvent]:
        try:
            description = parse_sdp(response.body)
        except RtpError as error:
            raise RtspError(f"the camera's description: {error}") from None
        base = (
            response.headers.get("content-base")
            or response.headers.get("content-location")
            or self.url
        )
        self._base = base if "://" in base else self.url
        self._aggregate = self._joined(description.control)
        videos = [m for m in description.media if m.kind == "video"]
        video = next((m for m in videos if m.codec), videos[0] if videos else None)
        codec = video.codec if video else None
        self._playing = Playing(
            video.encoding if video else "", codec, video.parameter_sets() if video else b""
        )
        if video is not None and codec is not None:
            self._pictures = PictureTrack(video, codec)
            self._to_set_up = [("video", video)]
            self._to_set_up += [
                ("metadata", m) for m in description.media if m.encoding == "SMPTE336M"
            ][:1]
            self._set_up_next()
        return [self._playing]

    def _joined(self, control: str) -> str:
        if not control or control == "*":
            return self._base
        if "://" in control:
            return control
        return self._base.rstrip("/") + "/" + control.lstrip("/")

    def _set_up_next(self) -> None:
        use, media = self._to_set_up[0]
        first = 0 if use == "video" else 2
        transport = f"RTP/AVP/TCP;unicast;interleaved={first}-{first + 1}"
        self._ask("SETUP", self._joined(media.control), {"Transport": transport})

    def _set_up(self, response: RtspResponse) -> None:
        use, _ = self._to_set_up.pop(0)
        chosen = parse_transport(response.headers.get("transport", ""))
        if "TCP" not in chosen["protocol"]:
            raise RtspError(f"the camera answers with transport {chosen['protocol'][:40]}")
        channels = chosen.get("interleaved", "0-1" if use == "video" else "2-3").split("-")
        if not all(c.isascii() and c.isdigit() and int(c[:4]) <= 255 for c in channels):
            raise RtspError("the camera names channels that are no numbers from 0 to 255")
        first = int(channels[0])
        self._channels[first] = use
        self._channels[int(channels[-1]) if len(channels) > 1 else first + 1] = f"{use}_reports"
        session, _, parameters = response.headers.get("session", "").partition(";")
        self._session = session.strip() or self._session
        _, _, timeout = parameters.partition("timeout=")
        seconds = timeout.split(";")[0].strip()
        if seconds.isascii() and seconds.isdigit():
            self._keep_alive_s = max(2.0, min(int(seconds[:5]), 600) / 2)
        if self._to_set_up:
            self._set_up_next()
        else:
            self._ask("PLAY", self._aggregate, {"Range": "npt=0.000-"})


def _first_sequence(response: RtspResponse, channels: dict[int, str]) -> int | None:
    """What the camera says of the first packet of the pictures, where it sends them alone."""
    told = response.headers.get("rtp-info", "")
    if "metadata" in channels.values():
        told = told.split(",")[0]
    for part in told.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "seq" and value.isascii() and value.isdigit() and len(value) <= 5:
            return int(value)
    return None
