"""Starting, watching and stopping the whole system."""

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Coroutine
from dataclasses import replace

import httpx
import structlog

from field_api.contract.scenario import Scenario, ScenarioError, load_scenario
from sim.demo.announce import welcome_text
from sim.demo.autoplay import autoplay
from sim.demo.budget import Budget, Costs, choose
from sim.demo.children import Children, CrashedError, run_to_end
from sim.demo.command_line import python_words
from sim.demo.health import wait_first_drone, wait_healthy
from sim.demo.measuring import cores_here, measure
from sim.demo.node_configs import FLEET_NODE, VISION_NODE, write_node_configs
from sim.demo.operators import RefusedError
from sim.demo.options import DemoOptions
from sim.demo.preflight import (
    Problem,
    check_arducopter,
    check_data_dir,
    check_ports,
    check_shipped,
    prepare_data_dir,
)
from sim.demo.process_age import process_age_s

__all__ = ["find_problems", "run_demo"]

log = structlog.get_logger(__name__)

EXIT_PREFLIGHT = 2
EXIT_CRASHED = 1
FIRST_DRONE_WITHIN_S = 120.0


def find_problems(options: DemoOptions) -> tuple[Scenario | None, list[Problem]]:
    """Check everything that can be checked before a process starts."""
    problems: list[Problem] = []
    scenario: Scenario | None = None
    try:
        scenario = load_scenario(options.scenario_file)
    except ScenarioError as error:
        problems.append(
            Problem(
                f"The scenario is wrong; correct it or choose another with --scenario.\n{error}",
                "情景文件有误,请按上面列出的字段改正,或用 --scenario 另选文件。",
            )
        )
    problems += check_data_dir(options.data_dir, options.fresh)
    problems += check_shipped()
    if options.autopilot == "arducopter":
        problems += check_arducopter(options.arducopter, options.sitl_port)
    if scenario:
        problems += check_ports(options.ports(scenario))
    return scenario, problems


def run_demo(options: DemoOptions) -> int:
    """Run until Ctrl-C, SIGTERM or a crash; return the exit status."""
    scenario, problems = find_problems(options)
    if scenario is None or problems:
        print("The demo can't start 演示无法启动:", file=sys.stderr)
        for problem in problems:
            print(f"- {problem}", file=sys.stderr)
        return EXIT_PREFLIGHT
    prepare_data_dir(options.data_dir, options.fresh)
    return asyncio.run(_run(options, scenario))


