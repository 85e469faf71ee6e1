"""How long this process has run, the seconds of loading Python's modules included."""

import os
import time
from pathlib import Path

__all__ = ["process_age_s"]

IMPORTED_S = time.monotonic()


def process_age_s(stat: Path = Path("/proc/self/stat")) -> float:
    """Return seconds since the process was started; since this module's import off Linux."""
    try:
        # Field 22 of proc(5), counted after the name in brackets, which may hold spaces.
        ticks = int(stat.read_text().rsplit(")", 1)[1].split()[19])
    except OSError:
        return time.monotonic() - IMPORTED_S
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
