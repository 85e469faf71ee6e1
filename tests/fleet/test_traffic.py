"""Transponders as an aircraft's receiver hears them: checked, kept a while, and not too many."""

from typing import Any

import pytest

from fleet.mavlink import Message, dialect
from fleet.telemetry import Telemetry, follow
from fleet.traffic import MOST, Contact, contact, merged
from tests.fleet.wire import VEHICLE, Side

T_MS = 1_790_000_000_000
VALID = 0x1 | 0x2 | 0x4 | 0x8 | dialect.ADSB_FLAGS_VERTICAL_VELOCITY_VALID
vehicle = Side(VEHICLE)


def heard(**changes: Any) -> Message:
    fields: dict[str, Any] = {
        "ICAO_address": 0x780ABC,
        "lat": 249_478_000,
        "lon": 1_026_108_000,
        "altitude_type": 0,
        "altitude": 2_500_000,
        "heading": 9_000,
        "hor_velocity": 7_000,
        "ver_velocity": -250,
        "callsign": b"B-7081",
        "emitter_type": 0,
        "tslc": 1,
        "flags": VALID,
        "squawk": 0,
    }
    return vehicle.says(dialect.MAVLink_adsb_vehicle_message(**(fields | changes)))


def test_a_report_is_read_with_its_units() -> None:
    found = contact(heard(), T_MS)
    assert found is not None
    assert (found.icao, found.name, found.heard_ms) == (0x780ABC, "B-7081", T_MS - 1000)
    assert (found.lat_deg, found.lon_deg, found.altitude_m) == (24.9478, 102.6108, 2500.0)
    assert found.velocity_ms == pytest.approx((0.0, 70.0, -2.5), abs=1e-6)
    assert found.age_s(T_MS) == 1.0


@pytest.mark.parametrize(
    "place",
    [
        {"lat": 2_000_000_000},
        {"lon": -2_147_483_648},
        {"lat": 2_147_483_647, "lon": 2_147_483_647},
        {"lat": 0, "lon": 0},
        {"flags": VALID & ~dialect.ADSB_FLAGS_VALID_COORDS},
    ],
)
def test_a_report_without_a_place_is_ignored(place: dict[str, int]) -> None:
    assert contact(heard(**place), T_MS) is None
    assert follow(Telemetry(), heard(**place), T_MS) == Telemetry()


def test_what_is_absurd_or_not_valid_is_unknown() -> None:
    def read(**changes: int) -> Contact:
        found = contact(heard(**changes), T_MS)
        assert found is not None
        return found

    assert read(altitude=2_147_483_647).altitude_m is None
    assert read(flags=VALID & ~dialect.ADSB_FLAGS_VALID_ALTITUDE).altitude_m is None
    assert read(flags=VALID & ~dialect.ADSB_FLAGS_VALID_HEADING).velocity_ms is None
    assert read(heading=65_535).velocity_ms is None
    still = read(flags=VALID & ~dialect.ADSB_FLAGS_VERTICAL_VELOCITY_VALID).velocity_ms
    assert still is not None
    assert still[2] == 0.0


def test_a_call_sign_is_letters_and_digits_and_without_one_the_number_is_told() -> None:
    def name(raw: bytes) -> str:
        found = contact(heard(callsign=raw), T_MS)
        assert found is not None
        return found.name

    assert name(b"<b>\xff\x07A1") == "bA1"
    assert name(b"") == "780ABC"


def test_old_reports_are_dropped_and_a_flood_keeps_the_newest() -> None:
    state = Telemetry()
    for number in range(1_000):
        state = follow(state, heard(ICAO_address=number, tslc=0), T_MS + number)
    assert len(state.traffic) == MOST
    assert min(state.traffic) == 1_000 - MOST
    state = follow(state, heard(ICAO_address=7), T_MS + 60_000)
    assert set(state.traffic) == {7}


def test_what_several_receivers_hear_is_one_contact_the_newest() -> None:
    old, new = contact(heard(tslc=5), T_MS), contact(heard(tslc=1), T_MS)
    assert old is not None
    assert new is not None
    assert merged([{old.icao: old}, {new.icao: new}], T_MS) == (new,)
    assert merged([{old.icao: old}], T_MS + 9_000) == ()


def test_our_own_transponders_are_no_strangers() -> None:
    own, other = contact(heard(), T_MS), contact(heard(ICAO_address=0x7800B2), T_MS)
    assert own is not None
    assert other is not None
    receiver = {own.icao: own, other.icao: other}
    assert merged([receiver], T_MS, own={own.icao}) == (other,)
    assert merged([receiver], T_MS, own={own.icao, other.icao}) == ()
