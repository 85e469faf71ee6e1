"""Missions, parameters, streams and commands as the protocol probe measured them."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.sim_vehicle.cockpit import HOME, Cockpit

MISSION, FENCE, RALLY = 0, 1, 2
ACCEPTED, DENIED, UNSUPPORTED, FAILED = 0, 2, 3, 4


@pytest.fixture
def cockpit() -> Cockpit:
    cockpit = Cockpit()
    cockpit.ready()
    return cockpit


def waypoints(cockpit: Cockpit, count: int) -> list[Any]:
    lat, lon = HOME
    return [cockpit.item(n, 16, lat + n * 1e-5, lon, 20.0 + n) for n in range(count)]


def test_a_fresh_link_hears_only_heartbeats_texts_and_time() -> None:
    cockpit = Cockpit()
    cockpit.run(30.0)
    kinds = {m.get_type() for _, m in cockpit.log}
    assert kinds == {"HEARTBEAT", "STATUSTEXT", "TIMESYNC", "GPS_GLOBAL_ORIGIN", "HOME_POSITION"}
    assert 29 <= len(cockpit.of("HEARTBEAT")) <= 33


def test_unanswered_upload_is_asked_for_each_second_and_given_up_after_eight(
    cockpit: Cockpit,
) -> None:
    start_s, mark = cockpit.clock.time_s, len(cockpit.log)
    cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, 3, MISSION))
    cockpit.run(12.0)
    new = cockpit.log[mark:]
    asked = [t - start_s for t, m in new if m.get_type() == "MISSION_REQUEST"]
    assert asked == pytest.approx([0, 1, 2, 3, 4, 5, 6, 7], abs=0.05)
    assert {m.seq for _, m in new if m.get_type() == "MISSION_REQUEST"} == {0}
    ended = [(t - start_s, m.type) for t, m in new if m.get_type() == "MISSION_ACK"]
    assert ended == [(pytest.approx(8.0, abs=0.05), 15)]
    assert "Mission upload timeout" in cockpit.texts()


def test_item_out_of_order_is_refused_and_the_transfer_goes_on(cockpit: Cockpit) -> None:
    items = waypoints(cockpit, 3)
    cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, 3, MISSION))
    cockpit.send(items[2])
    assert cockpit.of("MISSION_ACK")[-1].type == mavlink.MAV_MISSION_INVALID_SEQUENCE
    for item in items:
        cockpit.send(item)
    assert cockpit.of("MISSION_ACK")[-1].type == ACCEPTED


def test_second_count_restarts_at_zero(cockpit: Cockpit) -> None:
    cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, 3, MISSION))
    cockpit.send(waypoints(cockpit, 3)[0])
    cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, 2, MISSION))
    assert [m.seq for m in cockpit.of("MISSION_REQUEST")] == [0, 1, 0]


@pytest.mark.parametrize("count", [651, 2000, 65535])
def test_too_many_items_have_no_space(cockpit: Cockpit, count: int) -> None:
    cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, count, MISSION))
    assert cockpit.of("MISSION_ACK")[-1].type == mavlink.MAV_MISSION_NO_SPACE
    assert cockpit.texts()[-1] == "Only 650 items are supported"


def test_count_zero_clears_and_item_zero_is_home(cockpit: Cockpit) -> None:
    assert cockpit.upload(waypoints(cockpit, 5)) == ACCEPTED
    cockpit.send(mavlink.MAVLink_mission_request_int_message(7, 1, 0, MISSION))
    home = cockpit.of("MISSION_ITEM_INT")[-1]
    assert (home.x, home.y, home.z) == (250000000, 1026600000, 1890.0)
    cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, 0, MISSION))
    assert cockpit.of("MISSION_ACK")[-1].type == ACCEPTED
    cockpit.send(mavlink.MAVLink_mission_request_list_message(7, 1, MISSION))
    assert cockpit.of("MISSION_COUNT")[-1].count == 0


@pytest.mark.parametrize("emptied", ["never filled", "cleared", "count 0"])
def test_home_is_read_also_from_an_empty_mission(cockpit: Cockpit, emptied: str) -> None:
    """ArduCopter counts 0 items and still answers item 0: dronekit's download asks for it."""
    if emptied != "never filled":
        assert cockpit.upload(waypoints(cockpit, 3)) == ACCEPTED
    if emptied == "cleared":
        cockpit.send(mavlink.MAVLink_mission_clear_all_message(7, 1, MISSION))
    elif emptied == "count 0":
        cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, 0, MISSION))
    cockpit.send(mavlink.MAVLink_mission_request_list_message(7, 1, MISSION))
    assert cockpit.of("MISSION_COUNT")[-1].count == 0
    mark = len(cockpit.log)
    cockpit.send(mavlink.MAVLink_mission_request_int_message(7, 1, 0, MISSION))
    cockpit.send(mavlink.MAVLink_mission_request_message(7, 1, 0, MISSION))
    exact, rough = (message for _, message in cockpit.log[mark:])
    assert exact.get_type() == "MISSION_ITEM_INT"
    assert (exact.command, exact.frame) == (16, mavlink.MAV_FRAME_GLOBAL)
    assert (exact.x, exact.y, exact.z) == (250000000, 1026600000, 1890.0)
    assert rough.get_type() == "MISSION_ITEM"
    assert (rough.x, rough.y) == pytest.approx(HOME, abs=1e-5)


