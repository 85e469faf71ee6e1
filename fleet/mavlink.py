"""Where MAVLink bytes are parsed and made: pymavlink, MAVLink 2, ArduPilot dialect."""

import hashlib
import hmac
import os
from dataclasses import dataclass

# Before pymavlink is imported: it would speak MAVLink 1 otherwise.
os.environ.setdefault("MAVLINK20", "1")

from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as dialect

__all__ = [
    "GCS_COMPONENT",
    "GCS_SYSTEM",
    "SETUP_SIGNING",
    "Codec",
    "Message",
    "Signing",
    "dialect",
    "raw_text",
    "signing_time",
]

GCS_SYSTEM = 255
"""ArduPilot obeys its own ground station, SYSID_MYGCS, which is 255 unless changed."""

GCS_COMPONENT = 190
"""MAV_COMP_ID_MISSIONPLANNER, what ground stations use."""

SETUP_SIGNING = dialect.MAVLINK_MSG_ID_SETUP_SIGNING
"""Carries a key: it is never passed on and never written down."""

KEY_BYTES = 32
SIGNATURE_BYTES = 6
VERSION_2 = 0xFD
"""First byte of a MAVLink 2 frame."""
EPOCH_10US = 1_420_070_400 * 100_000
"""1 January 2015, UTC, in units of 10 us."""

Message = Any
"""A pymavlink message; its classes are made at run time and carry no types."""


def raw_text(message: Message, name: str) -> bytes:
    """Return a char[] field's bytes up to the first NUL.

    pymavlink decodes text fields as ASCII, which loses every other character.
    """
    data: bytes = getattr(message, f"_{name}_raw")
    return data.split(b"\0", 1)[0]


@dataclass(frozen=True, slots=True)
class Signing:
    """How one link signs. https://mavlink.io/en/guide/message_signing.html"""

    key: bytes
    """32 secret bytes, one key per vehicle; kept outside of what is versioned or logged."""
    link_id: int
    """Different for every link to the same vehicle."""
    timestamp: int
    """The last one used, or `signing_time` of now if that is more: it must never go back."""

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"a signing key has {KEY_BYTES} bytes, not {len(self.key)}")

    def __repr__(self) -> str:
        return f"Signing(link_id={self.link_id}, timestamp={self.timestamp})"


def signing_time(unix_us: int) -> int:
    """Return the timestamp of signatures: units of 10 us since the first of January 2015, UTC."""
    return max(0, unix_us // 10 - EPOCH_10US)


class _CheckedMav(dialect.MAVLink):
    """pymavlink with two holes in its signing closed.

    It moves the stream's timestamp before it looks at the hash, so that one forged frame from the
    far future locks the real vehicle out; and it lets messages it does not know through unsigned.
    """

    def decode(self, msgbuf: bytearray) -> Message:
        """Return the message of a whole frame.

        Raises:
            MAVError: the frame is damaged, or not signed as it must be.
        """
        message = super().decode(msgbuf)
        if self.signing.secret_key is not None and isinstance(message, dialect.MAVLink_unknown):
            signed = msgbuf[0] == VERSION_2 and bool(msgbuf[2] & dialect.MAVLINK_IFLAG_SIGNED)
            if not signed or not self.check_signature(msgbuf, msgbuf[5], msgbuf[6]):
                raise dialect.MAVError("Invalid signature")
        return message

    def check_signature(self, msgbuf: bytearray, srcSystem: int, srcComponent: int) -> bool:  # noqa: N803
        """Whether a frame carries a right and new signature."""
        key = self.signing.secret_key
        if key is None:
            return False
        right = hashlib.sha256(key + msgbuf[:-SIGNATURE_BYTES]).digest()[:SIGNATURE_BYTES]
        if not hmac.compare_digest(right, bytes(msgbuf[-SIGNATURE_BYTES:])):
            return False
        return bool(super().check_signature(msgbuf, srcSystem, srcComponent))


def _may_be_unsigned(mav: Any, message_id: int) -> bool:
    # A telemetry radio speaks for itself and has no key.
    return message_id in (dialect.MAVLINK_MSG_ID_RADIO_STATUS, dialect.MAVLINK_MSG_ID_RADIO)


class Codec:
    """Parses one byte stream and packs what is sent on it."""

    def __init__(
        self,
        system: int = GCS_SYSTEM,
        component: int = GCS_COMPONENT,
        signing: Signing | None = None,
    ) -> None:
        """Prepare a stream.

        Args:
            system: whose messages are packed.
            component: likewise.
            signing: all that is sent is signed, and what comes unsigned or with a wrong signature
                counts as garbage; None for a link without.
        """
        parser = dialect.MAVLink if signing is None else _CheckedMav
        self._mav = parser(None, srcSystem=system, srcComponent=component)
        # Bytes from outside: garbage becomes BAD_DATA instead of an exception.
        self._mav.robust_parsing = True
        self.bad_data = 0
        """Stretches of garbage met so far."""
        self.bad_bytes = 0
        """Bytes of it."""
        if signing is not None:
            self._mav.signing.secret_key = signing.key
            self._mav.signing.link_id = signing.link_id
            self._mav.signing.timestamp = signing.timestamp
            self._mav.signing.sign_outgoing = True
            self._mav.signing.allow_unsigned_callback = _may_be_unsigned

    @property
    def signing_timestamp(self) -> int:
        """The newest timestamp used or rightly signed by the other side; to be kept on disk."""
        return int(self._mav.signing.timestamp)

    def keep_time(self, unix_us: int) -> None:
        """Move the signing timestamp on with the clock; pymavlink only counts frames."""
        signing = self._mav.signing
        signing.timestamp = max(signing.timestamp, signing_time(unix_us))

    def parse(self, data: bytes) -> list[Message]:
        """Return the whole messages that `data` completes."""
        messages: list[Message] = []
        for message in self._mav.parse_buffer(data) or []:
            if message.get_type() == "BAD_DATA":
                self.bad_data += 1
                self.bad_bytes += len(message.get_msgbuf())
            else:
                messages.append(message)
        return messages

    def pack(self, message: Message) -> bytes:
        """Return the frame of a message, with this stream's next sequence number."""
        frame: bytes = message.pack(self._mav)
        self._mav.seq = (self._mav.seq + 1) % 256
        return frame
