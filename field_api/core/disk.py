"""How much room the data folder's disk has, looked up at most once a second."""

import shutil
import threading
import time
from pathlib import Path

import structlog

__all__ = ["DiskWatch"]

log = structlog.get_logger(__name__)

LOOK_S = 1.0


class DiskWatch:
    """May be used from any thread; says once when room gets short, and once when it is back."""

    def __init__(self, folder: Path, low_bytes: int) -> None:
        self._folder = folder
        self._low_bytes = low_bytes
        self._lock = threading.Lock()
        self._looked_s = float("-inf")
        self._free_bytes = 0
        self._low = False

    @property
    def free_bytes(self) -> int:
        """Bytes that may still be written.

        Raises:
            OSError: the folder can't be looked at.
        """
        with self._lock:
            if time.monotonic() - self._looked_s >= LOOK_S:
                self._free_bytes = shutil.disk_usage(self._folder).free
                self._looked_s = time.monotonic()
                self._tell()
            return self._free_bytes

    @property
    def low(self) -> bool:
        """Whether what is left is kept for records."""
        return self.free_bytes < self._low_bytes

    def _tell(self) -> None:
        low = self._free_bytes < self._low_bytes
        if low and not self._low:
            log.error("disk_low", free_bytes=self._free_bytes, low_bytes=self._low_bytes)
        elif self._low and not low:
            log.info("disk_has_room", free_bytes=self._free_bytes)
        self._low = low