def test_before_home_is_known_item_zero_is_nowhere() -> None:
    cockpit = Cockpit()
    cockpit.send(mavlink.MAVLink_mission_request_int_message(7, 1, 0, MISSION))
    home = cockpit.of("MISSION_ITEM_INT")[-1]
    assert (home.x, home.y, home.z) == (0, 0, 0.0)


def test_an_item_beyond_the_mission_is_refused_with_the_true_count(cockpit: Cockpit) -> None:
    mark = len(cockpit.log)
    cockpit.send(mavlink.MAVLink_mission_request_int_message(7, 1, 1, MISSION))
    count, refusal = (message for _, message in cockpit.log[mark:])
    assert (count.get_type(), count.count) == ("MISSION_COUNT", 0)
    assert (refusal.get_type(), refusal.type) == ("MISSION_ACK", mavlink.MAV_MISSION_ERROR)


def test_what_was_uploaded_reads_back_for_each_type(cockpit: Cockpit) -> None:
    lat, lon = HOME
    inclusion = mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION
    circle = mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION
    fence = [
        cockpit.item(n, inclusion, lat + a, lon + b, params=(3, 0, 0, 0), mission_type=FENCE)
        for n, (a, b) in enumerate([(0.01, 0.0), (-0.01, 0.01), (-0.01, -0.01)])
    ]
    fence.append(
        cockpit.item(3, circle, lat, lon + 0.005, params=(80, 0, 0, 0), mission_type=FENCE)
    )
    rally = [cockpit.item(0, 5100, lat, lon + 0.001, 30.0, mission_type=RALLY)]
    for kind, items in ((MISSION, waypoints(cockpit, 60)), (FENCE, fence), (RALLY, rally)):
        assert cockpit.upload(items, kind) == ACCEPTED
        cockpit.send(mavlink.MAVLink_mission_request_list_message(7, 1, kind))
        assert cockpit.of("MISSION_COUNT")[-1].count == len(items)
        for sent in items[1 if kind == MISSION else 0 :]:
            cockpit.send(mavlink.MAVLink_mission_request_int_message(7, 1, sent.seq, kind))
            got = cockpit.of("MISSION_ITEM_INT")[-1]
            assert (got.command, got.x, got.y) == (sent.command, sent.x, sent.y)
            assert (got.z, got.param1) == pytest.approx((sent.z, sent.param1))
    assert "Fence Indexed OK" in cockpit.texts()


def test_requests_that_make_no_sense_are_answered_with_errors(cockpit: Cockpit) -> None:
    cockpit.send(mavlink.MAVLink_mission_request_int_message(7, 1, 99, MISSION))
    assert cockpit.of("MISSION_ACK")[-1].type == mavlink.MAV_MISSION_ERROR
    cockpit.send(mavlink.MAVLink_mission_request_list_message(7, 1, 7))
    assert cockpit.of("MISSION_ACK")[-1].type == mavlink.MAV_MISSION_UNSUPPORTED
    bad = cockpit.item(1, 16, 91.0, 0.0, 10.0)
    assert cockpit.upload([cockpit.item(0, 16), bad]) == mavlink.MAV_MISSION_INVALID_PARAM5_X
    bad = cockpit.item(1, 16, *HOME, float("nan"))
    assert cockpit.upload([cockpit.item(0, 16), bad]) == mavlink.MAV_MISSION_INVALID_PARAM7
    bad = cockpit.item(1, 31999)
    assert cockpit.upload([cockpit.item(0, 16), bad]) == mavlink.MAV_MISSION_UNSUPPORTED


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_upload_survives_loss_and_duplicates(seed: int, count: int) -> None:
    random = Random(seed)
    cockpit = Cockpit()
    cockpit.ready()
    items = waypoints(cockpit, count)
    done: list[int] = []
    cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, count, MISSION))
    seen = len(cockpit.log)

    def serve() -> bool:
        nonlocal seen
        while seen < len(cockpit.log):
            message = cockpit.log[seen][1]
            seen += 1
            if message.get_type() == "MISSION_REQUEST" and random.random() > 0.3:
                for _ in range(1 if random.random() > 0.2 else 2):
                    if random.random() > 0.2:
                        cockpit.send(items[message.seq])
            elif message.get_type() == "MISSION_ACK":
                done.append(message.type)
        return ACCEPTED in done or 15 in done

    for _ in range(20):
        if cockpit.until(serve, 30.0) and ACCEPTED in done:
            break
        done.clear()
        cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, count, MISSION))
    assert ACCEPTED in done
    stored = cockpit.vehicle.pilot.mission.items
    assert [(i.x, i.y, i.z) for i in stored[1:]] == [(i.x, i.y, i.z) for i in items[1:]]


