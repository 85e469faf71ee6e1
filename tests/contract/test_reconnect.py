"""Coming back after a lost connection."""

import asyncio

import pytest

from field_api.contract.link import Backoff, Reconnecting


def test_waits_double_up_to_the_longest_and_begin_anew_after_a_success() -> None:
    backoff = Backoff(1.0, 4.0)
    waits = [backoff.next_s() for _ in range(5)]
    for wait_s, ceiling_s in zip(waits, (1, 2, 4, 4, 4), strict=True):
        assert ceiling_s / 2 <= wait_s <= ceiling_s
    backoff.reset()
    assert backoff.next_s() <= 1


async def test_a_failure_is_told_once_until_something_changes() -> None:
    told: list[str] = []
    ends = iter(["refused", "refused", "works", "refused", "timed out", "timed out"])
    loop = Reconnecting(Backoff(0.0, 0.0), lambda reason, wait_s: told.append(reason))

    async def connection() -> str:
        reason = next(ends, None)
        if reason is None:
            raise asyncio.CancelledError
        if reason == "works":
            loop.succeeded()
            return "refused"
        return reason

    with pytest.raises(asyncio.CancelledError):
        await loop.run(connection)
    assert told == ["refused", "refused", "timed out"]
