"""Parameters on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.contract.messages import ParameterMark, ParameterTold, ParameterWish
from field_api.core.wire import Body, ShortText, View
from field_api.features.flights.messages import OrderBody

__all__ = [
    "FetchOrder",
    "LoadFile",
    "ParameterDifferenceView",
    "ParametersView",
    "ReadOrder",
    "SaveSet",
    "SavedParametersView",
    "SavedParametersWhole",
    "SetOrder",
    "WholeParameters",
]

FILE_MOST = 600_000
"""Characters of a file: ten times what an aircraft has."""


class FetchOrder(OrderBody):
    """Read an aircraft's parameters; the caller makes the id."""

    again: bool = False
    """Ask the aircraft also where its node has read them since it was switched on."""


class ReadOrder(OrderBody):
    """Read one parameter anew."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,15}$")]


class SetOrder(OrderBody):
    """Set parameters: all are checked before the first is sent, each is confirmed."""

    values: Annotated[list[ParameterWish], Field(min_length=1, max_length=500)]
    in_flight: bool = False
    """Also while the motors run."""
    reason: Annotated[str, Field(max_length=400)] = ""
    """Why; needed in flight, at least 10 characters."""


class SaveSet(Body):
    """Keep what the aircraft told last under a name; the caller makes the id."""

    id: RecordId
    name: ShortText


class LoadFile(Body):
    """Keep the parameters of a file: of this program, MAVProxy, Mission Planner, QGroundControl."""

    id: RecordId
    name: ShortText
    text: Annotated[str, Field(min_length=1, max_length=FILE_MOST)]


class ParametersView(View):
    """What an aircraft told last, without the values."""

    id: str
    version: int
    area: str
    vehicle_id: str
    read_ms: int
    """When all of them were read."""
    changed_ms: int
    """When any of them was told last."""
    count: int
    missing: int
    """How many more the aircraft has; 0 in a whole set."""
    hardware: str
    """Number of the autopilot."""


class WholeParameters(ParametersView):
    """What an aircraft told last."""

    values: list[ParameterTold]
    marks: list[ParameterMark]
    """Those that safety stands on."""


class SavedParametersView(View):
    """A set kept under a name, without the values."""

    id: str
    version: int
    area: str
    vehicle_id: str
    name: str
    from_file: bool
    read_ms: int | None
    saved_ms: int
    saved_by: str
    count: int


class SavedParametersWhole(SavedParametersView):
    """A set kept under a name."""

    values: dict[str, float]


class ParameterDifferenceView(View):
    """A parameter on which the aircraft and a kept set do not agree; null where one has none."""

    name: str
    here: float | None
    """What the aircraft has."""
    there: float | None
    """What the set has."""
