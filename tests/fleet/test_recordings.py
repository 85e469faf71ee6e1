"""The guards over recordings of the real ArduCopter 4.5.7, one fault each.

They lie in the project's shared folder, or where XUNSHAN_RECORDINGS says.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from field_api.contract.messages import LinkState, SortieState
from fleet.mavlink import Codec, Message
from fleet.sortie import Sortie
from fleet.telemetry import Telemetry, follow, snapshot
from fleet.watch import FlightWatch, Sight
from tests.fleet.flight_line import search_plan

FOLDER = Path(
    os.environ.get("XUNSHAN_RECORDINGS")
    or Path(__file__).parents[3] / "shared" / "data" / "arducopter"
)
T0_MS = 1_742_016_600_000
"""2025-03-15 13:30 in Kunming: the recordings' own clock says nothing of the sun."""
FLYING = Sortie(search_plan().sorties[0], "pilot", SortieState.FLYING, 9)
LOOK_S = 0.2

EXPECTED = {
    "baro_fail": set[str](),
    "batt_low": set[str](),
    "compass_fail": set[str](),
    "fence_breach": set[str](),
    "gcs_loss": set[str](),
    "gps_glitch": {"ekf"},
    "gps_loss": {"gps", "ekf"},
    "motor_fail": set[str](),
    "rc_loss": set[str](),
    "terminate": set[str](),
    "wind": set[str](),
}
"""What must be told in the air; the recorded sorties are none of ours."""


def recorded(name: str) -> Iterator[Message]:
    """Every message of a recording, in its order."""
    path = FOLDER / f"{name}.tlog"
    if not path.exists():
        pytest.skip(f"no recording {path}: set XUNSHAN_RECORDINGS to the folder that holds them")
    data, position, codec = path.read_bytes(), 0, Codec()
    while position + 10 < len(data):
        start = position + 8
        length = data[start + 1] + (12 if data[start] == 0xFD else 8)
        if data[start] == 0xFD and data[start + 2] & 1:
            length += 13  # Signed.
        yield from codec.parse(data[start : start + length])
        position = start + length


def alarms(name: str) -> list[tuple[float, str]]:
    """Return what is told and when, simulated seconds after power-on."""
    telemetry, watch, told = Telemetry(), FlightWatch(), list[tuple[float, str]]()
    now_s, due_s = 0.0, 0.0
    for message in recorded(name):
        boot_ms = getattr(message, "time_boot_ms", 0)
        now_s = max(now_s, boot_ms / 1000)
        now_ms = T0_MS + round(now_s * 1000)
        telemetry = follow(telemetry, message, now_ms)
        if now_s < due_s:
            continue
        due_s = now_s + LOOK_S
        state = snapshot(telemetry, "XS-U2", LinkState.LIVE, 0.0, None, None, 9, None, now_ms)
        told += [(now_s, a.id) for a in watch.look(Sight(state, FLYING, now_s, now_ms))]
    return told


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_fault_is_told(name: str) -> None:
    told = alarms(name)
    assert {alarm for _, alarm in told} == EXPECTED[name]


def test_a_lost_fix_is_told_after_two_seconds_and_the_lost_position_when_it_comes() -> None:
    lost_s, now_s = -1.0, 0.0
    for message in recorded("gps_loss"):
        now_s = max(now_s, getattr(message, "time_boot_ms", 0) / 1000)
        if lost_s < 0 and now_s > 60 and message.get_type() == "GPS_RAW_INT":
            lost_s = now_s if message.fix_type < 3 else lost_s
    told = alarms("gps_loss")
    gps_s, ekf_s = (next(s for s, name in told if name == wanted) for wanted in ("gps", "ekf"))
    assert lost_s + 2.0 <= gps_s <= lost_s + 3.0
    # ArduPilot gives its position up 7 s after the fix, and lands.
    assert lost_s + 7.0 <= ekf_s <= lost_s + 9.0
