"""The parameter protocol: set and confirm by the value that comes back.

https://mavlink.io/en/services/parameter.html. ArduPilot answers an unknown name with silence and
checks no range, so the value is compared and the caller is told when nothing came.
"""

import math
from dataclasses import dataclass

from fleet.mavlink import Message, dialect

__all__ = ["ParameterResult", "ParameterSet"]

RETRY_S = 1.0
TRIES = 3


@dataclass(frozen=True, slots=True)
class ParameterResult:
    """What the vehicle has now; None when it did not answer."""

    name: str
    value: float | None
    wanted: float

    @property
    def confirmed(self) -> bool:
        """Whether the vehicle holds the wanted value."""
        return self.value is not None and math.isclose(self.value, self.wanted, rel_tol=1e-4)


class ParameterSet:
    """Setting one parameter of one vehicle."""

    def __init__(self, system: int, component: int, name: str, value: float) -> None:
        if not 0 < len(name) <= 16:
            raise ValueError(f"a parameter name has 1 to 16 characters, not {name!r}")
        self._system = system
        self._component = component
        self._name = name
        self._value = value
        self._due_s = -math.inf
        self._tries = 0
        self._said: float | None = None
        self.finished = False

    def receive(self, message: Message) -> list[ParameterResult]:
        """Take in a message."""
        if (
            self.finished
            or message.get_type() != "PARAM_VALUE"
            or message.get_srcSystem() != self._system
            or message.get_srcComponent() != self._component
            or message.param_id != self._name
        ):
            return []
        self._said = float(message.param_value)
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
                self._system,
                self._component,
                self._name.encode(),
                self._value,
                dialect.MAV_PARAM_TYPE_REAL32,
            )
        ], []
