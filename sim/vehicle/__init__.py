"""ArduCopter-compatible simulated vehicles: protocol and physics without I/O, thin sockets round.

`SimVehicle` is one vehicle fed with bytes and time; `VehicleGroup` (or `run_vehicles`) runs
several in lockstep on real sockets; `PoseFeed` reads a vehicle's pose over MAVLink, for a camera
in another process.
"""

from sim.vehicle.clock import SimClock
from sim.vehicle.config import MEASURED_BOOT, QUICK_BOOT, BootTimes, Terrain, VehicleConfig
from sim.vehicle.modes import Mode
from sim.vehicle.pose import Pose, PoseTrack
from sim.vehicle.pose_feed import PoseFeed
from sim.vehicle.runner import VehicleGroup, run_vehicles, vehicle_group
from sim.vehicle.vehicle import STEP_S, SimVehicle, VehicleState

__all__ = [
    "MEASURED_BOOT",
    "QUICK_BOOT",
    "STEP_S",
    "BootTimes",
    "Mode",
    "Pose",
    "PoseFeed",
    "PoseTrack",
    "SimClock",
    "SimVehicle",
    "Terrain",
    "VehicleConfig",
    "VehicleGroup",
    "VehicleState",
    "run_vehicles",
    "vehicle_group",
]
