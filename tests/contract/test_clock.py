from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.link.clock import ClockOffset

delay = st.integers(0, 5_000)


@given(
    offset_ms=st.integers(-10_000_000, 10_000_000),
    delays=st.lists(st.tuples(delay, delay), min_size=1, max_size=30),
)
def test_the_estimate_is_within_its_stated_error(
    offset_ms: int, delays: list[tuple[int, int]]
) -> None:
    clock = ClockOffset()
    now_ms = 1_000_000_000
    for there_ms, back_ms in delays:
        t1 = now_ms + there_ms + offset_ms
        sample = clock.add(now_ms, t1, t1 + 3, now_ms + there_ms + 3 + back_ms)
        assert sample is not None
        best = clock.best
        assert best is not None
        assert abs(clock.offset_ms - offset_ms) <= best.error_ms
        assert best.round_trip_ms <= sample.round_trip_ms
        now_ms += 10_000


def test_the_shortest_round_trip_wins() -> None:
    clock = ClockOffset()
    clock.add(0, 600, 600, 1_000)
    clock.add(2_000, 2_505, 2_505, 2_010)
    clock.add(4_000, 4_900, 4_900, 4_800)
    assert clock.offset_ms == 500


def test_a_stepped_clock_is_noticed_at_once() -> None:
    clock = ClockOffset()
    clock.add(0, 5, 5, 10)
    assert clock.offset_ms == 0
    clock.add(1_000, 61_010, 61_010, 1_020)
    assert clock.offset_ms == 60_000


@given(st.tuples(*[st.integers(0, 10_000)] * 4))
def test_impossible_stamps_are_not_kept(stamps: tuple[int, int, int, int]) -> None:
    t0, t1, t2, t3 = stamps
    clock = ClockOffset()
    sample = clock.add(t0, t1, t2, t3)
    if t3 < t0 or t2 < t1 or (t3 - t0) - (t2 - t1) < -1:
        assert sample is None
        assert clock.best is None
    else:
        assert sample is not None
        assert sample.round_trip_ms >= 0
