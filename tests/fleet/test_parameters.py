"""Parameters: everything is fetched or it is said what is missing; a set value is confirmed."""

import math
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect
from fleet.protocol.parameter import ParameterRead, ParameterResult, ParameterSet
from fleet.protocol.parameter_fetch import ParameterFetch, Parameters
from fleet.protocol.parameter_value import ParameterValue, wire_value
from mission_plans.formats.parameter_file import ParameterDifference, as_float32, differences
from tests.fleet.lossy_channel import Machine, play
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

vehicle = Side(VEHICLE)
us = Side(GCS_SYSTEM, GCS_COMPONENT)
REAL32, INT16, UINT32 = (
    dialect.MAV_PARAM_TYPE_REAL32,
    dialect.MAV_PARAM_TYPE_INT16,
    dialect.MAV_PARAM_TYPE_UINT32,
)


def told(name: str, value: float, index: int = 0, count: int = 1, kind: int = REAL32) -> Message:
    return vehicle.says(
        dialect.MAVLink_param_value_message(name.encode(), value, kind, count, index)
    )


class ModelParameters:
    """ArduPilot's side: a list told by and by, single ones by index or name, silence otherwise."""

    def __init__(self, count: int) -> None:
        self.values = {f"P_{i:04d}": float(i) for i in range(count)}
        self._to_tell: list[int] = []

    def receive(self, message: Message, now_s: float) -> list[Message]:
        match message.get_type():
            case "PARAM_REQUEST_LIST":
                self._to_tell = list(range(len(self.values)))
            case "PARAM_REQUEST_READ":
                names = list(self.values)
                index = message.param_index
                if index < 0:
                    index = names.index(message.param_id) if message.param_id in names else -1
                if 0 <= index < len(names):
                    return [self._value(index)]
            case "PARAM_SET" if message.param_id in self.values:
                self.values[message.param_id] = message.param_value
                return [self._value(list(self.values).index(message.param_id), 65_535)]
            case _:
                pass
        return []

    def poll(self, now_s: float) -> list[Message]:
        now, self._to_tell = self._to_tell[:20], self._to_tell[20:]
        return [self._value(index) for index in now]

    def _value(self, index: int, told_as: int | None = None) -> Message:
        name = list(self.values)[index]
        return dialect.MAVLink_param_value_message(
            name.encode(), self.values[name], REAL32, len(self.values),
            index if told_as is None else told_as,
        )  # fmt: skip


class Timed:
    """Gives a machine that needs no time on receipt the face of those that do."""

    def __init__(self, machine: ParameterSet | ParameterRead) -> None:
        self._machine = machine

    def receive(
        self, message: Message, now_s: float
    ) -> tuple[list[Message], list[ParameterResult | ParameterValue | None]]:
        return [], list(self._machine.receive(message))

    def poll(
        self, now_s: float
    ) -> tuple[list[Message], list[ParameterResult | ParameterValue | None]]:
        out, events = self._machine.poll(now_s)
        return out, list(events)


class Fetching:
    """A fetch with the face of a machine."""

    def __init__(self, fetch: ParameterFetch) -> None:
        self.fetch = fetch

    def receive(self, message: Message, now_s: float) -> tuple[list[Message], list[Parameters]]:
        return [], self.fetch.receive(message, now_s)

    def poll(self, now_s: float) -> tuple[list[Message], list[Parameters]]:
        return self.fetch.poll(now_s)


def fetched(machine: Machine[Parameters], model: ModelParameters, seed: int, loss: float):
    result, took_s = play(machine, model, random.Random(seed), loss)
    assert result is not None
    return result, took_s


# --- fetch ----------------------------------------------------------------------------------------


@settings(max_examples=10)
@given(
    count=st.sampled_from([1, 9, 10, 11, 60]),
    loss=st.sampled_from([0.0, 0.1, 0.3, 0.6]),
    seed=st.integers(0, 10_000),
)
def test_a_fetch_brings_everything_or_says_that_it_did_not(
    count: int, loss: float, seed: int
) -> None:
    model = ModelParameters(count)
    result, took_s = fetched(Fetching(ParameterFetch(VEHICLE, AUTOPILOT)), model, seed, loss)
    assert result.whole == (len(result.values) == count)
    assert all(v.value == model.values[name] for name, v in result.values.items())
    assert took_s < 310
    if loss == 0.0:
        assert result.whole


def test_a_fetch_converges_where_30_percent_are_lost_both_ways() -> None:
    for seed in range(15):
        model = ModelParameters(200)
        result, took_s = fetched(Fetching(ParameterFetch(VEHICLE, AUTOPILOT)), model, seed, 0.3)
        assert result.whole, f"seed {seed}: {result.error}, {result.missing} missing"
        assert took_s < 60


def test_no_fetch_of_many_is_given_up_where_30_percent_are_lost_both_ways() -> None:
    for seed in range(1_000):
        fetch = Fetching(ParameterFetch(VEHICLE, AUTOPILOT))
        result, _ = fetched(fetch, ModelParameters(5), seed, 0.3)
        assert result.whole, f"seed {seed}: {result.error}, {result.missing} missing"


