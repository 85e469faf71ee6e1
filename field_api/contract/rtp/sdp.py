"""Session descriptions (RFC 4566), the few lines that RTSP needs of them."""

import base64
import binascii
from dataclasses import dataclass, field

from field_api.contract.nal_units import Codec, annex_b, unit_kind
from field_api.contract.rtp.packet import RtpError

__all__ = ["SdpMedia", "SessionDescription", "describe_video", "parse_sdp"]

MAX_BYTES = 65_536
CLOCK_HZ = 90_000
_SPROP = {
    Codec.H264: ("sprop-parameter-sets",),
    Codec.H265: ("sprop-vps", "sprop-sps", "sprop-pps"),
}


@dataclass
class SdpMedia:
    """One medium; the first payload type is the one that counts."""

    kind: str
    """`video`, `audio`, `application`."""
    payload_type: int
    encoding: str = ""
    """Name of the payload format in capitals, e.g. `H264`, `SMPTE336M`."""
    clock_hz: int = CLOCK_HZ
    control: str = ""
    """Address, whole or relative, by which RTSP sets it up."""
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    """Of the payload format, names in small letters."""

    @property
    def codec(self) -> Codec | None:
        """The codec, if it is one that is carried."""
        if self.kind != "video":
            return None
        return {"H264": Codec.H264, "H265": Codec.H265, "HEVC": Codec.H265}.get(self.encoding)

    def parameter_sets(self) -> bytes:
        """What a decoder must know beforehand, in Annex B form; what is no base64 is left out."""
        codec = self.codec
        units: list[bytes] = []
        for name in _SPROP[codec] if codec is not None else ():
            for text in self.parameters.get(name, "").split(","):
                try:
                    unit = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
                except (binascii.Error, ValueError):
                    continue
                if unit := unit.rstrip(b"\x00"):
                    units.append(unit)
        return annex_b(units)


@dataclass
class SessionDescription:
    """What is sent, and how it is named."""

    media: list[SdpMedia]
    control: str = ""
    """Address of the whole presentation, whole or relative."""

    def first(self, kind: str) -> SdpMedia | None:
        """The first medium of a kind."""
        return next((m for m in self.media if m.kind == kind), None)


def parse_sdp(data: bytes) -> SessionDescription:
    """Read a description; lines that nobody here asks for are passed over.

    Raises:
        RtpError: no text, too long, or a line that is used and wrong.
    """
    if len(data) > MAX_BYTES:
        raise RtpError(f"an SDP has at most {MAX_BYTES} bytes, this one {len(data)}")
    text = data.decode("utf-8", "replace")
    if not text.startswith("v=0"):
        raise RtpError("an SDP begins with v=0")
    found = SessionDescription([])
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name == "m":
            found.media.append(_media(value))
        elif name == "a":
            _attribute(found, value)
    return found


def _media(value: str) -> SdpMedia:
    words = value.split()
    if len(words) < 4 or not _is_number(words[3], 127):
        raise RtpError(f"the SDP's line m={value[:80]} names no RTP payload type from 0 to 127")
    return SdpMedia(words[0], int(words[3]))


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most


def _attribute(found: SessionDescription, value: str) -> None:
    name, _, rest = value.partition(":")
    if name == "control":
        if found.media:
            found.media[-1].control = rest.strip()
        else:
            found.control = rest.strip()
        return
    if not found.media or name not in ("rtpmap", "fmtp"):
        return
    media = found.media[-1]
    payload_type, _, told = rest.strip().partition(" ")
    if payload_type != str(media.payload_type):
        return
    if name == "rtpmap":
        encoding, _, clock = told.strip().partition("/")
        clock = clock.partition("/")[0]
        if not _is_number(clock, 10_000_000) or int(clock) == 0:
            raise RtpError(f"the SDP's line a=rtpmap:{rest[:80]} names no clock rate")
        media.encoding, media.clock_hz = encoding.upper(), int(clock)
    else:
        for parameter in told.split(";"):
            key, _, text = parameter.strip().partition("=")
            media.parameters[key.lower()] = text.strip()


def describe_video(
    codec: Codec, parameter_sets: list[bytes], *, name: str, control: str, payload_type: int
) -> str:
    """The SDP of one video sent by RTSP; `control` is the whole address of its track."""
    encoded = [base64.b64encode(unit).decode() for unit in parameter_sets]
    if codec is Codec.H264:
        sps = next((u for u in parameter_sets if unit_kind(codec, u) == 7), b"")
        told = ["packetization-mode=1"]
        if len(sps) >= 4:
            told.append(f"profile-level-id={sps[1:4].hex().upper()}")
        told.append(f"sprop-parameter-sets={','.join(encoded)}")
    else:
        told = [f"{key}={unit}" for key, unit in zip(_SPROP[codec], encoded, strict=False)]
    return "\r\n".join(
        [
            "v=0",
            "o=- 0 0 IN IP4 127.0.0.1",
            f"s={name}",
            "c=IN IP4 0.0.0.0",
            "t=0 0",
            "a=range:npt=now-",
            f"m=video 0 RTP/AVP {payload_type}",
            f"a=rtpmap:{payload_type} {codec.value}/{CLOCK_HZ}",
            f"a=fmtp:{payload_type} {';'.join(told)}",
            f"a=control:{control}",
            "",
        ]
    )
