"""A mission arrives whole or the transfer fails: loss, repeats and disorder never fake success."""

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect
from fleet.protocol.mission import (
    MissionDownload,
    MissionUpload,
    TransferDone,
    TransferFailed,
    first_difference,
)
from mission_plans.mission_items import MissionItem
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

us = Side(GCS_SYSTEM, GCS_COMPONENT)
them = Side(VEHICLE)


def mission(count: int) -> list[MissionItem]:
    return [
        MissionItem(
            seq=seq, frame=0, command=16, x=249_478_000 + seq, y=1_026_108_000, z=2_300.0 + seq
        )
        for seq in range(count)
    ]


class ModelVehicle:
    """Keeps a mission the way ArduPilot does: asks item by item, asks again after a second."""

    def __init__(self) -> None:
        self.items: list[Message] = []
        self.count: int | None = None
        self._asked_s = 0.0

    def receive(self, message: Message, now_s: float) -> list[Message]:
        kind = message.get_type()
        if kind == "MISSION_COUNT":
            self.items, self.count = [], message.count
            return self._ask(now_s)
        if kind == "MISSION_ITEM_INT" and self.count is not None:
            if message.seq != len(self.items):
                return [self._ack(dialect.MAV_MISSION_INVALID_SEQUENCE)]
            self.items.append(message)
            return self._ask(now_s)
        if kind == "MISSION_REQUEST_LIST":
            return [
                dialect.MAVLink_mission_count_message(GCS_SYSTEM, GCS_COMPONENT, len(self.items))
            ]
        if kind == "MISSION_REQUEST_INT" and message.seq < len(self.items):
            item = self.items[message.seq]
            return [
                dialect.MAVLink_mission_item_int_message(
                    GCS_SYSTEM, GCS_COMPONENT, item.seq, item.frame, item.command, 0, 1,
                    item.param1, item.param2, item.param3, item.param4, item.x, item.y, item.z,
                )
            ]  # fmt: skip
        return []

    def poll(self, now_s: float) -> list[Message]:
        if self.count is not None and now_s - self._asked_s >= 1.0:
            return self._ask(now_s)
        return []

    def _ask(self, now_s: float) -> list[Message]:
        self._asked_s = now_s
        if len(self.items) == self.count:
            self.count = None
            return [self._ack(dialect.MAV_MISSION_ACCEPTED)]
        return [dialect.MAVLink_mission_request_message(GCS_SYSTEM, GCS_COMPONENT, len(self.items))]

    @staticmethod
    def _ack(result: int) -> Message:
        return dialect.MAVLink_mission_ack_message(GCS_SYSTEM, GCS_COMPONENT, result)


def run(
    transfer: MissionUpload | MissionDownload,
    vehicle: ModelVehicle,
    rng: random.Random,
    loss: float,
) -> TransferDone | TransferFailed | None:
    """Play a transfer over a network that loses, repeats and reorders."""
    to_vehicle: list[Message] = []
    to_us: list[Message] = []

    def travel(messages: list[Message], side: Side, queue: list[Message]) -> None:
        for message in messages:
            for _ in range(rng.choices([1, 2], [9, 1])[0]):
                if rng.random() >= loss:
                    queue.insert(
                        rng.randint(max(0, len(queue) - 2), len(queue)), side.says(message)
                    )

    def end(events: list[TransferDone | TransferFailed]) -> TransferDone | TransferFailed | None:
        return events[0] if events else None

    for step in range(4_000):
        now_s = step * 0.05
        out, events = transfer.poll(now_s)
        travel(out, us, to_vehicle)
        if result := end(events):
            return result
        travel(vehicle.poll(now_s), them, to_us)
        if to_vehicle:
            travel(vehicle.receive(to_vehicle.pop(0), now_s), them, to_us)
        if to_us:
            out, events = transfer.receive(to_us.pop(0), now_s)
            travel(out, us, to_vehicle)
            if result := end(events):
                return result
    return None


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 25),
    loss=st.sampled_from([0.0, 0.1, 0.3, 0.9]),
    seed=st.integers(0, 10_000),
)
def test_an_upload_is_whole_or_it_fails(count: int, loss: float, seed: int) -> None:
    items = mission(count)
    vehicle = ModelVehicle()
    result = run(MissionUpload(VEHICLE, AUTOPILOT, items), vehicle, random.Random(seed), loss)
    assert result is not None
    if isinstance(result, TransferDone):
        assert [(m.seq, m.x, m.z) for m in vehicle.items] == [(i.seq, i.x, i.z) for i in items]
    if loss == 0.0:
        assert isinstance(result, TransferDone)


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 25),
    loss=st.sampled_from([0.0, 0.1, 0.3]),
    seed=st.integers(0, 10_000),
)
def test_what_is_read_back_is_what_is_there(count: int, loss: float, seed: int) -> None:
    items = mission(count)
    vehicle = ModelVehicle()
    quiet = random.Random(0)
    assert isinstance(
        run(MissionUpload(VEHICLE, AUTOPILOT, items), vehicle, quiet, 0.0), TransferDone
    )
    result = run(MissionDownload(VEHICLE, AUTOPILOT), vehicle, random.Random(seed), loss)
    assert result is not None
    if isinstance(result, TransferDone):
        assert first_difference(items, result.items) is None
    if loss == 0.0:
        assert isinstance(result, TransferDone)


def changed(change: Callable[[MissionItem], MissionItem]) -> str | None:
    items = mission(4)
    return first_difference(items, [*items[:2], change(items[2]), items[3]])


def test_read_back_notices_every_change_that_matters() -> None:
    assert changed(lambda i: i) is None
    assert "moved" in (changed(lambda i: i.model_copy(update={"x": i.x + 50})) or "")
    assert "altitude" in (changed(lambda i: i.model_copy(update={"z": i.z - 1})) or "")
    assert "frame" in (changed(lambda i: i.model_copy(update={"frame": 3})) or "")
    assert "command" in (changed(lambda i: i.model_copy(update={"command": 21})) or "")
    assert first_difference(mission(3), mission(2)) is not None


def test_a_refused_upload_says_why() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    upload.poll(0.0)
    refusal = dialect.MAVLink_mission_ack_message(
        GCS_SYSTEM, GCS_COMPONENT, dialect.MAV_MISSION_NO_SPACE
    )
    _, events = upload.receive(them.says(refusal), 0.1)
    assert events == [TransferFailed("refused", "MAV_MISSION_NO_SPACE")]
