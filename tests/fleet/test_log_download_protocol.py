"""Logs come whole whatever gets lost, or it is told that they did not."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.mavlink import Message, dialect
from fleet.protocol.log_download import (
    CHUNK,
    LogDone,
    LogEntries,
    LogEntry,
    LogFailed,
    LogList,
    LogRead,
)
from tests.fleet.lossy_channel import play
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

vehicle = Side(VEHICLE)


class ModelLogs:
    """ArduPilot's side: it sends a stretch by and by, and hears no other question meanwhile."""

    def __init__(self, logs: dict[int, bytes], told_more: int = 0) -> None:
        self._logs = logs
        self._more = told_more
        self._sending: list[Message] = []
        self.ended = False

    def receive(self, message: Message, now_s: float) -> list[Message]:
        match message.get_type():
            case "LOG_REQUEST_LIST":
                numbers = [n for n in self._logs if message.start <= n <= message.end] or [0]
                return [
                    dialect.MAVLink_log_entry_message(
                        number, len(self._logs), max(self._logs, default=0), 1_700_000_000,
                        len(self._logs.get(number, b"")) + (self._more if number else 0),
                    )
                    for number in numbers
                ]  # fmt: skip
            case "LOG_REQUEST_DATA" if not self._sending:
                self._sending = list(self._stretch(message))
            case "LOG_REQUEST_END":
                self._sending, self.ended = [], True
            case _:
                pass
        return []

    def _stretch(self, asked: Message) -> list[Message]:
        log, end = self._logs[asked.id], asked.ofs + asked.count
        said: list[Message] = []
        for offset in range(asked.ofs, end, CHUNK):
            data = log[offset : min(offset + CHUNK, end)]
            padded = list(data.ljust(CHUNK, b"\0"))
            said.append(dialect.MAVLink_log_data_message(asked.id, offset, len(data), padded))
            if len(data) < CHUNK:
                break
        return said

    def poll(self, now_s: float) -> list[Message]:
        now, self._sending = self._sending[:40], self._sending[40:]
        return now


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@settings(max_examples=20)
@given(
    size=st.sampled_from([0, 1, 89, 90, 91, 5_000, 60_000]),
    more=st.sampled_from([0, 7, 500]),
    loss=st.sampled_from([0.0, 0.1, 0.3]),
    seed=st.integers(0, 10_000),
)
def test_a_log_comes_whole_whatever_gets_lost(size: int, more: int, loss: float, seed: int) -> None:
    model = ModelLogs({3: content(size)}, more)
    machine = LogRead(VEHICLE, AUTOPILOT, LogEntry(3, size + more, 0))
    ended, _ = play(machine, model, random.Random(seed), loss)
    assert ended == LogDone(content(size))


@settings(max_examples=20)
@given(
    count=st.integers(0, 30),
    loss=st.sampled_from([0.0, 0.3, 0.5]),
    seed=st.integers(0, 10_000),
)
def test_the_list_is_whole(count: int, loss: float, seed: int) -> None:
    logs = {number: content(number) for number in range(4, 4 + count)}
    ended, _ = play(LogList(VEHICLE, AUTOPILOT), ModelLogs(logs), random.Random(seed), loss)
    if isinstance(ended, LogFailed):
        # Where every second message is lost, it may give up and say so; it never tells half.
        assert (loss, ended.code) == (0.5, "timeout")
        return
    assert isinstance(ended, LogEntries)
    assert [(e.number, e.size) for e in ended.entries] == [(n, len(d)) for n, d in logs.items()]


def test_a_silent_vehicle_and_absurd_numbers_end_it() -> None:
    for machine in (LogList(VEHICLE, AUTOPILOT), LogRead(VEHICLE, AUTOPILOT, LogEntry(1, 900, 0))):
        now_s, ended = 0.0, list[object]()
        while not ended and now_s < 100:
            ended = list(machine.poll(now_s)[1])
            now_s += 0.5
        assert isinstance(ended[0], LogFailed)
    listing = LogList(VEHICLE, AUTOPILOT)
    listing.poll(0.0)
    many = vehicle.says(dialect.MAVLink_log_entry_message(1, 65_535, 65_535, 0, 1))
    (failed,) = listing.receive(many, 0.0)[1]
    assert isinstance(failed, LogFailed)


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.integers(0, 2**32 - 1),
            st.integers(0, 255),
            st.binary(max_size=90),
        ),
        max_size=20,
    )
)
def test_hostile_chunks_never_upset_it(chunks: list[tuple[int, int, int, bytes]]) -> None:
    machine = LogRead(VEHICLE, AUTOPILOT, LogEntry(1, 1_000, 0))
    machine.poll(0.0)
    for number, offset, count, data in chunks:
        said = vehicle.says(
            dialect.MAVLink_log_data_message(number, offset, count, list(data.ljust(90, b"\0")))
        )
        machine.receive(said, 0.1)
        machine.poll(0.2)
