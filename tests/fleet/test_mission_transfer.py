"""A mission arrives whole or the transfer fails: loss, repeats and disorder never fake success."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect
from fleet.protocol.fence_items import (
    FENCE,
    CircleFence,
    PolygonFence,
    fence_items,
    rally_items,
)
from fleet.protocol.mission import (
    MissionClear,
    MissionDownload,
    MissionUpload,
    MissionWrite,
    TransferDone,
    TransferFailed,
    first_difference,
)
from fleet.protocol.transfer import item_message, total_time_s
from mission_plans.formats.mission_items import MissionItem
from mission_plans.ground.geodesy import destination
from mission_plans.values.plan import GeoPoint
from tests.fleet.lossy_channel import play
from tests.fleet.mission_model import ModelVehicle
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

them = Side(VEHICLE)


def mission(count: int) -> list[MissionItem]:
    return [
        MissionItem(
            seq=seq, frame=0, command=16, x=249_478_000 + seq, y=1_026_108_000, z=2_300.0 + seq
        )
        for seq in range(count)
    ]


def carried(item: MissionItem, **changes: int) -> Message:
    changed = item.model_copy(update=changes)
    return them.says(item_message(changed, GCS_SYSTEM, GCS_COMPONENT, 0))


def holds(vehicle: ModelVehicle, items: list[MissionItem]) -> bool:
    return [(m.seq, m.x, m.z) for m in vehicle.items] == [(i.seq, i.x, i.z) for i in items]


def ack(result: int, mission_type: int = 0) -> Message:
    answer = dialect.MAVLink_mission_ack_message(GCS_SYSTEM, GCS_COMPONENT, result, mission_type)
    return them.says(answer)


def request(seq: int) -> Message:
    return them.says(dialect.MAVLink_mission_request_message(GCS_SYSTEM, GCS_COMPONENT, seq))


def asked_for_all(upload: MissionUpload, count: int, now_s: float = 0.0) -> None:
    upload.poll(now_s)
    for seq in range(count):
        upload.receive(request(seq), now_s)


def run_out(machine: MissionUpload | MissionDownload, from_s: float) -> tuple[float, str]:
    """Let time pass without an answer; return when and how it ended."""
    now_s = from_s
    while now_s < from_s + 10_000:
        _, events = machine.poll(now_s)
        if events:
            assert isinstance(events[0], TransferFailed)
            return now_s - from_s, events[0].code
        now_s += 0.05
    raise AssertionError("it never ended")


# --- convergence ----------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(4))
def test_every_upload_converges_where_30_percent_are_lost_both_ways(part: int) -> None:
    for seed in range(part * 50, part * 50 + 50):
        rng = random.Random(seed)
        items = mission(rng.randint(1, 120))
        vehicle = ModelVehicle()
        if rng.random() < 0.5:
            vehicle.items = [carried(i, x=i.x - 77) for i in mission(rng.randint(1, 60))]
        result, took_s = play(MissionWrite(VEHICLE, AUTOPILOT, items), vehicle, rng, 0.3)
        assert isinstance(result, TransferDone), f"seed {seed}: {result}"
        assert holds(vehicle, items), f"seed {seed}: falsely confirmed"
        assert took_s < 2 * total_time_s(len(items))


@settings(max_examples=40)
@given(
    count=st.integers(1, 25),
    loss=st.sampled_from([0.0, 0.1, 0.3, 0.9]),
    seed=st.integers(0, 10_000),
)
def test_an_upload_is_whole_or_it_fails(count: int, loss: float, seed: int) -> None:
    items = mission(count)
    vehicle = ModelVehicle()
    result, took_s = play(
        MissionUpload(VEHICLE, AUTOPILOT, items), vehicle, random.Random(seed), loss
    )
    assert result is not None
    assert took_s <= total_time_s(count) + 1
    if isinstance(result, TransferDone):
        assert holds(vehicle, items)
    if loss == 0.0:
        # Only the acknowledgement of a repeated last item may come before the right one.
        assert isinstance(result, TransferDone) or result.code == "unacknowledged"
        assert holds(vehicle, items)


@settings(max_examples=40)
@given(
    count=st.integers(1, 25),
    loss=st.sampled_from([0.0, 0.1, 0.3]),
    seed=st.integers(0, 10_000),
)
def test_what_is_read_back_is_what_is_there(count: int, loss: float, seed: int) -> None:
    items = mission(count)
    vehicle = ModelVehicle()
    quiet = random.Random(0)
    play(MissionWrite(VEHICLE, AUTOPILOT, items), vehicle, quiet, 0.0)
    result, _ = play(MissionDownload(VEHICLE, AUTOPILOT), vehicle, random.Random(seed), loss)
    assert isinstance(result, TransferDone)
    assert first_difference(items, result.items) is None


@settings(max_examples=20)
@given(mission_type=st.sampled_from([1, 2]), seed=st.integers(0, 10_000))
def test_fences_and_rally_points_go_the_same_way(mission_type: int, seed: int) -> None:
    command = dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION if mission_type == 1 else 5100
    items = [i.model_copy(update={"command": command, "param1": 20.0}) for i in mission(7)]
    vehicle, other = ModelVehicle(mission_type), ModelVehicle()
    rng = random.Random(seed)
    write = MissionWrite(VEHICLE, AUTOPILOT, items, mission_type)
    result, _ = play(write, vehicle, rng, 0.2, watch=lambda m: other.receive(m, 0.0) and None)
    assert isinstance(result, TransferDone)
    assert holds(vehicle, items)
    assert other.items == []
    cleared, _ = play(MissionClear(VEHICLE, AUTOPILOT, mission_type), vehicle, rng, 0.2)
    assert cleared == TransferDone(())
    assert vehicle.items == []


@pytest.mark.parametrize("mission_type", [1, 2])
def test_every_fence_and_rally_converges_where_30_percent_are_lost_both_ways(
    mission_type: int,
) -> None:
    for seed in range(40):
        rng = random.Random(seed)
        place = GeoPoint(lat_deg=24.9478, lon_deg=102.6108)
        if mission_type == FENCE:
            corners = [destination(place, 12 * n, 900) for n in range(30)]
            discs = [CircleFence(place, 20, inclusion=False)] * rng.randint(0, 20)
            items = fence_items([PolygonFence(corners, inclusion=True), *discs])
        else:
            # None given is an upload too: it takes away those of the sortie before.
            items = rally_items([(place, 40.0)] * rng.choice([0, 1, 9]))
        vehicle = ModelVehicle(mission_type)
        old = item_message(mission(1)[0], GCS_SYSTEM, GCS_COMPONENT, mission_type)
        vehicle.items = [them.says(old)] * rng.randint(0, 30)
        write = MissionWrite(VEHICLE, AUTOPILOT, items, mission_type)
        result, _ = play(write, vehicle, rng, 0.3)
        assert isinstance(result, TransferDone), f"seed {seed}: {result}"
        assert holds(vehicle, items), f"seed {seed}: falsely confirmed"


class ForgetfulVehicle(ModelVehicle):
    """ArduCopter 4.0.7: an acknowledged fence is not there, or counts items that it can't give."""

    def __init__(self, forgets: int, *, counts: bool) -> None:
        super().__init__(FENCE)
        self.forgets = forgets
        self._counts = counts

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if message.get_type() == "MISSION_COUNT":
            self.forgets -= 1
        asked = message.get_type() in ("MISSION_REQUEST_LIST", "MISSION_REQUEST_INT")
        if self.forgets < 0 or not asked:
            return super().receive(message, now_s)
        if message.get_type() == "MISSION_REQUEST_LIST":
            count = len(self.items) if self._counts else 0
            them = (GCS_SYSTEM, GCS_COMPONENT)
            return [dialect.MAVLink_mission_count_message(*them, count, FENCE)]
        return [ack(dialect.MAV_MISSION_ERROR, FENCE)]


