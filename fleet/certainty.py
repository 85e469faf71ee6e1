"""Whether an aircraft may be ordered anything: it is no replay, and certain which device it is."""

import asyncio
import contextlib
import time
from collections.abc import Mapping

import structlog

from fleet.aircraft import Aircraft
from fleet.claims import Doubt
from fleet.links import Link
from fleet.vehicle import RefusedError
from fleet.words import CONFIRMED, doubt_text

__all__ = ["confirm_identity", "refuse_uncertain"]

log = structlog.get_logger(__name__)

CHECK_S = 3.0
"""How long an order waits for an aircraft that has just come back to be known again."""
LOOK_S = 0.05
REPLAY = "这是回放,不能下达指令 / this is a recording being played: nothing can be ordered"


async def refuse_uncertain(aircraft: Aircraft, links: Mapping[str, Link]) -> None:
    """Return when it may be ordered, after a moment where a doubt may clear up.

    Raises:
        RefusedError: `replay` or `identity_in_doubt`, in words.
    """
    if not links[aircraft.ways.active.link].sends:
        raise RefusedError("replay", REPLAY)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CHECK_S):
            while aircraft.claims.doubt(time.monotonic()) is Doubt.CHECKING:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_S)
    doubt = aircraft.claims.doubt(time.monotonic())
    if doubt is not None:
        raise RefusedError("identity_in_doubt", doubt_text(doubt))


def confirm_identity(aircraft: Aircraft, author: str) -> str:
    """Take a person's word that what orders go to is the aircraft; return what it settled.

    Raises:
        RefusedError: a doubt that a person can't settle so.
    """
    doubt = aircraft.claims.confirm(time.monotonic())
    if doubt is None:
        return "身份本无疑问 / it was not in doubt"
    if doubt not in CONFIRMED:
        raise RefusedError("identity_in_doubt", doubt_text(doubt))
    log.warning("identity confirmed", doubt=doubt.value, author=author)
    return " / ".join(CONFIRMED[doubt])
