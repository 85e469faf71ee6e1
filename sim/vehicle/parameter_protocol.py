"""PARAM_REQUEST_LIST, PARAM_REQUEST_READ and PARAM_SET as ArduCopter answers them."""

from collections import deque
from collections.abc import Callable

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.parameters import Parameters

__all__ = ["ParameterProtocol"]

_PER_SECOND = 2000
"""The recordings list 1,365 parameters in 0.62 s over TCP."""
_NO_INDEX = 65535

Reply = Callable[[mavlink.MAVLink_message], None]


class ParameterProtocol:
    """Silent on unknown names, no range checks, lists sent a few at a time."""

    def __init__(self, params: Parameters, broadcast: Reply) -> None:
        self._params = params
        self._broadcast = broadcast
        self._queue: deque[tuple[Reply, int]] = deque()
        self._allowance = 0.0

    def _value(self, name: str, index: int) -> mavlink.MAVLink_message:
        params = self._params
        return mavlink.MAVLink_param_value_message(
            name.encode("ascii"), params[name], params.mav_type(name), len(params), index
        )

    def announce(self, name: str) -> None:
        """Tell everybody a value that changed by itself."""
        self._broadcast(self._value(name, _NO_INDEX))

    def request_list(self, reply: Reply) -> None:
        """Queue the whole set for one peer, replacing what it still had to get."""
        self._queue = deque(entry for entry in self._queue if entry[0] != reply)
        self._queue.extend((reply, index) for index in range(len(self._params)))

    def request_read(self, reply: Reply, name: str, index: int) -> None:
        """Answer one parameter by index, or by name where the index is -1."""
        if index >= 0:
            if index < len(self._params):
                reply(self._value(self._params.names[index], index))
            return
        if name in self._params:
            reply(self._value(name, self._params.index(name)))

    def set(self, name: str, value: float) -> bool:
        """Store a value and tell everybody; unknown names and non-numbers are ignored."""
        if name not in self._params or not self._params.set(name, value):
            return False
        self.announce(name)
        return True

    def step(self, dt: float) -> None:
        """Send what fits into `dt` seconds."""
        if not self._queue:
            self._allowance = 0.0
            return
        self._allowance += _PER_SECOND * dt
        while self._queue and self._allowance >= 1.0:
            self._allowance -= 1.0
            reply, index = self._queue.popleft()
            reply(self._value(self._params.names[index], index))
