"""Just enough H.264 and H.265 to carry them: NAL units, what they are, the names of the codecs.

Section numbers are those of ITU-T H.264 (unit types table 7-1, byte stream Annex B) and H.265
(unit types table 7-1, profile 7.3.3).
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

__all__ = [
    "START_CODE",
    "Codec",
    "annex_b",
    "codec_name",
    "is_key_unit",
    "is_picture",
    "nal_units",
    "parameter_set_kinds",
    "unit_kind",
]

START_CODE = b"\x00\x00\x00\x01"
_START = re.compile(rb"\x00\x00\x01")
_EMULATION = re.compile(rb"\x00\x00\x03(?=[\x00-\x03])")


class Codec(StrEnum):
    """A codec whose packets are carried, by its name in SDP."""

    H264 = "H264"
    H265 = "H265"


_PARAMETER_SETS = {Codec.H264: (7, 8), Codec.H265: (32, 33, 34)}
_SPS = {Codec.H264: 7, Codec.H265: 33}


def nal_units(annex_b: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream, without start codes and trailing zeros."""
    starts = [m.start() for m in _START.finditer(annex_b)]
    for i, start in enumerate(starts):
        end = starts[i + 1] if i + 1 < len(starts) else len(annex_b)
        if unit := annex_b[start + 3 : end].rstrip(b"\x00"):
            yield unit


def annex_b(units: Iterable[bytes]) -> bytes:
    """A byte stream of NAL units."""
    return b"".join(START_CODE + unit for unit in units)


def unit_kind(codec: Codec, unit: bytes) -> int:
    """The unit's type (H.264 table 7-1, H.265 table 7-1)."""
    return unit[0] & 0x1F if codec is Codec.H264 else unit[0] >> 1 & 0x3F


def is_key_unit(codec: Codec, kind: int) -> bool:
    """Whether pictures of this kind can be decoded without what came before."""
    return kind == 5 if codec is Codec.H264 else 16 <= kind <= 21


def is_picture(codec: Codec, kind: int) -> bool:
    """Whether the unit carries a part of a picture."""
    return 1 <= kind <= 5 if codec is Codec.H264 else kind <= 31


def parameter_set_kinds(codec: Codec) -> tuple[int, ...]:
    """The kinds of units a decoder must have before a key frame, in the order they are sent."""
    return _PARAMETER_SETS[codec]


def codec_name(sps: bytes, codec: Codec = Codec.H264) -> str:
    """The RFC 6381 name of a stream, e.g. `avc1.42c01f` or `hvc1.1.6.L93.B0`, from its SPS.

    Raises:
        ValueError: it is none, or too short to say.
    """
    if len(sps) < 2 or unit_kind(codec, sps) != _SPS[codec]:
        raise ValueError("this is no sequence parameter set")
    if codec is Codec.H264:
        if len(sps) < 4:
            raise ValueError(f"sequence parameter set has {len(sps)} bytes, at least 4 are needed")
        return "avc1." + sps[1:4].hex()
    return _hevc_name(_EMULATION.sub(b"\x00\x00", sps[:40]))


def _hevc_name(sps: bytes) -> str:
    """ISO/IEC 14496-15 annex E: profile, compatibility bits mirrored, tier and level, the rest."""
    if len(sps) < 15:
        raise ValueError(f"sequence parameter set has {len(sps)} bytes, at least 15 are needed")
    general = sps[3]
    space = ("", "A", "B", "C")[general >> 6]
    tier = "H" if general & 0x20 else "L"
    mirrored = int(f"{int.from_bytes(sps[4:8], 'big'):032b}"[::-1], 2)
    constraints = [f".{byte:X}" for byte in sps[8:14].rstrip(b"\x00")]
    return f"hvc1.{space}{general & 0x1F}.{mirrored:X}.{tier}{sps[14]}{''.join(constraints)}"