async def _run(options: DemoOptions, scenario: Scenario) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    children = Children(options.data_dir / "logs")
    show = asyncio.create_task(_show(options, scenario, children))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({show, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            print("\n正在停止 stopping ...", flush=True)
            return 0
        await show
    except CrashedError as error:
        print(f"\n{error}\n演示已结束 the demo has ended.", file=sys.stderr, flush=True)
        return EXIT_CRASHED
    finally:
        show.cancel()
        stopped.cancel()
        await asyncio.gather(show, stopped, return_exceptions=True)
        await children.stop()
    return EXIT_CRASHED


async def _show(options: DemoOptions, scenario: Scenario, children: Children) -> None:
    """Start everything, announce it, and watch it; only ever ends by an error.

    Raises:
        CrashedError: a program failed.
    """
    print("正在启动 starting ...", flush=True)
    tokens, costs = await asyncio.gather(_seed(options), measure(scenario, options.seed))
    budget = _budget(options, costs)
    write_node_configs(options, scenario, tokens, budget)
    config = options.data_dir / "config"
    lines = {
        "serve": ["serve", "--port", str(options.port), "--data-dir", str(options.data_dir)],
        "fleet": ["fleet", "--config", str(config / "fleet.json")],
        "sim": ["sim", *_sim_words(options, budget)],
    }
    for name, line in lines.items():
        # The simulated cameras see the scenario's afternoon at any hour.
        await children.start(name, python_words(line), {"XUNSHAN_SIMULATED_LIGHT": "day"})
    crash = asyncio.create_task(children.first_crash())
    try:
        await _until(wait_healthy(options.url), crash)
        # Only now: its libraries and its model take the cores that the others need to start.
        vision = python_words(["vision", "--config", str(config / "vision.json")])
        await children.start("vision", vision, {})
        first_drone_s = await _first_drone(options, crash)
        print(welcome_text(options, scenario, first_drone_s, budget), flush=True)
        if options.open_browser:
            _open_browser(f"{options.url}/?tour=1")
        if options.autoplay:
            await _until(_play_story(options, scenario), crash)
        await crash
    finally:
        crash.cancel()


def _budget(options: DemoOptions, costs: Costs) -> Budget:
    """What this machine has time for, but for what was asked for by name."""
    budget = choose(cores_here(), costs, options.cameras)
    return replace(
        budget,
        width_px=options.camera_width_px or budget.width_px,
        frames_per_s=options.camera_fps or budget.frames_per_s,
        look_width_px=options.look_width_px or budget.look_width_px,
    )


def _sim_words(options: DemoOptions, budget: Budget) -> list[str]:
    words = [
        *("--scenario", str(options.scenario_file)),
        *("--server", options.url),
        *("--mavlink-port", str(options.mavlink_port)),
        *("--camera-port", str(options.first_camera_port)),
        *("--sitl-port", str(options.sitl_port)),
        *("--router-port", str(options.router_port)),
        *("--speedup", str(options.speedup)),
        *("--seed", str(options.seed)),
        *("--vehicles", str(options.vehicles)),
        *("--cameras", str(options.cameras)),
        *("--camera-width", str(budget.width_px)),
        *("--camera-fps", str(budget.frames_per_s)),
        *("--autopilot", options.autopilot),
    ]
    for terminal_id in options.manual:
        words += ["--manual", terminal_id]
    return words


async def _seed(options: DemoOptions) -> dict[str, str]:
    """Fill the command post's database and enrol the nodes; return their tokens."""
    data = ["--data-dir", str(options.data_dir)]
    scenario = ["--scenario", str(options.scenario_file)]
    nodes = {FLEET_NODE: "fleet", VISION_NODE: "vision"}
    printed = await run_to_end(
        "seed",
        python_words(
            ["admin", "seed", *scenario, *data, "--demo-accounts"],
            *(["admin", "enrol", node_id, kind, *data] for node_id, kind in nodes.items()),
        ),
        {},
        options.data_dir / "logs",
    )
    tokens = printed.split()[-len(nodes) :]
    if len(tokens) < len(nodes):
        raise CrashedError(f"enrolling the nodes printed no tokens but: {printed!r}")
    return dict(zip(nodes, tokens, strict=True))


async def _first_drone(options: DemoOptions, crash: asyncio.Task[None]) -> float | None:
    """Return how long after the start the first drone could be drawn, None if none came."""
    try:
        async with asyncio.timeout(FIRST_DRONE_WITHIN_S):
            await _until(wait_first_drone(options.url), crash)
    except TimeoutError:
        log.warning("no drone on the map yet", waited_s=FIRST_DRONE_WITHIN_S)
        return None
    return process_age_s()


async def _until(work: Coroutine[None, None, object], crash: asyncio.Task[None]) -> None:
    """Wait for `work`, or raise what ended a child meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, crash}, return_when=asyncio.FIRST_COMPLETED)
        if crash.done():
            await crash
        await task
    finally:
        task.cancel()


async def _play_story(options: DemoOptions, scenario: Scenario) -> None:
    vehicle_ids = [craft.id for craft in scenario.flying(options.vehicles)]
    try:
        story = await autoplay(options.url, scenario, vehicle_ids)
    except (RefusedError, httpx.HTTPError, KeyError) as error:
        print(f"自动演示中断 the autoplay stopped: {error}", file=sys.stderr, flush=True)
        return
    print(f"自动演示完成 the story is told in {story.seconds:.0f} s", flush=True)


def _open_browser(url: str) -> None:
    """Open the console where there is a screen; headless machines only get the address."""
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)
