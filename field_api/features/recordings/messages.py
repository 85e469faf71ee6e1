"""Full-process recordings on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Milliseconds, Sha256, View
from field_api.features.recordings.tables import RecordingKind

__all__ = [
    "AddPiece",
    "BeginRecording",
    "EndRecording",
    "PieceView",
    "RecordingDetail",
    "RecordingView",
]

Key = Annotated[str, Field(max_length=200)]
Count = Annotated[int, Field(ge=0, le=10_000)]
MOST_NAMED = 20
"""Pieces that are named in a view; all of them in the detail."""


class BeginRecording(Body):
    """Begin to record an inspection."""

    id: RecordId
    t_ms: Milliseconds
    inspection_id: RecordId
    kind: RecordingKind
    device_key: Key = ""


class AddPiece(Body):
    """Add a piece; its file may come before or after."""

    id: RecordId
    n: Annotated[int, Field(ge=1, le=10_000)]
    media: Annotated[list[Sha256], Field(min_length=1, max_length=1)]
    """The piece's file."""
    began_ms: Milliseconds
    ended_ms: Milliseconds
    previous: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
    """Link of the piece before, empty for the first."""
    link: Sha256
    device_signature: Key = ""


class EndRecording(Body):
    """Say that it is over, and how many pieces there must be."""

    id: RecordId
    t_ms: Milliseconds
    pieces: Count
    last_link: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
    cut: bool = False


class RecordingView(View):
    """A recording and whether it is whole."""

    id: str
    version: int
    area: str
    inspection_id: str
    terminal_id: str
    kind: RecordingKind
    begun_ms: int
    begun_by: str
    ended_ms: int | None
    declared: int | None
    cut: bool
    pieces: int
    """That came."""
    length_ms: int
    missing: Annotated[list[int], Field(max_length=MOST_NAMED)]
    """Numbers of pieces that must be there and are not, the first ones."""
    broken: Annotated[list[int], Field(max_length=MOST_NAMED)]
    """Pieces that do not fit the chain or whose signature is wrong, the first ones."""
    files_missing: int
    """Pieces whose file has not come."""
    whole: bool
    """It has ended, every piece and file is here and every link fits."""


class PieceView(View):
    """A piece."""

    n: int
    sha256: str
    began_ms: int
    ended_ms: int
    link: str
    device_signed: bool | None
    here: bool
    """Whether its file is."""
    broken: bool


class RecordingDetail(View):
    """A recording with its pieces."""

    recording: RecordingView
    pieces: list[PieceView]
