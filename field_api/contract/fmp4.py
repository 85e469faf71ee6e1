"""Fragmented MP4 of one H.264 stream: pictures in, boxes out, nothing kept, nothing waited for.

An initialisation segment, then fragments (`moof` and `mdat`) of one or several pictures each. Files
of the recorder and the live way over a WebSocket are made of the same fragments, and Media Source
Extensions play either. A file that was cut anywhere is whole up to `whole_end`.

Own, because FFmpeg's muxer knows a picture's duration only from the next one and so gives every
fragment a picture late: 40 ms at 25 pictures a second, which is half of what the live way may take.
`python -m tests.benchmarks footage` measures both; this one gives the picture with the call.

Access units are stored as they came but for start codes, which become lengths: parameter sets stay
in the stream too, so that a camera that changes them between two key frames stays decodable.
ISO/IEC 14496-12 (boxes) and 14496-15 (`avc1`); one video track, 90 kHz, whose id is 1.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from field_api.contract.nal_units import nal_units

__all__ = [
    "TIMESCALE",
    "Box",
    "Fragment",
    "FragmentError",
    "ParameterSets",
    "Sample",
    "StoredPicture",
    "as_annex_b",
    "boxes",
    "fragment",
    "fragments",
    "init_segment",
    "parameter_sets",
    "whole_end",
]

TIMESCALE = 90_000
NTP_TO_UNIX_S = 2_208_988_800
NAL_TYPE = 0x1F
SPS, PPS = 7, 8
HIGH_PROFILES = frozenset((100, 110, 122, 144, 244))
"""Profiles whose `avcC` says the chroma format and bit depths."""
SYNC_SAMPLE = 0x02000000
"""Depends on no other."""
DELTA_SAMPLE = 0x01010000
"""Depends on others, is no sync sample."""
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


class FragmentError(ValueError):
    """Pictures that can't be stored, or bytes that are no fragmented MP4 of ours."""


class ParameterSets(NamedTuple):
    """What a decoder must know before the first picture."""

    sps: bytes
    pps: bytes


class Sample(NamedTuple):
    """One picture of a fragment."""

    access_unit: bytes
    """Annex B."""
    duration_90k: int
    """Until the next picture is decoded."""
    keyframe: bool
    offset_90k: int = 0
    """Presentation after decoding; other than 0 only in streams with B pictures, and negative where
    the decoding times were made from the presentation times in order."""


class Box(NamedTuple):
    """Where a box of a file lies."""

    kind: bytes
    start: int
    size: int


def parameter_sets(access_unit: bytes) -> ParameterSets | None:
    """Return the first SPS and PPS of an Annex B access unit, None where either is missing."""
    sps = pps = None
    for unit in nal_units(access_unit):
        kind = unit[0] & NAL_TYPE
        if kind == SPS and sps is None:
            sps = unit
        elif kind == PPS and pps is None:
            pps = unit
        elif sps is not None and pps is not None:
            break
    return None if sps is None or pps is None else ParameterSets(sps, pps)