@pytest.mark.parametrize("counts", [True, False])
def test_a_fence_that_is_acknowledged_but_not_there_is_sent_again(counts: bool) -> None:
    place = GeoPoint(lat_deg=24.9478, lon_deg=102.6108)
    items = fence_items([CircleFence(place, 20, inclusion=False)] * 3)
    for forgets, seed in itertools.product((1, 2, 4), range(5)):
        vehicle = ForgetfulVehicle(forgets, counts=counts)
        write = MissionWrite(VEHICLE, AUTOPILOT, items, FENCE)
        result, took_s = play(write, vehicle, random.Random(seed), 0.0)
        assert isinstance(result, TransferDone), f"seed {seed}: {result}"
        assert took_s < 20 * forgets
    never = MissionWrite(VEHICLE, AUTOPILOT, items, FENCE)
    result, _ = play(never, ForgetfulVehicle(99, counts=counts), random.Random(1), 0.0)
    assert isinstance(result, TransferFailed)
    assert result.code == ("refused" if counts else "read_back_differs")


# --- the final acknowledgement --------------------------------------------------------------------


def test_a_lost_final_acknowledgement_is_not_told_as_refused() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    asked_for_all(upload, 3)
    out, _ = upload.poll(0.3)
    assert [m.seq for m in out] == [2], "the vehicle is nudged by the last item"
    # ArduPilot is in no upload any more and calls the nudge an error.
    _, events = upload.receive(ack(dialect.MAV_MISSION_ERROR), 0.4)
    assert [e.code for e in events if isinstance(e, TransferFailed)] == ["unacknowledged"]


