"""One node and one session without a network in between."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from field_api.contract.ids import new_id
from field_api.contract.link import (
    Acknowledged,
    CommandReceived,
    CommandRefused,
    Durable,
    Latest,
    LinkError,
    LinkNode,
    LinkServer,
    LinkTimings,
    NodeEvent,
    NodeIdentity,
    NodeJournal,
    NotSignedInError,
    Refused,
    Rejected,
    ServerEvent,
    SignInRequested,
    Welcomed,
    WishReceived,
)
from field_api.contract.link.frames import LatestFrame
from field_api.contract.messages import AimAngles, CameraAim, CommandOutcome, CommandResult
from tests.contract.messages import START_MS, command, result, vehicle_event, vehicle_state

IDENTITY = NodeIdentity("fleet-1", "fleet", "secret", "0.1.0")


class Pair:
    """A node and a server session, joined by hand; the server's clock may differ."""

    def __init__(self, journal: NodeJournal, server_ahead_ms: int = 0) -> None:
        self.journal = journal
        self.now_ms = START_MS
        self.server_ahead_ms = server_ahead_ms
        self.node = LinkNode(IDENTITY, journal, self.now_ms)
        self.server = LinkServer("s1")

    @property
    def server_now_ms(self) -> int:
        return self.now_ms + self.server_ahead_ms

    def to_server(self) -> list[ServerEvent]:
        events: list[ServerEvent] = []
        while frames := self.node.poll(self.now_ms):
            for frame in frames:
                events += self.server.receive(frame, self.server_now_ms)
        return events

    def to_node(self) -> list[NodeEvent]:
        return [
            event
            for frame in self.server.frames()
            for event in self.node.receive(frame, self.now_ms)
        ]

    def connect(self) -> None:
        self.server = LinkServer(new_id())
        self.node.connected(self.now_ms)
        (asked,) = self.to_server()
        assert isinstance(asked, SignInRequested)
        self.server.welcome(self.server_now_ms)
        events = self.to_node()
        assert any(isinstance(event, Welcomed) for event in events)

    def exchange_clock(self) -> list[ServerEvent]:
        events = self.to_server()
        self.to_node()
        return events


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[NodeJournal]:
    journal = NodeJournal(tmp_path / "outbox.db")
    yield journal
    journal.close()


def durables(events: list[ServerEvent]) -> list[Durable]:
    return [event for event in events if isinstance(event, Durable)]


