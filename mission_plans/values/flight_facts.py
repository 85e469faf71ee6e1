"""What the flight rules must know of an aircraft and of a flight besides its plan."""

from typing import Annotated, Literal

from pydantic import Field

from mission_plans.values.base import Value

__all__ = ["AircraftClass", "Airframe", "FlightFacts"]

AircraftClass = Literal["micro", "light", "small", "medium", "large"]

Kilograms = Annotated[float, Field(gt=0, le=100_000)]


class Airframe(Value):
    """The figures that put an aircraft into its class (State Council order 761, Art. 62).

    None is not known: the stricter class is taken then.
    """

    empty_kg: Kilograms | None = None
    takeoff_kg: Kilograms | None = None
    """Largest take-off weight."""
    top_speed_kmh: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Fastest level flight."""
    max_height_m: Annotated[float, Field(gt=0, le=20_000)] | None = None
    """Greatest true height it can fly at; asked of micro aircraft."""
    short_range_radio: bool | None = None
    """Its transmitter is a micro-power short-range device; asked of micro aircraft."""
    keeps_airspace: bool | None = None
    """It is held inside heights and borders, by a fence on board for one."""
    trackable: bool | None = None
    """It can be watched reliably."""
    can_intervene: bool | None = None
    """A person can take over at any time of the flight."""
    reports_identity: bool | None = None
    """It reports itself to the national platform by itself (Art. 24, 61)."""
    registered_class: AircraftClass | None = None
    """The class the register holds: stands for what is no figure, and never makes it lighter."""


class FlightFacts(Value):
    """What neither the plan nor the register says. None is not stated: the stricter rule holds."""

    night: bool | None = None
    low_visibility: bool | None = None
    bvlos: bool | None = None
    """Out of the pilot's sight at some time."""
    internet_relay: bool | None = None
    """Flown over cellular base stations or the internet (Art. 31)."""
    drops: bool | None = None
    """Carries dangerous goods, or drops anything (Art. 31)."""
    over_people: bool | None = None
    """Over gathered people (Art. 31)."""
    from_moving_vehicle: bool | None = None
    """Controlled from a vehicle on the move (Art. 31)."""
    distributed: bool | None = None
    """Its control is divided among several stations or terminals (Art. 62 item 11)."""
    one_system: bool | None = None
    """Aircraft in the air at once are controlled by one system or platform (Art. 62 item 12)."""
    crewed_traffic: bool | None = None
    """Crewed aircraft fly in the same airspace at the same time (Art. 22)."""
    service_aircraft: bool | None = None
    """The aircraft belong to the police, customs or an emergency management department."""
    own_ground: bool | None = None
    """Wholly above the service's own station, training ground or range (Art. 31)."""
    atc_confirmed: bool | None = None
    """Air traffic control has confirmed the take-off reported to it (Art. 30, 31)."""
    height_approval_id: Annotated[str, Field(pattern=r"^\S{1,120}$")] | None = None
    """The approval to fly above 120 m true height."""
    loudspeaker: bool = False
