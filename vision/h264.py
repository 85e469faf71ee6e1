"""Just enough H.264 to relay it: NAL units, key frames, parameter sets; of H.265 the key frames.

Section numbers are those of ITU-T H.264: NAL unit types 7.4.1, byte stream format Annex B. For
H.265 (ITU-T H.265) table 7-1: types 16 to 21 can be decoded without what came before.
"""

import re
from collections.abc import Iterator

__all__ = ["AccessUnitFormer", "codec_name", "hevc_key_frame", "nal_units"]

IDR, SPS, PPS = 5, 7, 8
START_CODE = b"\x00\x00\x00\x01"
_START = re.compile(rb"\x00\x00\x01")


def nal_units(annex_b: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream, without start codes and trailing zeros."""
    starts = [m.start() for m in _START.finditer(annex_b)]
    for i, start in enumerate(starts):
        end = starts[i + 1] if i + 1 < len(starts) else len(annex_b)
        if unit := annex_b[start + 3 : end].rstrip(b"\x00"):
            yield unit


def codec_name(sps: bytes) -> str:
    """The RFC 6381 name of the stream, e.g. `avc1.42c01f`, from its sequence parameter set."""
    if len(sps) < 4:
        raise ValueError(f"sequence parameter set has {len(sps)} bytes, at least 4 are needed")
    return "avc1." + sps[1:4].hex()


def hevc_key_frame(annex_b: bytes) -> bool:
    """Whether an H.265 access unit can be decoded without those before it."""
    return any(16 <= (unit[0] >> 1 & 0x3F) <= 21 for unit in nal_units(annex_b))


class AccessUnitFormer:
    """Puts parameter sets before every key frame and says which access units are key frames.

    Cameras send them in the stream, before the first key frame only, or apart from it (RTSP,
    files): a viewer that joins late needs them at each key frame.
    """

    def __init__(self) -> None:
        self.sps: bytes | None = None
        self.pps: bytes | None = None

    def configure(self, extradata: bytes) -> None:
        """Learn the parameter sets a demultiplexer holds apart from the stream."""
        for unit in nal_units(extradata):
            self._learn(unit)

    def form(self, annex_b: bytes) -> tuple[bytes, bool] | None:
        """The access unit to relay and whether it is a key frame.

        None when it holds no picture, or when it is a key frame whose parameter sets are unknown.
        """
        picture = key = has_sps = has_pps = False
        for unit in nal_units(annex_b):
            kind = unit[0] & 0x1F
            self._learn(unit)
            has_sps |= kind == SPS
            has_pps |= kind == PPS
            key |= kind == IDR
            picture |= 1 <= kind <= IDR
        if not picture:
            return None
        if not key or (has_sps and has_pps):
            return annex_b, key
        if self.sps is None or self.pps is None:
            return None
        return START_CODE + self.sps + START_CODE + self.pps + annex_b, True

    def _learn(self, unit: bytes) -> None:
        kind = unit[0] & 0x1F
        if kind == SPS and len(unit) >= 4:
            self.sps = unit
        elif kind == PPS:
            self.pps = unit
