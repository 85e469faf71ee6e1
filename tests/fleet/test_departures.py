"""Take-offs: in their window, apart from their neighbours; a clock that nobody can set."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.clock import SteadyClock
from fleet.departures import Departures, WindowError


class Clock:
    """Seconds that stand still until moved."""

    def __init__(self) -> None:
        self.s = 1000.0

    def ms(self) -> int:
        return round(self.s * 1000)

    def monotonic(self) -> float:
        return self.s


@given(
    orders=st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(-30, 60), st.integers(0, 90), st.floats(0, 40)
        ),
        min_size=1,
        max_size=12,
    ),
    steps=st.lists(st.floats(0, 30), min_size=1, max_size=40),
)
def test_nobody_takes_off_early_late_or_close_to_a_neighbour(
    orders: list[tuple[str, int, int, float]], steps: list[float]
) -> None:
    clock = Clock()
    departures = Departures(clock.ms, clock.monotonic)
    waiting = [(v, clock.ms() + b * 1000, clock.ms() + (b + w) * 1000, g) for v, b, w, g in orders]
    taken: list[tuple[float, str]] = []
    for step_s in steps:
        clock.s += step_s
        for order in list(waiting):
            vehicle, before_ms, after_ms, gap_s = order
            if departures.late_by_ms(after_ms):
                waiting.remove(order)
            elif departures.wait_s(vehicle, before_ms, gap_s) <= 0:
                asyncio.run(departures.take_turn(vehicle, before_ms, after_ms, gap_s))
                assert before_ms <= clock.ms() <= after_ms
                if taken and taken[-1][1] != vehicle:
                    assert clock.s - taken[-1][0] >= gap_s - 1e-6
                taken.append((clock.s, vehicle))
                waiting.remove(order)


async def test_a_turn_is_waited_for_and_a_passed_window_is_said() -> None:
    clock = Clock()
    departures = Departures(clock.ms, clock.monotonic)
    await departures.take_turn("a", None, None, 20)
    second = asyncio.create_task(departures.take_turn("b", None, clock.ms() + 30_000, 20))
    third = asyncio.create_task(departures.take_turn("c", None, clock.ms() + 10_000, 20))
    await asyncio.sleep(0)
    assert not second.done()
    clock.s += 21
    with pytest.raises(WindowError, match="11 s ago"):
        await third
    await second


def test_the_clock_does_not_follow_a_step_of_the_wall_clock() -> None:
    wall, steady = 1_700_000_000_000_000_000, 5_000_000_000
    clock = SteadyClock(lambda: wall, lambda: steady)
    before = clock()
    wall -= 120_000_000_000
    steady += 2_000_000_000
    assert clock() - before == 2_000
