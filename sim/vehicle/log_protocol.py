"""LOG_REQUEST_LIST and LOG_REQUEST_DATA as ArduCopter answers them: never while armed."""

from collections import deque
from collections.abc import Callable

from pymavlink.dialects.v20 import ardupilotmega as mavlink

__all__ = ["LogProtocol"]

_CHUNK = 90
_PER_SECOND = 400

Send = Callable[[mavlink.MAVLink_message], None]


class LogProtocol:
    """One log, number 1; what is asked while it is being sent is dropped."""

    def __init__(
        self,
        log: Callable[[], bytes],
        armed: Callable[[], bool],
        say: Callable[[int, str], None],
        utc_s: Callable[[], int],
    ) -> None:
        self._log = log
        self._armed = armed
        self._say = say
        self._utc_s = utc_s
        self._sending: deque[tuple[Send, mavlink.MAVLink_message]] = deque()
        self._allowance = 0.0

    def request_list(self, send: Send) -> None:
        """Tell which logs there are."""
        if not self._refused():
            size = len(self._log())
            send(mavlink.MAVLink_log_entry_message(1, 1, 1, self._utc_s(), size))

    def request_data(self, send: Send, number: int, offset: int, count: int) -> None:
        """Send a stretch of a log, a few chunks at a time."""
        if self._sending or number != 1 or self._refused():
            return
        log = self._log()
        end = min(offset + count, len(log))
        for start in range(offset, max(end, offset + 1), _CHUNK):
            data = log[start : min(start + _CHUNK, end)]
            chunk = list(data.ljust(_CHUNK, b"\0"))
            message = mavlink.MAVLink_log_data_message(1, start, len(data), chunk)
            self._sending.append((send, message))

    def request_end(self) -> None:
        """Stop sending."""
        self._sending.clear()

    def step(self, dt: float) -> None:
        """Send what fits into `dt` seconds."""
        self._allowance = min(_PER_SECOND, self._allowance + _PER_SECOND * dt)
        while self._sending and self._allowance >= 1.0:
            self._allowance -= 1.0
            send, message = self._sending.popleft()
            send(message)

    def _refused(self) -> bool:
        if self._armed():
            self._say(2, "Disarm for log download")
        return self._armed()
