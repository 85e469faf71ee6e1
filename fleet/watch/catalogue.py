"""The guards in flight: their names, how bad each is, where it comes from, what it may order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["DEFAULT_ACTIONS", "GUARDS", "Action", "Alarm", "Guard", "Limits", "with_defaults"]

Action = Literal["warn", "hold", "return"]
"""What a guard does when it begins to hold: tell people, and order nothing, a hold or a return."""

ORDERS: frozenset[Action] = frozenset({"warn", "hold", "return"})


@dataclass(frozen=True, slots=True)
class Guard:
    """What is fixed about one rule."""

    severity: Literal["caution", "warning"]
    source: str
    """The requirement or article it comes from."""
    after_s: float = 0.0
    """How long its condition must last before it is told."""
    once: bool = False
    """Told once a sortie; the others again and again while they hold."""
    actions: frozenset[Action] = ORDERS


GUARDS: Mapping[str, Guard] = {
    "position_frozen": Guard("warning", "O8", after_s=5.0),
    "down": Guard("warning", "O8", after_s=3.0),
    "battery_soon": Guard("caution", "O8"),
    "battery_home": Guard("warning", "O8"),
    # Two that come too close would fly the same way home, at much the same height.
    "separation": Guard("warning", "O12", actions=frozenset({"warn", "hold"})),
    "terrain": Guard("warning", "O2", after_s=1.0),
    "terrain_unknown": Guard("caution", "O2", once=True),
    "gps": Guard("warning", "O8", after_s=2.0),
    "gps_poor": Guard("caution", "O8", after_s=5.0),
    "ekf": Guard("warning", "O8", after_s=1.0),
    "traffic": Guard("warning", "无人驾驶航空器飞行管理暂行条例 33"),
    "wind": Guard("warning", "O6", after_s=3.0),
    "sunset": Guard("caution", "O6", once=True),
}
"""Every guard by its id; what its condition is stands beside the rule."""

DEFAULT_ACTIONS: Mapping[str, Action] = dict.fromkeys(GUARDS, "warn")


def with_defaults(chosen: Mapping[str, Action]) -> dict[str, Action]:
    """Return the action of every guard, the chosen ones over the defaults.

    Raises:
        ValueError: no such guard, or one that must not order this; the text says what is allowed.
    """
    for name, action in chosen.items():
        guard = GUARDS.get(name)
        if guard is None:
            raise ValueError(f"there is no guard {name!r}; allowed: {', '.join(GUARDS)}")
        if action not in guard.actions:
            raise ValueError(
                f"{name} must not order {action!r}; allowed: {', '.join(sorted(guard.actions))}"
            )
    return {**DEFAULT_ACTIONS, **chosen}


@dataclass(frozen=True, slots=True)
class Limits:
    """What differs from site to site."""

    max_wind_ms: float = 12.0
    night_flights: bool = False
    """Whether flying in the dark is meant, so that nobody is told."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule that holds."""

    id: str
    text_zh: str
    text_en: str
    about: str = ""
    """Which of several others, e.g. the aircraft that comes too close: each is told for itself."""

    @property
    def severity(self) -> str:
        """How bad it is."""
        return GUARDS[self.id].severity

    @property
    def source(self) -> str:
        """The requirement or article it comes from."""
        return GUARDS[self.id].source
