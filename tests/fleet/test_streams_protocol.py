"""Telemetry is asked for until it comes, the older way where the newer is not known."""

from fleet.mavlink import Message, dialect
from fleet.protocol.streams import GROUPS, WANTED_HZ, StreamRequests
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

vehicle = Side(VEHICLE)
INTERVAL = dialect.MAV_CMD_SET_MESSAGE_INTERVAL
POSITION = dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT


def asked(streams: StreamRequests, start_s: float, end_s: float, hears: set[int]) -> list[Message]:
    out: list[Message] = []
    for twentieth in range(round(start_s * 20), round(end_s * 20)):
        for message_id in hears:
            streams.received(message_id, twentieth / 20)
        out += streams.poll(twentieth / 20)
    return out


def ack(result: int) -> Message:
    return vehicle.says(dialect.MAVLink_command_ack_message(INTERVAL, result, 0, 0, 255, 190))


def test_each_message_is_asked_for_once_and_left_alone_when_it_comes() -> None:
    streams = StreamRequests(VEHICLE, AUTOPILOT)
    out = asked(streams, 0.0, 1.9, set())
    assert [m.get_type() for m in out] == ["COMMAND_LONG"] * len(WANTED_HZ)
    assert {round(m.param1): round(1e6 / m.param2, 1) for m in out} == WANTED_HZ
    assert asked(streams, 1.9, 60.0, set(WANTED_HZ)) == []


def test_what_stays_away_is_also_asked_for_by_group() -> None:
    streams = StreamRequests(VEHICLE, AUTOPILOT)
    out = asked(streams, 0.0, 30.0, set(WANTED_HZ) - {POSITION})
    assert [m.get_type() for m in out[:4]] == ["COMMAND_LONG"] * 3 + ["REQUEST_DATA_STREAM"]
    assert out[3].req_stream_id == dialect.MAV_DATA_STREAM_POSITION
    assert (out[3].req_message_rate, out[3].start_stop) == (5, 1)
    assert out[4].get_type() == "COMMAND_LONG", "the newer way may only have been lost"


def test_an_autopilot_without_the_newer_command_is_asked_in_groups_at_once() -> None:
    streams = StreamRequests(VEHICLE, AUTOPILOT)
    asked(streams, 0.0, 1.0, set())
    streams.answered(ack(dialect.MAV_RESULT_DENIED))
    assert asked(streams, 1.0, 1.1, set())[0].get_type() == "COMMAND_LONG"
    streams.answered(ack(dialect.MAV_RESULT_UNSUPPORTED))
    out = [m for m in asked(streams, 1.2, 2.9, set()) if m.get_type() == "REQUEST_DATA_STREAM"]
    assert sorted(m.req_stream_id for m in out) == sorted(set(GROUPS.values()))
    streams.restart()
    assert asked(streams, 3.0, 3.2, set())[0].get_type() == "COMMAND_LONG"
