"""When an application is handed in, answered and reported (Art. 26, 29 and 30)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from mission_plans.rules.rules_file import FlightRules

__all__ = ["ApplicationDeadlines", "Kind", "clock", "deadlines"]

Kind = Literal["normal", "emergency", "urgent"]


@dataclass(frozen=True)
class ApplicationDeadlines:
    """What follows from a take-off and the kind of application, UTC milliseconds."""

    submit_by_ms: int
    reply_by_ms: int
    report_by_ms: int
    """Expected take-off and readiness are reported; no earlier than the hand-in is due."""
    earliest_takeoff_ms: int
    """If handed in right now."""


def deadlines(rules: FlightRules, kind: Kind, takeoff_ms: int, now_ms: int) -> ApplicationDeadlines:
    """Return by when what must be done for a take-off."""
    report_ms = takeoff_ms - rules.application.report_before_min * 60_000
    if kind != "normal":
        lead = rules.application.emergency if kind == "emergency" else rules.application.urgent
        submit_ms = takeoff_ms - lead.submit_before_min * 60_000
        return ApplicationDeadlines(
            submit_ms,
            takeoff_ms - lead.reply_before_min * 60_000,
            max(report_ms, submit_ms),
            now_ms + lead.submit_before_min * 60_000,
        )
    normal, zone = rules.application.normal, _zone(rules)
    day, today = _midnight(takeoff_ms, zone), _midnight(now_ms, zone)
    late = _local(now_ms, zone) > today + timedelta(hours=normal.submit_before.hour)
    submit = day + timedelta(days=-normal.submit_before.days, hours=normal.submit_before.hour)
    reply = day + timedelta(days=-normal.reply_before.days, hours=normal.reply_before.hour)
    earliest = today + timedelta(days=normal.submit_before.days + int(late))
    return ApplicationDeadlines(_ms(submit), _ms(reply), report_ms, _ms(earliest))


def clock(rules: FlightRules, t_ms: int) -> str:
    """Return a time as the authority reads it."""
    return _local(t_ms, _zone(rules)).strftime("%Y-%m-%d %H:%M")


def _zone(rules: FlightRules) -> timezone:
    return timezone(timedelta(minutes=rules.application.utc_offset_min))


def _local(t_ms: int, zone: timezone) -> datetime:
    return datetime.fromtimestamp(t_ms / 1000, zone)


def _midnight(t_ms: int, zone: timezone) -> datetime:
    return _local(t_ms, zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _ms(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)
