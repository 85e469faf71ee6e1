"""A node that restarts knows who its aircraft were, and takes nobody else for them."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from field_api.contract.messages import CommandOutcome
from fleet.claims import Claim, Claims, Doubt
from fleet.identity import Likeness, Sighting, after_restart
from fleet.last_known import KEPT_S, Known, LastKnown
from fleet.mavlink import Message, dialect
from fleet.roster import Origin
from mission_plans.values.plan import GeoPoint
from tests.fleet.flight_line import FCP
from tests.fleet.udp_site import FAR, ID, SYSTEM, Device, udp_site
from tests.fleet.wire import Side

OWN: Origin = ("udp", ("127.0.0.1", 4_001))
ELSEWHERE: Origin = ("udp", ("127.0.0.1", 4_002))
FLYING = Known(Sighting(100.0, None, 60_000, 100.0, FCP, 100.0, True), OWN)
"""Two seconds before the node is there again, at 102 s."""

times = st.floats(-1e6, 1e6)
knowns = st.builds(
    Known,
    st.builds(
        Sighting,
        heard_s=times,
        uid=st.none() | st.text("0123456789abcdef", min_size=1, max_size=36),
        boot_ms=st.none() | st.integers(0, 2**32 - 1),
        boot_heard_s=times,
        place=st.none()
        | st.builds(GeoPoint, lat_deg=st.floats(-90, 90), lon_deg=st.floats(-180, 180)),
        place_heard_s=times,
        armed=st.none() | st.booleans(),
        rate=st.floats(0.5, 200),
    ),
    st.tuples(
        st.text(min_size=1, max_size=20),
        st.none() | st.tuples(st.just("127.0.0.1"), st.integers(1, 65_535)),
    ),
)


@settings(max_examples=50)
@given(known=knowns)
def test_what_was_written_is_read_again(known: Known, tmp_path_factory: object) -> None:
    path = tmp_path_factory.mktemp("known") / "identities.json"  # type: ignore[attr-defined]
    LastKnown(path).save({ID: known})
    assert LastKnown(path).of(ID, known.seen.heard_s + 1) == known


def test_what_is_too_old_or_damaged_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    LastKnown(path).save({ID: FLYING})
    assert LastKnown(path).of(ID, 100.0 + KEPT_S + 1) is None
    assert LastKnown(path).of("XS-U9", 101.0) is None
    record = json.loads(path.read_text())
    for damage in ("", "[]", "{}", '{"aircraft": 3}', json.dumps(record)[:-9]):
        path.write_text(damage)
        assert LastKnown(path).of(ID, 101.0) is None
    for name, value in (("boot_ms", 1e999), ("place", [95.0, 0.0]), ("address", 7), ("rate", "x")):
        broken = json.loads(json.dumps(record))
        broken["aircraft"][ID][name] = value
        path.write_text(json.dumps(broken))
        assert LastKnown(path).of(ID, 101.0) is None


def test_after_a_restart_of_the_machine_the_time_of_day_counts(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    LastKnown(path).save({ID: FLYING})
    record = json.loads(path.read_text())
    record |= {"boot_id": "another", "unix_s": time.time() - 20, "monotonic_s": 103.0}
    path.write_text(json.dumps(record))
    known = LastKnown(path).of(ID, time.monotonic())
    assert known is not None
    assert time.monotonic() - known.seen.heard_s == pytest.approx(23.0, abs=2)


def test_a_full_disk_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    last = LastKnown(tmp_path / "identities.json")
    last.save({ID: FLYING})
    last.save({ID: FLYING})


def says(boot_ms: int, place: GeoPoint = FCP, *, armed: bool = True, uid: int = 0) -> list[Message]:
    side = Side(SYSTEM)
    lat, lon = round(place.lat_deg * 1e7), round(place.lon_deg * 1e7)
    found = [
        side.says(dialect.MAVLink_heartbeat_message(2, 3, 129 if armed else 1, 3, 4, 3)),
        side.says(dialect.MAVLink_global_position_int_message(boot_ms, lat, lon, *[0] * 6)),
    ]
    if uid:
        none = [0] * 8
        version = dialect.MAVLink_autopilot_version_message(
            0, 0, 0, 0, 0, none, none, none, 0, 0, uid
        )
        found.append(side.says(version))
    return found


def test_the_right_one_is_adopted_with_its_first_position() -> None:
    claims = Claims(OWN, 102.0, FLYING)
    assert claims.doubt(102.0) is Doubt.CHECKING
    for message in says(62_050):
        claims.heard(OWN, message, 102.0)
    assert claims.trusted(OWN)
    assert claims.doubt(102.0) is None


def test_another_one_that_speaks_first_is_doubted_until_the_right_one_is_heard() -> None:
    claims = Claims(ELSEWHERE, 102.0, FLYING)
    for tenth in range(10):
        for message in says(3_000 + tenth * 100, FAR, armed=False):
            claims.heard(ELSEWHERE, message, 102.0 + tenth / 10)
    assert not claims.trusted(ELSEWHERE)
    assert claims.doubt(103.0) is Doubt.SWAPPED
    assert claims.certain(103.0) is None, "it must not be written down as the aircraft"
    found = []
    for s in range(4):
        for message in says(63_000 + s * 1000):
            found.append(claims.claimed(OWN, message, 103.0 + s, way_lost=False)[0])
            if found[-1] is Claim.PROVED:
                break
        if found[-1] is Claim.PROVED:
            break
        for message in says(4_000 + s * 1000, FAR, armed=False):
            claims.heard(ELSEWHERE, message, 103.1 + s)
    assert found[-1] is Claim.PROVED
    assert claims.trusted(OWN)
    assert claims.doubt(107.0) is None
    again = claims.claimed(ELSEWHERE, says(9_000, FAR)[0], 107.0, way_lost=False)
    assert again == (Claim.DUPLICATE, False)


def test_its_hardware_vouches_for_one_that_was_switched_off_meanwhile() -> None:
    known = Known(Sighting(100.0, "7", 60_000, 100.0, FCP, 100.0, True), OWN)
    for uid, doubt in ((7, None), (8, Doubt.SWAPPED)):
        claims = Claims(OWN, 220.0, known)
        for message in says(5_000, armed=False):
            claims.heard(OWN, message, 220.0)
        assert claims.doubt(220.0) is Doubt.CHECKING, "its hardware was not told yet"
        for message in says(5_100, armed=False, uid=uid):
            claims.heard(OWN, message, 220.1)
        assert claims.doubt(220.1) is doubt


@given(
    s=st.floats(0, KEPT_S),
    boot_ms=st.integers(1, 2**32 - 1),
    north_deg=st.floats(-0.05, 0.05),
    armed=st.booleans(),
    same_way=st.booleans(),
)
def test_what_flew_is_never_taken_for_one_with_another_clock(
    s: float, boot_ms: int, north_deg: float, armed: bool, same_way: bool
) -> None:
    now_s = 100 + s
    place = GeoPoint(lat_deg=FCP.lat_deg + north_deg, lon_deg=FCP.lon_deg)
    new = Sighting(now_s, None, boot_ms, now_s, place, now_s, armed)
    found = after_restart(FLYING.seen, new, same_way=same_way)
    if abs(60_000 + s * 1000 - boot_ms) > 3_001:
        assert found is Likeness.OTHER


@pytest.mark.slow
async def test_after_a_restart_nothing_is_ordered_of_whoever_speaks_first(tmp_path: Path) -> None:
    async with udp_site(tmp_path) as before:
        flying = Device(before.port, 60_000, FCP, armed=True)
        await before.while_speaking(lambda: before.node.state(ID) is not None, (flying, None))
        await before.while_speaking(lambda: before.state.lat_deg is not None, (flying, None))
    async with udp_site(tmp_path) as site:
        real = Device(site.port, flying.boot_ms, FCP, armed=True)
        other = Device(site.port, 3_000, FAR, armed=False)
        told = lambda: site.told("identity_in_doubt")  # noqa: E731
        await site.while_speaking(told, (other, None))
        ordered = asyncio.create_task(site.order())
        await site.while_speaking(ordered.done, (other, None))
        answer = ordered.result()
        assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "identity_in_doubt")
        assert other.orders == set()

        both = ((other, None), (real, None))
        await site.while_speaking(lambda: site.told("identity_certain"), *both)
        ordered = asyncio.create_task(site.order())
        await site.while_speaking(lambda: dialect.MAV_CMD_DO_SET_MODE in real.orders, *both)
        ordered.cancel()
        other.listen()
        assert other.orders == set()
        for device in (flying, real, other):
            device.close()
