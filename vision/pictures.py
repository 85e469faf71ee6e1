"""Relays and decodes the pictures of one opening of a source."""

from field_api.contract.access_units import AccessUnitFormer
from field_api.contract.nal_units import Codec
from vision.decoding import DecodedFrame, Decoder
from vision.source_events import AccessUnit, SourceEvents

__all__ = ["Pictures"]

_FFMPEG_NAMES = {Codec.H264: "h264", Codec.H265: "hevc"}


class Pictures:
    """Takes access units in the order of decoding; tells of them and of what they show."""

    def __init__(
        self, codec: Codec, events: SourceEvents, parameter_sets: bytes = b"", apart: bytes = b""
    ) -> None:
        """Begin.

        Args:
            codec: of the pictures.
            events: who is told.
            parameter_sets: those that the source holds apart, in Annex B form.
            apart: those that a container holds in a form of its own (H.265 in MP4).
        """
        self.codec = codec
        self._events = events
        self.former = AccessUnitFormer(codec)
        self.former.configure(parameter_sets)
        self.decoder = Decoder(_FFMPEG_NAMES[codec], apart)

    def take(self, data: bytes, pts_90k: int, arrived_ms: int, *, corrupt: bool = False) -> None:
        """An access unit in Annex B form; `corrupt` where bytes are known to be missing."""
        formed = self.former.form(data)
        if formed is not None:
            unit, key = formed
            made = AccessUnit(pts_90k, arrived_ms, key, unit)
            self._events.access_unit(made, self.former.name)
            self.look(unit, pts_90k, arrived_ms, key, corrupt=corrupt)

    def take_foreign(
        self, unit: bytes, pts_90k: int, arrived_ms: int, key: bool, *, corrupt: bool = False
    ) -> None:
        """An access unit in its container's form: examined, but nobody could be shown it."""
        self._events.access_unit(AccessUnit(pts_90k, arrived_ms, key, unit), None)
        self.look(unit, pts_90k, arrived_ms, key, corrupt=corrupt)

    def look(
        self, unit: bytes, pts_90k: int, arrived_ms: int, key: bool, *, corrupt: bool = False
    ) -> None:
        """Decode without relaying."""
        before = self.decoder.damaged
        self._tell(self.decoder.decode(unit, pts_90k, arrived_ms, key, corrupt))
        if self.decoder.damaged > before:
            self._events.unseen(arrived_ms)

    def missed(self, arrived_ms: int) -> None:
        """A picture came in part only, or not at all."""
        self.decoder.missed()
        self._events.unseen(arrived_ms)

    def end(self) -> None:
        """The source is over: what the decoder holds back is seen too."""
        self._tell(self.decoder.flush())

    def _tell(self, frames: list[DecodedFrame]) -> None:
        for frame in frames:
            self._events.frame(frame)
