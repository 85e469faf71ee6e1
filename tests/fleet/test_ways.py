"""One aircraft over several links: fail-over, duplicates, and twins told apart."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.messages import CommandOutcome, LinkState
from fleet.duplicates import Duplicates
from fleet.mavlink import dialect
from fleet.ways import STEADY_S, Ways
from tests.fleet.flight_line import FCP
from tests.fleet.udp_site import FAR, Device, Site, udp_site
from tests.fleet.wire import Side

BEAT = Side(2).says(dialect.MAVLink_heartbeat_message(2, 3, 129, 3, 4, 3))
SET_MODE = dialect.MAV_CMD_DO_SET_MODE


def test_orders_go_over_the_preferred_way_that_is_live_without_flapping() -> None:
    ways = Ways(("radio", "mobile"), "radio")
    ways.of("mobile")
    for second in range(10):
        ways.heard("radio", BEAT, second, autopilot=True)
        ways.heard("mobile", BEAT, second, autopilot=True)
        assert ways.look(second) is None
    for second in range(10, 13):
        ways.heard("mobile", BEAT, second, autopilot=True)
    switch = ways.look(12.0)
    assert switch is not None
    assert (switch.old.link, switch.new.link) == ("radio", "mobile")
    # The radio comes back for a moment only, then for good.
    ways.heard("radio", BEAT, 13.0, autopilot=True)
    ways.heard("mobile", BEAT, 13.0, autopilot=True)
    assert ways.look(13.5) is None
    for second in range(20, 25):
        ways.heard("radio", BEAT, second, autopilot=True)
        ways.heard("mobile", BEAT, second, autopilot=True)
        assert ways.look(second + 0.5) is None
    ways.heard("radio", BEAT, 20 + STEADY_S, autopilot=True)
    back = ways.look(20 + STEADY_S)
    assert back is not None
    assert back.new.link == "radio"


@given(
    st.lists(
        st.tuples(st.floats(0.01, 4), st.sets(st.sampled_from(["radio", "mobile", "cable"]))),
        max_size=60,
    )
)
def test_orders_never_stay_on_a_silent_way_while_another_lives(
    steps: list[tuple[float, set[str]]],
) -> None:
    ways, now_s = Ways(("radio", "mobile", "cable"), "cable"), 0.0
    for passed_s, heard in steps:
        now_s += passed_s
        for link in heard:
            ways.heard(link, BEAT, now_s, autopilot=True)
        before = ways.active
        switch = ways.look(now_s)
        live = {way.link for way in ways.all if ways.live(way, now_s)}
        assert not live or ways.active.link in live
        if switch is None:
            assert ways.active is before
        elif switch.old.link in live:
            order = [way.link for way in ways.all]
            assert order.index(switch.new.link) < order.index(switch.old.link)


def test_what_comes_twice_is_taken_once() -> None:
    seen, autopilot = Duplicates(), Side(2)
    frame = bytes(BEAT.get_msgbuf())
    assert not seen.frame_again(frame, 1.0)
    assert seen.frame_again(frame, 1.5)
    assert not seen.frame_again(frame, 9.0)

    def attitude(boot_ms: int) -> object:
        return autopilot.says(dialect.MAVLink_attitude_message(boot_ms, 0, 0, 0, 0, 0, 0))

    assert not seen.old("radio", attitude(1000), 1.0, active=True)
    assert seen.old("mobile", attitude(900), 1.0, active=False), "older than what is known"
    assert not seen.old("mobile", attitude(1200), 1.2, active=False)
    assert seen.old("radio", attitude(1100), 1.3, active=True)
    # A restart is one late message at most.
    assert sum(seen.old("radio", attitude(10 + n), 9.0 + n, active=True) for n in range(5)) <= 1

    ack = dialect.MAVLink_command_ack_message(SET_MODE, 0, target_system=255)
    text = dialect.MAVLink_statustext_message(4, b"EKF variance")
    for message in (ack, text):
        assert not seen.old("radio", autopilot.says(message), 1.0, active=True)
        assert seen.old("mobile", autopilot.says(message), 1.4, active=False)
        assert not seen.old("radio", autopilot.says(message), 1.6, active=True), "said again"
    assert seen.old("mobile", BEAT, 1.0, active=False), "without a clock it may be old"


def _active(site: Site) -> str:
    return next(way.link for way in site.state.ways if way.active)


def _both(site: Site) -> Callable[[], bool]:
    return lambda: site.node.state("XS-U2") is not None and len(site.state.ways) == 2


@pytest.mark.slow
async def test_orders_fail_over_and_come_back(tmp_path: Path) -> None:
    async with udp_site(tmp_path, 2) as site:
        craft = Device(site.ports, 60_000, FCP, armed=True)
        # The spare way is heard first and alone, then the preferred one comes.
        await site.while_speaking(lambda: site.node.state("XS-U2") is not None, (craft, [1]))
        assert _active(site) == "udp1"
        await site.while_speaking(_both(site), (craft, None))
        assert site.told("way_added")
        await site.while_speaking(lambda: _active(site) == "udp0", (craft, None))
        # Both are kept alive by our heartbeats.
        for heard in craft.heard_on:
            heard.clear()
        await site.while_speaking(
            lambda: all(any(m.get_type() == "HEARTBEAT" for m in h) for h in craft.heard_on),
            (craft, None),
        )
        assert not craft.orders

        await site.while_speaking(lambda: _active(site) == "udp1", (craft, [1]), within_s=10)
        assert site.state.link is LinkState.LIVE
        craft.heard_on[0].clear()
        order = asyncio.create_task(site.order())
        await site.while_speaking(lambda: SET_MODE in craft.orders_on(1), (craft, [1]))
        craft.mode = 6
        await site.while_speaking(order.done, (craft, [1]))
        craft.listen()
        assert not craft.orders_on(0), "nothing goes over the silent way"
        # Its streams were asked for over the new way.
        assert any(
            m.get_type() == "COMMAND_LONG" and m.command == dialect.MAV_CMD_SET_MESSAGE_INTERVAL
            for m in craft.heard_on[1]
        )
        assert sum('"code":"way_changed"' in body for body in site.post.bodies) >= 2
        assert not site.told("link_lost")
        await site.while_speaking(lambda: _active(site) == "udp0", (craft, None), within_s=30)
        craft.close()


@pytest.mark.slow
async def test_a_twin_on_another_link_stops_all_orders_until_it_is_resolved(tmp_path: Path) -> None:
    async with udp_site(tmp_path, 2) as site:
        craft = Device(site.ports[0], 60_000, FCP, armed=True)
        twin = Device(site.ports[1], 61_000, FAR, armed=True)
        await site.while_speaking(lambda: site.node.state("XS-U2") is not None, (craft, None))
        speaking = ((craft, None), (twin, None))
        await site.while_speaking(lambda: site.state.doubt == "twin", *speaking)
        order = asyncio.create_task(site.order())
        await site.while_speaking(order.done, *speaking)
        assert order.result().code == "identity_in_doubt"
        assert site.told("identity_in_doubt")
        assert craft.orders == set()
        assert twin.orders == set()
        assert len(site.state.ways) == 1
        assert site.state.lat_deg == pytest.approx(FCP.lat_deg)

        # A person has looked: the one on the first link is it.
        confirm = asyncio.create_task(site.confirm())
        await site.while_speaking(confirm.done, *speaking)
        assert confirm.result().outcome is CommandOutcome.DONE
        order = asyncio.create_task(site.order())
        await site.while_speaking(lambda: SET_MODE in craft.orders, *speaking)
        order.cancel()
        assert twin.orders == set()
        craft.close()
        twin.close()


@pytest.mark.slow
@pytest.mark.parametrize("uid", [0, 77])
async def test_a_swap_behind_a_known_address_needs_a_person(tmp_path: Path, uid: int) -> None:
    """Another aircraft is plugged to the radio while nobody hears: same link, same system id."""
    async with udp_site(tmp_path) as site:
        craft = Device(site.port, 60_000, FCP, armed=False, uid=5 if uid else 0)
        await site.while_speaking(
            lambda: site.node.state("XS-U2") is not None and site.state.lat_deg is not None,
            (craft, None),
        )
        await site.while_speaking(lambda: site.state.link is LinkState.LOST)
        # The same socket, so the same address.
        craft.restart()
        craft.place = FCP if uid else FAR
        craft._uid = uid  # pyright: ignore[reportPrivateUsage]
        await site.while_speaking(lambda: site.state.doubt == "swapped", (craft, None))
        order = asyncio.create_task(site.order())
        await site.while_speaking(order.done, (craft, None))
        assert order.result().code == "identity_in_doubt"
        assert craft.orders == set()
        assert site.told("identity_in_doubt")

        confirm = asyncio.create_task(site.confirm())
        await site.while_speaking(confirm.done, (craft, None))
        assert confirm.result().outcome is CommandOutcome.DONE
        order = asyncio.create_task(site.order())
        await site.while_speaking(lambda: SET_MODE in craft.orders, (craft, None))
        order.cancel()
        await site.while_speaking(lambda: site.told("identity_certain"), (craft, None))
        craft.close()


@pytest.mark.slow
async def test_strangers_wait_in_quarantine_and_hear_nothing(tmp_path: Path) -> None:
    async with udp_site(tmp_path) as site:
        craft = Device(site.port, 60_000, FCP, armed=False)
        stranger = Device(site.port, 1_000, FAR, armed=False, system=9)
        speaking = ((craft, None), (stranger, None))
        await site.while_speaking(lambda: site.told("stranger"), *speaking)
        await site.while_speaking(
            lambda: bool(site.node_states and site.node_states[-1].strangers), *speaking
        )
        report = site.node_states[-1].strangers[0]
        assert (report.system, report.link, report.type) == (9, "udp0", "QUADROTOR")
        assert report.autopilot == "ARDUPILOTMEGA"
        links = site.node_states[-1].links
        assert links[0].up
        assert links[0].frames > 0
        stranger.listen()
        assert stranger.heard == []
        assert sum('"code":"stranger"' in body for body in site.post.bodies) == 1
        craft.close()
        stranger.close()
