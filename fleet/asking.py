"""Messages that ask and change nothing: what may go to an aircraft while it is in doubt."""

from collections.abc import Sequence

from fleet.mavlink import Message, dialect
from fleet.roster import Binding

__all__ = ["IDENTITY", "PLACE", "UID", "asks_only", "gcs_heartbeat", "requests"]

UID = (dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION,)
PLACE = (dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT,)
"""With its clock since boot."""
IDENTITY = UID + PLACE
ASKING = frozenset({"HEARTBEAT", "TIMESYNC", "REQUEST_DATA_STREAM"})
ASKING_COMMANDS = frozenset({dialect.MAV_CMD_REQUEST_MESSAGE, dialect.MAV_CMD_SET_MESSAGE_INTERVAL})


def asks_only(message: Message) -> bool:
    """Whether a message moves and changes nothing on board but which telemetry comes."""
    kind = message.get_type()
    return kind in ASKING or (kind == "COMMAND_LONG" and message.command in ASKING_COMMANDS)


def requests(binding: Binding, wanted: Sequence[int]) -> list[Message]:
    """Return the questions for some messages, by their ids."""
    return [
        dialect.MAVLink_command_long_message(
            *(binding.system, binding.component),
            *(dialect.MAV_CMD_REQUEST_MESSAGE, 0, message_id, 0, 0, 0, 0, 0, 0),
        )
        for message_id in wanted
    ]


def gcs_heartbeat() -> Message:
    """Return a ground station's heartbeat."""
    return dialect.MAVLink_heartbeat_message(
        *(dialect.MAV_TYPE_GCS, dialect.MAV_AUTOPILOT_INVALID, 0, 0, dialect.MAV_STATE_ACTIVE, 3)
    )
