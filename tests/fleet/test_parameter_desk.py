"""What the desk makes of hostile aircraft, full disks, other autopilots and wrong wishes."""

import asyncio
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    DurableBody,
    LinkState,
    ParameterReport,
    ParametersChanged,
    ParameterWish,
    SetParameters,
    VehicleState,
)
from fleet.errands import Errands
from fleet.mavlink import Message, dialect
from fleet.parameter_desk import Autopilot, ParameterDesk
from fleet.parameter_rules import faults
from fleet.parameter_store import ParameterStore
from fleet.protocol.parameter_value import ParameterValue
from fleet.reports import Reports
from fleet.vehicle import RefusedError, Vehicle
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

aircraft = Side(VEHICLE)
REAL32, INT8, INT32 = 9, dialect.MAV_PARAM_TYPE_INT8, dialect.MAV_PARAM_TYPE_INT32
Answer = Callable[[Message], list[Message]]


class Told(Reports):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.messages: list[DurableBody] = []

    def tell(self, message: DurableBody) -> None:
        self.messages.append(message)

    @property
    def report(self) -> ParameterReport:
        return [m for m in self.messages if isinstance(m, ParameterReport)][-1]


class Bench:
    """A desk whose aircraft answers as a test says; its time runs quickly."""

    def __init__(self, folder: Path, answer: Answer, autopilot: Autopilot | None = None) -> None:
        self._answer = answer
        self._arriving: list[Message] = []
        self.told = Told()
        self.state = VehicleState(vehicle_id="XS-U1", t_ms=1, link=LinkState.LIVE)
        self.vehicle = Vehicle("XS-U1", VEHICLE, AUTOPILOT, self._send)
        self.errands = Errands(self._send)
        self.now_s = 0.0
        self.desk = ParameterDesk(
            self.vehicle, self.errands, ParameterStore(folder), self.told, lambda: self.state,
            lambda: autopilot or Autopilot("aa", 5_000, 0), lambda: 1_000_000 + int(self.now_s),
        )  # fmt: skip

    def _send(self, message: Message) -> None:
        self._arriving += self._answer(message)

    async def play(self, work: "asyncio.Task[str]") -> str:
        """Let time pass until the work has ended."""
        self.now_s = max(self.now_s, 1e6)  # Beyond the loop's clock, by which it began.
        for _ in range(20_000):
            await asyncio.sleep(0)
            if work.done():
                break
            arrived, self._arriving = self._arriving, []
            for message in arrived:
                heard = aircraft.says(message)
                self.vehicle.receive(heard, self.now_s, 0)
                self.desk.receive(heard, self.now_s)
                self.errands.receive(heard, self.now_s)
            self.vehicle.tick(self.now_s)
            self.errands.poll(self.now_s)
            self.now_s += 0.1
        assert work.done(), "it never ended"
        return work.result()

    async def fetch(self, *, again: bool = False) -> str:
        return await self.play(asyncio.create_task(self.desk.fetch(again=again)))

    async def set(self, *wishes: ParameterWish) -> str:
        order = SetParameters(vehicle_id="XS-U1", values=list(wishes))
        command = Command(id=new_id(), author="pilot", issued_ms=0, expires_ms=9, body=order)
        return await self.play(asyncio.create_task(self.desk.set(command, order)))


def value(name: bytes, number: float, index: int, count: int, kind: int = REAL32) -> Message:
    return dialect.MAVLink_param_value_message(name, number, kind, count, index)


def lists(*values: tuple[bytes, float]) -> Answer:
    def answer(asked: Message) -> list[Message]:
        if asked.get_type() != "PARAM_REQUEST_LIST":
            return []
        return [value(n, v, i, len(values)) for i, (n, v) in enumerate(values)]

    return answer


async def test_what_is_no_parameter_is_left_out_and_counted(tmp_path: Path) -> None:
    hostile = lists((b"GOOD", 1.0), (b"NAN", math.nan), (b"INF", math.inf), (b'A B;"', 1.0))
    bench = Bench(tmp_path, hostile)
    with pytest.raises(RefusedError) as refused:
        await bench.fetch()
    assert refused.value.code == "parameters_incomplete"
    assert [(v.name, v.value) for v in bench.told.report.values] == [("GOOD", 1.0)]
    assert bench.told.report.missing == 3


