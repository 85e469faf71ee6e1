"""The video packet and the queue of those still to be sent."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.packet_queue import PacketQueue
from field_api.contract.video_packet import (
    HEADER_BYTES,
    MAX_PACKET_BYTES,
    PacketError,
    VideoPacket,
    pack_packet,
    parse_packet,
)

T_MS = 1_700_000_000_000
UNIT = b"\x00\x00\x00\x01\x67" + b"x" * 20


def packet(number: int, *, key: bool) -> VideoPacket:
    return pack_packet(UNIT, keyframe=key, pts_90k=number * 6000, t_ms=T_MS + number)


def test_the_header_is_twenty_bytes_before_the_untouched_access_unit() -> None:
    data = pack_packet(UNIT, keyframe=True, pts_90k=-5, t_ms=T_MS).data
    assert HEADER_BYTES == 20
    assert struct.unpack(">BBHqQ", data[:20]) == (1, 1, 20, -5, T_MS)
    assert data[20:] == UNIT


@given(
    st.binary(max_size=50), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**64)
)
def test_what_is_packed_is_parsed(tail: bytes, key: bool, pts_90k: int, t_ms: int) -> None:
    unit = b"\x00\x00\x01" + tail
    with contextlib.suppress(PacketError):
        packed = pack_packet(unit, keyframe=key, pts_90k=pts_90k, t_ms=t_ms)
        assert parse_packet(packed.data) == packed


@given(st.binary(max_size=60))
def test_garbage_never_does_more_than_be_refused(data: bytes) -> None:
    with contextlib.suppress(PacketError):
        assert len(parse_packet(data).data) > HEADER_BYTES


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x01" * 20, "more than 20 bytes"),
        (b"\x02" + packet(0, key=True).data[1:], "version 2"),
        (packet(0, key=True).data[:20] + b"no start code", "Annex B"),
        (b"\x01\x00\xff\xff" + packet(0, key=True).data[4:], "header length"),
        (packet(0, key=True).data.ljust(MAX_PACKET_BYTES + 1), "at most 4000000"),
    ],
)
def test_a_wrong_packet_says_what_is_wrong(data: bytes, says: str) -> None:
    with pytest.raises(PacketError, match=says):
        parse_packet(data)


@pytest.mark.parametrize(
    ("unit", "t_ms", "says"),
    [
        (b"", T_MS, "Annex B"),
        (UNIT.ljust(MAX_PACKET_BYTES), T_MS, "at most 4000000"),
        (UNIT, -1, "don't fit the header"),
    ],
)
def test_what_would_be_refused_is_not_packed(unit: bytes, t_ms: int, says: str) -> None:
    with pytest.raises(PacketError, match=says):
        pack_packet(unit, keyframe=True, pts_90k=0, t_ms=t_ms)


def test_a_longer_header_of_a_newer_peer_is_stepped_over() -> None:
    header = struct.pack(">BBHqQ", 1, 1, 24, 90_000, T_MS)
    assert parse_packet(header + b"more" + UNIT).pts_90k == 90_000


@given(
    st.lists(st.sampled_from(["key", "picture", "take", "new receiver"]), max_size=200),
    st.integers(2, 30),
    st.booleans(),
)
def test_a_receiver_can_always_decode_what_it_is_sent(
    steps: list[str], limit: int, early: bool
) -> None:
    queue = PacketQueue(limit, behind_at=limit // 2 if early else None)
    number = 0
    previous: int | None = None
    taken = 0
    for step in steps:
        if step == "take":
            one = queue.take()
            if one is not None:
                taken += 1
                index = one.pts_90k // 6000
                # A picture follows the one before it, or begins anew at a key frame.
                assert one.keyframe or previous == index - 1
                previous = index
        elif step == "new receiver":
            queue.keep_newest_group()
            previous = None
        else:
            queue.put(packet(number, key=step == "key"))
            number += 1
            assert len(queue) <= limit
    assert number == taken + queue.skipped + len(queue)


def test_a_slow_line_skips_to_the_new_key_frame() -> None:
    queue = PacketQueue(10, behind_at=5)
    for n in range(5):
        queue.put(packet(n, key=n == 0))
    queue.put(packet(5, key=True))
    assert queue.skipped == 5
    first = queue.take()
    assert first is not None
    assert first.pts_90k == 5 * 6000


def test_a_new_receiver_begins_with_the_newest_key_frame() -> None:
    queue = PacketQueue(10)
    for number in range(4):
        queue.put(packet(number, key=number in (0, 2)))
    queue.keep_newest_group()
    assert [p.pts_90k // 6000 for p in iter(queue.take, None)] == [2, 3]


def test_a_source_that_begins_anew_is_waited_for() -> None:
    queue = PacketQueue(10, [packet(0, key=True)])
    queue.clear()
    queue.put(packet(1, key=False))
    assert queue.take() is None
    queue.put(packet(2, key=True))
    assert len(queue) == 1


def test_what_a_receiver_begins_with_is_no_sign_of_a_slow_line() -> None:
    queue = PacketQueue(4, [packet(n, key=n == 0) for n in range(20)], behind_at=2)
    queue.put(packet(20, key=True))
    queue.put(packet(21, key=False))
    assert queue.skipped == 0
    assert [one.pts_90k for one in iter(queue.take, None)] == [
        packet(n, key=False).pts_90k for n in range(22)
    ]
    # Once it has been taken, what waits is behind.
    for n in range(22, 30):
        queue.put(packet(n, key=n == 22))
    assert queue.skipped > 0
