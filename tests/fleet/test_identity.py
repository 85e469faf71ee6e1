"""Two devices with one system id: told apart, and nothing commanded while it is not certain."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.messages import CommandOutcome
from fleet.claims import Claims, Doubt
from fleet.identity import Likeness, Sighting, alike, goes_on
from fleet.mavlink import Message, dialect
from fleet.protocol.presence import LOST_S
from fleet.roster import Origin
from mission_plans.values.plan import GeoPoint
from tests.fleet.flight_line import FCP
from tests.fleet.udp_site import FAR, ID, SYSTEM, Device, Site, udp_site
from tests.fleet.wire import Side

KNOWN = Sighting(10.0, None, 60_000, 10.0, FCP, 10.0, True)


def later(s: float, **changes: object) -> Sighting:
    seen = replace(KNOWN, heard_s=10 + s, boot_ms=60_000 + round(s * 1000), boot_heard_s=10 + s)
    return replace(seen, place_heard_s=10 + s, **changes)  # pyright: ignore[reportArgumentType]


def test_what_tells_aircraft_apart() -> None:
    assert alike(KNOWN, later(8)) is Likeness.SAME
    assert alike(KNOWN, later(8, boot_ms=3_000, armed=False, place=FAR)) is Likeness.OTHER
    assert alike(KNOWN, later(8, boot_ms=3_000, armed=False)) is Likeness.OTHER, "none lives that"
    assert alike(KNOWN, later(8, place=FAR)) is Likeness.OTHER
    assert alike(KNOWN, later(30, place=FAR)) is Likeness.SAME, "it may have flown there"
    assert alike(KNOWN, later(8, place=None)) is Likeness.DOUBT
    assert alike(replace(KNOWN, uid="a"), later(8, uid="b")) is Likeness.OTHER
    parked = replace(KNOWN, armed=False)
    assert alike(parked, later(8, boot_ms=3_000, armed=False)) is Likeness.SAME, "restarted"
    assert alike(parked, later(8, boot_ms=3_000, armed=True)) is Likeness.OTHER


def test_what_speaks_after_a_silence_from_the_same_place_is_the_same_until_something_says_no() -> (
    None
):
    parked = replace(KNOWN, armed=False)
    assert goes_on(KNOWN, later(8)) is Likeness.SAME
    assert goes_on(KNOWN, later(8, boot_ms=None)) is Likeness.DOUBT
    assert goes_on(KNOWN, later(8, place=None)) is Likeness.SAME, "the clock alone"
    assert goes_on(replace(KNOWN, place=None), later(8)) is Likeness.SAME
    assert goes_on(KNOWN, later(8, boot_ms=3_000, armed=False)) is Likeness.OTHER
    assert goes_on(KNOWN, later(8, boot_ms=900_000)) is Likeness.OTHER
    assert goes_on(parked, later(8, boot_ms=3_000, armed=False)) is Likeness.SAME, "restarted"
    moved = later(80, boot_ms=3_000, armed=False, place=FAR)
    assert goes_on(parked, moved) is Likeness.OTHER
    own = replace(parked, uid="a")
    assert goes_on(own, replace(moved, uid="a")) is Likeness.SAME, "carried there"
    assert goes_on(own, later(8, uid="b", armed=False)) is Likeness.OTHER
    assert goes_on(Sighting(1.0), later(8)) is Likeness.SAME, "nothing was known"


def test_a_clock_faster_than_time_is_measured_and_is_no_jump() -> None:
    """A simulation at ten times the speed falls silent and comes back."""
    link = ("tcp", None)
    claims = Claims(link, 0.0)
    beat = Side(SYSTEM).says(dialect.MAVLink_heartbeat_message(2, 3, 129, 3, 4, 3))
    for tenth in range(1, 100):
        claims.heard(link, position(1_000 * tenth), tenth / 10)
    claims.heard(link, beat, 10.0)
    claims.heard(link, beat, 17.0)
    assert claims.doubt(17.0) is Doubt.CHECKING
    claims.heard(link, position(170_000), 17.1)
    assert claims.doubt(17.1) is None


@given(
    s=st.floats(5, 600),
    boot_ms=st.integers(0, 2**32 - 1),
    north_deg=st.floats(-0.05, 0.05),
    armed=st.booleans(),
)
def test_an_aircraft_in_the_air_is_never_taken_for_one_with_another_clock(
    s: float, boot_ms: int, north_deg: float, armed: bool
) -> None:
    place = GeoPoint(lat_deg=FCP.lat_deg + north_deg, lon_deg=FCP.lon_deg)
    found = alike(KNOWN, later(s, boot_ms=boot_ms, place=place, armed=armed))
    if abs(60_000 + s * 1000 - boot_ms) > 3_001:
        assert found is Likeness.OTHER


def position(boot_ms: int, place: GeoPoint = FCP) -> Message:
    lat, lon = round(place.lat_deg * 1e7), round(place.lon_deg * 1e7)
    message = dialect.MAVLink_global_position_int_message(boot_ms, lat, lon, 0, 0, 0, 0, 0, 0)
    return Side(SYSTEM).says(message)


def test_two_devices_on_one_link_are_noticed_and_a_restart_is_not() -> None:
    link = ("udp", None)
    claims = Claims(link, 0.0)
    for s in range(20):
        # It restarts at 10 s.
        claims.heard(link, position(60_000 + s * 1000 if s < 10 else (s - 9) * 1000), float(s))
        assert claims.doubt(float(s)) is None
    for s in range(20, 30):
        claims.heard(link, position((s - 9) * 1000), s + 0.0)
        claims.heard(link, position(90_000 + s * 1000), s + 0.5)
    assert claims.doubt(29.5) is Doubt.MIXED
    doubts = []
    for s in range(30, 60):
        claims.heard(link, position((s - 9) * 1000), float(s))
        doubts.append(claims.doubt(float(s)))
    assert doubts[0] is Doubt.MIXED
    assert doubts[-1] is None


def test_a_person_settles_a_swap_on_the_spare_way_until_that_is_plugged_anew() -> None:
    radio, cable = ("radio", None), ("cable", None)
    claims = Claims(radio, 0.0)
    beat = Side(SYSTEM).says(dialect.MAVLink_heartbeat_message(2, 3, 129, 3, 4, 3))

    def say(origin: Origin, boot_ms: int, now_s: float, place: GeoPoint = FCP) -> None:
        for message in (position(boot_ms, place), beat):
            claims.heard(origin, message, now_s)

    for s in range(5):
        say(radio, 60_000 + 1000 * s, float(s))
    for s in range(5, 9):
        say(radio, 60_000 + 1000 * s, float(s))
        for message in (position(60_000 + 1000 * s), beat):
            claims.claimed(cable, message, float(s), way_lost=True)
    assert claims.trusted(cable)
    for s in range(9, 20):
        say(radio, 60_000 + 1000 * s, float(s))
    # Another aircraft is on the cable now.
    for s in range(20, 24):
        say(radio, 60_000 + 1000 * s, float(s))
        say(cable, 500_000 + 1000 * s, float(s), FAR)
    assert claims.doubt(24.0) is Doubt.SWAPPED
    assert not claims.trusted(cable)
    assert claims.confirm(24.0) is Doubt.SWAPPED
    for s in range(24, 40):
        say(radio, 60_000 + 1000 * s, float(s))
        say(cable, 500_000 + 1000 * s, float(s), FAR)
        assert claims.doubt(float(s)) is None
        assert not claims.trusted(cable)
    # The cable is silent for a while, then the aircraft itself is on it again.
    for s in range(40, 50):
        say(radio, 60_000 + 1000 * s, float(s))
    say(cable, 110_000, 50.0)
    say(cable, 110_100, 50.1)
    assert claims.trusted(cable)
    assert claims.doubt(50.1) is None


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site]:
    async with udp_site(tmp_path) as running:
        yield running


@pytest.mark.slow
async def test_another_device_does_not_become_the_aircraft_that_fell_silent(site: Site) -> None:
    real = Device(site.port, 60_000, FCP, armed=True)
    other = Device(site.port, 3_000, FAR, armed=False)

    async def speaking(*devices: Device, until: str = "", seconds: float = 60) -> None:
        async with asyncio.timeout(90):
            end_s = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end_s:
                for device in devices:
                    device.speak()
                if until and site.told(until):
                    return
                await asyncio.sleep(0.2)

    await speaking(real, seconds=1)
    await speaking(other, until="identity_in_doubt", seconds=LOST_S + 30)
    assert site.told("identity_in_doubt")
    answer = await site.order()
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "identity_in_doubt")
    state = site.node.state(ID)
    assert state is not None
    assert state.lat_deg == pytest.approx(FCP.lat_deg)

    # The real one speaks again: it is certain, the other one stays a stranger.
    await speaking(real, until="identity_certain")
    await speaking(real, other, seconds=1)
    ordered = asyncio.create_task(site.order())
    await speaking(real, other, seconds=6)
    ordered.cancel()
    real.speak()
    other.speak()
    assert dialect.MAV_CMD_DO_SET_MODE in real.orders
    assert other.orders == set()
    real.close()
    other.close()


@pytest.mark.slow
async def test_an_aircraft_that_comes_back_from_another_port_is_known_again(site: Site) -> None:
    real = Device(site.port, 60_000, FCP, armed=True)
    real.speak()
    await asyncio.sleep(LOST_S + 0.5)
    moved = Device(site.port, 60_000 + round((LOST_S + 0.5) * 1000), FCP, armed=True)
    async with asyncio.timeout(30):
        while dialect.MAV_CMD_DO_SET_MODE not in moved.orders:
            ordered = asyncio.create_task(site.order())
            for _ in range(5):
                moved.speak()
                await asyncio.sleep(0.2)
            ordered.cancel()
    assert not site.told("identity_in_doubt")
    real.close()
    moved.close()