def test_gaps_are_asked_for_by_index_in_batches_of_ten() -> None:
    fetch = ParameterFetch(VEHICLE, AUTOPILOT)
    assert [m.get_type() for m in fetch.poll(0.0)[0]] == ["PARAM_REQUEST_LIST"]
    for index in range(0, 50, 2):
        fetch.receive(told(f"P{index}", 1.0, index, 50), 0.1)
    assert fetch.progress == (25, 50)
    assert fetch.poll(1.0) == ([], []), "the list may still be coming"
    out, _ = fetch.poll(1.2)
    assert [m.param_index for m in out] == list(range(1, 21, 2))
    for index in range(1, 21, 2):
        fetch.receive(told(f"P{index}", 1.0, index, 50), 1.3)
    out, _ = fetch.poll(1.3)
    assert [m.param_index for m in out] == list(range(21, 41, 2)), "no waiting when all came"


def test_a_count_that_changes_begins_the_fetch_again_but_not_for_ever() -> None:
    fetch = ParameterFetch(VEHICLE, AUTOPILOT)
    fetch.poll(0.0)
    fetch.receive(told("OLD", 1.0, 0, 2), 0.1)
    assert fetch.receive(told("NEW_A", 2.0, 1, 3), 0.2) == []
    assert [m.get_type() for m in fetch.poll(0.3)[0]] == ["PARAM_REQUEST_LIST"]
    ends: list[Parameters] = []
    for index, name in enumerate(["FIRST", "NEW_A", "NEW_B"]):
        ends += fetch.receive(told(name, 2.0, index, 3), 0.4)
    assert [sorted(end.values) for end in ends] == [["FIRST", "NEW_A", "NEW_B"]]
    restless = ParameterFetch(VEHICLE, AUTOPILOT)
    ends, count = [], 2
    while not ends:
        restless.poll(float(count))
        ends = restless.receive(told("P", 1.0, 0, count), float(count))
        count += 1
    assert ends[0].error is not None
    assert "changing" in ends[0].error


def test_a_silent_vehicle_ends_the_fetch() -> None:
    fetch = ParameterFetch(VEHICLE, AUTOPILOT)
    sent, ends, now_s = 0, [], 0.0
    while not ends:
        out, ends = fetch.poll(now_s)
        sent += len(out)
        now_s += 0.5
    assert sent == 10
    assert now_s == 34.5
    assert not ends[0].whole
    falling_silent = ParameterFetch(VEHICLE, AUTOPILOT)
    falling_silent.poll(0.0)
    falling_silent.receive(told("A", 1.0, 0, 1_365), 0.1)
    ends, now_s = [], 0.1
    while not ends:
        _, ends = falling_silent.poll(now_s)
        now_s += 0.5
    assert now_s < 22
    assert ends[0].missing == 1_364


def test_a_value_set_meanwhile_replaces_the_listed_one() -> None:
    fetch = ParameterFetch(VEHICLE, AUTOPILOT)
    fetch.poll(0.0)
    fetch.receive(told("A", 1.0, 0, 2), 0.1)
    fetch.receive(told("A", 5.0, 65_535, 2), 0.2)
    (end,) = fetch.receive(told("B", 2.0, 1, 2), 0.3)
    assert {name: v.value for name, v in end.values.items()} == {"A": 5.0, "B": 2.0}


def test_a_set_with_the_vehicles_hash_is_not_fetched_again() -> None:
    bits = struct.unpack("<f", struct.pack("<I", 0x3FA1_B2C3))[0]
    first = ParameterFetch(VEHICLE, AUTOPILOT, bytewise=True)
    first.poll(0.0)
    first.receive(told("_HASH_CHECK", bits, 65_535, 1, UINT32), 0.1)
    (whole,) = first.receive(told("A", 1.0, 0, 1), 0.2)
    assert whole.hash == 0x3FA1_B2C3
    again = ParameterFetch(VEHICLE, AUTOPILOT, whole)
    assert [m.param_id for m in again.poll(0.0)[0]] == ["_HASH_CHECK"]
    assert again.receive(told("_HASH_CHECK", bits, 65_535, 1, UINT32), 0.1) == [whole]
    changed = ParameterFetch(VEHICLE, AUTOPILOT, whole)
    changed.poll(0.0)
    assert changed.receive(told("_HASH_CHECK", 7.0, 65_535, 1, UINT32), 0.1) == []
    assert [m.get_type() for m in changed.poll(0.1)[0]] == ["PARAM_REQUEST_LIST"]
    # ArduPilot has no hash: after two tries the list is asked for.
    silent = ParameterFetch(VEHICLE, AUTOPILOT, whole)
    kinds = [m.get_type() for tenth in range(25) for m in silent.poll(tenth / 10)[0]]
    assert kinds == ["PARAM_REQUEST_READ"] * 2 + ["PARAM_REQUEST_LIST"]


