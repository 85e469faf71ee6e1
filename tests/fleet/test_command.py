"""Orders are answered, retried or given up; answers of others are never taken."""

from hypothesis import given
from hypothesis import strategies as st

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, dialect
from fleet.protocol.command import CommandProtocol, Order
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

vehicle = Side(VEHICLE)


def ack(command: int, result: int = 0, system: int = VEHICLE, target: int = GCS_SYSTEM):
    message = dialect.MAVLink_command_ack_message(
        command, result, 0, 0, target, GCS_COMPONENT if target == GCS_SYSTEM else 1
    )
    return Side(system).says(message)


def test_an_unanswered_order_is_tried_three_times_within_three_seconds() -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    order = Order(dialect.MAV_CMD_DO_SET_MODE)
    protocol.request(order)
    sent: list[tuple[float, int]] = []
    answers = []
    for tenth in range(60):
        now_s = tenth / 10
        out, ended = protocol.poll(now_s)
        sent += [(now_s, message.confirmation) for message in out]
        answers += [(now_s, answer.result) for answer in ended]
    assert sent == [(0.0, 0), (1.0, 1), (2.0, 2)]
    assert answers == [(3.0, None)]


def test_what_must_not_run_twice_is_sent_once() -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    protocol.request(Order(dialect.MAV_CMD_COMPONENT_ARM_DISARM, repeatable=False))
    out = [message for tenth in range(60) for message in protocol.poll(tenth / 10)[0]]
    assert len(out) == 1


def test_in_progress_gives_more_time() -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    order = Order(dialect.MAV_CMD_DO_SET_MODE)
    protocol.request(order)
    protocol.poll(0.0)
    assert protocol.receive(ack(order.command, dialect.MAV_RESULT_IN_PROGRESS)) == []
    assert protocol.poll(5.5) == ([], [])
    assert protocol.receive(ack(order.command))[0].accepted


@given(
    command=st.sampled_from([dialect.MAV_CMD_DO_SET_MODE, dialect.MAV_CMD_MISSION_START]),
    system=st.integers(1, 250),
    target=st.sampled_from([0, 3, GCS_SYSTEM]),
    result=st.integers(0, 4),
)
def test_only_the_vehicles_answer_to_us_counts(
    command: int, system: int, target: int, result: int
) -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    order = Order(dialect.MAV_CMD_DO_SET_MODE)
    protocol.request(order)
    protocol.poll(0.0)
    answers = protocol.receive(ack(command, result, system, target))
    ours = command == order.command and system == VEHICLE and target != 3
    assert bool(answers) == ours
    if ours:
        assert answers[0].accepted == (result == dialect.MAV_RESULT_ACCEPTED)
