"""Remote ID: the module gets what it needs, what it lacks is told, strangers are heard."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.messages import CommandOutcome, StartSortie, UploadSortie
from fleet.mavlink import Message, dialect
from fleet.protocol.remote_id import EPOCH_S, MODULES, RemoteId, RemoteIdentity
from fleet.traffic import contact, drone_key
from mission_plans.values.plan import GeoPoint
from tests.fleet.flight_line import FCP, flight_line, search_plan
from tests.fleet.wire import VEHICLE, Side

LAUNCH = GeoPoint(lat_deg=24.9478, lon_deg=102.6108)
module = Side(VEHICLE, MODULES[0])
ME = RemoteIdentity("OP-530112-7", serial="1596F350457791151115", description="rescue")


def status(code: int, words: str = "") -> Message:
    return module.says(dialect.MAVLink_open_drone_id_arm_status_message(code, words.encode()))


def kinds(messages: list[Message]) -> set[str]:
    return {m.get_type().removeprefix("OPEN_DRONE_ID_") for m in messages}


def test_nothing_is_sent_to_an_aircraft_without_a_module() -> None:
    machine = RemoteId(VEHICLE, ME)
    assert machine.poll(0.0, 0.0, LAUNCH) == []
    assert machine.readiness(0.0) is None
    machine.receive(Side(VEHICLE + 1, MODULES[0]).says(status(0)), 0.0)
    assert machine.readiness(0.0) is None


def test_what_the_module_needs_comes_at_the_specified_rates() -> None:
    machine = RemoteId(VEHICLE, ME)
    machine.receive(status(1, "missing SYSTEM"), 0.0)
    assert machine.readiness(0.0) == (False, "missing SYSTEM")
    counts: dict[str, int] = {}
    now_s = 0.0
    while now_s < 30.0:
        for message in machine.poll(now_s, EPOCH_S + 100.0, LAUNCH):
            counts[message.get_type()] = counts.get(message.get_type(), 0) + 1
            assert (message.target_system, message.target_component) == (VEHICLE, MODULES[0])
        now_s += 0.1
    assert 29 <= counts["OPEN_DRONE_ID_SYSTEM"] <= 31
    for name in ("BASIC_ID", "OPERATOR_ID", "SELF_ID"):
        assert 9 <= counts[f"OPEN_DRONE_ID_{name}"] <= 11
    machine.receive(status(0), 30.0)
    assert machine.readiness(30.0) == (True, "")
    # A module that fell silent is not counted on.
    assert machine.readiness(36.0) == (False, "模块没有状态 / the module is silent")


def test_the_operator_stands_at_the_launch_site_and_is_not_guessed() -> None:
    machine = RemoteId(VEHICLE, RemoteIdentity("OP", registration="B-1234"))
    machine.receive(status(1), 0.0)
    first = machine.poll(0.0, EPOCH_S + 100.0, None)
    assert kinds(first) == {"OPERATOR_ID", "BASIC_ID"}
    basic = next(m for m in first if m.get_type() == "OPEN_DRONE_ID_BASIC_ID")
    assert basic.id_type == dialect.MAV_ODID_ID_TYPE_CAA_REGISTRATION_ID
    (system,) = machine.poll(1.0, EPOCH_S + 100.0, LAUNCH)
    assert (system.operator_latitude, system.operator_longitude) == (249478000, 1026108000)
    assert system.timestamp == 100
    assert module.says(system).get_type() == "OPEN_DRONE_ID_SYSTEM"


def heard(mac: bytes = b"\x01\x02\x03\x04\x05\x06", **changes: Any) -> Message:
    fields: dict[str, Any] = {
        "latitude": 249478000, "longitude": 1026108000, "direction": 9000,
        "speed_horizontal": 500, "speed_vertical": 100, "altitude_geodetic": 2100.0,
    } | changes  # fmt: skip
    return module.says(
        dialect.MAVLink_open_drone_id_location_message(
            0, 0, list(mac.ljust(20, b"\0")), 2, fields["direction"], fields["speed_horizontal"],
            fields["speed_vertical"], fields["latitude"], fields["longitude"], 2000.0,
            fields["altitude_geodetic"], 0, 50.0, 0, 0, 0, 0, 0.0, 0,
        )
    )  # fmt: skip


def test_strangers_are_heard_and_our_own_location_is_none() -> None:
    known = contact(heard(), 1000)
    assert known is not None
    assert known.icao == drone_key(bytes.fromhex("010203040506"))
    assert known.velocity_ms == pytest.approx((0.0, 5.0, 1.0))
    assert known.altitude_m == 2100.0
    assert contact(heard(b""), 1000) is None
    assert contact(heard(latitude=2**31 - 1), 1000) is None
    unknowns: tuple[dict[str, Any], ...] = ({"direction": 36_100}, {"speed_horizontal": 25_500})
    for unknown in unknowns:
        slow = contact(heard(**unknown), 1000)
        assert slow is not None
        assert slow.velocity_ms is None


@given(
    st.binary(max_size=20),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(0, 65_535),
    st.integers(-(2**15), 2**15 - 1),
    st.floats(width=32),
)
def test_hostile_locations_never_upset_it(
    mac: bytes, place: int, speed: int, climb: int, height: float
) -> None:
    said = heard(
        mac, latitude=place, direction=speed, speed_horizontal=speed, speed_vertical=climb,
        altitude_geodetic=height,
    )  # fmt: skip
    found = contact(said, 0)
    assert found is None or (found.altitude_m is None or -1000 < found.altitude_m <= 50_000)


SETTINGS = {"operator_id": "OP-530112-7", "serial": "1596F350457791151115", "required": True}


def vehicles(**remote_id: object) -> dict[str, object]:
    one = {"vehicle_id": "XS-U2", "link": "tcp", "sysid": 2, "remote_id": SETTINGS | remote_id}
    return {"vehicles": [one]}


@pytest.mark.slow
@pytest.mark.serial
async def test_the_module_broadcasts_once_the_node_has_told_it(tmp_path: Path) -> None:
    async with flight_line("simulated", tmp_path, settings=vehicles(), remote_id=True) as line:
        await line.until(lambda s: s.remote_id is not None and s.remote_id.state == "broadcasting")
        assert any(
            s.remote_id and s.remote_id.state == "not_ready" and s.remote_id.text
            for s in line.states
        )


@pytest.mark.slow
@pytest.mark.serial
async def test_nothing_takes_off_without_one_that_is_required(tmp_path: Path) -> None:
    plan = search_plan()
    async with flight_line("simulated", tmp_path, settings=vehicles()) as line:
        await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
        assert line.states[-1].remote_id is not None
        upload = UploadSortie(vehicle_id="XS-U2", sortie=plan.sorties[0], checks=plan.checks)
        assert (await line.order(upload)).outcome is CommandOutcome.DONE
        start = StartSortie(vehicle_id="XS-U2", sortie_id=plan.sorties[0].id)
        refused = await line.order(start)
        assert (refused.outcome, refused.code) == (CommandOutcome.REFUSED, "check_failed")
        assert "no module was heard" in refused.text
    assert FCP == LAUNCH
