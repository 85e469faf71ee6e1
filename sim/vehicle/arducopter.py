"""The real ArduCopter SITL as a child process, where the machine has one.

`XUNSHAN_ARDUCOPTER` names the binary. It listens on all interfaces (its own design), so it belongs
on machines where that is harmless.
"""

import asyncio
import contextlib
import os
import signal
import tempfile
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path

import structlog

from sim.parent_death import end_with_parent
from sim.vehicle.config import VehicleConfig
from sim.vehicle.port_block import BLOCK_SIZE, PortBlock

__all__ = [
    "BINARY_VARIABLE",
    "FIRST_TCP_PORT",
    "ArduCopterEndedError",
    "arducopter_binary",
    "real_arducopter",
]

log = structlog.get_logger(__name__)

BINARY_VARIABLE = "XUNSHAN_ARDUCOPTER"
FIRST_TCP_PORT = 5760
"""Of instance 0; each further one has ten more."""

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


_HOVER_A = 20.35
"""What 4.0.7 says that it draws while it hovers; its voltage never falls."""


def arducopter_binary() -> Path | None:
    """The binary that the environment names, or None where there is none."""
    name = os.environ.get(BINARY_VARIABLE)
    if not name:
        return None
    path = Path(name)
    return path if path.is_file() and os.access(path, os.X_OK) else None


class ArduCopterEndedError(RuntimeError):
    """The program ended by itself; the text has its last words."""


@contextlib.asynccontextmanager
async def real_arducopter(
    binary: Path, config: VehicleConfig, *, speedup: float, instance: int | None = None
) -> AsyncGenerator[int]:
    """Run ArduCopter SITL for the length of a `with` block; gives its first TCP port.

    The second port, two above, opens once a client is connected to the first. Each gets a folder
    and ports of its own, so that any number may run beside each other, unless `instance` asks for
    the fixed ports 5760 + 10 `instance`. The program ends with ours, however ours ends.

    Raises:
        ArduCopterEndedError: it ended before it listened, e.g. since a port is taken.
    """
    with contextlib.ExitStack() as stack:
        if instance is None:
            block = PortBlock.take()
            stack.callback(block.close)
            port = block.base
        else:
            port = FIRST_TCP_PORT + BLOCK_SIZE * instance
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="arducopter-"))
        defaults = Path(folder) / "defaults.parm"
        lines = (f"{name} {value}\n" for name, value in _parameters(config).items())
        defaults.write_text("".join(lines))
        process = await asyncio.create_subprocess_exec(
            str(binary),
            *_words(config, port, speedup),
            *("--defaults", str(defaults)),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )
        told = _Told(process)
        try:
            await told.listening()
            yield port
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await told.ended()


def _parameters(config: VehicleConfig) -> dict[str, float]:
    # The system id by parameter, because older releases have no --sysid.
    parameters: dict[str, float] = {**_CALIBRATED, "SYSID_THISMAV": config.sysid}
    if config.gimbal:
        # MNT_TYPE is the name up to 4.2; DO_MOUNT_CONTROL without a mount stops 4.0.7 dead.
        parameters |= {"MNT1_TYPE": 1, "MNT_TYPE": 1}
        # A mount follows a region of interest only about axes that have an output; 7 is its tilt.
        parameters |= {"SERVO10_FUNCTION": 7, "MNT_ANGMIN_TIL": -9000, "MNT_ANGMAX_TIL": 2000}
    if config.endurance_s is not None:
        parameters["BATT_CAPACITY"] = round(_HOVER_A * config.endurance_s / 3.6)
    return parameters | config.parameters


def _words(config: VehicleConfig, port: int, speedup: float) -> list[str]:
    home = (config.lat_deg, config.lon_deg, config.ground_amsl_m or 0.0, config.heading_deg)
    return [
        *("--model", "quad", "--speedup", str(speedup)),
        *("--home", ",".join(str(value) for value in home)),
        *("--base-port", str(port)),
        # Not the fixed ones: several would read each other's sticks.
        *("--rc-in-port", str(port + 1)),
        # It would send a picture's worth of datagrams to whoever holds UDP 5503.
        *("--disable-fgview", "-w"),
    ]


class _Told:
    """What the program prints: whether it listens, and its last words where it ends."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: deque[str] = deque(maxlen=8)
        self._listens = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        output = self._process.stdout
        assert output is not None
        while line := await output.readline():
            self._lines.append(line.decode(errors="replace").rstrip())
            if "Waiting for connection" in self._lines[-1]:
                self._listens.set()
        await self._process.wait()
        self._listens.set()

    async def listening(self) -> None:
        """Wait until it takes connections.

        Raises:
            ArduCopterEndedError: it never will.
        """
        await self._listens.wait()
        if self._process.returncode is not None:
            raise ArduCopterEndedError(f"ArduCopter SITL ended: {' | '.join(self._lines)}")

    async def ended(self) -> None:
        """Wait until the program is gone and nothing more comes from it."""
        if self._process.returncode not in (None, -signal.SIGKILL):
            log.warning("ArduCopter SITL ended by itself", words=list(self._lines))
        await self._reading
