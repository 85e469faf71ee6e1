"""`xunshan sim` and `xunshan demo`: the command lines of the simulator."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from field_api.contract.scenario import ScenarioError, load_scenario
from sim.scenario import DEFAULT_SCENARIO

__all__ = ["demo", "sim"]


class Autopilot(StrEnum):
    """Who flies the simulated aircraft."""

    SIM = "sim"
    """Our own ArduCopter-compatible vehicle."""
    ARDUCOPTER = "arducopter"
    """The real ArduCopter SITL program named by XUNSHAN_ARDUCOPTER."""


ScenarioOption = Annotated[
    Path, typer.Option("--scenario", help="Scenario file (JSON).", envvar="XUNSHAN_SCENARIO")
]
SpeedupOption = Annotated[
    float, typer.Option("--speedup", min=0.1, max=20, help="Simulated seconds per second.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Same seed, same world.")]
VehiclesOption = Annotated[
    int, typer.Option("--vehicles", min=0, max=20, help="Copters of the roster to fly.")
]
CamerasOption = Annotated[
    int, typer.Option("--cameras", min=0, max=8, help="Of these, how many carry a camera.")
]
MavlinkPortOption = Annotated[
    int,
    typer.Option(
        "--mavlink-port",
        min=1,
        max=65535,
        envvar="XUNSHAN_MAVLINK_PORT",
        help="UDP port where the fleet node listens.",
    ),
]
CameraPortOption = Annotated[
    int,
    typer.Option(
        "--camera-port",
        min=1,
        max=65000,
        envvar="XUNSHAN_CAMERA_PORT",
        help="UDP port of the first camera; the others take every second port above.",
    ),
]
SitlPortOption = Annotated[
    int,
    typer.Option(
        "--sitl-port",
        min=1,
        max=65000,
        envvar="XUNSHAN_SITL_PORT",
        help="TCP port of the first drone; each further one has ten more, past the fleet's own.",
    ),
]
RouterPortOption = Annotated[
    int,
    typer.Option(
        "--router-port",
        min=1,
        max=65000,
        envvar="XUNSHAN_ROUTER_PORT",
        help="The fleet serves dronekit and others at this port plus a drone's system id.",
    ),
]
AutopilotOption = Annotated[
    Autopilot, typer.Option("--autopilot", help="Our own vehicle, or the real ArduCopter SITL.")
]
CameraWidthOption = Annotated[
    int | None,
    typer.Option(
        "--camera-width", min=160, max=3840, help="Width of pictures, px; else the scenario's."
    ),
]
CameraFpsOption = Annotated[
    int | None,
    typer.Option("--camera-fps", min=1, max=60, help="Pictures a second; else the scenario's."),
]
ManualOption = Annotated[
    list[str] | None,
    typer.Option(
        "--manual",
        help="Terminal that only reports its position and leaves its tasks to you; repeatable.",
    ),
]


def sim(
    scenario: ScenarioOption = DEFAULT_SCENARIO,
    server: Annotated[
        str, typer.Option("--server", help="The command post; empty plays no handhelds.")
    ] = "http://127.0.0.1:8600",
    mavlink_port: MavlinkPortOption = 14550,
    camera_port: CameraPortOption = 5600,
    sitl_port: SitlPortOption = 5760,
    router_port: RouterPortOption = 5780,
    speedup: SpeedupOption = 1.0,
    seed: SeedOption = 1,
    vehicles: VehiclesOption = 2,
    cameras: CamerasOption = 2,
    autopilot: AutopilotOption = Autopilot.SIM,
    camera_width: CameraWidthOption = None,
    camera_fps: CameraFpsOption = None,
    manual: ManualOption = None,
) -> None:
    """Play the world of a scenario: drones, their cameras, people, a fire, and handhelds.

    Drones send MAVLink to the fleet's UDP port and listen on TCP 5760 + 10 per vehicle like the
    real SITL; cameras send MPEG-TS with H.264 and KLV; handhelds use the command post's HTTP API.
    """
    try:
        world = load_scenario(scenario)
    except ScenarioError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from error
    # Numpy, OpenCV and PyAV take seconds to load: a wrong scenario is told at once.
    from sim.run import SimOptions, run_sim

    options = SimOptions(
        scenario=world,
        server=server or None,
        mavlink_port=mavlink_port,
        camera_port=camera_port,
        sitl_port=sitl_port,
        router_port=router_port,
        speedup=speedup,
        seed=seed,
        vehicles=vehicles,
        cameras=cameras,
        autopilot=autopilot.value,
        manual=tuple(manual or ()),
        camera_width_px=camera_width,
        camera_fps=camera_fps,
    )
    raise typer.Exit(run_sim(options))


def demo(
    scenario: ScenarioOption = DEFAULT_SCENARIO,
    data_dir: Annotated[
        Path,
        typer.Option(
            "--data-dir", envvar="XUNSHAN_DATA_DIR", help="Where the demo keeps its data."
        ),
    ] = Path("var/demo"),
    port: Annotated[
        int,
        typer.Option("--port", min=1, max=65535, envvar="XUNSHAN_PORT", help="Console and API."),
    ] = 8600,
    mavlink_port: MavlinkPortOption = 14550,
    camera_port: CameraPortOption = 5600,
    sitl_port: SitlPortOption = 5760,
    router_port: RouterPortOption = 5780,
    speedup: SpeedupOption = 1.0,
    seed: SeedOption = 1,
    vehicles: VehiclesOption = 2,
    cameras: CamerasOption = 2,
    fresh: Annotated[
        bool,
        typer.Option("--fresh/--keep", help="Begin anew, or go on with the data of the last demo."),
    ] = True,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the console where there is a screen.")
    ] = True,
    autoplay: Annotated[
        bool, typer.Option("--autoplay", help="Play the operators too: the story runs by itself.")
    ] = False,
    autopilot: AutopilotOption = Autopilot.SIM,
    look_width: Annotated[
        int | None,
        typer.Option(
            "--look-width",
            min=320,
            max=3840,
            help="Width in pixels at which the detector looks: a smaller one costs less time on a "
            "slow machine and finds less. By default what this machine has time for.",
        ),
    ] = None,
    camera_width: CameraWidthOption = None,
    camera_fps: CameraFpsOption = None,
    manual: ManualOption = None,
) -> None:
    """Start the whole system with the default exercise on this machine, until Ctrl-C.

    Checks first that everything it needs is there, then starts the command post, a fleet node, a
    vision node and the simulated world, and prints where to look and who to sign in as. How large
    and how often cameras film and the detector looks, it measures what this machine has time for.
    """
    from sim.demo.options import DemoOptions
    from sim.demo.run import run_demo

    options = DemoOptions(
        scenario_file=scenario.resolve(),
        data_dir=data_dir.absolute(),
        port=port,
        mavlink_port=mavlink_port,
        first_camera_port=camera_port,
        sitl_port=sitl_port,
        router_port=router_port,
        speedup=speedup,
        seed=seed,
        vehicles=vehicles,
        cameras=cameras,
        look_width_px=look_width,
        camera_width_px=camera_width,
        camera_fps=camera_fps,
        fresh=fresh,
        open_browser=open_browser,
        autoplay=autoplay,
        autopilot=autopilot.value,
        manual=tuple(manual or ()),
    )
    raise typer.Exit(run_demo(options))