def test_parameters_are_listed_read_and_stored_unchecked(cockpit: Cockpit) -> None:
    cockpit.send(mavlink.MAVLink_param_request_list_message(7, 1))
    cockpit.run(2.0)
    values = {m.param_id: m for m in cockpit.of("PARAM_VALUE") if m.param_index != 65535}
    assert len(values) == next(iter(values.values())).param_count >= 1365
    assert values["RTL_ALT"].param_value == 1500
    for value, stored in [(-5, -5), (1500.7, 1500), (99999999, 100000000)]:
        cockpit.set("RTL_ALT", value)
        assert cockpit.of("PARAM_VALUE")[-1].param_value == stored
    mark = len(cockpit.log)
    cockpit.set("NO_SUCH_NAME", 1)
    cockpit.send(mavlink.MAVLink_param_request_read_message(7, 1, b"NO_SUCH_NAME", -1))
    cockpit.set("RTL_ALT", float("nan"))
    assert cockpit.log[mark:] == []
    cockpit.send(mavlink.MAVLink_param_request_read_message(7, 1, b"RTL_ALT", -1))
    assert cockpit.of("PARAM_VALUE")[-1].param_value == 100000000


def test_commands_are_acknowledged_as_probed(cockpit: Cockpit) -> None:
    assert cockpit.command(31999) == UNSUPPORTED
    assert cockpit.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 9999) == FAILED
    assert cockpit.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 148) == ACCEPTED
    assert cockpit.of("AUTOPILOT_VERSION")[-1].capabilities == 0xFBEF
    assert cockpit.command(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, 9999, 1e5) == DENIED
    assert cockpit.texts()[-1] == "No ap_message for mavlink id (9999)"
    assert cockpit.command(mavlink.MAV_CMD_GET_MESSAGE_INTERVAL, 30) == ACCEPTED
    assert cockpit.of("MESSAGE_INTERVAL")[-1].interval_us == -1
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 99) == FAILED
    assert cockpit.texts()[-1] == "No such mode 99"
    assert cockpit.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 20) == FAILED
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 3) == ACCEPTED
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == FAILED
    assert cockpit.texts()[-1] == "Arm: Mode requires mission"
    assert cockpit.command(mavlink.MAV_CMD_MISSION_START) == ACCEPTED
    cockpit.upload(waypoints(cockpit, 3))
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == FAILED
    assert cockpit.texts()[-1] == "Arm: AUTO mode not armable"
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0, 21196) == ACCEPTED


def test_addressing(cockpit: Cockpit) -> None:
    def answers(system: int, component: int) -> int:
        mark = len(cockpit.log)
        cockpit.send(mavlink.MAVLink_command_long_message(system, component, 512, 0, 148, *[0] * 6))
        return sum(m.get_type() == "COMMAND_ACK" for _, m in cockpit.log[mark:])

    assert [answers(7, 99), answers(0, 0), answers(77, 1)] == [1, 1, 0]


def test_arming_waits_for_the_position_in_modes_that_need_it() -> None:
    cockpit = Cockpit()
    cockpit.run(1.0)
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == FAILED
    cockpit.run(2.5)
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4) == ACCEPTED
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == FAILED
    assert cockpit.texts()[-1] == "Arm: Need Position Estimate"
    cockpit.stream("SYS_STATUS")
    cockpit.run(0.3)
    assert not cockpit.of("SYS_STATUS")[-1].onboard_control_sensors_health & 0x10000000
    cockpit.run(2.0)
    assert cockpit.of("SYS_STATUS")[-1].onboard_control_sensors_health & 0x10000000
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == ACCEPTED
    cockpit.run(11.0)
    assert not cockpit.armed, "armed and idle on the ground it disarms after DISARM_DELAY"


def test_disarming_in_flight_needs_force() -> None:
    cockpit = Cockpit()
    cockpit.fly_search(seconds=12.0)
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0) == FAILED
    assert cockpit.armed
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0, 21196) == ACCEPTED
    assert not cockpit.armed


