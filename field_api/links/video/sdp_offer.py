"""The offer in the body of a request, and the form of its answer: WHEP and WHIP alike."""

from typing import Any

from fastapi import Request, Response

from field_api.core.errors import refuse
from field_api.links.video.engines.engine import Answer

__all__ = ["SDP_ANSWER", "answered", "offer_of"]

SDP = "application/sdp"
SDP_ANSWER: dict[int | str, dict[str, Any]] = {
    201: {"content": {SDP: {"schema": {"type": "string"}}}}
}
LONGEST_OFFER = 200_000


async def offer_of(request: Request, content_type: str) -> str:
    """Return the body of a request.

    Raises:
        ApiError: 415 and 413, it is no SDP or too long.
    """
    if content_type.partition(";")[0].strip().lower() != SDP:
        raise refuse(415, "bad_offer", text=f"the body is {SDP}")
    offer = await request.body()
    if len(offer) > LONGEST_OFFER:
        raise refuse(413, "bad_offer", text=f"at most {LONGEST_OFFER} bytes")
    return offer.decode("utf-8", "replace")


def answered(request: Request, answer: Answer) -> Response:
    """Return what an answer is sent as, the connection's own address with it."""
    where = f"{request.url.path}/{answer.session_id}"
    return Response(answer.sdp, 201, {"Location": where}, SDP)
