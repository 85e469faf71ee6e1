"""Messages as they come off a wire: packed by one side, parsed by the other."""

from fleet.mavlink import Codec, Message, dialect

VEHICLE = 7
AUTOPILOT = dialect.MAV_COMP_ID_AUTOPILOT1


class Side:
    """One end of a link that turns message objects into received messages."""

    def __init__(self, system: int, component: int = AUTOPILOT) -> None:
        self._codec = Codec(system, component)

    def says(self, message: Message) -> Message:
        """Return the message as its receiver parses it."""
        parsed = Codec().parse(self._codec.pack(message))
        assert len(parsed) == 1
        return parsed[0]
