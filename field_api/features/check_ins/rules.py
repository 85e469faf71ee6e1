"""When somebody should be heard again. All times are UTC in milliseconds."""

from datetime import datetime, timedelta, timezone

__all__ = ["DEFAULT_INTERVAL_MIN", "due_after", "local_clock", "newest", "said_at"]

BUREAU_ZONE = timezone(timedelta(hours=8))
"""China has one zone and no summer time."""

DEFAULT_INTERVAL_MIN = 30
"""Between two words that one is well."""


def said_at(t_ms: int, received_ms: int) -> int:
    """When a word was said: by the handheld's clock, yet never later than it came in."""
    return min(t_ms, received_ms)


def newest(known_ms: int | None, t_ms: int) -> int:
    """Return the later of two words: those of an outbox may come in any order."""
    return t_ms if known_ms is None else max(known_ms, t_ms)


def due_after(started_ms: int, last_ms: int | None, interval_s: int) -> int:
    """When the next word is due: an interval after the last one, or after the start."""
    return max(started_ms, last_ms or 0) + interval_s * 1000


def local_clock(t_ms: int | None) -> str:
    """Return a time of day where the bureau is, as it is said on the radio."""
    if t_ms is None:
        return "—"
    return datetime.fromtimestamp(t_ms / 1000, BUREAU_ZONE).strftime("%H:%M")
