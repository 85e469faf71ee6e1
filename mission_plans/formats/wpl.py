"""ArduPilot's waypoint files, `QGC WPL 110`: tab-separated, one item a line.

Format: https://mavlink.io/en/file_formats/#mission_plain_text_file
"""

import math
from collections.abc import Sequence

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.items import item_of
from mission_plans.formats.mission_items import MissionItem

__all__ = ["read_wpl", "write_wpl"]

HEADER = "QGC WPL 110"
COLUMNS = 12
MAX_ITEMS = 5000


def write_wpl(items: Sequence[MissionItem]) -> str:
    """Return the file's text; the first item is home."""
    lines = [HEADER]
    for item in items:
        current = 1 if item.seq == 0 else 0
        params = "\t".join(
            repr(value) for value in (item.param1, item.param2, item.param3, item.param4)
        )
        lines.append(
            f"{item.seq}\t{current}\t{item.frame}\t{item.command}\t{params}\t"
            f"{item.x / 1e7:.8f}\t{item.y / 1e7:.8f}\t{item.z!r}\t{int(item.autocontinue)}"
        )
    return "\n".join(lines) + "\n"


def read_wpl(text: str) -> list[MissionItem]:
    """Return the items of a file.

    Raises:
        PlanFileError: naming the line, for another format, wrong columns, numbers out of range, a
            broken sequence, or no item.
    """
    lines = text.splitlines()
    if not lines or lines[0].split() != HEADER.split():
        raise PlanFileError("line 1", f"a waypoint file begins with {HEADER!r}")
    items: list[MissionItem] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        if len(items) == MAX_ITEMS:
            raise PlanFileError(f"line {number}", f"more than {MAX_ITEMS} items")
        items.append(_item(line, f"line {number}", len(items)))
    if not items:
        raise PlanFileError("file", "no items; the first is home")
    return items


def _item(line: str, where: str, expected_seq: int) -> MissionItem:
    fields = line.split()
    if len(fields) != COLUMNS:
        raise PlanFileError(where, f"{len(fields)} columns; an item has {COLUMNS}")
    try:
        seq, frame, command = int(fields[0]), int(fields[2]), int(fields[3])
        numbers = [float(field) for field in fields[4:11]]
        autocontinue = int(fields[11]) != 0
    except ValueError as error:
        raise PlanFileError(where, f"not a number ({error})") from error
    if not all(math.isfinite(value) for value in numbers):
        raise PlanFileError(where, "every value must be finite")
    if seq != expected_seq:
        raise PlanFileError(where, f"item {seq} where {expected_seq} should be")
    return item_of(where, seq, frame, command, numbers, autocontinue)
