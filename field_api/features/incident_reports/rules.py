"""When duties to report start and fall due, and which of them an incident has. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Protocol

from field_api.features.incident_reports.tables import Level
from field_api.features.law.tables import DutyStart

__all__ = ["SOON_MS", "Started", "applies", "due_ms", "next_daily_ms", "started", "supplement_days"]

MINUTE_MS = 60_000
SOON_MS = 15 * MINUTE_MS
"""With so much time left a clock raises itself."""
BUREAU_ZONE = timezone(timedelta(hours=8))
_LEVELS = tuple(Level)


class Duty(Protocol):
    """What the rules must know of a duty."""

    @property
    def kinds(self) -> list[str]: ...
    @property
    def from_level(self) -> str | None: ...
    @property
    def start(self) -> DutyStart: ...
    @property
    def minutes(self) -> int | None: ...
    @property
    def daily_at(self) -> str: ...
    @property
    def active(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Started:
    """When a clock counts from."""

    t_ms: int
    assumed: bool = False


def applies(duty: Duty, kind: str, level: Level | None) -> bool:
    """Whether a duty is for incidents of a kind and level; an unknown level is below every one."""
    if not duty.active or kind not in duty.kinds:
        return False
    if not duty.from_level:
        return True
    return level is not None and _LEVELS.index(level) >= _LEVELS.index(Level(duty.from_level))


def started(start: DutyStart, told_ms: int, happened_ms: int | None) -> Started:
    """Return when a first report's clock counts from.

    Where nobody has said when it happened, the bureau's being told is taken: later than the law
    means, so it is marked.
    """
    if start is DutyStart.HAPPENED:
        return Started(told_ms, assumed=True) if happened_ms is None else Started(happened_ms)
    return Started(told_ms)


def due_ms(duty: Duty, start_ms: int) -> int | None:
    """Return when a duty falls due, None for at once."""
    if duty.daily_at:
        return next_daily_ms(duty.daily_at, start_ms)
    return None if duty.minutes is None else start_ms + duty.minutes * MINUTE_MS


def next_daily_ms(at: str, after_ms: int) -> int:
    """Return the next time that it is `at` (HH:MM) where the bureau is, later than `after_ms`."""
    after = datetime.fromtimestamp(after_ms / 1000, BUREAU_ZONE)
    due = datetime.combine(after.date(), time.fromisoformat(at), BUREAU_ZONE)
    if due <= after:
        due += timedelta(days=1)
    return int(due.astimezone(UTC).timestamp() * 1000)


def supplement_days(kind: str, *, traffic: bool) -> int | None:
    """Return for how many days changed casualties are reported (条例 13), None for no accident."""
    if kind == "fire" or (kind == "accident" and traffic):
        return 7
    return 30 if kind == "accident" else None
