"""Between workers: what a broker carries, and what it may not do."""

import asyncio
from collections.abc import AsyncGenerator

import nats
import pytest

from field_api.contract.messages import LinkState, VehicleState
from field_api.core.bus import VALUE, Bus, Value
from field_api.core.nats_exchange import NatsExchange
from field_api.features.flights import VEHICLE_STATE
from tests.field_api.nats import NatsServer
from tests.fleet.udp_site import until

WITHIN_S = 30
PREFIX = "post"


@pytest.fixture
async def pair(broker: NatsServer) -> AsyncGenerator[tuple[NatsExchange, NatsExchange]]:
    both = NatsExchange(broker.url, PREFIX), NatsExchange(broker.url, PREFIX)
    work = [asyncio.create_task(one.run()) for one in both]
    await until(lambda: all(one.connected for one in both), WITHIN_S)
    yield both
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)


async def arrived(there: asyncio.Queue[Value]) -> Value:
    async with asyncio.timeout(WITHIN_S):
        return await there.get()


async def test_what_makes_no_sense_is_dropped_and_the_next_is_heard(
    broker: NatsServer, pair: tuple[NatsExchange, NatsExchange]
) -> None:
    one, two = pair
    buses = [Bus(exchange, [VEHICLE_STATE]) for exchange in (one, two)]
    heard: asyncio.Queue[Value] = asyncio.Queue()
    buses[1].listen(heard.put_nowait)
    stranger = await nats.connect(broker.url)
    state = VehicleState(vehicle_id="XS-U1", t_ms=1, link=LinkState.LIVE)
    telling = asyncio.create_task(_tell_on(buses[0], state))
    # A subscription takes a moment: from the first value on it is there.
    await arrived(heard)
    for nonsense in (
        b"",
        b"\xff",
        b"{}",
        b'{"kind":"none","key":"","area":"","data":"{}"}',
        b"0" * 9,
    ):
        await stranger.publish(f"{PREFIX}.{VALUE}", nonsense)
    await stranger.flush()
    for _ in range(3):
        value = await arrived(heard)
        assert (value.key, value.data) == (state.key, state)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    await stranger.close()


async def _tell_on(bus: Bus, state: VehicleState) -> None:
    while True:
        bus.publish(VEHICLE_STATE, state.key, state)
        await asyncio.sleep(0.02)


async def test_nobody_hears_himself_or_another_post(
    broker: NatsServer, pair: tuple[NatsExchange, NatsExchange]
) -> None:
    one, two = pair
    other_post = NatsExchange(broker.url, "elsewhere")
    work = asyncio.create_task(other_post.run())
    heard: list[tuple[str, bytes]] = []
    done = asyncio.Event()

    def take(name: str) -> None:
        def taken(_worker: str, data: bytes) -> None:
            heard.append((name, data))
            if name == "two" and data == b"last":
                done.set()

        {"one": one, "two": two, "other": other_post}[name].hear("word", taken)

    for name in ("one", "two", "other"):
        take(name)

    async def say() -> None:
        while True:
            one.tell("word", b"last")
            await asyncio.sleep(0.02)

    saying = asyncio.create_task(say())
    async with asyncio.timeout(WITHIN_S):
        await done.wait()
    saying.cancel()
    work.cancel()
    await asyncio.gather(saying, work, return_exceptions=True)
    assert {name for name, _ in heard} == {"two"}


async def test_it_connects_once_the_broker_is_there() -> None:
    if not NatsServer.installed():
        pytest.skip("nats-server is not installed on this machine")
    server = NatsServer()
    exchange = NatsExchange(server.url, PREFIX)
    work = asyncio.create_task(exchange.run())
    await asyncio.sleep(0)
    assert not exchange.connected
    server.start()
    await until(lambda: exchange.connected, WITHIN_S)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    server.kill()


async def test_it_ends_whenever_it_is_told_to(broker: NatsServer) -> None:
    for turns in range(120):
        exchange = NatsExchange(broker.url, PREFIX)
        exchange.hear("word", lambda _worker, _data: None)
        work = asyncio.create_task(exchange.run())
        # As far as it comes in so many turns of the loop: into every step of connecting.
        for _ in range(turns):
            await asyncio.sleep(0)
        work.cancel()
        ended, _ = await asyncio.wait({work}, timeout=WITHIN_S)
        assert ended, f"cancelled after {turns} turns it goes on"
