"""Orders are answered, retried or given up; answers of others are never taken."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect
from fleet.protocol.command import Answer, CommandProtocol, Order, Outcome, Progress
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


def sent_between(protocol: CommandProtocol, start: float, end: float) -> list[Message]:
    steps = range(round(start * 10), round(end * 10))
    return [message for tenth in steps for message in protocol.poll(tenth / 10)[0]]


def test_an_order_rejected_for_the_moment_is_sent_again_later_but_not_for_ever() -> None:
    for repeatable in (True, False):
        protocol = CommandProtocol(VEHICLE, AUTOPILOT)
        order = Order(dialect.MAV_CMD_COMPONENT_ARM_DISARM, repeatable=repeatable)
        protocol.request(order)
        sent, answers, now_s = 0, [], 0.0
        while not answers:
            out, ended = protocol.poll(now_s)
            assert not ended
            if out:
                sent += 1
                rejected = ack(order.command, dialect.MAV_RESULT_TEMPORARILY_REJECTED)
                answers = protocol.receive(rejected, now_s)
            now_s += 0.1
        assert sent == 6
        assert answers == [Answer(order, dialect.MAV_RESULT_TEMPORARILY_REJECTED)]
        assert 5.0 <= now_s <= 6.0


def test_progress_is_told_and_a_vehicle_at_work_for_ever_is_left() -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    order = Order(dialect.MAV_CMD_PREFLIGHT_CALIBRATION)
    protocol.request(order)
    assert len(protocol.poll(0.0)[0]) == 1
    assert protocol.progress is None
    working = dialect.MAVLink_command_ack_message(order.command, 5, 40, 0, GCS_SYSTEM, 190)
    answers, now_s = [], 0.0
    while not answers:
        protocol.receive(vehicle.says(working), now_s)
        if now_s == 0.0:
            assert protocol.progress == Progress(order, 40)
        now_s += 1.0
        out, answers = protocol.poll(now_s)
        assert out == []
    assert answers == [Answer(order, None, Outcome.SILENT)]
    assert now_s == 300.0
    assert protocol.progress is None


def test_a_deadline_holds_for_the_first_time_and_for_every_other() -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    slow = Order(dialect.MAV_CMD_DO_SET_MODE, expires_s=1.5)
    behind = Order(dialect.MAV_CMD_MISSION_START, repeatable=False, expires_s=2.0)
    protocol.request(slow)
    protocol.request(behind)
    sent, ended = [], []
    for tenth in range(80):
        out, answers = protocol.poll(tenth / 10)
        sent += [(tenth / 10, message.command) for message in out]
        ended += answers
    assert sent == [(0.0, slow.command), (1.0, slow.command)]
    assert ended == [
        Answer(slow, None, Outcome.EXPIRED),
        Answer(behind, None, Outcome.EXPIRED, sent=False),
    ]


def test_a_stop_goes_before_everything_and_ends_what_is_under_way() -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    start = Order(dialect.MAV_CMD_DO_SET_MODE, (1, 3, 0, 0, 0, 0, 0))
    later = Order(dialect.MAV_CMD_MISSION_START)
    stop = Order(dialect.MAV_CMD_DO_SET_MODE, (1, 6, 0, 0, 0, 0, 0))
    protocol.request(start)
    protocol.request(later)
    protocol.poll(0.0)
    protocol.request(stop, first=True)
    out, ended = protocol.poll(0.1)
    assert [message.param2 for message in out] == [6]
    assert ended == [Answer(start, None, Outcome.CANCELLED)]
    assert protocol.cancel(later)
    # The late answer to the start says nothing of the stop: it is asked again at once.
    assert protocol.receive(ack(stop.command), 0.2) == []
    again, ended = protocol.poll(0.2)
    assert [message.param2 for message in again] == [6]
    assert ended == [Answer(later, None, Outcome.CANCELLED, sent=False)]
    assert protocol.receive(ack(stop.command), 0.3) == [Answer(stop, 0)]
    assert sent_between(protocol, 0.4, 9.0) == []


def test_cancelled_orders_are_never_sent_again() -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    twins = [Order(dialect.MAV_CMD_DO_SET_MODE) for _ in range(3)]
    for order in twins:
        protocol.request(order)
    protocol.poll(0.0)
    assert protocol.cancel(twins[1]), "this very object, not its equal in front of it"
    assert not protocol.cancel(twins[1])
    protocol.cancel_all()
    out, ended = protocol.poll(0.1)
    assert out == []
    assert [(a.outcome, a.sent) for a in ended] == [
        (Outcome.CANCELLED, False),
        (Outcome.CANCELLED, True),
        (Outcome.CANCELLED, False),
    ]
    assert [id(a.order) for a in ended] == [id(twins[i]) for i in (1, 0, 2)]
    assert sent_between(protocol, 0.2, 9.0) == []


def test_a_place_keeps_its_precision() -> None:
    protocol = CommandProtocol(VEHICLE, AUTOPILOT)
    place = {"frame": dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT, "x": 249_478_123, "y": 1_026_108_457}
    protocol.request(Order(dialect.MAV_CMD_DO_REPOSITION, (5, 1, 0, 0, 0, 0, 60.0), **place))
    (message,), _ = protocol.poll(0.0)
    read = Side(GCS_SYSTEM).says(message)
    assert read.get_type() == "COMMAND_INT"
    assert (read.x, read.y, read.z, read.param1) == (249_478_123, 1_026_108_457, 60.0, 5.0)
    assert read.frame == dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT


class Interleaving(RuleBasedStateMachine):
    """Any order of requests, stops, cancels, answers, copies and time."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol = CommandProtocol(VEHICLE, AUTOPILOT)
        self.now_s = 0.0
        self.orders: list[Order] = []
        self.ended: dict[int, Answer] = {}
        self.sendings: dict[int, int] = {}
        self.rejected: dict[int, int] = {}
        self.last_sent: Order | None = None

    def note(self, answers: list[Answer]) -> None:
        for answer in answers:
            assert id(answer.order) not in self.ended, "every order ends once"
            self.ended[id(answer.order)] = answer
            assert answer.sent == (id(answer.order) in self.sendings)
            assert (answer.result is None) == (answer.outcome is not Outcome.ANSWERED)

    @rule(
        command=st.sampled_from([176, 300, 400]),
        repeatable=st.booleans(),
        lasts_s=st.none() | st.floats(-1, 6),
        first=st.booleans(),
    )
    def request(self, command: int, repeatable: bool, lasts_s: float | None, first: bool) -> None:
        expires_s = None if lasts_s is None else self.now_s + lasts_s
        number = len(self.orders)
        order = Order(command, (number, 0, 0, 0, 0, 0, 0), repeatable, expires_s)
        self.orders.append(order)
        self.protocol.request(order, first=first)

    @rule(number=st.integers(0, 30))
    def cancel(self, number: int) -> None:
        if number < len(self.orders):
            order = self.orders[number]
            known_over = id(order) in self.ended
            assert not (self.protocol.cancel(order) and known_over)

    @rule()
    def cancel_all(self) -> None:
        self.protocol.cancel_all()
        out, answers = self.protocol.poll(self.now_s)
        assert out == []
        self.note(answers)
        assert set(self.ended) == {id(order) for order in self.orders}

    @rule(result=st.integers(0, 6), copies=st.integers(1, 3))
    def answer(self, result: int, copies: int) -> None:
        if self.last_sent is None:
            return
        order = self.last_sent
        for _ in range(copies):
            if result == dialect.MAV_RESULT_TEMPORARILY_REJECTED:
                self.rejected[id(order)] = self.rejected.get(id(order), 0) + 1
            self.note(self.protocol.receive(ack(order.command, result), self.now_s))

    @rule(seconds=st.floats(0, 4))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        out, answers = self.protocol.poll(self.now_s)
        self.take(out)
        self.note(answers)

    def take(self, out: list[Message]) -> None:
        for message in out:
            order = self.orders[round(message.param1)]
            assert id(order) not in self.ended, "nothing is sent after it ended"
            assert order.expires_s is None or self.now_s < order.expires_s
            self.sendings[id(order)] = self.sendings.get(id(order), 0) + 1
            if not order.repeatable:
                assert self.sendings[id(order)] <= 1 + self.rejected.get(id(order), 0)
            self.last_sent = order

    def teardown(self) -> None:
        for _ in range(len(self.orders) * 40):
            self.wait(2.0)
        assert set(self.ended) == {id(order) for order in self.orders}, "every order ends"


Interleaving.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestInterleaving = Interleaving.TestCase
