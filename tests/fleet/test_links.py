"""Links: nothing old gets through a stall."""

import asyncio
import socket

from hypothesis import given
from hypothesis import strategies as st

from fleet.links import STALL_S, Stall, open_link
from fleet.mavlink import dialect


@given(
    st.lists(
        st.tuples(st.floats(0.01, 1), st.integers(0, 50), st.integers(0, 50)),
        min_size=1,
        max_size=60,
    )
)
def test_only_what_stands_still_for_long_enough_is_a_stall(
    looks: list[tuple[float, int, int]],
) -> None:
    stall, now_s, since_s, written, arrived = Stall(), 100.0, None, 0, 0
    for wait_s, more, through in looks:
        now_s += wait_s
        written += more
        moved = min(through, written - arrived)
        arrived += moved
        found = stall.look(written, written - arrived, now_s)
        if written == arrived or since_s is None or moved:
            since_s = now_s
        assert found == (written > arrived and now_s - since_s >= STALL_S)


def test_a_connection_that_always_has_something_on_its_way_does_not_stand_still() -> None:
    stall = Stall()
    assert not any(stall.look(21 * n, 21, 0.25 * n) for n in range(1, 100))


async def test_a_stalled_connection_is_given_up_with_what_was_queued_on_it() -> None:
    """The vehicle's program stands still, then goes on: it finds no order of before."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)
    port = listener.getsockname()[1]
    loop = asyncio.get_running_loop()
    link = open_link("tcp", f"tcp:127.0.0.1:{port}", lambda *_: None)
    work = asyncio.create_task(link.run())
    peer, _ = await loop.sock_accept(listener)
    order = dialect.MAVLink_command_long_message(2, 1, 176, 0, 1, 3, 0, 0, 0, 0, 0)

    async def order_until_reset() -> None:
        # The peer does not read: its kernel takes some, ours some, then nothing moves.
        again = asyncio.create_task(loop.sock_accept(listener))
        while not again.done():
            for _ in range(200):
                link.send(order, None)
            await asyncio.sleep(0.01)
        (await again)[0].close()

    async with asyncio.timeout(60):
        await order_until_reset()
    # A reset connection hands over nothing that its kernel had not taken, and says so.
    taken = 0
    try:
        while data := peer.recv(65_536):
            taken += len(data)
    except (ConnectionResetError, BlockingIOError):
        pass
    assert taken < 200_000
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    peer.close()
    listener.close()
