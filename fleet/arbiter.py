"""What other programs may ask and order of an aircraft. Pure.

Whoever is connected may ask. Asking must not disturb: nothing is asked that runs into a transfer of
ours, no stream that we need is made slower or faster, and what makes an autopilot slow for a while
waits for the end of a sortie. Only a commanding client may order, only one aircraft by its number,
and only while no sortie of ours is under way and it is certain which device the aircraft is. What
is refused is answered as the aircraft itself would refuse it.
"""

from dataclasses import dataclass
from enum import Enum

from fleet.mavlink import Message, dialect
from fleet.protocol.streams import WANTED_HZ
from fleet.routing import target_of

__all__ = ["Judgement", "Situation", "Why", "judge", "refusal"]

FASTEST_HZ = 5.0
"""What others may have streamed besides."""

ASKING = frozenset({"PARAM_REQUEST_READ", "TIMESYNC"})
DOWNLOADING = frozenset(
    {"MISSION_REQUEST_LIST", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"}
)
SLOWING = frozenset(
    {"PARAM_REQUEST_LIST", "LOG_REQUEST_LIST", "LOG_REQUEST_DATA", "LOG_REQUEST_END"}
)
"""ArduPilot slows its streams meanwhile."""
ASKING_COMMANDS = frozenset(
    {
        dialect.MAV_CMD_REQUEST_MESSAGE,
        dialect.MAV_CMD_GET_MESSAGE_INTERVAL,
        dialect.MAV_CMD_REQUEST_PROTOCOL_VERSION,
        dialect.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES,
        dialect.MAV_CMD_REQUEST_CAMERA_INFORMATION,
        dialect.MAV_CMD_REQUEST_CAMERA_SETTINGS,
        dialect.MAV_CMD_REQUEST_STORAGE_INFORMATION,
        dialect.MAV_CMD_REQUEST_CAMERA_CAPTURE_STATUS,
        dialect.MAV_CMD_REQUEST_VIDEO_STREAM_INFORMATION,
        dialect.MAV_CMD_REQUEST_VIDEO_STREAM_STATUS,
    }
)
FTP_READING = frozenset({0, 1, 2, 3, 4, 5, 14, 15})
"""Opcodes of MAVLink FTP that write nothing: none, end and reset sessions, list, open to read,
read, checksum, burst read."""
NEVER = frozenset({"SETUP_SIGNING"})
"""It carries a key."""


class Why(Enum):
    """Why a message is not passed on."""

    READ_ONLY = "read_only"
    UNDER_WAY = "under_way"
    BUSY = "busy"
    DOUBT = "doubt"
    ALL = "all"
    """An order to everybody."""
    NEVER = "never"
    STREAMS = "streams"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the aircraft is doing."""

    under_way: bool
    """A sortie of ours, from its upload to its return."""
    busy: bool
    """A mission, a fence or a parameter is on its way between us and it."""
    doubt: bool
    """It is not certain which device it is."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a client's message."""

    forward: bool
    why: Why | None = None
    granted: bool = False
    """It has what it asks for already: told so, and nothing is passed on."""


FORWARD = Judgement(True)
GRANTED = Judgement(False, granted=True)


def judge(message: Message, situation: Situation, *, commanding: bool) -> Judgement:
    """Return whether a client's message may go to an aircraft."""
    kind = message.get_type()
    if kind in NEVER:
        return _no(Why.NEVER)
    if kind == "HEARTBEAT":
        # It says that somebody is there; the aircraft's promise to come home hangs on ours.
        return FORWARD if commanding else Judgement(False)
    if kind == "REQUEST_DATA_STREAM":
        free = commanding and not situation.under_way and not situation.busy
        return FORWARD if free else _no(Why.STREAMS)
    asked = _asking(message, kind, situation)
    if asked is not None:
        return asked
    if not commanding:
        return _no(Why.READ_ONLY)
    if not target_of(message)[0]:
        return _no(Why.ALL)
    if situation.doubt:
        return _no(Why.DOUBT)
    if situation.under_way:
        return _no(Why.UNDER_WAY)
    if situation.busy:
        return _no(Why.BUSY)
    return FORWARD


def _no(why: Why) -> Judgement:
    return Judgement(False, why)


def _asking(message: Message, kind: str, situation: Situation) -> Judgement | None:
    """Judge what changes nothing on board, None for everything else."""
    if kind in ASKING:
        return FORWARD
    if kind in DOWNLOADING:
        return _no(Why.BUSY) if situation.busy else FORWARD
    if kind in SLOWING:
        if situation.busy:
            return _no(Why.BUSY)
        return _no(Why.UNDER_WAY) if situation.under_way else FORWARD
    if kind == "FILE_TRANSFER_PROTOCOL" and message.payload[3] in FTP_READING:
        if situation.busy:
            return _no(Why.BUSY)
        return _no(Why.UNDER_WAY) if situation.under_way else FORWARD
    if kind not in ("COMMAND_LONG", "COMMAND_INT"):
        return None
    if message.command in ASKING_COMMANDS:
        return FORWARD
    if message.command == dialect.MAV_CMD_SET_MESSAGE_INTERVAL:
        return _stream(message.param1, message.param2)
    return None


def _stream(message_id: float, interval_us: float) -> Judgement:
    ours_hz = WANTED_HZ.get(int(message_id)) if 0 <= message_id < 2**24 else None
    if ours_hz is not None:
        slower = interval_us == 0 or interval_us >= 0.99e6 / ours_hz
        return GRANTED if slower else _no(Why.STREAMS)
    return FORWARD if interval_us >= 0.99e6 / FASTEST_HZ else _no(Why.STREAMS)


def refusal(message: Message, judgement: Judgement) -> Message | None:
    """Return what the aircraft would answer, None where the protocol has no answer."""
    kind = message.get_type()
    if kind in ("COMMAND_LONG", "COMMAND_INT", "SET_MODE"):
        later = judgement.why in (Why.UNDER_WAY, Why.BUSY, Why.DOUBT)
        result = (
            dialect.MAV_RESULT_ACCEPTED
            if judgement.granted
            else dialect.MAV_RESULT_TEMPORARILY_REJECTED
            if later
            else dialect.MAV_RESULT_DENIED
        )
        command = dialect.MAVLINK_MSG_ID_SET_MODE if kind == "SET_MODE" else message.command
        return dialect.MAVLink_command_ack_message(
            command,
            result,
            target_system=message.get_srcSystem(),
            target_component=message.get_srcComponent(),
        )
    if kind.startswith("MISSION_") and kind != "MISSION_ACK":
        return dialect.MAVLink_mission_ack_message(
            message.get_srcSystem(),
            message.get_srcComponent(),
            dialect.MAV_MISSION_DENIED,
            mission_type=getattr(message, "mission_type", 0),
        )
    return None
