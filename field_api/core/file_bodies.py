"""Routes that take or give files: what the OpenAPI document says of them, and tables as answers."""

from typing import Any

from fastapi import Response

from field_api.core.registers.exporting import MEDIA_TYPES
from field_api.core.registers.tables import TableFormat

__all__ = ["CSV", "csv_file", "gives", "takes"]

CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}
"""Responses of a route that answers with a table."""


def gives(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route that answers with a file of one of these kinds."""
    return {200: {"content": _files(*media_types)}}


def takes(*media_types: str) -> dict[str, Any]:
    """Return what a route adds to the document whose body is a file of one of these kinds."""
    return {"requestBody": {"required": True, "content": _files(*media_types)}}


def csv_file(data: bytes, name: str) -> Response:
    """Answer with a table that a browser saves under a name."""
    return Response(
        data,
        media_type=MEDIA_TYPES[TableFormat.CSV],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _files(*media_types: str) -> dict[str, Any]:
    return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
