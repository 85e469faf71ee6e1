"""Check-in timers and roll calls on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Milliseconds, Name, View
from field_api.features.check_ins.rules import DEFAULT_INTERVAL_MIN

__all__ = [
    "AnswerRoll",
    "CallRoll",
    "CheckInView",
    "EndRoll",
    "RollAskView",
    "RollCallView",
    "RollEntryView",
    "SayWell",
    "SetCheckIn",
    "StopCheckIn",
]


class SetCheckIn(Body):
    """Somebody is to be heard at intervals; an earlier timer of the handheld ends."""

    id: RecordId
    incident_id: RecordId
    terminal_id: Name
    interval_min: Annotated[int, Field(ge=5, le=240)] = DEFAULT_INTERVAL_MIN


class StopCheckIn(Body):
    """They need not be heard any more."""

    id: RecordId


class SayWell(Body):
    """“I am well”; made on the handheld, possibly long before it arrives."""

    id: RecordId
    t_ms: Milliseconds


class CallRoll(Body):
    """Ask everybody of an incident at once."""

    id: RecordId
    incident_id: RecordId


class AnswerRoll(Body):
    """One's answer to a roll call."""

    id: RecordId
    t_ms: Milliseconds


class EndRoll(Body):
    """End a roll call though somebody has not answered."""

    id: RecordId


class CheckInView(View):
    """A check-in timer."""

    id: str
    version: int
    area: str
    incident_id: str
    terminal_id: str
    holder: str
    interval_s: int
    started_ms: int
    started_by: str
    last_ms: int | None
    heard_ms: int | None
    due_ms: int
    overdue_ms: int | None
    ended_ms: int | None
    ended_by: str | None


class RollAskView(View):
    """What a handheld knows of a roll call."""

    id: str
    version: int
    area: str
    roll_call_id: str
    incident_id: str
    terminal_id: str
    called_ms: int
    answered_ms: int | None
    closed: bool


class RollEntryView(View):
    """Somebody who was asked, and when they answered."""

    terminal_id: str
    holder: str
    answered_ms: int | None
    received_ms: int | None


class RollCallView(View):
    """A roll call: who has answered, who has not."""

    id: str
    version: int
    area: str
    incident_id: str
    called_ms: int
    called_by: str
    ended_ms: int | None
    ended_by: str | None
    entries: list[RollEntryView]
