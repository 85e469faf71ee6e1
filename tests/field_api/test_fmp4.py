"""Fragmented MP4: read back by another reader, cut anywhere, and every byte accounted for."""

import contextlib
import io
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.fmp4 import (
    FragmentError,
    Sample,
    as_annex_b,
    boxes,
    fragment,
    fragments,
    init_segment,
    nal_units,
    parameter_sets,
    whole_end,
)
from tests.field_api.pictures import STEP_90K, encode, number_of

Unit = tuple[bytes, int, int, bool]


def stored(units: list[Unit], per_fragment: int, decode_time_90k: int = 0) -> list[bytes]:
    """Return the initialisation segment and the fragments of units in decoding order."""
    sets = parameter_sets(units[0][0])
    assert sets is not None
    first_dts = units[0][2]
    out = [init_segment(*sets, 160, 96)]
    for at in range(0, len(units), per_fragment):
        part = units[at : at + per_fragment]
        samples = [Sample(data, STEP_90K, key, pts - dts) for data, pts, dts, key in part]
        when = decode_time_90k + part[0][2] - first_dts
        out.append(fragment(at // per_fragment + 1, when, samples, capture_ms=1_700_000_000_000))
    return out


def read(data: bytes) -> list[tuple[int, int, bool]]:
    """Return what PyAV finds: presentation time in 90 kHz, number in the picture, key frame."""
    with av.open(io.BytesIO(data), "r") as file:
        found: list[tuple[int, int, bool]] = []
        for frame in file.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base == Fraction(1, 90_000)
            image = frame.to_ndarray(format="rgb24")
            found.append((frame.pts, number_of(image), frame.key_frame))
        return found


@pytest.mark.parametrize("per_fragment", [1, 7, 25])
@pytest.mark.parametrize(
    "options",
    [{"profile": "baseline"}, {"profile": "high"}, {"profile": "high", "x264-params": "slices=4"}],
    ids=["baseline", "high", "slices"],
)
def test_every_picture_is_read_back_at_its_time(per_fragment: int, options: dict[str, str]) -> None:
    units = encode(50, options=options)
    found = read(b"".join(stored(units, per_fragment, decode_time_90k=12_345)))
    assert found == [(12_345 + n * STEP_90K, n, n % 25 == 0) for n in range(50)]


def test_pictures_that_are_shown_in_another_order_than_decoded() -> None:
    units = encode(50, options={"tune": "psnr", "preset": "medium", "bf": "2"})
    assert [pts for _, pts, _, _ in units] != sorted(pts for _, pts, _, _ in units)
    delay = -units[0][2]
    found = read(b"".join(stored(units, 25)))
    assert found == [(delay + n * STEP_90K, n, n % 25 == 0) for n in range(50)]


def test_a_cut_file_plays_up_to_its_last_whole_fragment() -> None:
    """At every byte: whatever is whole plays to its last picture, what is not is left out."""
    parts = stored(encode(8, key_every=4), 2)
    ends = [sum(map(len, parts[:n])) for n in range(len(parts) + 1)]
    data = b"".join(parts)
    known = read(data)
    for end in range(len(data) + 1):
        whole = whole_end(data[:end])
        assert whole == max(at for at in ends if at <= end)
    for n, at in enumerate(ends[2:], 1):
        assert read(data[: whole_end(data[: at + 30])]) == known[: 2 * n]


def test_zeros_after_a_power_cut_are_left_out() -> None:
    data = b"".join(stored(encode(4), 2))
    assert whole_end(data + bytes(4096)) == len(data)
    assert whole_end(bytes(4096)) == 0


def test_a_file_says_when_its_pictures_were_taken() -> None:
    data = stored(encode(2), 2, decode_time_90k=90)[1]
    prft = next(box for box in boxes(data) if box.kind == b"prft")
    ntp = int.from_bytes(data[prft.start + 16 : prft.start + 24], "big")
    assert round((ntp / 2**32 - 2_208_988_800) * 1000) == 1_700_000_000_000
    assert int.from_bytes(data[prft.start + 24 : prft.start + 32], "big") == 90


def test_what_browsers_are_told_is_the_profile_of_the_stream() -> None:
    sets = parameter_sets(encode(1, options={"profile": "main"})[0][0])
    assert sets is not None
    init = init_segment(*sets, 160, 96)
    assert init[init.index(b"avcC") + 4 :][:4] == bytes((1, *sets.sps[1:4]))
    with av.open(io.BytesIO(init + stored(encode(2), 1)[1]), "r") as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.width, stream.codec_context.height) == (160, 96)


NALS = st.lists(
    st.binary(min_size=1, max_size=300).map(
        lambda data: b"\x41" + data.replace(b"\x00", b"\x01") + b"\x80"
    ),
    min_size=1,
    max_size=5,
)


@given(
    pictures=st.lists(NALS, min_size=1, max_size=6),
    decode_time=st.integers(0, 2**63),
    sequence=st.integers(0, 2**32 - 1),
    long_codes=st.booleans(),
)
def test_sizes_add_up(
    pictures: list[list[bytes]], decode_time: int, sequence: int, long_codes: bool
) -> None:
    code = b"\x00\x00\x00\x01" if long_codes else b"\x00\x00\x01"
    units = [code + code.join(nals) for nals in pictures]
    data = fragment(
        sequence, decode_time, [Sample(unit, STEP_90K, keyframe=False) for unit in units]
    )
    moof, mdat = boxes(data)
    assert (moof.kind, mdat.kind, mdat.start + mdat.size) == (b"moof", b"mdat", len(data))
    trun = data.index(b"trun")
    offset = int.from_bytes(data[trun + 12 : trun + 16], "big")
    assert offset == mdat.start + 8
    for n, nals in enumerate(pictures):
        size = int.from_bytes(data[trun + 20 + 16 * n : trun + 24 + 16 * n], "big")
        assert list(nal_units(as_annex_b(data[offset : offset + size]))) == nals
        offset += size
    assert offset == len(data)


@given(st.binary(max_size=400))
def test_hostile_bytes_are_refused_not_followed(data: bytes) -> None:
    assert all(box.start + box.size <= len(data) for box in boxes(data))
    assert whole_end(data) <= len(data)
    parameter_sets(data)
    with contextlib.suppress(FragmentError):
        as_annex_b(data)
    with contextlib.suppress(FragmentError):
        init_segment(b"\x67" + data, b"\x68", 160, 96)


@pytest.mark.parametrize(
    "samples",
    [
        [],
        [Sample(b"", 3600, keyframe=True)],
        [Sample(b"\x00\x00\x01\x65\x80", -1, keyframe=True)],
    ],
)
def test_what_cannot_be_stored_is_said(samples: list[Sample]) -> None:
    with pytest.raises(FragmentError):
        fragment(1, 0, samples)


def test_numbers_in_pictures_survive_the_encoder() -> None:
    assert np.array_equal(
        [n for _, n, _ in read(b"".join(stored(encode(3, first=900), 1)))], [900, 901, 902]
    )


def test_pictures_are_found_again_byte_for_byte() -> None:
    units = encode(20, key_every=5)
    data = b"".join(stored(units, 5, decode_time_90k=90))
    found = list(fragments(data))
    assert [one.capture_ms for one in found] == [1_700_000_000_000] * 4
    assert all(one.keyframe for one in found)
    assert (
        b"".join(data[one.start : one.start + one.size] for one in found)
        == data[data.index(b"prft") - 4 :]
    )
    pictures = [picture for one in found for picture in one.pictures]
    assert [(one.pts_90k, one.keyframe) for one in pictures] == [
        (90 + pts, key) for _, pts, _, key in units
    ]
    for picture, (unit, *_) in zip(pictures, units, strict=True):
        stored_picture = data[picture.start : picture.start + picture.size]
        assert list(nal_units(as_annex_b(stored_picture))) == list(nal_units(unit))


@given(st.data())
def test_damaged_fragments_are_refused_not_followed(data: st.DataObject) -> None:
    whole = b"".join(stored(UNITS, 4))
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + data.draw(st.binary(min_size=1, max_size=8)) + whole[at + 1 :]
    with contextlib.suppress(FragmentError):
        for one in fragments(damaged):
            assert one.start + one.size <= len(damaged)
            assert all(p.start + p.size <= one.start + one.size for p in one.pictures)


UNITS = encode(8, key_every=4)