def init_segment(sps: bytes, pps: bytes, width: int, height: int) -> bytes:
    """Return the segment that every fragment of a stream needs before it.

    Args:
        sps: sequence parameter set, without a start code.
        pps: picture parameter set, without a start code.
        width: of the picture, pixels.
        height: of the picture, pixels.

    Raises:
        FragmentError: a parameter set or the size can't be written.
    """
    if not 4 <= len(sps) <= 0xFFFF or not 1 <= len(pps) <= 0xFFFF:
        raise FragmentError(f"SPS of {len(sps)} and PPS of {len(pps)} bytes; 4 and 1 to 65,535")
    if not (0 < width <= 0xFFFF and 0 < height <= 0xFFFF):
        raise FragmentError(f"a picture of {width} x {height}; 1 to 65,535 either way")
    size = struct.pack(">II", width << 16, height << 16)
    mvhd = _full(
        b"mvhd",
        0,
        0,
        struct.pack(">IIII", 0, 0, TIMESCALE, 0),
        struct.pack(">IH10x", 0x10000, 0x100),
        _MATRIX,
        bytes(24),
        struct.pack(">I", 2),
    )
    tkhd = _full(b"tkhd", 0, 3, struct.pack(">IIIII8xhhhxx", 0, 0, 1, 0, 0, 0, 0, 0), _MATRIX, size)
    mdhd = _full(b"mdhd", 0, 0, struct.pack(">IIIIHxx", 0, 0, TIMESCALE, 0, 0x55C4))
    hdlr = _full(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"video\x00")
    dinf = _box(b"dinf", _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1)))
    entry = _box(
        b"avc1",
        struct.pack(">6xH16xHHII4xH32xHh", 1, width, height, 0x480000, 0x480000, 1, 24, -1),
        _box(b"avcC", _decoder_configuration(sps, pps)),
    )
    stbl = _box(
        b"stbl",
        _full(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        *(_full(kind, 0, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco")),
        _full(b"stsz", 0, 0, bytes(8)),
    )
    minf = _box(b"minf", _full(b"vmhd", 0, 1, bytes(8)), dinf, stbl)
    trak = _box(b"trak", tkhd, _box(b"mdia", mdhd, hdlr, minf))
    mvex = _box(b"mvex", _full(b"trex", 0, 0, struct.pack(">5I", 1, 1, 0, 0, 0)))
    return _box(b"ftyp", b"iso6", bytes(4), b"iso6avc1mp41") + _box(b"moov", mvhd, trak, mvex)


def fragment(
    sequence: int,
    decode_time_90k: int,
    samples: Sequence[Sample],
    *,
    capture_ms: int | None = None,
) -> bytes:
    """Return a fragment of pictures in decoding order.

    Args:
        sequence: of the fragment in its stream, from 1.
        decode_time_90k: of the first picture.
        samples: at least one.
        capture_ms: UTC time at which the first picture was taken; it is written in a `prft` box,
            so that a file says the time of its pictures by itself.

    Raises:
        FragmentError: no picture, one without a NAL unit, or a time or size that can't be written.
    """
    media = [_length_prefixed(sample.access_unit) for sample in samples]
    if not samples or not all(media):
        raise FragmentError("a fragment has at least one picture, a picture at least one NAL unit")
    try:
        rows = b"".join(
            struct.pack(
                ">IIIi",
                sample.duration_90k,
                len(data),
                SYNC_SAMPLE if sample.keyframe else DELTA_SAMPLE,
                sample.offset_90k,
            )
            for sample, data in zip(samples, media, strict=True)
        )
        mfhd = _full(b"mfhd", 0, 0, struct.pack(">I", sequence))
        tfhd = _full(b"tfhd", 0, 0x020000, struct.pack(">I", 1))
        tfdt = _full(b"tfdt", 1, 0, struct.pack(">Q", decode_time_90k))
        head = 8 + len(mfhd) + 8 + len(tfhd) + len(tfdt)
        # Of a `trun`: its 12 bytes of head, count and offset, and its rows; then the `mdat` head.
        data_offset = head + 20 + len(rows) + 8
        trun = _full(b"trun", 1, 0xF01, struct.pack(">Ii", len(samples), data_offset), rows)
        moof = _box(b"moof", mfhd, _box(b"traf", tfhd, tfdt, trun))
        told = b"" if capture_ms is None else _reference_time(capture_ms, decode_time_90k)
        return told + moof + _box(b"mdat", *media)
    except struct.error as error:
        raise FragmentError(f"a time or size doesn't fit a fragment: {error}") from None


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the whole boxes that follow each other from `start`; a cut or false one ends them."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8 or start + size > end:
            return
        yield Box(kind, start, size)
        start += size


class Fragment(NamedTuple):
    """One fragment of a stored stream, and where its pictures lie."""

    start: int
    """Of its first byte, the reference time included."""
    size: int
    decode_time_90k: int
    capture_ms: int | None
    """When its first picture was taken, UTC; None where it doesn't say."""
    pictures: tuple["StoredPicture", ...]

    @property
    def keyframe(self) -> bool:
        """Whether a decoder may begin here."""
        return self.pictures[0].keyframe


class StoredPicture(NamedTuple):
    """One picture of a fragment; its bytes are NAL units behind their lengths."""

    start: int
    size: int
    decode_time_90k: int
    pts_90k: int
    duration_90k: int
    keyframe: bool


def fragments(data: bytes) -> Iterator[Fragment]:
    """Yield the whole fragments of a stream that `fragment` wrote.

    Raises:
        FragmentError: boxes are whole, and don't hold what `fragment` writes.
    """
    start, capture_ms, moof = 0, None, None
    for box in boxes(data, 0, whole_end(data)):
        if box.kind == b"prft":
            start = box.start
            ntp = int.from_bytes(data[box.start + 16 : box.start + 24], "big")
            capture_ms = round((ntp * 1000) / 2**32) - NTP_TO_UNIX_S * 1000
        elif box.kind == b"moof":
            start, moof = (start if capture_ms is not None else box.start), box
        elif box.kind == b"mdat" and moof is not None:
            when, pictures = _pictures(data, moof, box)
            yield Fragment(start, box.start + box.size - start, when, capture_ms, pictures)
            capture_ms, moof = None, None


def _pictures(data: bytes, moof: Box, mdat: Box) -> tuple[int, tuple[StoredPicture, ...]]:
    found: dict[bytes, Box] = {}
    for box in boxes(data, moof.start + 8, moof.start + moof.size):
        inside = boxes(data, box.start + 8, box.start + box.size) if box.kind == b"traf" else (box,)
        found.update((one.kind, one) for one in inside)
    try:
        (when,) = struct.unpack_from(">Q", data, found[b"tfdt"].start + 12)
        trun = found[b"trun"]
        (count,) = struct.unpack_from(">I", data, trun.start + 12)
    except (KeyError, struct.error):
        raise FragmentError(f"the fragment at byte {moof.start} is none of ours") from None
    if trun.size != 20 + 16 * count or not count:
        raise FragmentError(f"the fragment at byte {moof.start} holds {count} rows of another form")
    pictures: list[StoredPicture] = []
    position, decode_90k = mdat.start + 8, when
    for row in range(count):
        duration, size, flags, offset = struct.unpack_from(
            ">IIIi", data, trun.start + 20 + 16 * row
        )
        if position + size > mdat.start + mdat.size:
            raise FragmentError(f"a picture of the fragment at byte {moof.start} leads beyond it")
        key = flags == SYNC_SAMPLE
        pts_90k = decode_90k + offset
        pictures.append(StoredPicture(position, size, decode_90k, pts_90k, duration, key))
        position, decode_90k = position + size, decode_90k + duration
    return when, tuple(pictures)


def whole_end(data: bytes) -> int:
    """Return where the last whole fragment of a file ends, 0 where not even its beginning is whole.

    Readers are given a cut file up to there: FFmpeg refuses all of one that ends inside a box.
    """
    end = 0
    for number, box in enumerate(boxes(data)):
        if box.kind not in ((b"ftyp",), (b"moov",), (b"prft", b"moof", b"mdat"))[min(number, 2)]:
            break
        if box.kind in (b"moov", b"mdat"):
            end = box.start + box.size
    return end


def as_annex_b(length_prefixed: bytes) -> bytes:
    """Return a stored picture as Annex B again, every NAL unit behind four bytes of start code.

    Raises:
        FragmentError: a length leads beyond the picture.
    """
    units: list[bytes] = []
    position = 0
    while position < len(length_prefixed):
        size = int.from_bytes(length_prefixed[position : position + 4], "big")
        position += 4
        if not 0 < size <= len(length_prefixed) - position:
            raise FragmentError(f"a NAL unit of {size} bytes leads beyond its picture")
        units.append(length_prefixed[position : position + size])
        position += size
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


def _length_prefixed(access_unit: bytes) -> bytes:
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in nal_units(access_unit))


def _reference_time(capture_ms: int, media_time_90k: int) -> bytes:
    """Return the box that says at which UTC time a picture of a media time was taken."""
    seconds, rest_ms = divmod(capture_ms, 1000)
    ntp = (seconds + NTP_TO_UNIX_S) << 32 | (rest_ms << 32) // 1000
    return _full(b"prft", 1, 0, struct.pack(">IQQ", 1, ntp, media_time_90k))


def _decoder_configuration(sps: bytes, pps: bytes) -> bytes:
    head = bytes((1, *sps[1:4], 0xFF, 0xE1))
    sets = struct.pack(">H", len(sps)) + sps + b"\x01" + struct.pack(">H", len(pps)) + pps
    if sps[1] not in HIGH_PROFILES:
        return head + sets
    chroma, luma_depth, chroma_depth = _formats(sps)
    return head + sets + bytes((0xFC | chroma, 0xF8 | luma_depth, 0xF8 | chroma_depth, 0))


def _formats(sps: bytes) -> tuple[int, int, int]:
    """Return chroma format, luma depth over 8 and chroma depth over 8 of a high profile's SPS."""
    payload = sps[4:].replace(b"\x00\x00\x03", b"\x00\x00")
    bits = "".join(f"{byte:08b}" for byte in payload[:32])
    position = 0

    def number() -> int:
        nonlocal position
        one = bits.find("1", position)
        zeros = one - position
        if one < 0 or zeros > 8 or one + zeros >= len(bits):
            raise FragmentError("the SPS ends before its formats")
        position = one + zeros + 1
        return int(bits[one:position], 2) - 1

    number()  # its id
    chroma = number()
    if chroma == 3:
        position += 1
    formats = chroma, number(), number()
    if chroma > 3 or max(formats) > 7:
        raise FragmentError(f"the SPS says formats {formats}; none is over 7, the first not over 3")
    return formats


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)
