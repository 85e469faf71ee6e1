"""What a flight mode and the vehicle that flies it know of each other.

The vehicle hands itself to its modes, checks and failsafes as a `Pilot`; it knows of a mode only
that it is a `FlightMode`. So neither side imports the other's code.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.airframe import Airframe, Demand
from sim.vehicle.battery import Battery
from sim.vehicle.estimator import Estimator
from sim.vehicle.fence import Fence
from sim.vehicle.gimbal import Gimbal
from sim.vehicle.guidance import LegFollower, Speeds, Target
from sim.vehicle.location import LocalFrame
from sim.vehicle.mission import MissionItem
from sim.vehicle.mission_transfer import MissionStore
from sim.vehicle.modes import Mode
from sim.vehicle.parameters import Parameters
from sim.vehicle.rc_input import RcInput

__all__ = ["Emit", "FlightMode", "Home", "ModeTable", "Pilot"]

Emit = Callable[[mavlink.MAVLink_message], None]


class Home:
    """Home in metres of the local frame and above mean sea level."""

    __slots__ = ("amsl_m", "east_m", "north_m")

    def __init__(self, north_m: float, east_m: float, amsl_m: float) -> None:
        self.north_m = north_m
        self.east_m = east_m
        self.amsl_m = amsl_m


class Pilot(Protocol):
    """The vehicle as its modes, checks and failsafes see it."""

    # --- Set by the modes ---
    auto_armed: bool
    """May leave the ground without a raised throttle."""
    mission_current: int
    mission_state: int
    """MISSION_STATE."""
    roi: Target | None
    """Where the nose looks instead of along the course."""

    # --- Parts ---
    @property
    def airframe(self) -> Airframe: ...
    @property
    def battery(self) -> Battery: ...
    @property
    def controller(self) -> "FlightMode": ...
    @property
    def estimator(self) -> Estimator: ...
    @property
    def fence(self) -> Fence: ...
    @property
    def frame(self) -> LocalFrame: ...
    @property
    def gimbal(self) -> Gimbal: ...
    @property
    def mission(self) -> MissionStore: ...
    @property
    def params(self) -> Parameters: ...
    @property
    def rally(self) -> MissionStore: ...
    @property
    def rc(self) -> RcInput: ...

    # --- State ---
    @property
    def armed(self) -> bool: ...
    @property
    def battery_low(self) -> bool: ...
    @property
    def breadcrumbs(self) -> list[Target]: ...
    @property
    def gcs_lost(self) -> bool: ...
    @property
    def ground_amsl_m(self) -> float: ...
    @property
    def home(self) -> Home | None: ...
    @property
    def land_complete(self) -> bool: ...
    @property
    def mode(self) -> Mode: ...
    @property
    def position(self) -> tuple[float, float, float]:
        """Estimated north, east and height above mean sea level, metres."""
        ...

    @property
    def rc_channels(self) -> list[int]: ...
    @property
    def rc_lost(self) -> bool: ...
    @property
    def smart_rtl_lost(self) -> bool: ...
    @property
    def spooled_up(self) -> bool: ...
    @property
    def time_s(self) -> float: ...
    @property
    def velocity(self) -> tuple[float, float, float]:
        """North, east, up, m/s."""
        ...

    # --- What it does and answers ---
    @property
    def emit(self) -> Emit: ...
    def say(self, severity: int, text: str) -> None: ...
    def beyond_fence(self, target: Target | None = None) -> dict[int, float]: ...
    def here(self) -> Target: ...
    def target_of(self, item: MissionItem) -> Target: ...
    def speeds(self, horizontal_ms: float | None = None) -> Speeds: ...
    def set_home(self, north_m: float, east_m: float, amsl_m: float) -> None: ...
    def set_mode(self, mode: Mode, *, paused: bool = False) -> bool: ...
    def disarm(self, *, force: bool) -> bool: ...


class FlightMode:
    """A mode while it is active; what a mode does not do, it refuses here."""

    # --- Life ---

    def enter(self, pilot: Pilot, *, paused: bool) -> str | None:
        """Take over; returns why not, or None. An empty reason was already told."""
        del pilot, paused
        return None

    def leave(self, pilot: Pilot) -> None:
        """Hand over to another mode."""
        del pilot

    def step(self, pilot: Pilot, dt: float) -> Demand:
        """Demand for the next `dt` seconds."""
        del pilot, dt
        return Demand()

    # --- What it is doing ---

    @property
    def taking_off(self) -> bool:
        """Whether it is climbing by a take-off command."""
        return False

    @property
    def is_landing(self) -> bool:
        """Whether it is coming down to land."""
        return False

    @property
    def follower(self) -> LegFollower | None:
        """The leg being flown, if any."""
        return None

    def disarms_on_ground(self, pilot: Pilot) -> bool:
        """Whether touching the ground ends the flight."""
        del pilot
        return False

    # --- Commands from outside ---

    def begin(self, pilot: Pilot) -> None:
        """MISSION_START: allowed to leave the ground without raising the throttle."""
        del pilot

    def jump_to(self, pilot: Pilot, index: int) -> None:
        """Make a mission item the current one (MISSION_SET_CURRENT)."""
        pilot.mission_current = index

    def pause(self, pilot: Pilot, *, go_on: bool) -> bool:
        """DO_PAUSE_CONTINUE; False where the mode can't."""
        del pilot, go_on
        return False

    def take_off(self, pilot: Pilot, amsl_m: float) -> bool:
        """Climb straight up; False where the mode can't."""
        del pilot, amsl_m
        return False

    def go_to(self, pilot: Pilot, target: Target) -> bool:
        """Fly straight to a point; False where the mode can't."""
        del pilot, target
        return False

    def fly_velocity(self, pilot: Pilot, north: float, east: float, up: float) -> bool:
        """Fly a velocity, m/s, until another command or the timeout; False where it can't."""
        del pilot, north, east, up
        return False

    def set_speed(self, speed_ms: float) -> None:
        """Horizontal speed from now on, where the mode has one."""
        del speed_ms

    def set_yaw(self, yaw_rad: float) -> bool:
        """Hold a heading; False where the mode can't."""
        del yaw_rad
        return False

    def set_yaw_rate(self, rate_rads: float) -> bool:
        """Turn at a rate; False where the mode can't."""
        del rate_rads
        return False


ModeTable = Mapping[Mode, Callable[[], FlightMode]]
"""How a fresh controller of each mode is made."""
