"""`xunshan plan read` and `convert`, and how plans become files."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from mission_plans.allocation.return_layers import return_heights_m
from mission_plans.formats.archive import LARGEST_BYTES
from mission_plans.formats.contents import FileContents, LeftOut, Note, Thing
from mission_plans.formats.errors import NothingUsableError, PlanFileError
from mission_plans.formats.mission_files import mission_files
from mission_plans.formats.plan_things import plan_things
from mission_plans.formats.reading import READABLE, read_file
from mission_plans.formats.writing import WRITABLE, write_file
from mission_plans.ground.terrain import NoTerrainError, Terrain
from mission_plans.values.plan import SearchPlan

__all__ = ["convert", "fail", "print_contents", "read", "read_path", "write_plan"]

KINDS = {
    "area": "区域 / area",
    "path": "线 / path",
    "points": "点 / points",
    "fence": "围栏 / fence",
    "rally": "集结点 / rally points",
    "mission": "任务 / mission",
}


def fail(text: str) -> NoReturn:
    """Say what is wrong and end with exit code 2."""
    typer.echo(text, err=True)
    raise typer.Exit(2)


def read_path(path: Path) -> FileContents:
    """Return what a file holds, or end with its error."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            fail(f"{path.name}: 超过 / larger than {LARGEST_BYTES // 1_000_000} MB")
        return read_file(path.name, path.read_bytes())
    except NothingUsableError as error:
        _print_left_out(error.left_out, "未读入 / left out", err=True)
        fail(f"{path.name}: {error}")
    except PlanFileError as error:
        fail(f"{path.name}: {error}")
    except OSError as error:
        fail(f"{path}: {error.strerror}")


def read(
    file: Annotated[Path, typer.Argument(help=f"File to read: {READABLE}.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Print what a file holds, and what of it is left out and why."""
    contents = read_path(file)
    if as_json:
        typer.echo(contents.model_dump_json(indent=2))
    else:
        print_contents(contents)


def convert(
    source: Annotated[Path, typer.Argument(help=f"File to read: {READABLE}.")],
    target: Annotated[Path, typer.Argument(help=f"File to write, by its ending: {WRITABLE}.")],
) -> None:
    """Write what a file holds in another format; says first what that format can't carry.

    An existing file is never written over.
    """
    contents = read_path(source)
    print_contents(contents)
    if target.exists():
        fail(f"{target}: 已存在,不覆盖 / exists already; it is never written over")
    try:
        written = write_file(target.name, contents.things)
        _print_left_out(written.left_out, "不能写入 / can't be written")
        _print_notes(written.notes)
        _put_new(target, written.data)
    except (PlanFileError, FileExistsError) as error:
        fail(f"{target.name}: {error}")
    except OSError as error:
        fail(f"{target}: {error.strerror}")
    typer.echo(f"已写入 / written: {target}")


def print_contents(contents: FileContents, *, err: bool = False) -> None:
    """Print what was read and what was left out, by name."""
    typer.echo(
        f"{contents.file_name}: {contents.format}, {contents.encoding} ({contents.encoding_from})",
        err=err,
    )
    for thing in contents.things:
        name = f" “{thing.name}”" if thing.name else ""
        typer.echo(f"  + {KINDS[thing.kind]}{name}: {_size(thing)}", err=err)
        _print_notes(thing.notes, indent="      ", err=err)
    _print_notes(contents.notes, err=err)
    _print_left_out(contents.left_out, "未读入 / left out", err=err)


def _size(thing: Thing) -> str:
    match thing.kind:
        case "area":
            return f"{len(thing.outer)} 点 / points, {len(thing.holes)} 洞 / holes"
        case "path":
            return f"{len(thing.points)} 点 / points, {thing.height_reference}"
        case "points" | "rally":
            names = ", ".join(p.name for p in thing.places[:20] if p.name)
            return f"{len(thing.places)} ({names})" if names else str(len(thing.places))
        case "fence":
            fence = thing.fence
            shape = (
                f"{fence.radius_m:g} m" if fence.radius_m else f"{len(fence.polygon)} 点 / points"
            )
            return f"{fence.kind}, {shape}"
        case _:
            height = thing.return_height_m
            back = (
                "返航高未设 / no return height"
                if height is None
                else f"返航高 / return {height:g} m"
            )
            if thing.system == "dji":
                points = sum(len(w.points) for w in thing.waylines)
                return f"DJI, {len(thing.waylines)} 航线 / waylines, {points} 点 / points, {back}"
            return f"MAVLink, {len(thing.items)} 项 / items, {back}"


def _print_notes(notes: Sequence[Note], indent: str = "  ", *, err: bool = False) -> None:
    for note in notes:
        typer.echo(f"{indent}* {note.zh} / {note.en}", err=err)


def _print_left_out(left_out: Sequence[LeftOut], title: str, *, err: bool = False) -> None:
    for one in left_out:
        name = f" “{one.name}”" if one.name else ""
        typer.echo(f"  - {title}: {one.where}{name}: {one.zh} / {one.en}", err=err)


def write_plan(made: SearchPlan, ground: Terrain, target: Path) -> None:
    """Write a plan into a map file, or the missions of its sorties into a folder."""
    try:
        heights = return_heights_m(made, ground)
        if target.suffix:
            written = write_file(target.name, plan_things(made, heights))
            _print_left_out(written.left_out, "不能写入 / can't be written", err=True)
            _put(target, written.data)
            return
        # All files are made before the first is written.
        missions = mission_files(made, heights)
        _print_notes(missions.notes, err=True)
        _print_left_out(missions.left_out, "不能写入 / can't be written", err=True)
        target.mkdir(parents=True, exist_ok=True)
        for file, data in missions.files.items():
            _put(target / file, data)
    except (PlanFileError, NoTerrainError) as error:
        fail(f"--write {target}: {error}")
    except OSError as error:
        fail(f"--write {target}: {error.strerror}")


def _put(path: Path, data: bytes) -> None:
    """Write a file whole, in place of one that may stand there."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp lets nobody else read; a plan is for the others too.
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def _put_new(path: Path, data: bytes) -> None:
    """Write a file where none stands; what could not be written whole is taken away again."""
    with path.open("xb") as file:
        try:
            file.write(data)
            file.flush()
        except OSError:
            path.unlink()
            raise