def test_a_vehicle_silent_at_the_end_leaves_it_open_what_it_holds() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    asked_for_all(upload, 3)
    took_s, code = run_out(upload, 0.0)
    assert code == "unacknowledged"
    assert took_s <= 9.0


@pytest.mark.parametrize("kept", [3, 2])
def test_the_read_back_decides_what_an_unacknowledged_upload_did(kept: int) -> None:
    items = mission(3)
    write = MissionWrite(VEHICLE, AUTOPILOT, items)
    write.poll(0.0)
    for seq in range(3):
        write.receive(request(seq), 0.0)
    out, events = write.receive(ack(dialect.MAV_MISSION_ERROR), 0.1)
    assert events == []
    assert [m.get_type() for m in out] == ["MISSION_REQUEST_LIST"]
    vehicle = ModelVehicle()
    vehicle.items = [carried(i) for i in items[:kept]]
    result, _ = play(write, vehicle, random.Random(1), 0.0, start_s=0.2)
    # What is missing is sent once more.
    assert isinstance(result, TransferDone)
    assert holds(vehicle, items)


def test_an_acknowledgement_of_an_older_upload_confirms_nothing() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    upload.poll(0.0)
    assert upload.receive(ack(0), 0.1) == ([], [])
    upload.receive(request(2), 0.2)
    assert upload.receive(ack(0), 0.3) == ([], [])
    upload.receive(request(0), 0.4)
    upload.receive(request(1), 0.5)
    assert upload.receive(ack(0), 0.6)[1] == [TransferDone(tuple(mission(3)))]


# --- refusals, cancelling, giving up --------------------------------------------------------------


def test_a_refused_upload_says_why() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    upload.poll(0.0)
    _, events = upload.receive(ack(dialect.MAV_MISSION_NO_SPACE), 0.1)
    assert events == [TransferFailed("refused", "MAV_MISSION_NO_SPACE")]


def test_an_upload_given_up_by_the_vehicle_begins_again_but_not_for_ever() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    upload.poll(0.0)
    counts = 0
    for attempt in range(20):
        upload.receive(request(0), attempt)
        out, events = upload.receive(ack(dialect.MAV_MISSION_OPERATION_CANCELLED), attempt)
        if events:
            assert [e.code for e in events if isinstance(e, TransferFailed)] == ["timeout"]
            break
        assert [m.get_type() for m in out] == ["MISSION_COUNT"]
        # A copy of the same message must not begin yet another one.
        assert upload.receive(ack(dialect.MAV_MISSION_OPERATION_CANCELLED), attempt) == ([], [])
        counts += 1
    assert counts == 5


def test_a_vehicle_that_asks_for_one_item_for_ever_is_left() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(120))
    upload.poll(0.0)
    answers, now_s, events = 0, 0.0, []
    while not events:
        now_s += 0.2
        assert now_s < 60
        out, events = upload.receive(request(5), now_s)
        answers += len(out)
        upload.poll(now_s)
    assert [e.code for e in events if isinstance(e, TransferFailed)] == ["stuck"]
    assert answers == 60


