"""Boot clocks: a restart is noticed, one damaged number is not one."""

from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.presence import Presence

UINT32 = 2**32 - 1


@given(start_ms=st.integers(1, 10_000_000), absurd_ms=st.integers(0, UINT32))
def test_one_absurd_boot_time_is_no_restart(start_ms: int, absurd_ms: int) -> None:
    presence = Presence()
    times = [start_ms + step * 200 for step in range(5)]
    # What is only a little in front can't be told from a vehicle that was not heard for a while.
    absurd_ms = max(absurd_ms, times[2] + 60_001)
    assert not any(presence.boot_clock(t) for t in [*times[:3], absurd_ms, *times[3:]])


def test_a_silence_is_no_restart_and_a_restart_after_it_is_seen() -> None:
    presence = Presence()
    heard_ms = [1_000, 1_200, 900_000, 900_200, 900_400]
    assert [presence.boot_clock(t) for t in heard_ms] == [False] * 5
    assert presence.boot_clock(300)
    assert not presence.boot_clock(500)
