"""Cutting a stream into files and fragments: nothing lost, nothing doubled, every file plays."""

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.fmp4 import fragments, whole_end
from field_api.contract.video_packet import VideoPacket, pack_packet
from field_api.features.footage.cutting import (
    FRAGMENT_90K,
    Begin,
    End,
    FootageCutter,
    Piece,
    Step,
)
from field_api.features.footage.reading import FootageBytes
from tests.field_api.pictures import STEP_90K, camera_packets, encode, number_of

MINUTE = 1_700_000_040_000
"""A full minute."""


def files(steps: list[Step]) -> list[tuple[Begin, bytes]]:
    """Return each file's beginning and bytes; every file is ended, and nothing stands outside."""
    found: list[tuple[Begin, bytes]] = []
    inside = False
    for step in steps:
        if isinstance(step, Begin):
            assert not inside
            inside = True
            found.append((step, step.head))
        elif isinstance(step, Piece):
            assert inside
            begin, data = found[-1]
            found[-1] = begin, data + step.data
        else:
            assert isinstance(step, End)
            assert inside
            inside = False
    assert not inside
    return found


def cut(packets: list[VideoPacket]) -> list[tuple[Begin, bytes]]:
    cutter = FootageCutter()
    steps = cutter.format(160, 96)
    for packet in packets:
        steps += cutter.take(packet)
    return files(steps + cutter.end())


def numbers(data: bytes) -> list[int]:
    with av.open(io.BytesIO(data), "r") as file:
        return [number_of(frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)]


def test_a_new_minute_begins_a_new_file_and_every_picture_is_in_one() -> None:
    packets = camera_packets(200, began_ms=MINUTE - 3000)
    found = cut(packets)
    assert [begin.t_ms for begin, _ in found] == [MINUTE - 3000, MINUTE]
    assert [n for _, data in found for n in numbers(data)] == list(range(200))


def test_at_most_half_a_second_waits_in_memory() -> None:
    cutter = FootageCutter()
    cutter.format(160, 96)
    written = 0
    for number, packet in enumerate(camera_packets(120, began_ms=MINUTE, key_every=50)):
        written += sum(step.pictures for step in cutter.take(packet) if isinstance(step, Piece))
        assert (number + 1 - written) * STEP_90K <= FRAGMENT_90K + STEP_90K


def test_times_of_pictures_are_those_of_the_camera_and_of_capture() -> None:
    packets = camera_packets(60, began_ms=MINUTE, pts_from=1_000_000)
    [(begin, data)] = cut(packets)
    assert (begin.pts_90k, begin.codec[:5]) == (1_000_000, "avc1.")
    footage = FootageBytes(data, begin.t_ms, tuple(fragments(data)))
    pictures = [one for piece in footage.fragments for one in piece.pictures]
    assert [one.pts_90k + begin.pts_90k for one in pictures] == [p.pts_90k for p in packets]
    assert [footage.capture_ms(one.pts_90k) for one in pictures] == [p.t_ms for p in packets]
    assert footage.ended_ms == MINUTE + 60 * 40


def moved(packet: VideoPacket, pts_90k: int, t_ms: int) -> VideoPacket:
    return pack_packet(
        bytes(packet.access_unit),
        keyframe=packet.keyframe,
        pts_90k=packet.pts_90k + pts_90k,
        t_ms=packet.t_ms + t_ms,
    )


@pytest.mark.parametrize(
    ("pts_90k", "t_ms"),
    [(0, 5000), (0, -5000), (900_000, 10_000), (-10_000_000, 40), (10_000_000, 40)],
    ids=["clock forward", "clock back", "silence", "camera restarted", "camera's clock jumps"],
)
def test_a_jump_begins_a_new_file(pts_90k: int, t_ms: int) -> None:
    packets = camera_packets(100, began_ms=MINUTE)
    packets[50:] = [moved(packet, pts_90k, t_ms) for packet in packets[50:]]
    found = cut(packets)
    assert [numbers(data) for _, data in found] == [list(range(50)), list(range(50, 100))]
    assert found[1][0].t_ms == packets[50].t_ms


def test_after_a_jump_between_key_frames_the_next_key_frame_begins() -> None:
    packets = camera_packets(100, began_ms=MINUTE)
    found = cut(packets[:30] + [moved(p, 0, 9000) for p in packets[30:]])
    assert [numbers(data) for _, data in found] == [list(range(30)), list(range(50, 100))]


def test_another_form_begins_a_new_file() -> None:
    cutter = FootageCutter()
    steps = cutter.format(160, 96)
    one = camera_packets(30, began_ms=MINUTE)
    for packet in one:
        steps += cutter.take(packet)
    steps += cutter.format(320, 192)
    for unit, pts, _dts, key in encode(30, width=320, height=192, first=30):
        packet = pack_packet(unit, keyframe=key, pts_90k=pts, t_ms=MINUTE + pts // 90)
        steps += cutter.take(packet)
    found = files(steps + cutter.end())
    assert [(begin.width, len(numbers(data))) for begin, data in found] == [(160, 30), (320, 30)]


def test_parameter_sets_that_change_begin_a_new_file() -> None:
    one = camera_packets(25, began_ms=MINUTE)
    other = [
        pack_packet(unit, keyframe=key, pts_90k=pts, t_ms=MINUTE + pts // 90)
        for unit, pts, _dts, key in encode(25, first=25, options={"preset": "medium"})
    ]
    assert len(cut(one + other)) == 2


def test_pictures_in_another_order_than_they_are_shown() -> None:
    units = encode(80, options={"tune": "psnr", "preset": "medium", "bf": "2"})
    packets = [
        pack_packet(unit, keyframe=key, pts_90k=pts, t_ms=MINUTE + pts // 90)
        for unit, pts, _dts, key in units
    ]
    [(_, data)] = cut(packets)
    assert numbers(data) == list(range(80))
    shown = sorted(one.pts_90k for piece in fragments(data) for one in piece.pictures)
    assert shown == [n * STEP_90K for n in range(80)]


PACKETS = camera_packets(75, began_ms=MINUTE - 1500, key_every=10)


@given(
    lost=st.sets(st.integers(0, 74), max_size=20),
    jumps=st.dictionaries(
        st.integers(0, 74), st.tuples(st.integers(-400_000, 400_000), st.integers(-3000, 3000))
    ),
)
def test_whatever_comes_every_file_is_whole_and_times_never_go_back(
    lost: set[int], jumps: dict[int, tuple[int, int]]
) -> None:
    cutter = FootageCutter()
    steps = cutter.format(160, 96)
    pts = ms = 0
    for number, packet in enumerate(PACKETS):
        more_pts, more_ms = jumps.get(number, (0, 0))
        pts, ms = pts + more_pts, ms + more_ms
        if number not in lost:
            steps += cutter.take(moved(packet, pts, ms))
    for _, data in files(steps + cutter.end()):
        assert whole_end(data) == len(data)
        decoded = [one.decode_time_90k for piece in fragments(data) for one in piece.pictures]
        assert decoded == sorted(decoded)
        assert next(fragments(data)).keyframe
