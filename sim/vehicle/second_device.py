"""Another aircraft under a system id that is taken: what a fleet must not mistake for the first."""

from dataclasses import replace

from sim.vehicle.config import VehicleConfig
from sim.vehicle.location import LocalFrame

__all__ = ["second_device"]


def second_device(
    config: VehicleConfig, *, north_m: float = 600.0, uptime_s: float = 1000.0
) -> VehicleConfig:
    """Return a vehicle that shares only the system id with `config`.

    It stands `north_m` away, has a hardware number of its own, and has been switched on
    `uptime_s` seconds longer. It has no links: give it those of the first, or others, with
    `dataclasses.replace`. One `VehicleGroup` takes each system id once, so it needs its own.
    """
    lat_deg, lon_deg = LocalFrame(config.lat_deg, config.lon_deg).to_degrees(north_m, 0.0)
    return replace(
        config,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        hardware_id=f"{config.hardware_id} (second device)",
        uptime_s=config.uptime_s + uptime_s,
        udp_target=None,
        tcp_port=None,
    )
