"""TIMESYNC over the whole way: the vehicle is asked, and answered when it asks."""

from pathlib import Path

import pytest

from fleet.mavlink import GCS_SYSTEM, Codec, Message
from tests.fleet.flight_line import flight_line

pytestmark = [pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(120)]


STAMP, HEADER, CHECKSUM = 8, 10, 2
"""Bytes of a flight log's time stamps, and of a MAVLink 2 frame round its payload."""


def recorded(folder: Path) -> list[Message]:
    """Every message of the flight log, both ways."""
    (log,) = (folder / "fleet" / "logs").glob("*.tlog")
    data, at, frames = log.read_bytes(), 0, b""
    while at + STAMP + HEADER < len(data):
        size = HEADER + data[at + STAMP + 1] + CHECKSUM
        frames += data[at + STAMP : at + STAMP + size]
        at += STAMP + size
    return Codec().parse(frames)


@pytest.mark.parametrize("kind", ["simulated", "arducopter"])
async def test_its_clock_is_measured_and_its_questions_are_answered(
    kind: str, tmp_path: Path
) -> None:
    async with flight_line(kind, tmp_path) as line:
        await line.until(lambda s: s.clock_offset_ms is not None)
        state = line.states[-1]
        # Its clock counts since boot, ours since 1970.
        assert state.clock_offset_ms is not None
        assert state.clock_offset_ms < -1.6e12
        assert state.round_trip_ms is not None
        assert 0 <= state.round_trip_ms < 5000
        # It asks every ten seconds of its own.
        await line.until(lambda s: s.t_ms > state.t_ms + 3000)
    times = [m for m in recorded(tmp_path) if m.get_type() == "TIMESYNC"]
    asked = {m.ts1 for m in times if m.get_srcSystem() != GCS_SYSTEM and m.tc1 == 0}
    answered = {m.ts1 for m in times if m.get_srcSystem() == GCS_SYSTEM and m.tc1 > 0}
    assert asked
    assert answered <= asked
    assert len(answered) >= len(asked) - 1
