"""Other programs at an endpoint: who hears what, and what they may ask and order."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.arbiter import Situation, Why, judge, refusal
from fleet.mavlink import Codec, Message, dialect
from fleet.router import Router
from fleet.routing import Routes, target_of
from tests.fleet.any_message import messages
from tests.fleet.flight_line import FCP, free_port
from tests.fleet.udp_site import Device, udp_site, until
from tests.fleet.wire import Side

FREE = Situation(under_way=False, busy=False, doubt=False)
GCS = Side(250, 190)
OURS = 5
CHANGING = (
    dialect.MAVLink_command_long_message(OURS, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0),
    dialect.MAVLink_command_int_message(OURS, 1, 6, 192, 0, 0, 0, 0, 0, 0, 1, 1, 10),
    dialect.MAVLink_set_mode_message(OURS, 1, 4),
    dialect.MAVLink_param_set_message(OURS, 1, b"RTL_ALT", 1500, 9),
    dialect.MAVLink_mission_count_message(OURS, 1, 3),
    dialect.MAVLink_mission_clear_all_message(OURS, 1),
    dialect.MAVLink_mission_set_current_message(OURS, 1, 2),
    dialect.MAVLink_manual_control_message(OURS, 0, 0, 0, 0, 0),
    dialect.MAVLink_rc_channels_override_message(OURS, 1, *([1500] * 8)),
    dialect.MAVLink_set_position_target_local_ned_message(
        0, OURS, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    ),
    dialect.MAVLink_command_long_message(OURS, 1, 511, 0, 33, -1, 0, 0, 0, 0, 0),
    dialect.MAVLink_command_long_message(OURS, 1, 511, 0, 30, 10_000, 0, 0, 0, 0, 0),
)
ASKING = (
    dialect.MAVLink_param_request_read_message(OURS, 1, b"RTL_ALT", -1),
    dialect.MAVLink_param_request_list_message(OURS, 1),
    dialect.MAVLink_mission_request_list_message(OURS, 1, 0),
    dialect.MAVLink_mission_request_int_message(OURS, 1, 0, 2),
    dialect.MAVLink_command_long_message(OURS, 1, 512, 0, 148, 0, 0, 0, 0, 0, 0),
    dialect.MAVLink_command_long_message(OURS, 1, 511, 0, 74, 500_000, 0, 0, 0, 0, 0),
)


@pytest.mark.parametrize("message", CHANGING, ids=lambda m: m.get_type())
def test_a_read_only_client_changes_nothing(message: Message) -> None:
    said = GCS.says(message)
    assert not judge(said, FREE, commanding=False).forward
    if message.get_type() in ("COMMAND_LONG", "COMMAND_INT", "SET_MODE"):
        answer = refusal(said, judge(said, FREE, commanding=False))
        assert answer is not None
        assert (answer.get_type(), answer.result) == ("COMMAND_ACK", dialect.MAV_RESULT_DENIED)
        assert answer.target_system == 250


@pytest.mark.parametrize("message", ASKING, ids=lambda m: m.get_type())
def test_everybody_may_ask(message: Message) -> None:
    assert judge(GCS.says(message), FREE, commanding=False).forward


@given(messages())
def test_whatever_it_is_a_read_only_client_moves_nothing(message: Message) -> None:
    if judge(message, FREE, commanding=False).forward:
        kind = message.get_type()
        assert kind in (
            *("PARAM_REQUEST_READ", "TIMESYNC", "PARAM_REQUEST_LIST", "FILE_TRANSFER_PROTOCOL"),
            *("MISSION_REQUEST_LIST", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"),
            *("LOG_REQUEST_LIST", "LOG_REQUEST_DATA", "LOG_REQUEST_END"),
            *("COMMAND_LONG", "COMMAND_INT"),
        )
        if kind.startswith("COMMAND"):
            assert message.command in (510, 511, 512, 519, 520, 521, 522, 525, 527, 2504, 2505)


@given(messages(), st.booleans(), st.booleans(), st.booleans())
def test_nothing_is_ordered_while_the_node_flies_it(
    message: Message, under_way: bool, busy: bool, doubt: bool
) -> None:
    situation = Situation(under_way, busy, doubt)
    told = judge(message, situation, commanding=True)
    if told.forward and (under_way or busy or doubt) and message.get_type() != "HEARTBEAT":
        assert judge(message, situation, commanding=False).forward, "it only asks"
    assert not (told.forward and message.get_type() == "SETUP_SIGNING")


def test_refusals_say_whether_later_makes_sense() -> None:
    order = GCS.says(CHANGING[0])
    for situation, why in (
        (Situation(under_way=True, busy=False, doubt=False), Why.UNDER_WAY),
        (Situation(under_way=False, busy=True, doubt=False), Why.BUSY),
        (Situation(under_way=False, busy=False, doubt=True), Why.DOUBT),
    ):
        judgement = judge(order, situation, commanding=True)
        assert judgement.why is why
        answer = refusal(order, judgement)
        assert answer is not None
        assert answer.result == dialect.MAV_RESULT_TEMPORARILY_REJECTED
    upload = GCS.says(CHANGING[4])
    answer = refusal(upload, judge(upload, FREE, commanding=False))
    assert answer is not None
    assert (answer.get_type(), answer.type) == ("MISSION_ACK", dialect.MAV_MISSION_DENIED)
    everybody = dialect.MAVLink_command_long_message(0, 0, 400, 0, 1, 0, 0, 0, 0, 0, 0)
    assert judge(GCS.says(everybody), FREE, commanding=True).why is Why.ALL
    assert judge(order, FREE, commanding=True).forward
    # What streams already is granted, slower too, and stays as it is.
    slower = dialect.MAVLink_command_long_message(OURS, 1, 511, 0, 33, 1_000_000, 0, 0, 0, 0, 0)
    granted = judge(GCS.says(slower), FREE, commanding=False)
    assert not granted.forward
    answer = refusal(GCS.says(slower), granted)
    assert answer is not None
    assert answer.result == dialect.MAV_RESULT_ACCEPTED


CLIENTS = [("127.0.0.1", 40_000 + n) for n in range(4)]


@given(
    st.lists(st.tuples(st.sampled_from(CLIENTS), st.integers(1, 5), st.sampled_from([1, 190]))),
    st.sampled_from(CLIENTS),
    st.integers(0, 6),
    st.sampled_from([0, 1, 190]),
)
def test_routing_by_the_rules(
    spoke: list[tuple[tuple[str, int], int, int]],
    source: tuple[str, int],
    system: int,
    component: int,
) -> None:
    routes = Routes()
    for client in CLIENTS:
        routes.join(client)
    beat = dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3)
    for client, own_system, own_component in spoke:
        routes.learn(client, Side(own_system, own_component).says(beat))
    message = GCS.says(
        dialect.MAVLink_command_long_message(system, component, 400, 0, 1, 0, 0, 0, 0, 0, 0)
    )
    assert target_of(message) == (system, component)
    found = set(routes.for_clients(message, source))
    assert source not in found
    if system == 0:
        assert found == set(CLIENTS) - {source}
    else:
        fits = {c for c, s, k in spoke if s == system and component in (0, k)}
        assert found == fits - {source}


def test_a_frame_that_comes_round_is_dropped() -> None:
    routes = Routes()
    frame = GCS.says(CHANGING[0])
    assert not routes.looped(CLIENTS[0], frame, 1.0)
    assert routes.looped(CLIENTS[1], frame, 1.5)
    assert not routes.looped(CLIENTS[2], frame, 9.0)


class Client:
    """Another program on TCP."""

    def __init__(self, system: int) -> None:
        self.codec = Codec(system, 190)
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self._writer: asyncio.StreamWriter | None = None
        self._work: asyncio.Task[None] | None = None

    async def connect(self, port: int) -> None:
        """Connect, once somebody listens."""
        async with asyncio.timeout(20):
            while True:
                try:
                    reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        self._work = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        parser = Codec()
        while data := await reader.read(65_536):
            for message in parser.parse(data):
                self.heard.put_nowait(message)

    def say(self, message: Message) -> None:
        """Send."""
        assert self._writer is not None
        self._writer.write(self.codec.pack(message))

    async def next(self, kind: str) -> Message:
        """The next message of a type."""
        async with asyncio.timeout(20):
            while (message := await self.heard.get()).get_type() != kind:
                pass
            return message

    async def close(self) -> None:
        """End."""
        assert self._work is not None
        assert self._writer is not None
        self._work.cancel()
        self._writer.close()
        await asyncio.gather(self._work, return_exceptions=True)


@contextlib.asynccontextmanager
async def clients(port: int, *systems: int) -> AsyncGenerator[list[Client]]:
    found = [Client(system) for system in systems]
    for client in found:
        await client.connect(port)
    try:
        yield found
    finally:
        for client in found:
            await client.close()


@pytest.mark.slow
@pytest.mark.parametrize("commanding", [False, True])
async def test_a_site_endpoint_shares_its_aircraft(tmp_path: Path, commanding: bool) -> None:
    port = free_port()
    router = {"id": "site", "url": f"tcpin:127.0.0.1:{port}", "commanding": commanding}
    async with udp_site(tmp_path, routers=[router]) as site:
        craft = Device(site.port, 60_000, FCP, armed=False)
        await site.while_speaking(lambda: site.node.state("XS-U2") is not None, (craft, None))
        async with clients(port, 250, 251) as (first, second):
            speaking = asyncio.create_task(
                site.while_speaking(lambda: False, (craft, None), within_s=60)
            )
            for client in (first, second):
                beat = await client.next("HEARTBEAT")
                assert beat.get_srcSystem() == 2
            # The clients see each other; what the first asks of the second goes there alone.
            first.say(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
            second.say(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
            while (await second.next("HEARTBEAT")).get_srcSystem() != 250:
                pass
            # A question gets through, with the client's own number.
            first.say(dialect.MAVLink_param_request_read_message(2, 1, b"RTL_ALT", -1))
            await until(lambda: any(m.get_type() == "PARAM_REQUEST_READ" for m in craft.heard))
            asked = next(m for m in craft.heard if m.get_type() == "PARAM_REQUEST_READ")
            assert asked.get_srcSystem() == 250
            # The answer to somebody goes to him alone.
            craft.say(dialect.MAVLink_mission_count_message(250, 190, 0))
            assert (await first.next("MISSION_COUNT")).target_system == 250
            # An order to everybody is refused, one to it goes through where that is allowed.
            arm = dialect.MAVLink_command_long_message(0, 0, 400, 0, 1, 0, 0, 0, 0, 0, 0)
            first.say(arm)
            assert (await first.next("COMMAND_ACK")).result == dialect.MAV_RESULT_DENIED
            second.say(dialect.MAVLink_command_long_message(2, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))
            if commanding:
                await until(lambda: 400 in craft.orders)
            else:
                refused = await second.next("COMMAND_ACK")
                assert (refused.command, refused.result) == (400, dialect.MAV_RESULT_DENIED)
                assert refused.get_srcSystem() == 2
                await site.post.wait_for(lambda: site.told("client_refused"))
                assert craft.orders == set()
            second.say(dialect.MAVLink_setup_signing_message(2, 1, bytes(32), 1))
            second.say(dialect.MAVLink_param_request_read_message(2, 1, b"LAST", -1))
            await until(lambda: any(getattr(m, "param_id", "") == "LAST" for m in craft.heard))
            assert not any(m.get_type() == "SETUP_SIGNING" for m in craft.heard)
            assert not any(m.get_type() == "MISSION_COUNT" for m in _drained(second)), (
                "that was for the first one"
            )
            speaking.cancel()
        craft.close()


class _Shared:
    """An aircraft behind a router, which takes anything."""

    system = OURS
    component = 1

    def situation(self) -> Situation:
        return FREE

    def forward(self, message: Message) -> None:
        pass


async def test_a_program_that_takes_every_heartbeat_for_the_autopilots_gets_no_other() -> None:
    beats = [
        Codec(OURS, component).pack(dialect.MAVLink_heartbeat_message(kind, 0, mode, 0, 4, 3))
        for component, kind, mode in ((100, 30, 0), (1, 2, 128))
    ]
    port = free_port()
    url = f"tcpin:127.0.0.1:{port}"
    router = Router(
        *("one", url, {OURS: _Shared()}, lambda *_: None, lambda _: None), autopilot_only=True
    )
    work = asyncio.create_task(router.run())
    async with clients(port, 250) as (client,):
        client.say(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))

        def fly() -> bool:
            for frame in beats:
                router.from_vehicle(frame, next(iter(Codec().parse(frame))))
            return not client.heard.empty()

        await until(fly)
        await until(lambda: fly() and client.heard.qsize() > 3)
        assert {m.get_srcComponent() for m in _drained(client)} == {1}
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


def _drained(client: Client) -> list[Message]:
    return [client.heard.get_nowait() for _ in range(client.heard.qsize())]


async def test_endpoints_of_datagrams(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ground:
        ground.bind(("127.0.0.1", 0))
        ground.setblocking(False)
        to = f"udpout:127.0.0.1:{ground.getsockname()[1]}"
        async with udp_site(tmp_path, routers=[{"id": "out", "url": to}]) as site:
            craft = Device(site.port, 60_000, FCP, armed=False)
            parser, heard = Codec(), list[Message]()

            def told() -> bool:
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    heard.extend(parser.parse(ground.recv(65_536)))
                return any(m.get_srcSystem() == 2 for m in heard)

            await site.while_speaking(told, (craft, None))
            craft.close()
