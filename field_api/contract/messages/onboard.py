"""What stands on board of an aircraft and is not flight: orders about its parameters, and answers.

https://mavlink.io/en/services/parameter.html
"""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.contract.messages.base import Fraction, Message, Milliseconds, VehicleId

__all__ = [
    "FetchFile",
    "FetchParameters",
    "FileEntry",
    "FileListing",
    "ListFiles",
    "OnboardWork",
    "ParameterChange",
    "ParameterMark",
    "ParameterReport",
    "ParameterTold",
    "ParameterWish",
    "ParametersChanged",
    "ReadParameter",
    "SetParameters",
]

ParameterName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,15}$")]
MOST_PARAMETERS = 10_000
MOST_WISHES = 500


class FetchParameters(Message):
    """Read all parameters; a `ParameterReport` follows."""

    action: Literal["fetch_parameters"] = "fetch_parameters"
    vehicle_id: VehicleId
    again: bool = False
    """Ask the aircraft, also where the node has them since it was switched on."""


class ReadParameter(Message):
    """Read one parameter anew."""

    action: Literal["read_parameter"] = "read_parameter"
    vehicle_id: VehicleId
    name: ParameterName


class ParameterWish(Message):
    """A value that a parameter shall have."""

    name: ParameterName
    value: float
    was: float | None = None
    """What the person saw; refused where the aircraft holds another value by now."""


class SetParameters(Message):
    """Set parameters, all checked before the first is sent, each confirmed by reading back."""

    action: Literal["set_parameters"] = "set_parameters"
    vehicle_id: VehicleId
    values: Annotated[list[ParameterWish], Field(min_length=1, max_length=MOST_WISHES)]
    in_flight: bool = False
    """Also while its motors run; refused there otherwise."""
    reason: Annotated[str, Field(max_length=400)] = ""
    """Why; needed in flight."""


class ParameterTold(Message):
    """One parameter as the aircraft told it."""

    name: ParameterName
    value: float
    kind: int
    """MAV_PARAM_TYPE: 1 to 8 are whole numbers."""


class ParameterMark(Message):
    """Parameters that safety stands on."""

    begins: str
    """What their names begin with."""
    text_zh: str
    text_en: str
    """What a change breaks."""


class ParameterReport(Message):
    """An aircraft's parameters, all or a few of them."""

    kind: Literal["parameter_report"] = "parameter_report"
    id: RecordId
    t_ms: Milliseconds
    vehicle_id: VehicleId
    read_ms: Milliseconds
    """When the aircraft told them."""
    partial: bool = False
    """These only; the others are as they were."""
    missing: Annotated[int, Field(ge=0)] = 0
    """How many more it has that are not known."""
    hardware: str = ""
    """Number of the autopilot that told them, where it has one."""
    values: Annotated[list[ParameterTold], Field(max_length=MOST_PARAMETERS)]
    marks: Annotated[list[ParameterMark], Field(max_length=100)] = Field(default=[])


class ParameterChange(Message):
    """One parameter before and after."""

    name: ParameterName
    kind: int
    old: float
    new: float
    """What the aircraft said that it holds after it was set."""


class ParametersChanged(Message):
    """What an order changed, for the trail: also what was changed before one of them failed."""

    kind: Literal["parameters_changed"] = "parameters_changed"
    id: RecordId
    t_ms: Milliseconds
    vehicle_id: VehicleId
    command_id: RecordId
    author: str
    reason: str = ""
    in_flight: bool = False
    changes: Annotated[list[ParameterChange], Field(min_length=1, max_length=MOST_WISHES)]


FilePath = Annotated[str, Field(min_length=1, max_length=200)]


class ListFiles(Message):
    """List a directory of the aircraft; a `FileListing` follows."""

    action: Literal["list_files"] = "list_files"
    vehicle_id: VehicleId
    path: FilePath = "/"
    """`@LOG` lists the flight logs of an autopilot without MAVLink FTP."""


class FetchFile(Message):
    """Download a file to the node's disk."""

    action: Literal["fetch_file"] = "fetch_file"
    vehicle_id: VehicleId
    path: FilePath
    in_flight: bool = False
    """Also while its motors run, where it is large."""


class FileEntry(Message):
    """One name in a directory."""

    name: Annotated[str, Field(max_length=120)]
    size: Annotated[int, Field(ge=0)] | None
    """In bytes; None for a directory."""


class FileListing(Message):
    """A directory of an aircraft."""

    kind: Literal["file_listing"] = "file_listing"
    id: RecordId
    t_ms: Milliseconds
    vehicle_id: VehicleId
    path: FilePath
    entries: Annotated[list[FileEntry], Field(max_length=2000)]


class OnboardWork(Message):
    """What is being read from an aircraft now."""

    work: Literal["parameters", "files"]
    fraction: Fraction | None = None
    """How much of it has come; None before the aircraft said how much there is."""
