"""The link under loss, duplication, reordering, reconnects and crashes at both ends.

The promises (P1, P2, P3, P12 of the sync properties): a durable record reaches the store exactly
once; it leaves the outbox only after the store's commit; a latest-wins value never goes backwards;
an order is carried out at most once and never after its expiry.
"""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from field_api.contract.ids import new_id
from field_api.contract.link import (
    CommandReceived,
    Durable,
    Latest,
    LinkNode,
    LinkServer,
    LinkTimings,
    NodeIdentity,
    NodeJournal,
    SignInRequested,
)
from field_api.contract.messages import Command, VehicleState
from tests.contract.messages import START_MS, command, result, vehicle_event, vehicle_state

IDENTITY = NodeIdentity("fleet-1", "fleet", "secret", "0.1.0")
pick = st.integers(0, 1_000_000)


class LinkMachine(RuleBasedStateMachine):
    """A node, a command post and a bad wire between them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now_ms = START_MS
        self.server_ahead_ms = 0
        self.journal = NodeJournal(self.folder / "outbox.db")
        self.node = LinkNode(IDENTITY, self.journal, self.now_ms)
        self.server: LinkServer | None = None
        self.to_server: list[str] = []
        self.to_node: list[str] = []
        self.promised: dict[str, str] = {}
        self.uncommitted: list[Durable] = []
        self.store: dict[str, str] = {}
        self.inserts = 0
        self.newest_seen: dict[str, int] = {}
        self.value_ms = START_MS
        self.orders: list[Command] = []
        self.carried_out: list[str] = []

    def teardown(self) -> None:
        self.heal()
        stored = {key: body for key, body in self.store.items() if key in self.promised}
        assert stored == self.promised
        assert self.inserts == len(self.store)
        assert self.journal.pending_count == 0
        self.journal.close()
        shutil.rmtree(self.folder)

    # --- the two programs -------------------------------------------------------------------

    @initialize(ahead_ms=st.sampled_from([0, 86_400_000, -86_400_000]))
    def clocks(self, ahead_ms: int) -> None:
        self.server_ahead_ms = ahead_ms

    @rule(size=st.sampled_from([1, 30, 3_000, 90_000]))
    def record(self, size: int) -> None:
        event = vehicle_event("x" * size)
        self.node.put_durable(event)
        self.promised[event.id] = event.model_dump_json()

    @rule(vehicle=st.sampled_from(["XS-U1", "XS-U2"]))
    def telemetry(self, vehicle: str) -> None:
        self.value_ms += 1
        self.node.put_latest(vehicle_state(self.value_ms, vehicle), self.now_ms)

    @precondition(lambda self: self.server and self.server.signed_in)
    @rule(lasts_ms=st.integers(-1_000, 20_000), copies=st.integers(1, 2))
    def order(self, lasts_ms: int, copies: int) -> None:
        assert self.server
        server_now_ms = self.now_ms + self.server_ahead_ms
        order = command(server_now_ms + lasts_ms, issued_ms=server_now_ms)
        self.orders.append(order)
        for _ in range(copies):
            self.server.send_command(order)

    @precondition(lambda self: self.orders and self.server and self.server.signed_in)
    @rule(at=pick)
    def order_again(self, at: int) -> None:
        assert self.server
        self.server.send_command(self.orders[at % len(self.orders)])

    @rule()
    def commit(self) -> None:
        """The store commits; only then are the records acknowledged."""
        seqs: list[int] = []
        for event in self.uncommitted:
            body = event.message.model_dump_json()
            if event.message.id in self.store:
                assert self.store[event.message.id] == body
            else:
                self.store[event.message.id] = body
                self.inserts += 1
            seqs.append(event.seq)
        self.uncommitted.clear()
        if self.server and self.server.signed_in:
            self.server.acknowledge(seqs)

    # --- the wire ---------------------------------------------------------------------------

    @rule(how=st.sampled_from(["cut", "node crash", "command post crash", "half open"]))
    def break_down(self, how: str) -> None:
        """One rule for every kind, so that sessions live long enough to be interesting."""
        if how == "node crash":
            self.journal.close()
            self.journal = NodeJournal(self.folder / "outbox.db")
            self.node = LinkNode(IDENTITY, self.journal, self.now_ms)
        elif how == "command post crash":
            self.uncommitted.clear()
        if how == "half open":
            self._connect()
        else:
            self._cut()

    @precondition(lambda self: not (self.server and self.server.signed_in))
    @rule()
    def sign_in(self) -> None:
        self._connect()
        for _ in range(2):
            self.flush()

    @rule(ms=st.sampled_from([1, 40, 700, 11_000]))
    def pass_time(self, ms: int) -> None:
        self.now_ms += ms

    @rule()
    def send(self) -> None:
        self.to_server += self.node.poll(self.now_ms)
        if self.server:
            self.to_node += self.server.frames()

    @rule()
    def flush(self) -> None:
        """Everything under way arrives in order."""
        self.send()
        while self.to_server:
            self._at_server(self.to_server.pop(0))
        self.send()
        while self.to_node:
            self._at_node(self.to_node.pop(0))

    @rule(at=pick)
    def lose(self, at: int) -> None:
        wire = self.to_server if at % 2 else self.to_node
        if wire:
            wire.pop(at % len(wire))

    @rule(at=pick)
    def duplicate(self, at: int) -> None:
        wire = self.to_server if at % 2 else self.to_node
        if wire:
            wire.append(wire[at % len(wire)])

    @rule(at=pick, garbage=st.sampled_from(["", "{}", '{"type":"ack","seqs":[-1]}', "[[[["]))
    def disturb(self, at: int, garbage: str) -> None:
        (self.to_server if at % 2 else self.to_node).append(garbage)

    @rule(at=pick, count=st.integers(1, 8))
    def deliver(self, at: int, count: int) -> None:
        """Frames arrive in any order."""
        for _ in range(count):
            if self.to_server:
                self._at_server(self.to_server.pop(at % len(self.to_server)))
            if self.to_node:
                self._at_node(self.to_node.pop(at % len(self.to_node)))

    # --- promises ---------------------------------------------------------------------------

    @invariant()
    def nothing_left_the_outbox_before_the_commit(self) -> None:
        waiting = {record.body for record in self.journal.after(0, 1_000_000)}
        for key, body in self.promised.items():
            assert body in waiting or self.store.get(key) == body

    @invariant()
    def orders_are_carried_out_once(self) -> None:
        assert len(self.carried_out) == len(set(self.carried_out))

    # --- inside -----------------------------------------------------------------------------

    def _at_server(self, text: str) -> None:
        if self.server is None:
            return
        server_now_ms = self.now_ms + self.server_ahead_ms
        for event in self.server.receive(text, server_now_ms):
            if isinstance(event, SignInRequested):
                self.server.welcome(server_now_ms)
            elif isinstance(event, Durable):
                self.uncommitted.append(event)
            elif isinstance(event, Latest) and isinstance(event.message, VehicleState):
                key = event.message.key
                assert event.message.t_ms > self.newest_seen.get(key, 0)
                self.newest_seen[key] = event.message.t_ms

    def _at_node(self, text: str) -> None:
        for event in self.node.receive(text, self.now_ms):
            if isinstance(event, CommandReceived):
                error_ms = self.node.clock_error_ms
                assert error_ms is not None
                server_now_ms = self.now_ms + self.server_ahead_ms
                assert event.command.expires_ms + error_ms >= server_now_ms
                self.carried_out.append(event.command.id)
                answer = result(event.command.id)
                self.node.put_durable(answer)
                self.promised[answer.id] = answer.model_dump_json()

    def _cut(self) -> None:
        self.node.disconnected()
        self.server = None
        self.to_server.clear()
        self.to_node.clear()

    def _connect(self) -> None:
        self._cut()
        self.node.connected(self.now_ms)
        self.server = LinkServer(new_id())
        self.newest_seen.clear()

    def heal(self) -> None:
        """A good network at last: everything gets through."""
        self._connect()
        for _ in range(100_000):
            self.send()
            if not self.to_server and not self.to_node and not self.journal.pending_count:
                return
            self.pass_time(100)
            while self.to_server:
                self._at_server(self.to_server.pop(0))
            self.commit()
            while self.to_node:
                self._at_node(self.to_node.pop(0))
        raise AssertionError(f"{self.journal.pending_count} records never arrived")


TestLink = LinkMachine.TestCase
TestLink.settings = settings(
    max_examples=60,
    stateful_step_count=80,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
)


def test_the_machine_uses_the_default_timings() -> None:
    """The waits above (11 s) must reach the resend timer for the machine to exercise it."""
    assert LinkTimings().resend_ms <= 11_000
