"""A vehicle's clock is measured within half a round trip, and others' answers count for nothing."""

from hypothesis import given
from hypothesis import strategies as st

from fleet.mavlink import dialect
from fleet.protocol.timesync import TimeSync, timesync_answer
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

MS = 1_000_000
delays = st.tuples(st.integers(0, 900), st.integers(0, 900))


def exchange(
    sync: TimeSync, now_s: float, offset_ns: int, there_ms: int, back_ms: int, system: int = VEHICLE
) -> bool:
    now_ns = round(now_s * 1e9)
    (question,) = sync.poll(now_s, now_ns)
    their_ns = now_ns + there_ms * MS + offset_ns
    answer = timesync_answer(Side(255).says(question), their_ns)
    return sync.receive(Side(system).says(answer), now_ns + (there_ms + back_ms) * MS)


@given(
    offset_ns=st.integers(-(10**12), 10**12),
    trips=st.lists(delays, min_size=1, max_size=12),
)
def test_the_shortest_round_trip_decides(offset_ns: int, trips: list[tuple[int, int]]) -> None:
    sync = TimeSync(VEHICLE, AUTOPILOT)
    assert sync.offset is None
    for number, (there_ms, back_ms) in enumerate(trips):
        assert exchange(sync, 2_000.0 + number * 20, offset_ns, there_ms, back_ms)
    assert sync.offset is not None
    assert sync.offset.uncertainty_ns == min(a + b for a, b in trips) * MS // 2
    assert abs(sync.offset.offset_ns - offset_ns) <= sync.offset.uncertainty_ns + 1


def test_answers_of_others_copies_and_late_ones_count_for_nothing() -> None:
    sync = TimeSync(VEHICLE, AUTOPILOT)
    assert not exchange(sync, 100.0, 5, 1, 1, system=VEHICLE + 1)
    assert exchange(sync, 120.0, 5, 1, 1)
    copy = Side(VEHICLE).says(dialect.MAVLink_timesync_message(10**12, 120 * 10**9))
    assert not sync.receive(copy, 121 * 10**9)
    assert not exchange(sync, 140.0, 5, 3_000, 3_000), "nobody knows when that was"
    assert not sync.receive(Side(VEHICLE).says(dialect.MAVLink_timesync_message(0, 7)), 10**11)


def test_a_clock_that_was_set_is_measured_anew() -> None:
    sync = TimeSync(VEHICLE, AUTOPILOT)
    exchange(sync, 100.0, 0, 1, 1)
    exchange(sync, 120.0, 60 * 10**9, 40, 40)
    assert sync.offset is not None
    assert abs(sync.offset.offset_ns - 60 * 10**9) <= 40 * MS


def test_questions_come_quickly_at_first_and_every_ten_seconds_later() -> None:
    sync = TimeSync(VEHICLE, AUTOPILOT)
    asked = [t / 10 for t in range(400) if sync.poll(t / 10, t)]
    assert asked == [0.0, 1.0, 2.0, 3.0, 4.0, 14.0, 24.0, 34.0]
