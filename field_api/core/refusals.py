"""Refusals on record without letting strangers fill the trail.

Anybody can be refused as often as he likes. So the first refusal of a source in a minute is an act
of its own, and all further ones of that minute are one more, with their count and names.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field

from field_api.core.roles import SYSTEM
from field_api.core.services import Services

__all__ = ["Refusals"]

MINUTE_MS = 60_000
MOST_SOURCES = 50
"""Sources told apart in a minute, by what they tried; the others count as one."""
OTHERS = "…"
NAMES_SHOWN = 10


@dataclass(slots=True)
class _Minute:
    ends_ms: int
    count: int = 0
    names: set[str] = field(default_factory=set[str])

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < NAMES_SHOWN:
            self.names.add(name[:60])


class Refusals:
    """May be used from any thread."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._minutes: dict[tuple[str, str], _Minute] = {}
        self._totals = Counter[str]()

    def is_first(self, act: str, source: str, name: str) -> bool:
        """Count a refusal; return whether it is to be recorded by itself."""
        now_ms = self._ctx.clock()
        with self._lock:
            self._totals[act] += 1
            key = (act, source)
            if key not in self._minutes and self._sources(act) >= MOST_SOURCES:
                key = (act, OTHERS)
            minute = self._minutes.get(key)
            if minute is None:
                self._minutes[key] = _Minute(now_ms + MINUTE_MS)
                return True
            minute.add(name)
            return False

    def _sources(self, act: str) -> int:
        return sum(1 for known, _ in self._minutes if known == act)

    def totals(self) -> dict[str, int]:
        """Return how many there were since the start, by act."""
        with self._lock:
            return dict(self._totals)

    def write_down(self, *, all_of_them: bool = False) -> None:
        """Record what was counted in the minutes that are over, or in all."""
        now_ms = self._ctx.clock()
        with self._lock:
            over = {
                key: minute
                for key, minute in self._minutes.items()
                if all_of_them or minute.ends_ms <= now_ms
            }
            for key in over:
                del self._minutes[key]
        told = [(act, source, minute) for (act, source), minute in over.items() if minute.count]
        if not told:
            return
        with self._ctx.store.change(SYSTEM) as change:
            for act, source, minute in told:
                names = ", ".join(sorted(minute.names))
                change.record(
                    f"{act}_again", source, source=source, count=minute.count, names=names
                )

    def close(self) -> None:
        """Record what is not yet."""
        self.write_down(all_of_them=True)
