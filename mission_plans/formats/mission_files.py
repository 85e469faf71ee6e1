"""All mission files of a plan: of each sortie one for every autopilot and ground station."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mission_plans.formats.contents import FenceThing, LeftOut, Note, Thing
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.parameter_file import write_parameters
from mission_plans.formats.sortie_missions import dji_mission, mavlink_mission, sortie_name
from mission_plans.formats.write_qgc import return_note
from mission_plans.formats.writing import write_file
from mission_plans.values.plan import SearchPlan

__all__ = ["MissionFiles", "mission_files", "usable_id"]

SAFE_ID = re.compile(r"\w[\w.-]{0,39}")


def usable_id(vehicle_id: str) -> bool:
    """Return whether an aircraft's id can be part of a file's name."""
    return SAFE_ID.fullmatch(vehicle_id) is not None


@dataclass(frozen=True, slots=True)
class MissionFiles:
    """Files by their names, and what must be known or set beside them."""

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    notes: list[Note] = field(default_factory=list[Note])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])


def mission_files(plan: SearchPlan, return_heights_m: Mapping[str, float]) -> MissionFiles:
    """Return `.plan`, `.waypoints`, `.rally`, `.fence`, `.param` and `.dji.kmz` of each sortie.

    Args:
        plan: what is flown.
        return_heights_m: of the sorties by their ids, above launch, clear of the ground on every
            way home.

    Raises:
        PlanFileError: an aircraft's id can't be part of a file's name, two sorties have one name,
            or a return height is none that an aircraft takes.
    """
    made = MissionFiles()
    fences: list[Thing] = [FenceThing(name=f.name, fence=f) for f in plan.request.fences]
    endings = (".plan", ".waypoints", ".rally", *([".fence"] if fences else []))
    for sortie in plan.sorties:
        name, height_m = sortie_name(sortie), return_heights_m[sortie.id]
        if not usable_id(sortie.vehicle_id) or f"{name}.plan" in made.files:
            raise PlanFileError(
                sortie.vehicle_id[:80],
                "飞机编号不能作文件名,或与另一架相同:只用文字、数字、点、横线和下划线",
                "the aircraft's id can't be part of a file's name or stands twice: letters, "
                "digits, dots, dashes and underscores",
            )
        flight = mavlink_mission(sortie, height_m)
        made.notes.extend(
            Note(zh=f"{name}:{note.zh}", en=f"{name}: {note.en}") for note in return_note(flight)
        )
        for ending in endings:
            written = write_file(f"{name}{ending}", [flight, *fences])
            made.files[f"{name}{ending}"] = written.data
            # Of the others the parts go into files of their own.
            made.left_out.extend(written.left_out if ending == ".plan" else [])
        made.files[f"{name}.param"] = write_parameters(
            {"RTL_ALT": math.ceil(height_m) * 100},
            f"{name}: return height; RTL_ALT_M in metres from ArduPilot 4.7",
        )
        dji = write_file(f"{name}.dji.kmz", [dji_mission(sortie, height_m)])
        made.files[f"{name}.dji.kmz"] = dji.data
    if fences:
        made.notes.append(
            Note(
                zh="DJI 航线文件没有围栏,请在遥控器上设置",
                en="files of DJI carry no fences: set them on the controller",
            )
        )
    return made
