"""Where MAVLink bytes are parsed and made: pymavlink, MAVLink 2, ArduPilot dialect."""

import os

# Before pymavlink is imported: it would speak MAVLink 1 otherwise.
os.environ.setdefault("MAVLINK20", "1")

from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as dialect

__all__ = ["GCS_COMPONENT", "GCS_SYSTEM", "Codec", "Message", "dialect"]

GCS_SYSTEM = 255
"""ArduPilot obeys its own ground station, SYSID_MYGCS, which is 255 unless changed."""

GCS_COMPONENT = 190
"""MAV_COMP_ID_MISSIONPLANNER, what ground stations use."""

Message = Any
"""A pymavlink message; its classes are made at run time and carry no types."""


class Codec:
    """Parses one byte stream and packs what is sent on it."""

    def __init__(self, system: int = GCS_SYSTEM, component: int = GCS_COMPONENT) -> None:
        self._mav = dialect.MAVLink(None, srcSystem=system, srcComponent=component)
        # Bytes from outside: garbage becomes BAD_DATA instead of an exception.
        self._mav.robust_parsing = True
        self.bad_data = 0
        """Stretches of garbage met so far."""

    def parse(self, data: bytes) -> list[Message]:
        """Return the whole messages that `data` completes."""
        messages: list[Message] = []
        for message in self._mav.parse_buffer(data) or []:
            if message.get_type() == "BAD_DATA":
                self.bad_data += 1
            else:
                messages.append(message)
        return messages

    def pack(self, message: Message) -> bytes:
        """Return the frame of a message, with this stream's next sequence number."""
        frame: bytes = message.pack(self._mav)
        self._mav.seq = (self._mav.seq + 1) % 256
        return frame
