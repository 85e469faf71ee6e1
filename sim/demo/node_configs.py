"""The settings files the demo writes for the fleet and the vision node."""

import json
from pathlib import Path

import mission_plans
from field_api.contract.scenario import Scenario
from sim.demo.budget import Budget
from sim.demo.options import DemoOptions

__all__ = ["FLEET_NODE", "VISION_NODE", "write_node_configs"]

TERRAIN_FILE = Path(mission_plans.__file__).parent / "data" / "dem_xishan_synthetic_100m.npz"
FLEET_NODE = "fleet-fcp"
VISION_NODE = "vision-fcp"


def write_node_configs(
    options: DemoOptions, scenario: Scenario, tokens: dict[str, str], budget: Budget
) -> None:
    """Write DATA/config/fleet.json and vision.json, and one token file per node."""
    folder = options.data_dir / "config"
    for node_id, token in tokens.items():
        token_file = folder / f"{node_id}.token"
        token_file.touch(mode=0o600)
        token_file.write_text(token + "\n", encoding="utf-8")
    _write(folder / "fleet.json", _fleet(options, scenario, folder))
    _write(folder / "vision.json", _vision(options, scenario, folder, budget))


def _fleet(options: DemoOptions, scenario: Scenario, folder: Path) -> dict[str, object]:
    crafts = scenario.flying(options.vehicles)
    if options.autopilot == "arducopter":
        # The real program waits for a client on its TCP port.
        links = {
            craft.id: (craft.id, f"tcp:127.0.0.1:{port}")
            for craft, port in zip(crafts, options.vehicle_ports(scenario), strict=True)
        }
    else:
        udp = ("udp", f"udpin:127.0.0.1:{options.mavlink_port}")
        links = {craft.id: udp for craft in crafts}
    return {
        "node_id": FLEET_NODE,
        "server_url": options.url,
        "token_file": str(folder / f"{FLEET_NODE}.token"),
        "data_dir": str(options.data_dir / "fleet"),
        "terrain": str(TERRAIN_FILE),
        "endpoint_base_port": options.router_port,
        "links": [{"id": name, "url": url} for name, url in sorted(set(links.values()))],
        "vehicles": [
            {"vehicle_id": craft.id, "link": links[craft.id][0], "sysid": craft.sysid}
            for craft in crafts
        ],
    }


def _vision(
    options: DemoOptions, scenario: Scenario, folder: Path, budget: Budget
) -> dict[str, object]:
    crafts = scenario.flying(options.vehicles)[: options.cameras]
    narrow = {"input_width_px": budget.look_width_px, "wide_look_every": 0}
    return {
        "node_id": VISION_NODE,
        "server_url": options.url,
        "token_file": str(folder / f"{VISION_NODE}.token"),
        "data_dir": str(options.data_dir / "vision"),
        "terrain": str(TERRAIN_FILE),
        "max_detector_fps": budget.looks_per_s,
        **(narrow if budget.look_width_px else {}),
        "streams": [
            {
                "stream_id": f"{craft.id}-cam",
                "vehicle_id": craft.id,
                "url": f"udp://127.0.0.1:{options.camera_port(n)}",
            }
            for n, craft in enumerate(crafts)
        ],
    }


def _write(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
