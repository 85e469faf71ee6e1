"""What recording costs: H.264 into fragmented MP4, onto disk; how late a picture comes out."""

import io
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from field_api.contract.fmp4 import Sample, fragment, init_segment, nal_units, parameter_sets
from field_api.contract.ids import new_id
from field_api.contract.video_packet import pack_packet
from field_api.features.footage.beside import FileFacts
from field_api.features.footage.cutting import Begin, FootageCutter, Piece
from field_api.features.footage.writing import FileWriter
from tests.field_api.pictures import STEP_90K, encode

_PICTURES = 250


def _late(chunks: list[bytes], units: list[bytes]) -> float:
    """Return how many pictures were given before a picture came out, beside itself."""
    late: list[int] = []
    for number, unit in enumerate(units):
        slice_ = list(nal_units(unit))[-1]
        out = (n for n, chunk in enumerate(chunks[number:]) if slice_ in chunk)
        late.append(next(out, len(chunks) - number))
    return sum(late) / len(late)


def _own(units: list[tuple[bytes, int, int, bool]]) -> list[bytes]:
    return [
        fragment(n + 1, pts, [Sample(unit, STEP_90K, key)])
        for n, (unit, pts, _, key) in enumerate(units)
    ]


def _ffmpeg(units: list[tuple[bytes, int, int, bool]]) -> list[bytes]:
    file = io.BytesIO()
    flags = "frag_every_frame+empty_moov+default_base_moof"
    out = av.open(file, "w", format="mp4", options={"movflags": flags, "flush_packets": "1"})
    source = av.open(io.BytesIO(b"".join(unit for unit, *_ in units)), "r", format="h264")
    stream = out.add_stream_from_template(source.streams.video[0])
    chunks: list[bytes] = []
    for unit, pts, dts, key in units:
        packet = av.Packet(unit)
        packet.pts, packet.dts, packet.time_base = pts, dts, Fraction(1, 90_000)
        packet.is_keyframe, packet.stream = key, stream
        out.mux(packet)
        chunks.append(file.getvalue())
        file.seek(0)
        file.truncate()
    out.close()
    source.close()
    return chunks


def _recording(units: list[tuple[bytes, int, int, bool]], folder: Path) -> float:
    """Return the CPU seconds of cutting, writing and hashing pictures, files closed."""
    packets = [
        pack_packet(unit, keyframe=key, pts_90k=pts, t_ms=1_742_020_200_000 + pts // 90)
        for unit, pts, _, key in units
    ]
    begin = time.process_time()
    cutter = FootageCutter()
    steps = cutter.format(1280, 720)
    writer: FileWriter | None = None
    for packet in packets:
        steps += cutter.take(packet)
        for step in steps:
            if isinstance(step, Begin):
                writer = FileWriter(folder, _facts(step), step)
            elif isinstance(step, Piece) and writer is not None:
                writer.add(step)
        steps = []
    for step in cutter.end():
        if isinstance(step, Piece) and writer is not None:
            writer.add(step)
    assert writer is not None
    writer.close()
    return time.process_time() - begin


def _facts(begin: Begin) -> FileFacts:
    return FileFacts(
        id=new_id(),
        stream_id="bench",
        began_ms=begin.t_ms,
        first_pts_90k=begin.pts_90k,
        codec=begin.codec,
        width=begin.width,
        height=begin.height,
    )


def _noisy(count: int, width: int, height: int) -> list[tuple[bytes, int, int, bool]]:
    """Return pictures of 2 Mbit/s: units are filled up, as recording looks into none of them."""
    room = 2_000_000 // 8 // 25
    filler = b"\x00\x00\x01\x0c"
    return [
        (unit + filler + b"\xff" * max(0, room - len(unit)) + b"\x80", pts, dts, key)
        for unit, pts, dts, key in encode(count, width=width, height=height)
    ]


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Measured figures: name, value, unit, budget."""
    width, height = 1280, 720
    units = encode(_PICTURES, width=width, height=height, options={"b": "2M"})
    bare = [unit for unit, *_ in units]
    sets = parameter_sets(bare[0])
    assert sets is not None
    init_segment(*sets, width, height)
    for name, work in (
        ("own muxer", lambda: _own(units)),
        ("FFmpeg's muxer", lambda: _ffmpeg(units)),
    ):
        begin = time.process_time()
        chunks = work()
        spent_s = time.process_time() - begin
        yield f"{name}: a picture comes out so many later", _late(chunks, bare), "pictures", "0"
        yield f"{name}: 25 pictures a second", 100 * spent_s / _PICTURES * 25, "% core", "-"
    with tempfile.TemporaryDirectory() as folder:
        spent_s = _recording(_noisy(_PICTURES, width, height), Path(folder))
    share = 100 * spent_s / _PICTURES * 25
    yield "recording: share of a core per stream (720p25, 2 Mbit/s)", share, "% core", "-"
