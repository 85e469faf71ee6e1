"""What one simulated vehicle is: identity, place, links and how long it takes to wake up."""

from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["MEASURED_BOOT", "QUICK_BOOT", "BootTimes", "Terrain", "VehicleConfig"]

Terrain = Callable[[float, float], float]
"""Ground elevation above mean sea level, metres, at a latitude and longitude in degrees."""


@dataclass(frozen=True)
class BootTimes:
    """Simulated seconds after power-on at which the vehicle reaches each stage of readiness."""

    ekf_initialised_s: float
    tilt_aligned_s: float
    gps_fix_s: float
    prearm_ok_s: float
    """Armable in modes that need no position."""
    origin_set_s: float
    using_gps_s: float
    """Armable in GUIDED and every other mode that needs a position."""


MEASURED_BOOT = BootTimes(4.27, 5.61, 9.61, 23.5, 19.79, 41.19)
"""As the recordings of ArduCopter 4.5.7 SITL show it."""

QUICK_BOOT = BootTimes(0.6, 0.9, 1.5, 3.0, 2.5, 4.0)
"""The same stages in the same order, for demos and tests."""


@dataclass(frozen=True)
class VehicleConfig:
    """One simulated vehicle.

    `udp_target` is where it sends MAVLink unasked, like `--serial0 udpclient:HOST:PORT` of the
    real one; `tcp_port` (and the port two above it) accepts any number of clients, like SITL's
    serial ports; with 0 the system chooses both (`VehicleGroup.tcp_ports`). None: switched off.
    """

    sysid: int
    lat_deg: float
    lon_deg: float
    ground_amsl_m: float | None = None
    """Elevation of the launch point; None asks the terrain."""
    heading_deg: float = 0.0
    udp_target: tuple[str, int] | None = None
    tcp_port: int | None = None
    boot: BootTimes = QUICK_BOOT
    gimbal: bool = True
    """Carry a pitch gimbal (MNT1_TYPE=1)."""
    camera_hfov_deg: float | None = None
    """Widest horizontal field of view of a camera that is a component of its own (zoom, pictures);
    None: the picture has no MAVLink side."""
    endurance_s: float | None = None
    """Hovering time of a full battery; None keeps the light load of ArduCopter SITL."""
    ftp: bool = True
    """Serve files by MAVLink FTP, as ArduCopter does from 4.1 on; logs are served either way."""
    remote_id: bool = False
    """Carry a Remote ID module that needs its operator from the ground station."""
    hardware_id: str = ""
    """What the hardware number (`uid2` of AUTOPILOT_VERSION) is made from; else the sysid."""
    uptime_s: float = 0.0
    """How long it has been switched on when the simulation begins."""
    parameters: dict[str, float] = field(default_factory=dict[str, float])
    """Start values that differ from the stock set, e.g. `{"WPNAV_SPEED": 800}`."""

    def __post_init__(self) -> None:
        if not 1 <= self.sysid <= 255:
            raise ValueError(f"sysid must be 1..255, not {self.sysid}")
        if not (-90 <= self.lat_deg <= 90 and -180 <= self.lon_deg <= 180):
            raise ValueError(
                f"home must lie within latitude -90..90 and longitude -180..180, "
                f"not {self.lat_deg}, {self.lon_deg}"
            )
        if self.uptime_s < 0:
            raise ValueError(f"uptime_s must not be negative, not {self.uptime_s}")
        if self.endurance_s is not None and self.endurance_s <= 0:
            raise ValueError(f"endurance_s must be positive, not {self.endurance_s}")
