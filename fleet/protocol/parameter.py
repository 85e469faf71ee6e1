"""The parameter protocol: read one, or set one and confirm by the value that comes back.

https://mavlink.io/en/services/parameter.html. ArduPilot answers an unknown name with silence and
checks no range, so the value is compared and the caller is told when nothing came.
"""

import math
from dataclasses import dataclass

from fleet.mavlink import Message, dialect
from fleet.protocol.parameter_value import ParameterValue, wire_value
from mission_plans.formats.parameter_file import as_float32

__all__ = ["BY_NAME", "ParameterRead", "ParameterResult", "ParameterSet", "is_value_of"]

RETRY_S = 0.4
TRIES = 12
"""Where a third is lost both ways, one order of 3,000 stays without an answer."""
LONGEST_NAME = 16
BY_NAME = -1
"""`param_index` of a request that goes by name."""


@dataclass(frozen=True, slots=True)
class ParameterResult:
    """What the vehicle has now; None when it did not answer."""

    name: str
    value: float | None
    wanted: float

    @property
    def confirmed(self) -> bool:
        """Whether the vehicle holds the wanted value, exactly as far as the wire can carry it."""
        return self.value is not None and self.value == as_float32(self.wanted)


def check_name(name: str) -> None:
    """Raise ValueError for what can't be a parameter's name."""
    if not 0 < len(name) <= LONGEST_NAME or not name.isascii():
        raise ValueError(f"a parameter name has 1 to 16 ASCII characters, not {name!r}")


def is_value_of(message: Message, system: int, component: int) -> bool:
    """Whether a message is a PARAM_VALUE of this vehicle."""
    return (
        message.get_type() == "PARAM_VALUE"
        and message.get_srcSystem() == system
        and message.get_srcComponent() == component
    )


class ParameterSet:
    """Setting one parameter of one vehicle."""

    def __init__(
        self,
        system: int,
        component: int,
        name: str,
        value: float,
        kind: int = dialect.MAV_PARAM_TYPE_REAL32,
        *,
        bytewise: bool = False,
    ) -> None:
        """Prepare the setting.

        Args:
            system: of the vehicle.
            component: of its autopilot.
            name: of the parameter.
            value: it shall have.
            kind: MAV_PARAM_TYPE; ArduPilot does not look at it, PX4 insists on its own.
            bytewise: as PX4 encodes numbers.

        Raises:
            ValueError: no such name or number can be sent.
        """
        check_name(name)
        self._system = system
        self._component = component
        self._name = name
        self._value = value
        self._kind = kind
        self._bytewise = bytewise
        self._wire = wire_value(value, kind, bytewise=bytewise)
        self._due_s = -math.inf
        self._tries = 0
        self._said: float | None = None
        self.finished = False

    def receive(self, message: Message) -> list[ParameterResult]:
        """Take in a message."""
        if self.finished or not is_value_of(message, self._system, self._component):
            return []
        if message.param_id != self._name or self._tries == 0:
            return []
        self._said = ParameterValue.of(message, bytewise=self._bytewise).value
        result = ParameterResult(self._name, self._said, self._value)
        if not result.confirmed and self._tries < TRIES:
            return []  # A value sent before ours arrived; the next try asks again.
        self.finished = True
        return [result]

    def poll(self, now_s: float) -> tuple[list[Message], list[ParameterResult]]:
        """Return the message to send (again) now, and the end when the vehicle is silent."""
        if self.finished or now_s < self._due_s:
            return [], []
        if self._tries >= TRIES:
            self.finished = True
            return [], [ParameterResult(self._name, self._said, self._value)]
        self._tries += 1
        self._due_s = now_s + RETRY_S
        return [
            dialect.MAVLink_param_set_message(
                self._system, self._component, self._name.encode(), self._wire, self._kind
            )
        ], []


class ParameterRead:
    """Reading one parameter by name; an unknown name and a lost link both end in None."""

    def __init__(self, system: int, component: int, name: str, *, bytewise: bool = False) -> None:
        """Prepare the reading.

        Raises:
            ValueError: nothing can have that name.
        """
        check_name(name)
        self._system = system
        self._component = component
        self._name = name
        self._bytewise = bytewise
        self._due_s = -math.inf
        self._tries = 0
        self.finished = False

    def receive(self, message: Message) -> list[ParameterValue | None]:
        """Take in a message; return the value when it comes."""
        if self.finished or not is_value_of(message, self._system, self._component):
            return []
        if message.param_id != self._name:
            return []
        self.finished = True
        return [ParameterValue.of(message, bytewise=self._bytewise)]

    def poll(self, now_s: float) -> tuple[list[Message], list[ParameterValue | None]]:
        """Return the message to send (again) now; None among the ends: the vehicle is silent."""
        if self.finished or now_s < self._due_s:
            return [], []
        if self._tries >= TRIES:
            self.finished = True
            return [], [None]
        self._tries += 1
        self._due_s = now_s + RETRY_S
        return [
            dialect.MAVLink_param_request_read_message(
                self._system, self._component, self._name.encode(), BY_NAME
            )
        ], []
