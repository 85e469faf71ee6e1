"""Files of aircraft on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.messages import FileEntry
from field_api.core.wire import View
from field_api.features.flights.messages import OrderBody

__all__ = ["FetchFileOrder", "ListFilesOrder", "ListingView"]

FilePath = Annotated[str, Field(min_length=1, max_length=200)]


class ListFilesOrder(OrderBody):
    """List a directory; the caller makes the id."""

    path: FilePath = "/"
    """`@LOG`: the flight logs of an autopilot without MAVLink FTP."""


class FetchFileOrder(OrderBody):
    """Download a file to the node; where it is stands in the order's answer."""

    path: FilePath
    in_flight: bool = False
    """Also while the motors run, where it is large."""


class ListingView(View):
    """The directory that was listed last."""

    id: str
    version: int
    area: str
    vehicle_id: str
    t_ms: int
    path: str
    entries: list[FileEntry]
