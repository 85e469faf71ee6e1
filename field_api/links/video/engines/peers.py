"""Offers answered by aiortc: the same way for who watches and for who sends."""

from typing import Any

from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from field_api.links.video.engines.addresses import offering
from field_api.links.video.engines.engine import EngineError

__all__ = ["answer_offer", "h264_only", "without_mdns"]


async def answer_offer(peer: RTCPeerConnection, offer_sdp: str, addresses: tuple[str, ...]) -> str:
    """Return a peer's answer to an offer, offering some of this machine's addresses.

    Raises:
        EngineError: the offer can't be answered; the peer is closed then.
    """
    try:
        with offering(addresses):
            offer = RTCSessionDescription(without_mdns(offer_sdp), "offer")
            await peer.setRemoteDescription(offer)
            await peer.setLocalDescription(await peer.createAnswer())
    except Exception as error:
        # Whatever an offer holds, the library says so in many kinds of exceptions.
        await peer.close()
        raise EngineError(f"{type(error).__name__}: {error}"[:200]) from error
    return peer.localDescription.sdp


def without_mdns(sdp: str) -> str:
    """Leave out candidates with names instead of addresses.

    Browsers hide their addresses behind names only multicast DNS knows: asking for each costs a
    second, and where they are is learnt from their first packet anyway.
    """
    kept = (
        line
        for line in sdp.splitlines()
        if not (line.startswith("a=candidate:") and ".local " in line)
    )
    return "\r\n".join(kept) + "\r\n"


def h264_only() -> list[Any]:
    """Return what is agreed on: H.264, and sending again what was lost."""
    known = RTCRtpSender.getCapabilities("video").codecs
    return [codec for codec in known if codec.mimeType in ("video/H264", "video/rtx")]