@given(
    st.lists(
        st.tuples(
            st.text("AB_0", max_size=16),
            st.floats(width=32),
            st.integers(0, 65_535),
            st.integers(0, 65_535),
            st.integers(0, 255),
        ),
        max_size=30,
    )
)
def test_hostile_values_never_upset_a_fetch(
    said: list[tuple[str, float, int, int, int]],
) -> None:
    fetch = ParameterFetch(VEHICLE, AUTOPILOT)
    fetch.poll(0.0)
    ends = 0
    for step, (name, value, index, count, kind) in enumerate(said):
        ends += len(fetch.receive(told(name, value, index, count, kind), step / 10))
        ends += len(fetch.poll(step / 10)[1])
    assert ends <= 1


# --- set and read ---------------------------------------------------------------------------------


@settings(max_examples=40)
@given(value=st.floats(-1e9, 1e9), seed=st.integers(0, 1_000), loss=st.sampled_from([0.0, 0.3]))
def test_a_set_value_is_confirmed_only_if_the_vehicle_holds_it(
    value: float, seed: int, loss: float
) -> None:
    model = ModelParameters(5)
    machine = Timed(ParameterSet(VEHICLE, AUTOPILOT, "P_0003", value))
    result, _ = play(machine, model, random.Random(seed), loss)
    assert isinstance(result, ParameterResult)
    if result.confirmed:
        assert model.values["P_0003"] == as_float32(value)
    if loss == 0.0:
        assert result.confirmed


def test_few_of_many_settings_stay_without_answer_where_30_percent_are_lost_both_ways() -> None:
    machines = (
        lambda: ParameterSet(VEHICLE, AUTOPILOT, "P_0003", 7.0),
        lambda: ParameterRead(VEHICLE, AUTOPILOT, "P_0003"),
    )
    for machine in machines:
        ends = [
            play(Timed(machine()), ModelParameters(5), random.Random(seed), 0.3)[0]
            for seed in range(500)
        ]
        unanswered = [e for e in ends if e is None or getattr(e, "confirmed", True) is False]
        assert len(unanswered) <= 2


def test_nearly_the_wanted_value_is_not_confirmed() -> None:
    assert ParameterResult("P", 1_500.0, 1_500.0).confirmed
    assert ParameterResult("P", as_float32(0.1), 0.1).confirmed
    assert ParameterResult("P", 100_000_000.0, 99_999_999.0).confirmed, "the wire has no more"
    assert not ParameterResult("P", 1_500.0, 1_500.1).confirmed
    assert not ParameterResult("P", None, 0.0).confirmed


def test_a_whole_number_parameter_cuts_off_the_rest_and_is_told() -> None:
    setting = ParameterSet(VEHICLE, AUTOPILOT, "RTL_ALT", 1_500.7)
    now_s, results = 0.0, []
    while not results:
        setting.poll(now_s)
        results = setting.receive(told("RTL_ALT", 1_500.0, kind=INT16))
        now_s += 1.0
    assert not results[0].confirmed
    assert results[0].value == 1_500.0


def test_an_unknown_name_is_met_with_silence_and_told_as_such() -> None:
    model = ModelParameters(3)
    setting = Timed(ParameterSet(VEHICLE, AUTOPILOT, "NO_SUCH", 1.0))
    result, took_s = play(setting, model, random.Random(0), 0.0)
    assert result == ParameterResult("NO_SUCH", None, 1.0)
    assert 4.7 <= took_s <= 5.5
    reading = Timed(ParameterRead(VEHICLE, AUTOPILOT, "NO_SUCH"))
    out, _ = reading.poll(0.0)
    assert out[0].param_index == -1
    ends = [e for tenth in range(60) for e in reading.poll(tenth / 10)[1]]
    assert ends == [None]


def test_one_parameter_is_read_by_name() -> None:
    result, _ = play(
        Timed(ParameterRead(VEHICLE, AUTOPILOT, "P_0002")),
        ModelParameters(4),
        random.Random(1),
        0.1,
    )
    assert result == ParameterValue("P_0002", 2.0, REAL32)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e39])
def test_what_is_no_number_is_not_sent(value: float) -> None:
    with pytest.raises(ValueError, match=r"can't be|too large"):
        ParameterSet(VEHICLE, AUTOPILOT, "P", value)
    with pytest.raises(ValueError, match="1 to 16"):
        ParameterSet(VEHICLE, AUTOPILOT, "A_NAME_OF_17_CHARS", 1.0)


@given(st.integers(-(2**15), 2**15 - 1))
def test_px4_gets_the_bytes_of_its_own_type(value: int) -> None:
    wire = wire_value(value, INT16, bytewise=True)
    back = ParameterValue.of(told("P", wire, kind=INT16), bytewise=True)
    assert back.value == value
    assert back.whole
    assert ParameterValue.of(told("P", float(value), kind=INT16)).value == value
    with pytest.raises(ValueError, match="fit"):
        wire_value(2**15, INT16, bytewise=True)


def test_sets_are_compared_by_name_as_the_wire_has_them() -> None:
    assert differences({"A": 0.1, "B": 1.0}, {"A": as_float32(0.1), "B": 1.0}) == []
    assert differences({"A": 1.0, "B": 1.0}, {"B": 2.0, "C": 3.0}) == [
        ParameterDifference("A", 1.0, None),
        ParameterDifference("B", 1.0, 2.0),
        ParameterDifference("C", None, 3.0),
    ]