async def test_a_count_that_never_rests_and_a_list_that_never_ends_are_given_up(
    tmp_path: Path,
) -> None:
    counts = iter(range(1, 10**6))

    def unsteady(asked: Message) -> list[Message]:
        return [value(b"A", 1.0, 0, 2 + next(counts))]

    with pytest.raises(RefusedError):
        await Bench(tmp_path, unsteady).fetch()

    def endless(asked: Message) -> list[Message]:
        return [value(b"A", 1.0, 0, 9_000)]

    with pytest.raises(RefusedError) as refused:
        await Bench(tmp_path / "b", endless).fetch()
    assert refused.value.code in ("parameters_incomplete", "parameters_unread")


async def test_a_set_is_kept_for_the_same_autopilot_since_it_was_switched_on(
    tmp_path: Path,
) -> None:
    asked: list[Message] = []
    two = lists((b"A", 1.0), (b"B", 2.0))

    def answer(message: Message) -> list[Message]:
        asked.append(message)
        return two(message)

    first = Bench(tmp_path, answer, Autopilot("aa", 5_000, 0))
    await first.fetch()
    await first.fetch()
    assert len(asked) == 1
    # After a restart of the node: the same autopilot, another start of it, another autopilot.
    for autopilot, times in (
        (Autopilot("aa", 5_400, 0), 0),
        (Autopilot("aa", 95_000, 0), 1),
        (Autopilot("bb", 95_000, 0), 1),
        (Autopilot("", 95_000, 0), 1),
    ):
        asked.clear()
        await Bench(tmp_path, answer, autopilot).fetch()
        assert len(asked) == times, autopilot
    asked.clear()
    await first.fetch(again=True)
    assert len(asked) == 1


async def test_a_damaged_file_and_a_disk_that_refuses_only_mean_reading_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "XS-U1.json").write_text('{"hardware": 7')
    assert await Bench(tmp_path, lists((b"A", 1.0))).fetch()
    (tmp_path / "file").write_text("in the way")
    assert await Bench(tmp_path / "file", lists((b"A", 1.0))).fetch()


async def test_what_was_changed_before_one_failed_is_on_record(tmp_path: Path) -> None:
    held = {b"A": 1.0, b"B": 2.0}

    def answer(asked: Message) -> list[Message]:
        if asked.get_type() == "PARAM_REQUEST_READ":
            name = asked.param_id.encode()
            return [value(name, held[name], 0, 2)] if name in held else []
        if asked.get_type() == "PARAM_SET" and asked.param_id == "A":
            return [value(b"A", asked.param_value, 65_535, 2)]
        return [value(b"B", 2.0, 65_535, 2)]  # It takes no other value.

    bench = Bench(tmp_path, answer)
    with pytest.raises(RefusedError, match="changed: A"):
        await bench.set(ParameterWish(name="A", value=5), ParameterWish(name="B", value=5))
    (record,) = [m for m in bench.told.messages if isinstance(m, ParametersChanged)]
    assert [(c.name, c.old, c.new) for c in record.changes] == [("A", 1.0, 5.0)]


kinds = st.sampled_from([REAL32, *range(1, 7)])


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(width=32), kinds)
def test_what_passes_is_held_exactly_by_its_type(wanted: float, now: float, kind: int) -> None:
    wish = ParameterWish(name="A", value=wanted)
    if not faults([wish], {"A": ParameterValue("A", now, kind)}) and kind != REAL32:
        assert wanted == int(wanted)
        assert abs(wanted) <= 2**32


@pytest.mark.parametrize(
    ("wanted", "kind", "says"),
    [(128, INT8, "allowed"), (1.5, INT8, "whole"), (2**24 + 1, INT32, "exactly"),
     (1e39, REAL32, "no number")],
)  # fmt: skip
def test_what_does_not_fit_says_why(wanted: float, kind: int, says: str) -> None:
    wish = ParameterWish(name="A", value=wanted)
    ((_, en),) = faults([wish], {"A": ParameterValue("A", 0.0, kind)})
    assert says in en
    assert faults([wish, wish], {})[0][1] == "A stands there twice"
