"""Any area or mission file by its name's ending."""

from pathlib import Path

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.geojson import Area, read_areas, read_line
from mission_plans.formats.kml import read_kml, read_kmz
from mission_plans.formats.qgc_plan import read_qgc_area
from mission_plans.values.plan import GeoPoint

__all__ = ["AREA_ENDINGS", "read_area_file", "read_path_file"]

AREA_ENDINGS = ".geojson, .json, .kml, .kmz or .plan"
LARGEST_BYTES = 20_000_000


def read_area_file(path: Path) -> list[Area]:
    """Return every area of a file.

    Raises:
        PlanFileError: another ending, a broken file, or none in it.
        OSError: the file can't be read.
    """
    data = _bytes(path)
    match path.suffix.lower():
        case ".geojson" | ".json":
            return read_areas(_text(data))
        case ".kml" | ".kmz":
            document = read_kml(data) if path.suffix.lower() == ".kml" else read_kmz(data)
            if not document.areas:
                raise PlanFileError(path.name, "no Polygon in any Placemark")
            return [area for _, area in document.areas]
        case ".plan":
            return [(read_qgc_area(_text(data)), [])]
        case _:
            raise PlanFileError(path.name, f"an area file ends in {AREA_ENDINGS}")


def read_path_file(path: Path) -> list[GeoPoint]:
    """Return the first line of a GeoJSON, KML or KMZ file.

    Raises:
        PlanFileError: another ending, a broken file, or no line in it.
        OSError: the file can't be read.
    """
    data = _bytes(path)
    match path.suffix.lower():
        case ".geojson" | ".json":
            return read_line(_text(data))
        case ".kml" | ".kmz":
            document = read_kml(data) if path.suffix.lower() == ".kml" else read_kmz(data)
            if not document.lines:
                raise PlanFileError(path.name, "no LineString in any Placemark")
            return document.lines[0][1]
        case _:
            raise PlanFileError(path.name, "a path file ends in .geojson, .json, .kml or .kmz")


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_BYTES:
        raise PlanFileError(path.name, f"larger than {LARGEST_BYTES} bytes")
    return path.read_bytes()


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlanFileError("file", f"not UTF-8 at byte {error.start}") from error
