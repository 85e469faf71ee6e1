"""The class of an aircraft by its figures (State Council order 761, Art. 62 items 2 to 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from mission_plans.values.flight_facts import AircraftClass, Airframe

__all__ = ["CLASSES", "CLASS_NAMES", "Classed", "aircraft_class"]

CLASSES: tuple[AircraftClass, ...] = get_args(AircraftClass)
"""From the lightest to the heaviest."""

CLASS_NAMES: dict[AircraftClass, tuple[str, str]] = {
    "micro": ("微型", "micro"),
    "light": ("轻型", "light"),
    "small": ("小型", "small"),
    "medium": ("中型", "medium"),
    "large": ("大型", "large"),
}
FIGURE_NAMES: dict[str, tuple[str, str]] = {
    "empty_kg": ("空机重量", "empty weight"),
    "takeoff_kg": ("最大起飞重量", "take-off weight"),
    "top_speed_kmh": ("最大平飞速度", "top speed"),
    "max_height_m": ("最大飞行真高", "greatest height"),
    "short_range_radio": ("微功率短距离发射", "short-range radio"),
    "keeps_airspace": ("空域保持能力", "airspace keeping"),
    "trackable": ("可靠被监视能力", "being watched"),
    "can_intervene": ("人工介入", "intervention"),
}

_LIMITS: dict[AircraftClass, dict[str, float]] = {
    "micro": {"empty_kg": 0.25, "max_height_m": 50, "top_speed_kmh": 40},
    "light": {"empty_kg": 4, "takeoff_kg": 7, "top_speed_kmh": 100},
    "small": {"empty_kg": 15, "takeoff_kg": 25},
    "medium": {"takeoff_kg": 150},
    "large": {},
}
"""Largest figure of a class; a micro aircraft's weight stays below it."""
_ABILITIES: dict[AircraftClass, tuple[str, ...]] = {
    "micro": ("short_range_radio", "can_intervene"),
    "light": ("keeps_airspace", "trackable", "can_intervene"),
    "small": ("keeps_airspace", "trackable", "can_intervene"),
    "medium": (),
    "large": (),
}


@dataclass(frozen=True)
class Classed:
    """A class, and what made it no lighter because nobody knows it."""

    name: AircraftClass
    unknown: tuple[str, ...] = ()
    """Fields of `Airframe`."""

    @property
    def words(self) -> tuple[str, str]:
        """Return the class in both languages, and which figures nobody registered."""
        zh, en = CLASS_NAMES[self.name]
        names = [FIGURE_NAMES[one] for one in self.unknown]
        return (
            f"按{zh}({'、'.join(n[0] for n in names)}未登记)",
            f"held to be {en} ({', '.join(n[1] for n in names)} not registered)",
        )


def aircraft_class(frame: Airframe, flown_kmh: float = 0.0, flown_height_m: float = 0.0) -> Classed:
    """Return the lightest class whose every criterion is known to be met.

    Args:
        frame: the aircraft's figures.
        flown_kmh: a speed it is planned to fly at: its top speed is no lower.
        flown_height_m: a true height it is planned to fly at.
    """
    least = {"top_speed_kmh": flown_kmh, "max_height_m": flown_height_m}
    unknown: list[str] = []
    for name in CLASSES:
        met = dict(_criteria(frame, name, least))
        if False in met.values():
            continue
        missing = [key for key, value in met.items() if value is None]
        if missing:
            if name == "micro" and "empty_kg" in missing:
                # Nothing yet hints at so small an aircraft: its own figures are not asked for.
                missing = [key for key in missing if key in _LIMITS["light"]]
            unknown = [key for key in FIGURE_NAMES if key in unknown or key in missing]
            continue
        held = frame.registered_class
        if held is not None and CLASSES.index(held) > CLASSES.index(name):
            return Classed(held, tuple(unknown))
        return Classed(name, tuple(unknown))
    raise AssertionError("every aircraft is at least large")


def _criteria(
    frame: Airframe, name: AircraftClass, least: dict[str, float]
) -> Iterable[tuple[str, bool | None]]:
    for key, limit in _LIMITS[name].items():
        figure: float | None = getattr(frame, key)
        known = max(figure or 0.0, least.get(key, 0.0))
        over = known >= limit if (name, key) == ("micro", "empty_kg") else known > limit
        yield key, False if over else (None if figure is None else True)
    held = frame.registered_class
    stands = held is not None and CLASSES.index(held) <= CLASSES.index(name)
    for key in _ABILITIES[name]:
        said: bool | None = getattr(frame, key)
        yield key, True if said is None and stands else said
