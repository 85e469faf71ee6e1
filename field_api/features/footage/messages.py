"""Footage over HTTP: what is there, what is missing, what was taken out."""

from pydantic import Field, model_validator

from field_api.contract.ids import RecordId
from field_api.contract.messages import FrameBoxes
from field_api.contract.messages.base import StreamId
from field_api.core.wire import Body, LongText, Milliseconds, View
from field_api.features.footage.beside import Moment
from field_api.features.footage.tables import ExportKind, GapCause

__all__ = [
    "FootageBeside",
    "FootageExportView",
    "FootageFileView",
    "FootageGapView",
    "FootageGone",
    "FootageIndexView",
    "FootageKept",
    "FootageManifest",
    "FootagePieceView",
    "FootageSpanView",
    "FootageView",
    "KeepFootage",
    "StreamFootage",
    "TakeFootageOut",
]

MOST_CLIP_MS = 1_800_000


class FootageFileView(View):
    """One file of footage."""

    id: str
    stream_id: str
    vehicle_id: str | None
    began_ms: int
    ended_ms: int
    """Up to which it has pictures now."""
    whole: bool
    """Whether it is not being written any more."""
    cut_off: bool
    first_pts_90k: int
    codec: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    kept_by: str | None = None
    kept_why: str | None = None


class FootageSpanView(View):
    """A stretch with pictures."""

    began_ms: int
    ended_ms: int


class FootageGapView(View):
    """A stretch without."""

    began_ms: int
    ended_ms: int
    cause: GapCause | None
    """None: no picture came."""


class StreamFootage(View):
    """What there is of one stream."""

    stream_id: str
    vehicle_id: str | None
    files: list[FootageFileView]
    spans: list[FootageSpanView]
    gaps: list[FootageGapView]


class FootageView(View):
    """What there is in a stretch of time."""

    streams: list[StreamFootage]
    next_ms: int | None = None
    """Where to ask on; None when that was all."""
    stopped: GapCause | None = None
    """Why nothing is recorded at present; None while it is."""


class FootagePieceView(View):
    """A fragment of a file."""

    start: int
    size: int
    pts_90k: int
    """Of its first picture, in the file's own time."""
    t_ms: int
    keyframe: bool


class FootageIndexView(View):
    """Where the fragments of a file lie: what a player asks for by Range."""

    head_bytes: int
    """Of its initialisation segment, at its beginning."""
    whole: bool
    pieces: list[FootagePieceView]


class FootageBeside(View):
    """What belongs to a file's pictures."""

    boxes: list[FrameBoxes]
    moments: list[Moment]


class KeepFootage(Body):
    """To have footage kept, whatever its age; or let it go again."""

    stream_id: StreamId
    from_ms: Milliseconds
    to_ms: Milliseconds
    kept: bool = True
    text: LongText = Field(min_length=1)
    """Why."""


class FootageKept(View):
    """What is kept now, or not any more."""

    files: int
    began_ms: int
    ended_ms: int


class FootageGone(View):
    """What was deleted, or not recorded though pictures came."""

    id: str
    stream_id: str
    vehicle_id: str | None
    cause: GapCause
    began_ms: int
    ended_ms: int
    files: int
    size_bytes: int
    told_ms: int


class TakeFootageOut(Body):
    """To take a still or a clip out."""

    id: RecordId
    kind: ExportKind
    stream_id: StreamId
    from_ms: Milliseconds
    to_ms: Milliseconds
    """The same as `from_ms` for a still."""
    incident_id: RecordId | None = None
    text: LongText = ""
    """What for."""

    @model_validator(mode="after")
    def _in_order(self) -> "TakeFootageOut":
        if self.kind is ExportKind.STILL and self.to_ms != self.from_ms:
            raise ValueError("a still is of one moment: to_ms is from_ms")
        if self.kind is not ExportKind.STILL and not 0 < self.to_ms - self.from_ms <= MOST_CLIP_MS:
            raise ValueError(f"a clip is 1 to {MOST_CLIP_MS} ms long")
        return self


class FootageExportView(View):
    """Something taken out."""

    id: str
    kind: ExportKind
    stream_id: str
    vehicle_id: str | None
    incident_id: str | None
    from_ms: int
    to_ms: int
    sha256: str
    size_bytes: int
    text: str
    made_ms: int
    made_by: str


class FootageManifest(View):
    """What lies beside something taken out: what it is, of what it was made, and by whom."""

    format: str = "xunshan footage manifest 1"
    export: FootageExportView
    asked_from_ms: int
    asked_to_ms: int
    media_type: str
    pictures: int
    gaps: list[FootageGapView]
    sources: list[str]
    """SHA-256 of the recorded files; `open` for one that was still being written."""
    encoded_anew: bool = False
    """Whether pictures were encoded anew: of a still yes, of a clip never."""
    moment: Moment | None = None
    """Of a still: where the aircraft and its camera were."""
