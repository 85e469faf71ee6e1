"""`xunshan plan`: plan an area search from the command line and print the result."""

import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.geojson import read_area
from mission_plans.formats.wpl import write_wpl
from mission_plans.mission_items import mission_items
from mission_plans.plan import (
    AircraftSpec,
    CameraSpec,
    GeoPoint,
    PlanRequest,
    SearchPlan,
    Severity,
)
from mission_plans.search import PlanError, plan_search
from mission_plans.terrain import Terrain, TerrainFileError
from mission_plans.terrain_files import demo_terrain, load_terrain

__all__ = ["plan"]

AIRCRAFT_HELP = (
    "One aircraft as ID@LATITUDE,LONGITUDE of its launch point, with optional cruise speed and "
    "endurance: XS-U1@24.9478,102.6108,8,30 (m/s, minutes). Repeat for more."
)


def plan(
    area: Annotated[Path, typer.Argument(help="GeoJSON file with the polygon to search.")],
    aircraft: Annotated[list[str], typer.Option("--aircraft", "-a", help=AIRCRAFT_HELP)],
    agl: Annotated[float, typer.Option(help="Height above ground, metres.")] = 60.0,
    overlap: Annotated[float, typer.Option(help="Share of a swath flown twice, 0..0.9.")] = 0.2,
    heading: Annotated[
        float | None, typer.Option(help="Lane direction, degrees from north; default: the best.")
    ] = None,
    hfov: Annotated[float, typer.Option(help="Horizontal field of view, degrees.")] = 62.0,
    pitch: Annotated[float, typer.Option(help="Camera pitch, -90 looks straight down.")] = -90.0,
    terrain: Annotated[
        Path | None,
        typer.Option(help=".npz or .hgt file; default: the synthetic demo grid (never real)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole plan as JSON.")] = False,
    wpl: Annotated[
        Path | None, typer.Option(help="Folder for one QGC WPL 110 file per sortie.")
    ] = None,
) -> None:
    """Plan a search and print its sorties and checks; exit code 1 if a check forbids the flight."""
    try:
        outer, holes = read_area(area.read_text(encoding="utf-8"))
        ground = _terrain(terrain)
        request = PlanRequest(
            area=outer,
            holes=holes,
            aircraft=[
                _aircraft(text, CameraSpec(hfov_deg=hfov, pitch_deg=pitch)) for text in aircraft
            ],
            agl_m=agl,
            overlap=overlap,
            heading_deg=heading,
        )
        began_s = time.perf_counter()
        made = plan_search(request, ground, area.stem)
        planning_ms = (time.perf_counter() - began_s) * 1000
    except (OSError, UnicodeDecodeError, TerrainFileError, PlanFileError) as error:
        _fail(str(error))
    except ValidationError as error:
        first = error.errors()[0]
        _fail(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")
    except PlanError as error:
        _fail(f"{error.text_en} / {error.text_zh}")
    made = made.model_copy(
        update={"metrics": made.metrics.model_copy(update={"planning_ms": planning_ms})}
    )
    if wpl is not None:
        _write_wpl(made, wpl)
    if as_json:
        typer.echo(made.model_dump_json(indent=2))
    else:
        _print(made)
    if not made.flyable:
        raise typer.Exit(1)


def _fail(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(2)


def _terrain(path: Path | None) -> Terrain:
    if path is None:
        return demo_terrain()
    return load_terrain(path)


def _aircraft(text: str, camera: CameraSpec) -> AircraftSpec:
    vehicle_id, _, rest = text.partition("@")
    try:
        numbers = [float(part) for part in rest.split(",")]
    except ValueError:
        numbers = []
    if not vehicle_id or not 2 <= len(numbers) <= 4:
        _fail(f"--aircraft {text!r}: write ID@LATITUDE,LONGITUDE[,SPEED_MS[,ENDURANCE_MIN]]")
    spec = AircraftSpec(
        vehicle_id=vehicle_id,
        launch=GeoPoint(lat_deg=numbers[0], lon_deg=numbers[1]),
        camera=camera,
    )
    changed = spec.model_dump()
    if len(numbers) > 2:
        changed["cruise_ms"] = numbers[2]
    if len(numbers) > 3:
        changed["endurance_s"] = numbers[3] * 60
    return AircraftSpec.model_validate(changed)


def _write_wpl(made: SearchPlan, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sortie in made.sorties:
            path = folder / f"{sortie.vehicle_id}-{sortie.order}.waypoints"
            path.write_text(write_wpl(mission_items(sortie)), encoding="utf-8")
    except OSError as error:
        _fail(f"can't write waypoint files: {error}")


def _print(made: SearchPlan) -> None:
    console = Console()
    metrics = made.metrics
    console.print(
        f"{metrics.area_m2 / 1e4:.0f} ha, {metrics.lane_count} lanes "
        f"{metrics.lane_spacing_m:.1f} m apart on {metrics.lane_heading_deg:.0f}°, "
        f"{metrics.lane_length_m / 1000:.1f} km, "
        f"{metrics.coverage_fraction:.1%} covered, planned in {metrics.planning_ms:.0f} ms"
    )
    sorties = Table("sortie", "km", "min", "battery", "waypoints", title="Sorties 架次")
    for sortie in made.sorties:
        sorties.add_row(
            f"{sortie.vehicle_id} #{sortie.order + 1}",
            f"{sortie.length_m / 1000:.1f}",
            f"{sortie.duration_s / 60:.1f}",
            f"{sortie.energy_fraction:.0%}",
            str(len(sortie.waypoints)),
        )
    console.print(sorties)
    checks = Table("", "check", "English", "中文", "source", title="Checks 检查")
    for check in made.checks:
        forbids = check.severity is Severity.BLOCK
        mark = "ok" if check.passed else ("BLOCK" if forbids else "caution")
        checks.add_row(mark, check.id, check.text_en, check.text_zh, check.source)
    console.print(checks)
