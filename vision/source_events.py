"""What a reader of a camera tells of it."""

from dataclasses import dataclass
from typing import Protocol

from vision.decoding import DecodedFrame

__all__ = ["AccessUnit", "SourceEvents", "UnsupportedError"]


class UnsupportedError(ValueError):
    """The source has pictures, but none that can be examined."""


@dataclass(frozen=True)
class AccessUnit:
    """One picture as the camera compressed it: Annex B, parameter sets before key frames."""

    pts_90k: int
    arrived_ms: int
    keyframe: bool
    data: bytes


class SourceEvents(Protocol):
    """What a reader tells; called from the reader's thread."""

    def opened(self) -> None:
        """The source answered; a new timeline begins."""
        ...

    def access_unit(self, unit: AccessUnit, codec: str | None) -> None:
        """A compressed picture; `codec` is its RFC 6381 name once known."""
        ...

    def metadata(self, pts_90k: int | None, data: bytes) -> None:
        """A KLV packet; without its own time it belongs to the newest picture."""
        ...

    def clock_told(self, pts_90k: int, camera_ms: int) -> None:
        """The camera's own clock, whatever it is worth, said when a time of the stream was."""
        ...

    def frame(self, frame: DecodedFrame) -> None:
        """A whole picture, decoded."""
        ...

    def unseen(self, arrived_ms: int) -> None:
        """A picture came that is damaged, or builds on a damaged one: nobody looks at it."""
        ...

    def closed(self, reason: str, ended: bool, unsupported: bool = False) -> None:
        """The source is gone; `ended` when a file came to its end.

        `unsupported`: it answers, but with pictures that can't be examined.
        """
        ...
