"""The page that lies beside files: what must be set, and what they can't carry."""

from collections.abc import Sequence

from mission_plans.formats.contents import LeftOut, Note

__all__ = ["notes_text"]

_HEAD = """航线文件 / mission files

每架次一组文件,飞前请逐条核对 / a set of files for each sortie; check every line before flying.
.plan       QGroundControl,含返航高集结点 / with a rally point at return height
.waypoints  Mission Planner、QGroundControl(WPL 110)
.rally      集结点,返航高 / rally point at return height
.fence      围栏 / fences
.param      返航高参数 / parameter of the return height
.dji.kmz    DJI,含返航高 / with return height

飞前设置 / set before flying
"""


def notes_text(notes: Sequence[Note], left_out: Sequence[LeftOut]) -> bytes:
    """Return the page as UTF-8 with a byte order mark, which older editors on Windows need."""
    lines = [f"- {note.zh}\n  {note.en}" for note in notes]
    lines += ["", "没有写入 / not written", *(_line(one) for one in left_out)] if left_out else []
    return (_HEAD + "\n".join(lines) + "\n").encode("utf-8-sig")


def _line(one: LeftOut) -> str:
    return f"- {one.where} {one.name}: {one.zh}\n  {one.en}"