def test_streams_come_at_their_rates(cockpit: Cockpit) -> None:
    cockpit.stream("ATTITUDE", hz=10)
    cockpit.send(mavlink.MAVLink_request_data_stream_message(7, 1, 6, 4, 1))
    mark = len(cockpit.log)
    cockpit.run(10.0)
    kinds = [m.get_type() for _, m in cockpit.log[mark:]]
    assert kinds.count("ATTITUDE") == pytest.approx(100, abs=2)
    assert kinds.count("GLOBAL_POSITION_INT") == pytest.approx(40, abs=2)


def test_timesync_echoes(cockpit: Cockpit) -> None:
    cockpit.send(mavlink.MAVLink_timesync_message(0, 123456789))
    reply = cockpit.of("TIMESYNC")[-1]
    assert reply.ts1 == 123456789
    assert reply.tc1 > 0


def test_long_texts_come_in_chunks(cockpit: Cockpit) -> None:
    words = "x" * 49 + "é" + "y" * 60
    cockpit.vehicle.pilot.say(6, words)
    chunks = cockpit.of("STATUSTEXT")[-3:]
    assert [c.chunk_seq for c in chunks] == [0, 1, 2]
    assert len({c.id for c in chunks}) == 1
    assert chunks[0].id != 0


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=300), max_size=8))
def test_random_bytes_never_stop_it(blocks: list[bytes]) -> None:
    cockpit = Cockpit()
    for block in blocks:
        cockpit.vehicle.receive(cockpit.link, block)
        cockpit.run(0.1)
    # An open frame of up to 280 bytes may still be waiting for its end.
    cockpit.vehicle.receive(cockpit.link, bytes(300))
    assert cockpit.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 148) == ACCEPTED


def _value(kind: str, length: int, draw: Any) -> Any:
    ranges = {
        "uint8_t": (0, 255),
        "int8_t": (-128, 127),
        "uint16_t": (0, 65535),
        "int16_t": (-32768, 32767),
        "uint32_t": (0, 2**32 - 1),
        "int32_t": (-(2**31), 2**31 - 1),
        "uint64_t": (0, 2**64 - 1),
        "int64_t": (-(2**63), 2**63 - 1),
    }
    if kind == "char":
        return draw(st.binary(min_size=length, max_size=length))
    if kind in ("float", "double"):
        number = st.floats(width=32) | st.sampled_from([0.0, 1.0, float("nan"), float("inf")])
    else:
        low, high = ranges[kind]
        number = st.integers(low, high) | st.sampled_from([max(low, 0), 1, 7, high])
    if length == 0:
        return draw(number)
    return [draw(number) for _ in range(length)]


HANDLED = [
    0,
    11,
    20,
    21,
    23,
    37,
    38,
    39,
    40,
    41,
    43,
    44,
    45,
    47,
    51,
    66,
    70,
    73,
    75,
    76,
    84,
    86,
    111,
    287,
]


@st.composite
def messages(draw: Any) -> Any:
    kind = draw(st.sampled_from(HANDLED))
    message_class = mavlink.mavlink_map[kind]
    fields = {}
    for name, field_type, length in zip(
        message_class.ordered_fieldnames,
        [message_class.fieldtypes[message_class.fieldnames.index(n)]
         for n in message_class.ordered_fieldnames],
        message_class.array_lengths,
        strict=True,
    ):  # fmt: skip
        fields[name] = _value(field_type, length, draw)
    if "target_system" in fields:
        fields["target_system"] = draw(st.sampled_from([0, 7, 7, 7, 9]))
    if kind in (75, 76):
        fields["command"] = draw(
            st.sampled_from([16, 20, 21, 22, 115, 176, 178, 179, 185, 192, 193, 195, 201, 205, 207,
                             224, 246, 300, 400, 401, 410, 420, 510, 511, 512, 520, 1000, 1001])
        )  # fmt: skip
    return message_class(**fields)


@settings(max_examples=30)
@given(st.lists(messages(), max_size=30), st.booleans())
def test_random_valid_messages_never_stop_it(stream: list[Any], flying: bool) -> None:
    cockpit = Cockpit()
    if flying:
        cockpit.fly_search(seconds=6.0)
    cockpit.stream("ATTITUDE", "GLOBAL_POSITION_INT", "SYS_STATUS", "BATTERY_STATUS")
    cockpit.stream("NAV_CONTROLLER_OUTPUT", "POSITION_TARGET_GLOBAL_INT", "TERRAIN_REPORT")
    for message in stream:
        cockpit.send(message)
        cockpit.run(0.2)
    cockpit.run(1.0)
    mark = len(cockpit.log)
    cockpit.run(2.0)
    kinds = {m.get_type() for _, m in cockpit.log[mark:]}
    assert "HEARTBEAT" in kinds
