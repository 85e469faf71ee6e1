"""Flight logs: every frame to and from a vehicle, in the .tlog format other programs read.

A record is the time in microseconds since 1970 as 8 big-endian bytes, then the frame as it was on
the wire (https://ardupilot.org/planner/docs/mission-planner-telemetry-logs.html).
"""

import struct
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import structlog

from fleet.mavlink import SETUP_SIGNING

__all__ = ["Recorder"]

log = structlog.get_logger(__name__)


class Recorder:
    """Writes one vehicle's log; a disk that refuses stops the log, never the flight."""

    def __init__(self, folder: Path, vehicle_id: str, started_ms: int) -> None:
        """Start a log in `folder`, named by vehicle and UTC start."""
        self.path = folder / f"{vehicle_id}-{started_ms}.tlog"
        self._file: BinaryIO | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab")
        except OSError as error:
            self._stop(error)

    @property
    def running(self) -> bool:
        """Whether frames are still written."""
        return self._file is not None

    def write(self, frame: bytes, message_id: int, t_us: int) -> None:
        """Append one frame."""
        if self._file is None or message_id == SETUP_SIGNING:
            return
        try:
            self._file.write(struct.pack(">Q", t_us) + frame)
        except OSError as error:
            self._stop(error)

    def flush(self) -> None:
        """Hand what is written to the disk."""
        if self._file is None:
            return
        try:
            self._file.flush()
        except OSError as error:
            self._stop(error)

    def close(self) -> None:
        """End the log."""
        self.flush()
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what was not written is lost either way
                file.close()

    def _stop(self, error: OSError) -> None:
        log.error("flight log stopped", path=str(self.path), error=str(error))
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()