def test_sign_in_carries_who_and_which_version(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.node.connected(pair.now_ms)
    (asked,) = pair.to_server()
    assert isinstance(asked, SignInRequested)
    assert (asked.hello.node_id, asked.hello.kind, asked.hello.token) == (
        "fleet-1",
        "fleet",
        "secret",
    )
    signed_in = pair.server.welcome(pair.now_ms)
    assert signed_in.node_id == "fleet-1"
    assert signed_in.outbox_id == journal.outbox_id
    assert pair.server.signed_in
    assert not pair.node.ready
    pair.to_node()
    assert pair.node.ready


def test_a_refused_node_says_why_and_sends_nothing(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.node.put_durable(vehicle_event())
    pair.node.connected(pair.now_ms)
    pair.to_server()
    pair.server.refuse("bad_token", "the token of fleet-1 is not valid")
    assert pair.to_node() == [Refused("bad_token", "the token of fleet-1 is not valid")]
    assert pair.server.ended
    assert pair.node.poll(pair.now_ms) == []
    assert pair.node.pending_count == 1


def test_another_major_version_is_refused_in_clear_words(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.node.connected(pair.now_ms)
    (hello,) = pair.node.poll(pair.now_ms)
    old = json.dumps({**json.loads(hello), "contract_version": "0.9"})
    (error,) = pair.server.receive(old, pair.now_ms)
    assert isinstance(error, LinkError)
    assert pair.server.ended
    (refused,) = pair.to_node()
    assert isinstance(refused, Refused)
    assert refused.code == "incompatible_version"
    assert "0.9" in refused.text
    assert "1.0" in refused.text


def test_a_server_of_another_major_version_is_left(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.node.connected(pair.now_ms)
    pair.to_server()
    welcome = {"type": "welcome", "session": "s", "server_time_ms": 1, "contract_version": "2.0"}
    (refused,) = pair.node.receive(json.dumps(welcome), pair.now_ms)
    assert isinstance(refused, Refused)
    assert refused.code == "incompatible_version"
    assert not pair.node.ready


def test_nothing_passes_before_welcome(journal: NodeJournal) -> None:
    pair = Pair(journal)
    frame = '{"type":"durable","seq":1,"message":' + vehicle_event().model_dump_json() + "}"
    (error,) = pair.server.receive(frame, pair.now_ms)
    assert isinstance(error, LinkError)
    with pytest.raises(NotSignedInError):
        pair.server.send_command(command(START_MS + 1_000))
    with pytest.raises(NotSignedInError):
        pair.server.acknowledge([1])
    with pytest.raises(NotSignedInError):
        pair.server.welcome(START_MS)


def test_a_record_stays_until_it_is_acknowledged(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    event = vehicle_event()
    seq = pair.node.put_durable(event)
    (received,) = durables(pair.to_server())
    assert received == Durable(seq, event)
    assert pair.node.pending_count == 1
    pair.server.acknowledge([seq])
    assert pair.to_node()[-1] == Acknowledged((seq,))
    assert pair.node.pending_count == 0


def test_unacknowledged_records_are_sent_again_in_order_after_a_reconnect(
    journal: NodeJournal,
) -> None:
    pair = Pair(journal)
    pair.connect()
    events = [vehicle_event(str(n)) for n in range(3)]
    seqs = [pair.node.put_durable(event) for event in events]
    assert [got.seq for got in durables(pair.to_server())] == seqs
    pair.server.acknowledge([seqs[1]])
    pair.to_node()
    pair.node.disconnected()
    assert pair.node.poll(pair.now_ms) == []
    pair.connect()
    assert [got.seq for got in durables(pair.to_server())] == [seqs[0], seqs[2]]


def test_a_record_that_gets_no_answer_is_sent_again_on_the_same_connection(
    journal: NodeJournal,
) -> None:
    pair = Pair(journal)
    pair.connect()
    seq = pair.node.put_durable(vehicle_event())
    assert len(durables(pair.to_server())) == 1
    assert durables(pair.to_server()) == []
    pair.now_ms += LinkTimings().resend_ms
    assert [got.seq for got in durables(pair.to_server())] == [seq]


def test_the_window_bounds_what_is_on_the_wire(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    window = LinkTimings().window_records
    seqs = [pair.node.put_durable(vehicle_event()) for _ in range(window + 10)]
    assert [got.seq for got in durables(pair.to_server())] == seqs[:window]
    pair.server.acknowledge(seqs[:4])
    pair.to_node()
    assert [got.seq for got in durables(pair.to_server())] == seqs[window : window + 4]


def test_telemetry_passes_between_large_records(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    pair.to_server()
    for _ in range(4):
        pair.node.put_durable(vehicle_event("x" * 100_000))
    order: list[str] = []
    while True:
        pair.node.put_latest(vehicle_state(pair.now_ms), pair.now_ms)
        frames = pair.node.poll(pair.now_ms)
        kinds = [json.loads(frame)["type"] for frame in frames]
        if "durable" not in kinds:
            break
        order += kinds
    assert order == ["latest", "durable"] * 4


def test_a_welcome_with_a_count_clears_what_was_already_committed(journal: NodeJournal) -> None:
    pair = Pair(journal)
    seqs = [pair.node.put_durable(vehicle_event()) for _ in range(3)]
    pair.node.connected(pair.now_ms)
    pair.to_server()
    pair.server.welcome(pair.now_ms, acked_seq=seqs[1])
    pair.to_node()
    assert [got.seq for got in durables(pair.to_server())] == [seqs[2]]


def test_a_rejected_record_does_not_block_the_others(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    first, second = (pair.node.put_durable(vehicle_event()) for _ in range(2))
    pair.to_server()
    pair.server.reject(first, "conflict", "another body under this id")
    pair.server.acknowledge([second])
    events = pair.to_node()
    assert Rejected(first, "conflict", "another body under this id") in events
    assert pair.node.pending_count == 0
    assert [aside.seq for aside in journal.rejected()] == [first]


def test_a_record_of_an_unknown_kind_is_rejected_by_number(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    pair.exchange_clock()
    frame = '{"type":"durable","seq":7,"message":{"kind":"from_the_future","id":"x"}}'
    (error,) = pair.server.receive(frame, pair.now_ms)
    assert isinstance(error, LinkError)
    (reject,) = pair.server.frames()
    assert json.loads(reject)["seq"] == 7
    assert "sortie_event" in json.loads(reject)["text"]


def test_late_values_are_dropped_at_the_server(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    pair.exchange_clock()
    pair.node.put_latest(vehicle_state(START_MS + 1), pair.now_ms)
    (older,) = pair.node.poll(pair.now_ms)
    pair.node.put_latest(vehicle_state(START_MS + 2), pair.now_ms)
    (newer,) = pair.node.poll(pair.now_ms)
    assert pair.server.receive(newer, pair.now_ms) == [Latest(vehicle_state(START_MS + 2))]
    assert pair.server.receive(older, pair.now_ms) == []
    assert pair.server.receive(newer, pair.now_ms) == []


def test_a_new_session_learns_the_last_values(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    pair.node.put_latest(vehicle_state(START_MS), pair.now_ms)
    pair.to_server()
    pair.node.disconnected()
    pair.connect()
    values = [event for event in pair.to_server() if isinstance(event, Latest)]
    assert values == [Latest(vehicle_state(START_MS))]


@pytest.mark.parametrize("ahead_ms", [0, 3_600_000, -3_600_000])
def test_expiry_is_judged_by_the_command_posts_clock(journal: NodeJournal, ahead_ms: int) -> None:
    pair = Pair(journal, server_ahead_ms=ahead_ms)
    pair.connect()
    pair.exchange_clock()
    assert pair.node.clock_offset_ms == ahead_ms
    fresh = command(pair.server_now_ms + 5_000)
    stale = command(pair.server_now_ms - 1)
    pair.server.send_command(fresh)
    pair.server.send_command(stale)
    got, refused = pair.to_node()
    assert got == CommandReceived(fresh)
    assert isinstance(refused, CommandRefused)
    assert (refused.command_id, refused.code) == (stale.id, "expired")
    (answer,) = durables(pair.to_server())
    assert isinstance(answer.message, CommandResult)
    assert answer.message.command_id == stale.id
    assert answer.message.outcome is CommandOutcome.REFUSED


def test_a_repeated_command_is_refused_also_after_a_restart(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    order = command(pair.now_ms + 60_000)
    pair.server.send_command(order)
    pair.server.send_command(order)
    got, refused = pair.to_node()
    assert got == CommandReceived(order)
    assert isinstance(refused, CommandRefused)
    assert refused.code == "repeated"
    pair.node.put_durable(result(order.id))
    restarted = Pair(journal)
    restarted.connect()
    restarted.server.send_command(order)
    (refused,) = (e for e in restarted.to_node() if isinstance(e, CommandRefused))
    assert refused.code == "repeated"


def test_a_restart_answers_for_the_command_it_interrupted(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    order = command(pair.now_ms + 60_000)
    pair.server.send_command(order)
    pair.server.send_command(order)
    pair.to_node()
    restarted = Pair(journal)
    restarted.connect()
    answers = [got.message for got in durables(restarted.to_server())]
    codes = [answer.code for answer in answers if isinstance(answer, CommandResult)]
    assert codes == ["repeated", "interrupted"]
    assert journal.unanswered_commands() == []


def test_an_order_this_node_does_not_know_is_refused_by_id(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    order = command(START_MS + 1_000).model_dump(mode="json")
    order["body"] = {"action": "do_a_barrel_roll", "vehicle_id": "XS-U1"}
    frame = json.dumps({"type": "command", "command": order})
    (refused,) = pair.node.receive(frame, pair.now_ms)
    assert isinstance(refused, CommandRefused)
    assert refused.code == "bad_command"
    assert "upload_sortie" in refused.text
    (answer,) = durables(pair.to_server())
    assert isinstance(answer.message, CommandResult)
    assert answer.message.command_id == order["id"]


def test_a_command_without_a_usable_id_is_an_error_event(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    (error,) = pair.node.receive('{"type":"command","command":{"id":[1]}}', pair.now_ms)
    assert isinstance(error, LinkError)
    assert pair.node.pending_count == 0


def test_garbage_is_answered_by_an_error_and_changes_nothing(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    pair.exchange_clock()
    seq = pair.node.put_durable(vehicle_event())
    for garbage in ("", "{", "[]", '{"type":"ack","seqs":["x"]}', '{"type":"ack"}'):
        (error,) = pair.node.receive(garbage, pair.now_ms)
        assert isinstance(error, LinkError)
    assert pair.node.ready
    events = pair.to_server()
    assert [got.seq for got in durables(events)] == [seq]
    assert sum(isinstance(event, LinkError) for event in events) == 5
    # The server reports the complaints and does not complain about them in turn.
    assert pair.server.frames() == []


def test_a_dead_connection_is_noticed(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.node.connected(pair.now_ms)
    pair.node.poll(pair.now_ms)
    assert pair.node.overdue(pair.now_ms + 10_000) is None
    assert pair.node.next_poll_ms(pair.now_ms) == pair.now_ms + 10_001
    assert pair.node.overdue(pair.now_ms + 10_001) == "no answer to hello"
    pair.connect()
    pair.exchange_clock()
    silent_from_ms = pair.now_ms
    assert pair.node.overdue(silent_from_ms + 25_000) is None
    assert pair.node.overdue(silent_from_ms + 25_001) == "nothing heard"


def test_a_clock_set_back_does_not_put_the_link_to_sleep(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    pair.exchange_clock()
    pair.now_ms -= 3_600_000
    pair.server_ahead_ms += 3_600_000
    pair.exchange_clock()
    assert pair.node.clock_offset_ms == 3_600_000


def test_clock_answers_nobody_asked_for_are_ignored(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    pair.exchange_clock()
    forged = '{"type":"time_reply","t0_ms":1,"t1_ms":99999999,"t2_ms":99999999}'
    assert pair.node.receive(forged, pair.now_ms) == []
    assert pair.node.clock_offset_ms == 0


def test_too_many_values_of_different_names_are_refused(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    accepted = 0
    for n in range(5_010):
        state = vehicle_state(START_MS, f"V{n}")
        frame = LatestFrame(n=n + 1, message=state).model_dump_json()
        accepted += sum(isinstance(e, Latest) for e in pair.server.receive(frame, pair.now_ms))
    assert accepted == 5_000


def test_of_wishes_only_the_newest_of_each_key_arrives(journal: NodeJournal) -> None:
    pair = Pair(journal)
    with pytest.raises(NotSignedInError):
        pair.server.send_wish(CameraAim(vehicle_id="XS-U1", t_ms=START_MS, zoom_percent=1))
    pair.connect()
    older, newer = (
        CameraAim(vehicle_id="XS-U1", t_ms=START_MS, target=AimAngles(pitch_deg=pitch_deg))
        for pitch_deg in (-30.0, -60.0)
    )
    zoom = CameraAim(vehicle_id="XS-U1", t_ms=START_MS, zoom_percent=50)
    other = CameraAim(vehicle_id="XS-U2", t_ms=START_MS, zoom_percent=0)
    for wish in (older, zoom, other, newer):
        pair.server.send_wish(wish)
    assert set(pair.to_node()) == {WishReceived(wish) for wish in (newer, zoom, other)}
    assert pair.to_node() == [], "once"


def test_a_wish_that_a_node_does_not_know_changes_nothing(journal: NodeJournal) -> None:
    pair = Pair(journal)
    pair.connect()
    for wish in ({"kind": "to_sing"}, {"kind": "camera_aim", "vehicle_id": "", "t_ms": "now"}, {}):
        (event,) = pair.node.receive(json.dumps({"type": "wish", "wish": wish}), START_MS)
        assert isinstance(event, LinkError)
        assert event.code == "bad_wish"
    assert pair.node.ready
