"""Flight logs: every frame to and from a vehicle, in the .tlog format other programs read.

A record is the time in microseconds since 1970 as 8 big-endian bytes, then the frame as it was on
the wire (https://ardupilot.org/planner/docs/mission-planner-telemetry-logs.html).
"""

import struct
from pathlib import Path

import structlog

__all__ = ["Recorder"]

log = structlog.get_logger(__name__)

SETUP_SIGNING = 256
"""Carries a key and must never be written down."""


class Recorder:
    """Writes one vehicle's log; a disk that refuses stops the log, never the flight."""

    def __init__(self, folder: Path, vehicle_id: str, started_ms: int) -> None:
        """Start a log in `folder`, named by vehicle and UTC start."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{vehicle_id}-{started_ms}.tlog"
        self._file = self.path.open("ab")
        self._broken = False

    def write(self, frame: bytes, message_id: int, t_us: int) -> None:
        """Append one frame."""
        if self._broken or message_id == SETUP_SIGNING:
            return
        try:
            self._file.write(struct.pack(">Q", t_us) + frame)
        except OSError as error:
            self._broken = True
            log.error("flight log stopped", path=str(self.path), error=str(error))

    def flush(self) -> None:
        """Hand what is written to the disk."""
        try:
            self._file.flush()
        except OSError as error:
            self._broken = True
            log.error("flight log stopped", path=str(self.path), error=str(error))

    def close(self) -> None:
        """End the log."""
        self.flush()
        self._file.close()
