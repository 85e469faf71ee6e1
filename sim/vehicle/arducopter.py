"""The real ArduCopter SITL as a child process, where the machine has one.

`XUNSHAN_ARDUCOPTER` names the binary. It listens on all interfaces (its own design), so it belongs
on machines where that is harmless.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from sim.vehicle.config import VehicleConfig

__all__ = ["BINARY_VARIABLE", "arducopter_binary", "real_arducopter"]

BINARY_VARIABLE = "XUNSHAN_ARDUCOPTER"

# What SITL needs to count as a calibrated quadcopter; the rest are its own defaults.
_CALIBRATED: dict[str, float] = {
    "FRAME_CLASS": 1,
    "FRAME_TYPE": 0,
    "FS_THR_ENABLE": 1,
    "BATT_MONITOR": 4,
    "MOT_THST_EXPO": 0.65,
    "MOT_THST_HOVER": 0.39,
    "MOT_BAT_VOLT_MIN": 9.6,
    "MOT_BAT_VOLT_MAX": 12.8,
    "SIM_BARO_RND": 0,
    **{f"COMPASS_OFS{n}_{axis}": value for n in ("", "2", "3")
       for axis, value in (("X", 5), ("Y", 13), ("Z", -18))},
    **{f"INS_ACC{n}OFFS_{axis}": 0.001 for n in ("", "2") for axis in "XYZ"},
    **{f"INS_ACC{n}SCAL_{axis}": 1.001 for n in ("", "2") for axis in "XYZ"},
    **{f"INS_ACC3SCAL_{axis}": 1.0 for axis in "XYZ"},
    **{f"RC{n}_{end}": value for n in range(1, 9)
       for end, value in (("MIN", 1000), ("MAX", 2000), ("TRIM", 1500))},
    "FLTMODE1": 7, "FLTMODE2": 9, "FLTMODE3": 6, "FLTMODE4": 3, "FLTMODE5": 5, "FLTMODE6": 0,
}  # fmt: skip


def arducopter_binary() -> Path | None:
    """The binary that the environment names, or None where there is none."""
    name = os.environ.get(BINARY_VARIABLE)
    if not name:
        return None
    path = Path(name)
    return path if path.is_file() and os.access(path, os.X_OK) else None


@contextlib.asynccontextmanager
async def real_arducopter(
    binary: Path, config: VehicleConfig, *, instance: int, speedup: float
) -> AsyncGenerator[int]:
    """Run ArduCopter SITL for the length of a `with` block; gives its first TCP port."""
    # By parameter, because older releases have no --sysid.
    parameters = {**_CALIBRATED, "SYSID_THISMAV": config.sysid}
    if config.gimbal:
        # MNT_TYPE is the name up to 4.2; DO_MOUNT_CONTROL without a mount stops 4.0.7 dead.
        parameters |= {"MNT1_TYPE": 1, "MNT_TYPE": 1}
    parameters.update(config.parameters)
    ground_m = config.ground_amsl_m or 0.0
    home = f"{config.lat_deg},{config.lon_deg},{ground_m},{config.heading_deg}"
    with tempfile.TemporaryDirectory(prefix="arducopter-") as folder:
        defaults = Path(folder) / "defaults.parm"
        defaults.write_text("".join(f"{name} {value}\n" for name, value in parameters.items()))
        process = await asyncio.create_subprocess_exec(
            str(binary),
            *("--model", "quad", "--speedup", str(speedup), "-I", str(instance)),
            *("--home", home, "--defaults", str(defaults), "-w"),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield 5760 + 10 * instance
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
