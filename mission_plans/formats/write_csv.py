"""Writing tables of points: places, and lines point by point; opens in spreadsheets as it is."""

import csv
import io
from collections.abc import Sequence

from mission_plans.formats.contents import (
    Area,
    FenceThing,
    FilePoint,
    LeftOut,
    Path,
    Points,
    Rally,
    Thing,
)
from mission_plans.formats.csv_points import COLUMNS, guarded
from mission_plans.formats.written import Written, flown_paths, iso_time, lost, nothing_to_write

__all__ = ["write_csv"]


def write_csv(things: Sequence[Thing]) -> Written:
    """Return places and lines as a table.

    Raises:
        PlanFileError: nothing that a table can carry.
    """
    rows: list[list[str]] = []
    left_out: list[LeftOut] = []
    paths = 0
    for thing in things:
        match thing:
            case Points():
                rows += [
                    _row("point", "", p.name, p, thing.height_reference, p.description)
                    for p in thing.places
                ]
            case Area() | FenceThing() | Rally():
                left_out.append(
                    lost(
                        thing,
                        "CSV 只有点和线",
                        "a table holds points and lines only",
                    )
                )
            case _:
                lines, said = ([thing], []) if isinstance(thing, Path) else flown_paths(thing)
                left_out += said
                for line in lines:
                    paths += 1
                    rows += [
                        _row("path", str(paths), line.name, p, line.height_reference, "")
                        for p in line.points
                    ]
    if not rows:
        raise nothing_to_write("CSV", left_out)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return Written(out.getvalue().encode("utf-8-sig"), left_out)


def _row(kind: str, path: str, name: str, point: FilePoint, reference: str, text: str) -> list[str]:
    return [
        kind,
        path,
        guarded(name),
        repr(point.lat_deg),
        repr(point.lon_deg),
        "" if point.altitude_m is None else repr(point.altitude_m),
        "" if point.altitude_m is None else reference,
        "" if point.time_ms is None else iso_time(point.time_ms),
        guarded(text),
    ]
