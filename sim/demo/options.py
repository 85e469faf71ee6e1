"""How the demo was asked to run, and the ports and names that follow from it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from field_api.contract.scenario import Scenario
from sim.demo.ports import Port
from sim.demo.vehicle_ports import ports_of_vehicles, vehicle_tcp_ports

__all__ = ["DEMO_PASSWORD", "DemoOptions"]

DEMO_PASSWORD = "xunshan-demo"
"""Set by `xunshan admin seed --demo-accounts` only."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The command line of `xunshan demo`."""

    scenario_file: Path
    data_dir: Path
    port: int = 8600
    mavlink_port: int = 14550
    first_camera_port: int = 5600
    sitl_port: int = 5760
    """TCP port of the first vehicle; each further one has ten more, like the real SITL, past the
    fleet's endpoints."""
    router_port: int = 5780
    """The fleet's own endpoint of a vehicle is this plus its system id."""
    speedup: float = 1.0
    seed: int = 1
    vehicles: int = 2
    cameras: int = 2
    look_width_px: int | None = None
    camera_width_px: int | None = None
    camera_fps: int | None = None
    """Of the three, None leaves it to what this machine has time for."""
    fresh: bool = True
    open_browser: bool = True
    autoplay: bool = False
    manual: tuple[str, ...] = ()
    """Terminals that the simulator only moves, for people to act on."""
    autopilot: Literal["sim", "arducopter"] = "sim"

    @property
    def url(self) -> str:
        """Where the console is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def arducopter(self) -> str | None:
        """The real autopilot's program, from XUNSHAN_ARDUCOPTER."""
        return os.environ.get("XUNSHAN_ARDUCOPTER") or None

    def ports(self, scenario: Scenario) -> list[Port]:
        """Return every port that the demo opens."""
        ports = [
            Port("tcp", self.port, "console and API", "指挥端与接口", "--port", "XUNSHAN_PORT"),
            Port(
                "udp",
                self.mavlink_port,
                "MAVLink of the drones",
                "无人机 MAVLink",
                "--mavlink-port",
                "XUNSHAN_MAVLINK_PORT",
            ),
        ]
        ports += ports_of_vehicles(scenario, self.vehicles, self.sitl_port, self.router_port)
        ports += [
            Port(
                "tcp",
                self.router_port + craft.sysid,
                f"fleet endpoint of {craft.id}",
                f"{craft.id} 的机群端点",
                "--router-port",
                "XUNSHAN_ROUTER_PORT",
            )
            for craft in scenario.flying(self.vehicles)
        ]
        return ports + [
            Port(
                "udp",
                self.camera_port(n),
                f"video of {craft.id}",
                f"{craft.id} 的视频",
                "--camera-port",
                "XUNSHAN_CAMERA_PORT",
            )
            for n, craft in enumerate(scenario.flying(self.vehicles)[: self.cameras])
        ]

    def vehicle_ports(self, scenario: Scenario) -> list[int]:
        """Return the first TCP port of each flying aircraft."""
        count = len(scenario.flying(self.vehicles))
        return vehicle_tcp_ports(self.sitl_port, count, self.router_port)

    def camera_port(self, n: int) -> int:
        """Return the UDP port of the n-th camera's stream."""
        return self.first_camera_port + 2 * n
