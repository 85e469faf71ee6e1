"""The simulated aircraft of a scenario, flown by our own vehicle or by the real ArduCopter."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from field_api.contract.scenario import Scenario
from mission_plans.ground.terrain import Terrain
from sim.vehicle import VehicleConfig, run_vehicles
from sim.vehicle.arducopter import FIRST_TCP_PORT, real_arducopter

__all__ = ["arducopter_instance", "fly_arducopter", "fly_simulated", "vehicle_configs"]

PAD_SPACING_DEG = 6e-5
"""About six metres: aircraft of one base do not stand on each other."""

GROUND_STATION_SILENT_S = 5.0
"""ArduCopter's own default of FS_GCS_TIMEOUT."""


def arducopter_instance(tcp_port: int) -> int:
    """Return the instance number of ArduCopter SITL that listens on `tcp_port`.

    Raises:
        ValueError: none does; the text says which ports there are.
    """
    instance, rest = divmod(tcp_port - FIRST_TCP_PORT, 10)
    if rest or not 0 <= instance <= 250:
        raise ValueError(
            f"ArduCopter listens on {FIRST_TCP_PORT}, {FIRST_TCP_PORT + 10}, ... "
            f"{FIRST_TCP_PORT + 2500}, not on {tcp_port}: choose --sitl-port accordingly"
        )
    return instance


def vehicle_configs(
    scenario: Scenario,
    terrain: Terrain,
    mavlink_port: int,
    tcp_ports: Sequence[int],
    speedup: float = 1.0,
) -> list[VehicleConfig]:
    """Return how each flying aircraft is simulated: as many as there are TCP ports for.

    In a world that runs `speedup` times faster the aircraft wait that much longer for a silent
    ground station: its heartbeats come by the clock on the wall, and at 4 x two of them are
    already 4 s of the aircraft's time apart.
    """
    configs: list[VehicleConfig] = []
    crafts = scenario.flying(len(tcp_ports))
    for n, (craft, tcp_port) in enumerate(zip(crafts, tcp_ports, strict=True)):
        base = scenario.point(craft.base)
        lon_deg = base.lon_deg + n * PAD_SPACING_DEG
        configs.append(
            VehicleConfig(
                sysid=craft.sysid,
                lat_deg=base.lat_deg,
                lon_deg=lon_deg,
                ground_amsl_m=float(terrain.elevation_m(base.lat_deg, lon_deg)),
                udp_target=("127.0.0.1", mavlink_port),
                tcp_port=tcp_port,
                camera_hfov_deg=scenario.sim.cameras.hfov_deg,
                endurance_s=craft.endurance_min * 60,
                parameters={
                    "FS_GCS_TIMEOUT": GROUND_STATION_SILENT_S * max(1.0, speedup),
                    "WPNAV_SPEED": craft.cruise_ms * 100,
                    "SIM_WIND_SPD": scenario.weather.wind_ms,
                    "SIM_WIND_DIR": scenario.weather.wind_dir_from,
                },
            )
        )
    return configs


async def fly_simulated(
    configs: list[VehicleConfig], terrain: Terrain, speedup: float, seed: int
) -> None:
    """Run our own vehicles until cancelled."""

    def elevation_m(lat_deg: float, lon_deg: float) -> float:
        return float(terrain.elevation_m(lat_deg, lon_deg))

    await run_vehicles(configs, speedup, seed, terrain=elevation_m)


async def fly_arducopter(configs: list[VehicleConfig], binary: Path, speedup: float) -> None:
    """Run one real ArduCopter for each vehicle until cancelled.

    Raises:
        ValueError: a vehicle's TCP port is not one that the program can have.
    """
    async with AsyncExitStack() as stack:
        for config in configs:
            instance = arducopter_instance(config.tcp_port or FIRST_TCP_PORT)
            await stack.enter_async_context(
                real_arducopter(binary, config, instance=instance, speedup=speedup)
            )
        await asyncio.Event().wait()
