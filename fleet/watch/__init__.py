"""Guards in flight: pure rules over snapshots that say when somebody must look.

What each guard may order besides is decided in `fleet.reflexes`; nothing here orders anything.
"""

from fleet.watch.catalogue import (
    DEFAULT_ACTIONS,
    GUARDS,
    Action,
    Alarm,
    Guard,
    Limits,
    with_defaults,
)
from fleet.watch.energy import home_fraction
from fleet.watch.flight import CLEAR_S, REPEAT_S, FlightWatch
from fleet.watch.sight import Sight, airborne, heard

__all__ = [
    "CLEAR_S",
    "DEFAULT_ACTIONS",
    "GUARDS",
    "REPEAT_S",
    "Action",
    "Alarm",
    "FlightWatch",
    "Guard",
    "Limits",
    "Sight",
    "airborne",
    "heard",
    "home_fraction",
    "with_defaults",
]
