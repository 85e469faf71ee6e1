"""Aircraft's parameters as last told, and sets kept under a name: the tables."""

from sqlmodel import Field

from field_api.contract.messages import ParameterMark, ParameterTold
from field_api.core.columns import integer64, shape
from field_api.core.records import Record, Requested

__all__ = ["SavedParameters", "VehicleParameters"]


class VehicleParameters(Record, table=True):
    """What an aircraft told last; its id is the aircraft's."""

    read_ms: int = integer64()
    """When all of them were read; single ones may be newer."""
    changed_ms: int = integer64()
    """When any of them was told last."""
    missing: int = 0
    """How many more the aircraft has."""
    hardware: str = ""
    values: list[ParameterTold] = shape(list[ParameterTold])
    marks: list[ParameterMark] = shape(list[ParameterMark])


class SavedParameters(Requested, table=True):
    """A set kept under a name: of an aircraft, or from a file. Never changed again."""

    vehicle_id: str = Field(index=True)
    name: str
    from_file: bool = False
    read_ms: int | None = integer64(default=None)
    """When the aircraft told them; None for a file."""
    saved_ms: int = integer64(index=True)
    saved_by: str
    values: dict[str, float] = shape(dict[str, float])
