"""What comes twice because an aircraft is heard over two ways. Pure.

A router between us and the aircraft sends every frame both ways: the same bytes. An autopilot sends
separate streams with their own sequence numbers: the same telemetry a moment earlier or later, and
the same text or answer twice.
"""

from collections import OrderedDict

from fleet.mavlink import Message

__all__ = ["Duplicates"]

SAME_FRAME_S = 1.0
SAME_WORDS_S = 3.0
"""How much slower one way may be than the other."""
REMEMBERED = 512
LATE_MS = 60_000
"""A clock since boot that is further back began anew."""
ANSWERS = frozenset({"COMMAND_ACK", "PARAM_VALUE", "FILE_TRANSFER_PROTOCOL", "STATUSTEXT"})
REPORTS = frozenset({"MISSION_CURRENT", "MISSION_ITEM_REACHED"})
"""Telemetry, although it is called MISSION_."""


class Duplicates:
    """Judges the messages of one aircraft."""

    def __init__(self) -> None:
        self._frames: OrderedDict[bytes, float] = OrderedDict()
        self._said: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._boot_ms: dict[int, int] = {}
        """The newest clock since boot by message id."""

    def frame_again(self, frame: bytes, now_s: float) -> bool:
        """Whether the very same frame came a moment ago, whichever way."""
        last_s = self._frames.get(frame)
        self._frames[frame] = now_s
        self._frames.move_to_end(frame)
        if len(self._frames) > REMEMBERED:
            self._frames.popitem(last=False)
        return last_s is not None and now_s - last_s < SAME_FRAME_S

    def old(self, link: str, message: Message, now_s: float, *, active: bool) -> bool:
        """Whether a message says nothing new, or what it says is older than what is known.

        Args:
            link: the way it came.
            message: of the aircraft's autopilot.
            now_s: when.
            active: whether that is the way over which orders go. What carries no clock is believed
                on that way only: on another it may have waited for long.
        """
        kind = message.get_type()
        if kind in ANSWERS or (kind.startswith("MISSION_") and kind not in REPORTS):
            # An answer comes the way that its question went, so other ways count too.
            return self._said_elsewhere(link, message, now_s)
        boot_ms = getattr(message, "time_boot_ms", None)
        if not boot_ms:
            return not active and kind != "AUTOPILOT_VERSION"
        message_id = message.get_msgId()
        newest_ms = self._boot_ms.get(message_id)
        if newest_ms is not None and boot_ms <= newest_ms and not active:
            return True
        if active and newest_ms is not None and 0 < newest_ms - boot_ms < LATE_MS:
            # Another way was faster, or the aircraft restarted: one more of the kind tells.
            self._boot_ms[message_id] = int(boot_ms)
            return True
        self._boot_ms[message_id] = int(boot_ms)
        return False

    def _said_elsewhere(self, link: str, message: Message, now_s: float) -> bool:
        header = 10 if message.get_msgbuf()[0] == 0xFD else 6
        end = header + message.get_msgbuf()[1]
        words = bytes([message.get_msgId() % 251]) + bytes(message.get_msgbuf()[header:end])
        said = self._said.get(words)
        if said is not None and said[0] != link and now_s - said[1] < SAME_WORDS_S:
            return True
        self._said[words] = (link, now_s)
        self._said.move_to_end(words)
        if len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        return False
