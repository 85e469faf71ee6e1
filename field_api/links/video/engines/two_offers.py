"""Joins two sides that both make offers, each told that the other answered.

A WHEP viewer offers; so does the streaming plugin of Janus 1.1.2, which can't answer (that came
with 1.1.4). Each offer holds all that the answer to the other needs: how the side is reached (ICE),
how it proves who it is (DTLS), what it takes or sends. Both sides then believe to be the one that
leads ICE; RFC 8445 section 7.3.1.1 settles that.
"""

from dataclasses import dataclass

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription, candidate_to_sdp

from field_api.links.video.engines.engine import EngineError

__all__ = ["Wanted", "answer_to_sender", "answer_to_viewer", "parse_offer", "wanted_video"]


@dataclass(frozen=True)
class Wanted:
    """The video a viewer asks for."""

    media: MediaDescription
    payload_type: int
    fmtp: str
    """What is said of the payload, e.g. `packetization-mode=1;profile-level-id=42e01f`."""


def parse_offer(sdp: str) -> SessionDescription:
    """Read an offer.

    Raises:
        EngineError: it is none.
    """
    try:
        return SessionDescription.parse(sdp)
    except Exception as error:
        # Whatever an offer holds, the library says so in many kinds of exceptions.
        raise EngineError(f"{type(error).__name__}: {error}"[:200]) from error


def wanted_video(offer: SessionDescription, profile: str) -> Wanted:
    """Choose the payload type under which a viewer takes H.264 of a profile.

    Args:
        offer: the viewer's.
        profile: the stream's, e.g. `42c01f`; its first two letters are looked for first.

    Raises:
        EngineError: it asks for no video, or takes no H.264 in fragments.
    """
    videos = [m for m in offer.media if m.kind == "video" and m.port != 0]
    if not videos:
        raise EngineError("the offer asks for no video")
    codecs = [c for c in videos[0].rtp.codecs if _fits(c)]
    if not codecs:
        raise EngineError("the offer has no H.264 with packetization-mode=1")
    same = [c for c in codecs if _profile(c)[:2] == profile[:2].lower()]
    chosen = (same or codecs)[0]
    fmtp = ";".join(f"{name}={value}" for name, value in chosen.parameters.items())
    return Wanted(videos[0], chosen.payloadType or 0, fmtp)


def _fits(codec: RTCRtpCodecParameters) -> bool:
    mode = str(codec.parameters.get("packetization-mode", "0"))
    return codec.mimeType.lower() == "video/h264" and mode == "1"


def _profile(codec: RTCRtpCodecParameters) -> str:
    return str(codec.parameters.get("profile-level-id", "")).lower()


def answer_to_sender(sender: MediaDescription, wanted: Wanted) -> str:
    """The answer that the sending side would get if it had offered to the viewer."""
    lines = [
        *_session(sender.rtp.muxId),
        *_video(sender.rtp.muxId, wanted, "recvonly"),
        *_way_to(wanted.media, "active"),
    ]
    return "\r\n".join(lines) + "\r\n"


def answer_to_viewer(offer: SessionDescription, sender: MediaDescription, wanted: Wanted) -> str:
    """The answer that the viewer would get if the sending side had taken its offer."""
    lines = _session(wanted.media.rtp.muxId)
    for media in offer.media:
        if media is not wanted.media:
            formats = " ".join(str(one) for one in media.fmt)
            lines += [
                f"m={media.kind} 0 {media.profile} {formats}",
                "c=IN IP4 0.0.0.0",
                f"a=mid:{media.rtp.muxId}",
                "a=inactive",
            ]
            continue
        lines += _video(media.rtp.muxId, wanted, "sendonly")
        lines += _way_to(sender, "passive")
        for one in sender.ssrc:
            lines.append(f"a=ssrc:{one.ssrc} cname:{one.cname or 'xunshan'}")
        lines.append("a=msid:xunshan video")
    return "\r\n".join(lines) + "\r\n"


def _session(mid: str) -> list[str]:
    return [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {mid}",
    ]


def _video(mid: str, wanted: Wanted, direction: str) -> list[str]:
    number = wanted.payload_type
    return [
        f"m=video 9 UDP/TLS/RTP/SAVPF {number}",
        "c=IN IP4 0.0.0.0",
        f"a={direction}",
        f"a=mid:{mid}",
        "a=rtcp-mux",
        f"a=rtpmap:{number} H264/90000",
        f"a=fmtp:{number} {wanted.fmtp}",
        f"a=rtcp-fb:{number} nack",
        f"a=rtcp-fb:{number} nack pli",
    ]


def _way_to(media: MediaDescription, role: str) -> list[str]:
    ice = media.ice
    if media.dtls is None or ice is None or not ice.usernameFragment:
        raise EngineError("the offer says no way to reach it (ice-ufrag, fingerprint)")
    return [
        f"a=ice-ufrag:{ice.usernameFragment}",
        f"a=ice-pwd:{ice.password}",
        # Janus takes the last one for the only one, and reads SHA-256.
        *(
            f"a=fingerprint:{one.algorithm} {one.value}"
            for one in media.dtls.fingerprints
            if one.algorithm.lower() == "sha-256"
        ),
        f"a=setup:{role}",
        *(
            f"a=candidate:{candidate_to_sdp(one)}"
            for one in media.ice_candidates
            if not one.ip.endswith(".local")
        ),
        "a=end-of-candidates",
    ]
