"""`xunshan plan`: plan from the command line, compare ways to fly, convert plan files."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from mission_plans.file_commands import convert, fail, print_contents, read, read_path, write_plan
from mission_plans.formats.contents import FileContents
from mission_plans.formats.mission_files import usable_id
from mission_plans.formats.reading import READABLE
from mission_plans.ground.terrain import Terrain, TerrainFileError
from mission_plans.ground.terrain_files import FORMATS, demo_terrain, load_terrain
from mission_plans.search.planning import PlanError, improved_plans
from mission_plans.values.plan import (
    AircraftSpec,
    CameraSpec,
    GeoPoint,
    PlanRequest,
    SearchPlan,
    Severity,
)

__all__ = ["plan"]

plan = typer.Typer(
    help="Plan searches: sorties, heights, checks; compare ways to fly; write mission files.",
    no_args_is_help=True,
)

AIRCRAFT_HELP = (
    "One aircraft as ID@LATITUDE,LONGITUDE of its launch point, with optional cruise speed and "
    "endurance: XS-U1@24.9478,102.6108,8,30 (m/s, minutes). Repeat for more."
)
PATTERN_HELP = (
    "parallel, creeping_line or mapping over the area; or JSON for a pattern with its own place: "
    '\'{"kind": "sector", "datum": {"lat_deg": 24.94, "lon_deg": 102.62}, "radius_m": 500}\''
)
TERRAIN_HELP = f"{FORMATS} file; default: the synthetic demo grid (never real)."

Area = Annotated[
    Path | None,
    typer.Argument(help=f"Area to search, with its fences: {READABLE}. Not for point patterns."),
]
Fleet = Annotated[list[str], typer.Option("--aircraft", "-a", help=AIRCRAFT_HELP)]
Ground = Annotated[Path | None, typer.Option(help=TERRAIN_HELP)]
PatternText = Annotated[str, typer.Option(help=PATTERN_HELP)]
MOST_AREAS = 101
"""One and a hundred more, which is what a request can hold."""
WindText = Annotated[
    str | None, typer.Option("--wind", help="Direction it comes from and speed: 225,7 (deg, m/s).")
]


plan.command()(read)
plan.command()(convert)

SeekText = Annotated[str, typer.Option(help="Whom to find: anyone, standing, lying or smoke.")]
LightText = Annotated[str, typer.Option(help="day, dusk or night.")]
PlantsText = Annotated[str, typer.Option(help="What people may hide in: open, scrub or forest.")]


@plan.command()
def search(
    aircraft: Fleet,
    area: Area = None,
    pattern: PatternText = "parallel",
    agl: Annotated[float, typer.Option(help="Height above ground, metres.")] = 60.0,
    overlap: Annotated[float, typer.Option(help="Share of a swath flown twice, 0..0.9.")] = 0.2,
    heading: Annotated[
        float | None, typer.Option(help="Lane direction, degrees from north; default: the best.")
    ] = None,
    wind: WindText = None,
    hfov: Annotated[float, typer.Option(help="Horizontal field of view, degrees.")] = 62.0,
    pitch: Annotated[float, typer.Option(help="Camera pitch, -90 looks straight down.")] = -40.0,
    thermal: Annotated[bool, typer.Option(help="The camera sees warmth, also by night.")] = False,
    seek: SeekText = "anyone",
    light: LightText = "day",
    vegetation: PlantsText = "open",
    terrain: Ground = None,
    improve: Annotated[float, typer.Option(help="Seconds to look for a better plan.")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole plan as JSON.")] = False,
    draw: Annotated[
        list[Path] | None, typer.Option(help="Draw map and profile into a .png or .svg file.")
    ] = None,
    write: Annotated[
        list[Path] | None,
        typer.Option(
            help="Write the plan: .geojson, .kml, .kmz, .gpx or .csv; or a folder ending in / for "
            "the .plan, .waypoints, .rally, .fence, .param and .dji.kmz files of each sortie. "
            "Repeat for more."
        ),
    ] = None,
) -> None:
    """Plan a search and print its sorties and checks; exit code 1 if a check forbids the flight."""
    ground = _terrain(terrain)
    request = _request(
        _area(area),
        aircraft,
        pattern,
        {"hfov_deg": hfov, "pitch_deg": pitch, "sensor": "thermal" if thermal else "visible"},
        wind=_wind(wind),
        agl_m=agl,
        overlap=overlap,
        heading_deg=heading,
        seek=seek,
        light=light,
        vegetation=vegetation,
    )
    made = _planned(request, ground, area.stem if area else "plan", improve)
    for file in write or []:
        write_plan(made, ground, file)
    for file in draw or []:
        _draw(made, ground, file)
    if as_json:
        typer.echo(made.model_dump_json(indent=2))
    else:
        _print(made)
    if not made.flyable:
        raise typer.Exit(1)


@plan.command()
def compare(
    aircraft: Fleet,
    area: Area = None,
    pattern: Annotated[list[str] | None, typer.Option(help="Patterns to compare.")] = None,
    agl: Annotated[list[float] | None, typer.Option(help="Heights to compare, metres.")] = None,
    heading: Annotated[
        list[float] | None, typer.Option(help="Headings to compare, degrees; default: the best.")
    ] = None,
    fleet: Annotated[
        list[int] | None, typer.Option(help="Numbers of aircraft to compare, from the first on.")
    ] = None,
    wind: WindText = None,
    overlap: Annotated[float, typer.Option(help="Share of a swath flown twice, 0..0.9.")] = 0.2,
    hfov: Annotated[float, typer.Option(help="Horizontal field of view, degrees.")] = 62.0,
    pitch: Annotated[float, typer.Option(help="Camera pitch, -90 looks straight down.")] = -40.0,
    seek: SeekText = "anyone",
    light: LightText = "day",
    vegetation: PlantsText = "open",
    terrain: Ground = None,
) -> None:
    """Plan every combination and print one line for each, the shortest longest sortie first."""
    ground = _terrain(terrain)
    fields = _area(area)
    lines: list[tuple[float, list[str]]] = []
    for kind in pattern or ["parallel"]:
        for height in agl or [60.0]:
            for direction in heading or [None]:
                for count in fleet or [len(aircraft)]:
                    request = _request(
                        fields,
                        aircraft[: max(1, count)],
                        kind,
                        {"hfov_deg": hfov, "pitch_deg": pitch},
                        wind=_wind(wind),
                        agl_m=height,
                        overlap=overlap,
                        heading_deg=direction,
                        seek=seek,
                        light=light,
                        vegetation=vegetation,
                    )
                    made = _planned(request, ground, "option", 0.0)
                    lines.append((made.metrics.longest_sortie_s, _option(made, kind)))
    table = Table()
    for column in (
        "pattern",
        "aircraft",
        "m",
        "heading",
        "lanes",
        "sorties",
        "longest min",
        "done min",
        "battery",
        "covered",
        "finds standing",
        "lying",
        "pixel cm",
        "failed checks",
    ):
        table.add_column(column)
    for _, cells in sorted(lines, key=lambda line: line[0]):
        table.add_row(*cells)
    Console(width=150).print(table)


def _option(made: SearchPlan, kind: str) -> list[str]:
    metrics = made.metrics
    return [
        made.request.pattern.kind if kind.startswith("{") else kind,
        str(len(made.request.aircraft)),
        f"{made.request.agl_m:.0f}",
        f"{metrics.lane_heading_deg:.0f}",
        str(metrics.lane_count),
        str(len(made.sorties)),
        f"{metrics.longest_sortie_s / 60:.1f}",
        f"{metrics.finished_s / 60:.1f}",
        f"{max((s.energy_fraction for s in made.sorties), default=0):.0%}",
        f"{metrics.coverage_fraction:.1%}",
        *(
            "-" if found is None else f"{found:.0%}"
            for found in (metrics.finds_standing, metrics.finds_lying)
        ),
        f"{metrics.max_gsd_m * 100:.1f}",
        " ".join(check.id for check in made.checks if not check.passed) or "-",
    ]


def _terrain(path: Path | None) -> Terrain:
    try:
        return load_terrain(path) if path else demo_terrain()
    except (TerrainFileError, OSError) as error:
        fail(str(error))


def _request(
    area: dict[str, Any], aircraft: list[str], pattern: str, camera: dict[str, Any], **asked: object
) -> PlanRequest:
    # Some file systems don't tell capitals from small letters.
    ids = [text.partition("@")[0].casefold() for text in aircraft]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        fail(f"--aircraft: {twice} 出现两次 / {twice} stands twice; every aircraft has its own id")
    try:
        fields: dict[str, Any] = {
            **area,
            "pattern": _pattern(pattern),
            "aircraft": [_aircraft(text, CameraSpec.model_validate(camera)) for text in aircraft],
            **asked,
        }
        return PlanRequest.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        fail(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")


def _area(file: Path | None) -> dict[str, Any]:
    """Return what of a request an area file gives: outlines, holes and fences."""
    if file is None:
        return {}
    contents = read_path(file)
    outlines, holes = _areas(contents)
    return {
        "area": outlines[0],
        "also": outlines[1:],
        "holes": holes,
        "fences": contents.fences,
    }


def _areas(contents: FileContents) -> tuple[list[list[GeoPoint]], list[list[GeoPoint]]]:
    """Return outlines and holes of a file, and say what was taken and what was not."""
    print_contents(contents, err=True)
    unused = sorted({t.kind for t in contents.things} & {"mission", "rally", "points"})
    if unused:
        text = ", ".join(unused)
        typer.echo(f"  - 规划不使用 / not used for planning: {text}", err=True)
    if contents.areas:
        outlines = _once([a.outer for a in contents.areas])
        holes = _once([h for a in contents.areas for h in a.holes])
        repeated = len(contents.areas) - len(outlines)
        if repeated:
            typer.echo(
                f"  * {repeated} 个重复的区域只取一次 / {repeated} areas are the same as others: "
                "taken once",
                err=True,
            )
        if len(outlines) > MOST_AREAS:
            fail(
                f"{contents.file_name}: {len(outlines)} 个区域,一次最多规划 {MOST_AREAS} 个 / "
                f"{len(outlines)} areas; at most {MOST_AREAS} are planned at once"
            )
        return outlines, holes
    closed = [path for path in contents.paths if path.closed]
    if closed:
        typer.echo("闭合线作为区域 / closed lines are taken as areas", err=True)
        return [
            [GeoPoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg) for p in path.points[:-1]]
            for path in closed
        ], []
    inside = [f.polygon for f in contents.fences if f.kind == "include" and f.polygon]
    if not inside:
        fail(
            f"{contents.file_name}: 没有区域(多边形、闭合线或允许飞行围栏) / it holds no area: a "
            "Polygon, a closed line or an inclusion fence is needed"
        )
    typer.echo("第一个允许飞行围栏作为区域 / the first inclusion fence is taken as area", err=True)
    return inside[:1], []


def _once(rings: list[list[GeoPoint]]) -> list[list[GeoPoint]]:
    return list({tuple((p.lat_deg, p.lon_deg) for p in ring): ring for ring in rings}.values())


def _pattern(text: str) -> dict[str, Any]:
    if not text.startswith("{"):
        return {"kind": text}
    try:
        return json.loads(text)
    except ValueError as error:
        fail(f"--pattern: not JSON ({error})")


def _wind(text: str | None) -> dict[str, float] | None:
    if text is None:
        return None
    try:
        from_deg, speed_ms = (float(part) for part in text.split(","))
    except ValueError:
        fail(f"--wind {text!r}: write FROM_DEGREES,SPEED_MS such as 225,7")
    return {"from_deg": from_deg, "speed_ms": speed_ms}


def _planned(request: PlanRequest, ground: Terrain, plan_id: str, improve_s: float) -> SearchPlan:
    began_s = time.perf_counter()
    best: SearchPlan | None = None
    first_s = 0.0
    try:
        for better in improved_plans(request, ground, plan_id):
            if best is None:
                first_s = time.perf_counter() - began_s
            best = better or best
            if time.perf_counter() - began_s >= improve_s:
                break
    except PlanError as error:
        fail(f"{error.field}: {error.text_en} / {error.text_zh}")
    assert best is not None
    metrics = best.metrics.model_copy(update={"planning_ms": first_s * 1000})
    return best.model_copy(update={"metrics": metrics})


def _aircraft(text: str, camera: CameraSpec) -> AircraftSpec:
    vehicle_id, _, rest = text.partition("@")
    try:
        numbers = [float(part) for part in rest.split(",")]
    except ValueError:
        numbers = []
    if not usable_id(vehicle_id):
        fail(
            f"--aircraft {text!r}: 编号只能有文字、数字、点、横线和下划线,至多 40 个 / an id is "
            "letters, digits, dots, dashes and underscores, 40 at most, and begins with a letter "
            "or digit"
        )
    if not 2 <= len(numbers) <= 4:
        fail(f"--aircraft {text!r}: write ID@LATITUDE,LONGITUDE[,SPEED_MS[,ENDURANCE_MIN]]")
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


def _draw(made: SearchPlan, ground: Terrain, file: Path) -> None:
    # Drawing loads a chart library: only who draws waits for it.
    from mission_plans.drawing import draw_plan

    try:
        draw_plan(made, ground, file)
    except ValueError as error:
        fail(f"--draw {error}")
    except OSError as error:
        fail(f"--draw {file}: {error.strerror}")


def _print(made: SearchPlan) -> None:
    console = Console()
    metrics = made.metrics
    console.print(
        f"{metrics.area_m2 / 1e4:.1f} ha, {metrics.lane_count} lanes at "
        f"{metrics.lane_spacing_m:.1f} m, heading {metrics.lane_heading_deg:.0f} deg, "
        f"{metrics.lane_length_m / 1000:.2f} km swept, planned in {metrics.planning_ms:.0f} ms"
    )
    console.print(
        f"longest sortie {metrics.longest_sortie_s / 60:.1f} min (no plan can have less than "
        f"{metrics.lower_bound_s / 60:.1f}), all done after {metrics.finished_s / 60:.1f} min"
    )
    table = Table()
    for column in ("aircraft", "sortie", "starts", "lands", "km", "minutes", "battery", "points"):
        table.add_column(column)
    for sortie in made.sorties:
        table.add_row(
            sortie.vehicle_id,
            str(sortie.order + 1),
            _clock(sortie.start_s),
            _clock(sortie.start_s + sortie.duration_s),
            f"{sortie.length_m / 1000:.2f}",
            f"{sortie.duration_s / 60:.1f}",
            f"{sortie.energy_fraction:.0%}",
            str(len(sortie.waypoints)),
        )
    console.print(table)
    for check in made.checks:
        failed = "[red]forbids[/]" if check.severity is Severity.BLOCK else "[yellow]look[/]"
        console.print(f"{'[green]ok[/]' if check.passed else failed} {check.id}: {check.text_en}")


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"