def test_a_vehicle_that_wanders_about_for_ever_is_left_when_the_time_is_over() -> None:
    rng = random.Random(3)
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(120))
    now_s, events = 0.0, []
    while not events:
        _, events = upload.poll(now_s)
        now_s += 0.1
        if not events and round(now_s * 10) % 10 == 0:
            _, events = upload.receive(request(rng.randrange(119)), now_s)
        assert now_s < total_time_s(120) + 1
    assert [e.code for e in events if isinstance(e, TransferFailed)] == ["timeout"]


def test_a_few_requests_of_an_older_upload_do_no_harm() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    upload.poll(0.0)
    assert upload.receive(request(70), 0.1) == ([], [])
    events = [e for _ in range(9) for e in upload.receive(request(70), 0.2)[1]]
    assert [e.code for e in events if isinstance(e, TransferFailed)] == ["bad_item"]


def test_a_dead_link_ends_a_transfer_soon() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    out, _ = upload.poll(0.0)
    assert len(out) == 1
    took_s, code = run_out(upload, 0.01)
    assert (round(took_s), code) == (9, "timeout")
    took_s, code = run_out(MissionDownload(VEHICLE, AUTOPILOT), 0.0)
    assert (round(took_s), code) == (18, "timeout")


def test_a_cancelled_upload_tells_the_vehicle_and_answers_nothing_more() -> None:
    upload = MissionUpload(VEHICLE, AUTOPILOT, mission(3))
    upload.poll(0.0)
    upload.receive(request(0), 0.1)
    out, events = upload.cancel()
    assert [m.type for m in out] == [dialect.MAV_MISSION_OPERATION_CANCELLED]
    assert events == [TransferFailed("cancelled", "the upload was cancelled")]
    assert upload.receive(request(1), 0.2) == ([], [])
    assert upload.poll(99.0) == ([], [])
    assert upload.cancel() == ([], [])


def test_complaints_about_the_upload_before_do_not_end_a_download() -> None:
    download = MissionDownload(VEHICLE, AUTOPILOT)
    download.poll(0.0)
    assert download.receive(ack(dialect.MAV_MISSION_ERROR), 0.1) == ([], [])
    assert run_out(download, 0.2)[1] == "refused"
    download = MissionDownload(VEHICLE, AUTOPILOT)
    download.poll(0.0)
    _, events = download.receive(ack(dialect.MAV_MISSION_UNSUPPORTED), 0.1)
    assert events == [TransferFailed("refused", "MAV_MISSION_UNSUPPORTED")]


def test_a_mission_changed_while_it_is_read_is_read_again() -> None:
    download = MissionDownload(VEHICLE, AUTOPILOT)
    download.poll(0.0)

    def count(number: int) -> Message:
        return them.says(dialect.MAVLink_mission_count_message(GCS_SYSTEM, GCS_COMPONENT, number))

    items = mission(3)
    told = [carried(i) for i in items]
    download.receive(count(3), 0.1)
    download.receive(told[0], 0.2)
    assert download.receive(count(3), 0.3) == ([], [])
    out, _ = download.receive(count(2), 0.4)
    assert [m.seq for m in out] == [0]
    download.receive(told[0], 0.5)
    _, events = download.receive(told[1], 0.6)
    assert [len(e.items) for e in events if isinstance(e, TransferDone)] == [2]


def test_clearing_is_asked_for_until_it_is_acknowledged_or_refused() -> None:
    clear = MissionClear(VEHICLE, AUTOPILOT)
    assert clear.receive(ack(0), 0.0) == ([], []), "an answer to nothing of ours"
    sent = [m for tenth in range(40) for m in clear.poll(tenth / 10)[0]]
    assert [m.get_type() for m in sent] == ["MISSION_CLEAR_ALL"] * 5
    assert clear.receive(ack(dialect.MAV_MISSION_ERROR), 4.0)[1] == [
        TransferFailed("refused", "MAV_MISSION_ERROR")
    ]
    silent = MissionClear(VEHICLE, AUTOPILOT)
    ends = [e for tenth in range(100) for e in silent.poll(tenth / 10)[1]]
    assert [e.code for e in ends if isinstance(e, TransferFailed)] == ["timeout"]
