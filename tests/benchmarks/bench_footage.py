"""What it costs to put H.264 into fragmented MP4, and how late a picture comes out."""

import io
import time
from collections.abc import Iterator
from fractions import Fraction

import av

from field_api.links.video.fmp4 import Sample, fragment, init_segment, nal_units, parameter_sets
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
