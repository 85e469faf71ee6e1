"""How long a planned search takes when it is flown: at 8, 15 and 20 m/s, in calm air and in wind.

Flown ten times as fast as the clock by the simulated vehicle and, where `XUNSHAN_ARDUCOPTER` names
a binary, by the real ArduCopter. Times are the vehicle's own (`time_boot_ms`), read from the node's
log: from leaving the ground until the motors stop.
"""

import asyncio
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from field_api.contract.messages import CommandOutcome, StartSortie, UploadSortie
from fleet.mavlink import Codec
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.plan import (
    AircraftSpec,
    CameraSpec,
    GeoPoint,
    PlanRequest,
    SortiePlan,
    Wind,
)
from sim.vehicle.arducopter import arducopter_binary
from tests.fleet.flight_line import FCP, flight_line
from tests.mission_plans.areas import LevelGround

SPEEDS_MS = (8.0, 15.0, 20.0)
WIND = Wind(from_deg=225, speed_ms=7)
WITHIN = 0.05
FLYING_S = 400.0
"""Longest wait for one flight, by the clock."""


ACCELERATION_MS2 = {"simulated": 2.5, "arducopter": 1.0}
"""WPNAV_ACCEL of the simulated vehicle, and of ArduCopter 4.0.7."""

MAX_AIRSPEED_MS = {"simulated": 30.0, "arducopter": 16.0}
"""What they reach with the lean allowed below: ArduCopter's own simulated frame made 14 m/s over
ground in calm air and 10 against 7 m/s of wind when 15 were asked."""


def sortie_at(kind: str, speed_ms: float, wind: Wind | None, *, level: bool = True) -> SortiePlan:
    """Plan a search of 13 ha round the fire checkpoint with one aircraft of a kind.

    Level lanes are flown 100 m above the checkpoint, clear of the slopes round it.
    """
    south, west = 24.946, 102.6092
    corners = [(0.0, 0.0), (0.0036, 0.0), (0.0036, 0.0032), (0.0, 0.0032)]
    craft = AircraftSpec(
        vehicle_id="XS-U2",
        launch=FCP,
        cruise_ms=speed_ms,
        max_airspeed_ms=MAX_AIRSPEED_MS[kind],
        acceleration_ms2=ACCELERATION_MS2[kind],
        camera=CameraSpec(pitch_deg=-40),
        endurance_s=3000,
    )
    request = PlanRequest(
        area=[GeoPoint(lat_deg=south + y, lon_deg=west + x) for y, x in corners],
        aircraft=[craft],
        wind=wind,
        agl_m=100 if level else 60,
    )
    terrain = demo_terrain()
    at_the_pad_m = float(terrain.elevation_m(FCP.lat_deg, FCP.lon_deg))
    ground = LevelGround(at_the_pad_m) if level else terrain
    return plan_search(request, ground, "flight-time").sorties[0]


async def fly(kind: str, sortie: SortiePlan, wind: Wind | None) -> float:
    """Fly a sortie and return how long it took by the vehicle's own clock, seconds."""
    # As steep as it takes: the usual 30 degrees of the simulated frame end at 12 m/s of airspeed.
    parameters: dict[str, float] = {"ANGLE_MAX": 6000}
    if wind is not None:
        parameters |= {"SIM_WIND_SPD": wind.speed_ms, "SIM_WIND_DIR": wind.from_deg}
    with tempfile.TemporaryDirectory(prefix="xunshan-bench-") as name:
        folder = Path(name)
        async with flight_line(kind, folder, parameters=parameters) as line:
            await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
            sent = await line.order(UploadSortie(vehicle_id="XS-U2", sortie=sortie, checks=[]))
            assert sent.outcome is CommandOutcome.DONE, sent.text
            begun = await line.order(StartSortie(vehicle_id="XS-U2", sortie_id=sortie.id))
            assert begun.outcome is CommandOutcome.DONE, begun.text
            await line.until(lambda s: s.sortie_state == "returned", within_s=FLYING_S)
            await line.until(lambda s: not s.armed, within_s=60)
        return _timed(folder / "fleet" / "logs")


def _timed(logs: Path) -> float:
    data = next(logs.glob("*.tlog")).read_bytes()
    codec, position = Codec(), 0
    now_s = began_s = ended_s = 0.0
    while position + 8 < len(data):
        length = data[position + 9] + (12 if data[position + 8] == 0xFD else 8)
        for message in codec.parse(data[position + 8 : position + 8 + length]):
            if message.get_srcSystem() != 2:
                continue
            match message.get_type():
                case "GLOBAL_POSITION_INT":
                    now_s = message.time_boot_ms / 1000
                    if not began_s and message.relative_alt > 500:
                        began_s = now_s
                case "HEARTBEAT" if began_s and message.get_srcComponent() == 1:
                    if message.base_mode & 128:
                        ended_s = now_s
                case _:
                    pass
        position += 8 + length
    return ended_s - began_s


def rows() -> Iterator[tuple[str, float, str, str, bool]]:
    """Fly every case and yield planned and flown seconds, and the difference."""
    kinds = ["simulated", *(["arducopter"] if arducopter_binary() else [])]
    speeds = SPEEDS_MS[:1] if os.environ.get("BENCH_SMALL") else SPEEDS_MS
    cases = [(None, True), (WIND, True), (None, False)]
    for kind, speed_ms, (wind, level) in itertools.product(kinds, speeds, cases):
        sortie = sortie_at(kind, speed_ms, wind, level=level)
        flown_s = asyncio.run(fly(kind, sortie, wind))
        part = sortie.duration_s / flown_s - 1
        air = "calm" if wind is None else f"wind {wind.speed_ms:g} m/s"
        name = f"{kind}, {speed_ms:g} m/s, {air}, {'level' if level else 'slopes'}"
        yield f"{name}: flown", flown_s, "s", "", False
        yield f"{name}: planned", sortie.duration_s, "s", "", False
        yield (f"{name}: planned over flown", part * 100, "%", f"{WITHIN:.0%}", abs(part) > WITHIN)
