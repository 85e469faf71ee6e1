"""Backups at a steady pace, so that no more than a known time can be lost."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Pace", "parse_duration_s"]

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)


def parse_duration_s(text: str) -> int:
    """Return the seconds of `90s`, `5m`, `24h` or `30d`.

    Raises:
        ValueError: it is none of these, or nothing.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{text!r} is no duration; write e.g. 90s, 5m, 24h or 30d")
    return int(found[1]) * _UNITS_S[found[2]]


@dataclass
class Pace:
    """When to begin the next backup.

    A backup counts once it is whole. For no more than `every_s` to be lost at any time, the next
    one must be whole, not begun, that long after the moment of the last: it begins earlier by what
    the last one took, and by a half of that again.
    """

    every_s: float
    now_s: Callable[[], float] = time.monotonic
    _began_s: float | None = None
    _took_s: float = 0.0

    def begin(self) -> None:
        """Note that a backup begins."""
        self._began_s = self.now_s()

    def done(self) -> None:
        """Note that it is whole."""
        assert self._began_s is not None
        self._took_s = self.now_s() - self._began_s

    @property
    def wait_s(self) -> float:
        """How long to wait from now."""
        if self._began_s is None:
            return 0.0
        return max(0.0, self._began_s + self.every_s - 1.5 * self._took_s - self.now_s())

    @property
    def kept_up(self) -> bool:
        """Whether no more than `every_s` can be lost at this pace."""
        return 1.5 * self._took_s < self.every_s / 2
