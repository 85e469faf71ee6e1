"""One way out: things into any format that can carry them, by the name's ending."""

from collections.abc import Callable, Sequence
from pathlib import PurePath

from mission_plans.formats.contents import Thing
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.write_csv import write_csv
from mission_plans.formats.write_geojson import write_geojson
from mission_plans.formats.write_gpx import write_gpx
from mission_plans.formats.write_kml import write_kml, write_kmz
from mission_plans.formats.write_qgc import write_qgc_plan
from mission_plans.formats.write_wpl import write_wpl
from mission_plans.formats.write_wpml import write_wpml
from mission_plans.formats.written import Written

__all__ = ["WRITABLE", "write_file"]

WRITERS: dict[str, Callable[[Sequence[Thing], str], Written]] = {
    ".dji.kmz": lambda things, _: write_wpml(things),
    ".plan": lambda things, _: write_qgc_plan(things),
    ".waypoints": lambda things, _: write_wpl(things, "mission"),
    ".fence": lambda things, _: write_wpl(things, "fence"),
    ".rally": lambda things, _: write_wpl(things, "rally"),
    ".kml": write_kml,
    ".kmz": write_kmz,
    ".gpx": lambda things, _: write_gpx(things),
    ".geojson": lambda things, _: write_geojson(things),
    ".json": lambda things, _: write_geojson(things),
    ".csv": lambda things, _: write_csv(things),
}
"""The first ending that fits counts."""

WRITABLE = ", ".join(WRITERS)


def write_file(name: str, things: Sequence[Thing]) -> Written:
    """Return the things as a file of the format that the name's ending says.

    Raises:
        PlanFileError: another ending, or nothing that the format can carry.
    """
    lower = name.lower()
    for ending, write in WRITERS.items():
        if lower.endswith(ending):
            return write(things, PurePath(name).stem)
    raise PlanFileError(
        PurePath(name).name[:80], f"文件名以 {WRITABLE} 结尾", f"a file ends in {WRITABLE}"
    )
