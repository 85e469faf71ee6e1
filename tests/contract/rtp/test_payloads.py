"""Access units through RTP and back: nothing changes, and nothing lost goes unnoticed."""

import contextlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.nal_units import Codec, annex_b, nal_units
from field_api.contract.rtp import (
    Depacketizer,
    Packetizer,
    RtpError,
    RtpPacket,
    RtpUnit,
    build_rtp,
    parse_rtp,
    payloads,
)

SPS, PPS, IDR, SLICE = 0x67, 0x68, 0x65, 0x41
H265_KINDS = {SPS: 33, PPS: 34, IDR: 19, SLICE: 1}


def nal(codec: Codec, kind: int, body: bytes) -> bytes:
    """A NAL unit without anything that looks like a start code."""
    head = bytes([kind]) if codec is Codec.H264 else bytes([H265_KINDS[kind] << 1, 1])
    return head + body.replace(b"\x00", b"\x07") + b"\x80"


@st.composite
def films(draw: st.DrawFn) -> tuple[Codec, list[bytes]]:
    """Some access units, the first and some others key frames."""
    codec = draw(st.sampled_from(Codec))
    units: list[bytes] = []
    for number in range(draw(st.integers(1, 8))):
        key = number == 0 or draw(st.booleans())
        bodies = draw(st.lists(st.binary(max_size=400), min_size=1, max_size=3))
        slices = [nal(codec, IDR if key else SLICE, bytes([number]) + body) for body in bodies]
        sets = [nal(codec, SPS, bytes([number])), nal(codec, PPS, b"")] if key else []
        units.append(annex_b(sets + slices))
    return codec, units


def sent(codec: Codec, units: Iterable[bytes], longest: int, first: int = 65_530) -> list[bytes]:
    packetizer = Packetizer(codec, 96, 0x1234, first)
    return [
        packet
        for number, unit in enumerate(units)
        for packet in packetizer.of_payloads(payloads(codec, unit, longest), number * 3000)
    ]


def received(codec: Codec, packets: Iterable[bytes], first: int | None = 65_530) -> list[RtpUnit]:
    depacketizer = Depacketizer(codec, first)
    return [unit for packet in packets for unit in depacketizer.receive(parse_rtp(packet))]


@given(films(), st.integers(20, 500))
def test_what_is_sent_comes_out(film: tuple[Codec, list[bytes]], longest: int) -> None:
    codec, units = film
    packets = sent(codec, units, longest)
    assert all(len(packet) <= longest + 12 for packet in packets)
    got = received(codec, packets)
    assert [unit.data for unit in got] == units
    assert [unit.timestamp for unit in got] == [n * 3000 for n in range(len(units))]
    assert all(unit.whole and unit.clean for unit in got)
    assert got[0].key


@given(films(), st.integers(20, 100), st.data())
def test_no_wrong_unit_is_called_clean(
    film: tuple[Codec, list[bytes]], longest: int, data: st.DataObject
) -> None:
    codec, units = film
    packets = sent(codec, units, longest)
    order = data.draw(st.lists(st.integers(0, len(packets) - 1), max_size=2 * len(packets)))
    if data.draw(st.booleans()):
        # Mostly in order, with some missing: what a network does.
        order = sorted(set(order))
    decoded = -1
    for unit in received(codec, (packets[n] for n in order)):
        number = unit.timestamp // 3000
        if unit.whole:
            assert unit.data == units[number]
        if unit.clean:
            assert unit.key or decoded == number - 1
            decoded = number


@given(st.sampled_from(Codec), st.lists(st.binary(max_size=80), max_size=20), st.booleans())
def test_any_payload_is_taken_or_counted(codec: Codec, found: list[bytes], counted: bool) -> None:
    depacketizer = Depacketizer(codec)
    for number, payload in enumerate(found):
        packet = RtpPacket(96, number % 3 == 2, number if counted else number * 7, 0, 1, payload)
        for unit in depacketizer.receive(packet):
            assert list(nal_units(unit.data))


@given(st.binary(max_size=100))
def test_any_bytes_are_a_packet_or_refused(data: bytes) -> None:
    with contextlib.suppress(RtpError):
        packet = parse_rtp(data)
        assert parse_rtp(build_rtp(packet)) == packet


def test_header_extension_contributors_and_padding_are_no_payload() -> None:
    head = bytes([0x80 | 0x20 | 0x10 | 2, 0x80 | 96]) + bytes(10) + bytes(8)
    packet = parse_rtp(head + b"\xbe\xde\x00\x01" + b"ext!" + b"payload" + b"\x00\x00\x03")
    assert packet.payload == b"payload"
    assert packet.marker
    assert packet.payload_type == 96


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x80" * 11, "at least 12 bytes"),
        (b"\x40" + bytes(11), "version 1"),
        (b"\x8f" + bytes(11), "ends within its header"),
        (b"\x90" + bytes(11), "header extension"),
        (b"\xa0" + bytes(11), "0 bytes of padding"),
    ],
)
def test_a_wrong_packet_says_what_is_wrong(data: bytes, says: str) -> None:
    with pytest.raises(RtpError, match=says):
        parse_rtp(data)


def packet(sequence: int, timestamp: int, payload: bytes, marker: bool = True) -> RtpPacket:
    return RtpPacket(96, marker, sequence, timestamp, 1, payload)


def test_aggregated_parameter_sets_and_units_without_markers() -> None:
    sps, pps, idr = b"\x67\x42\xc0\x1f", b"\x68\xce", b"\x65abc"
    aggregated = b"\x78" + b"".join(len(u).to_bytes(2, "big") + u for u in (sps, pps))
    depacketizer = Depacketizer(Codec.H264)
    assert depacketizer.receive(packet(9, 1, aggregated, marker=False)) == []
    assert depacketizer.receive(packet(10, 1, idr, marker=False)) == []
    (unit,) = depacketizer.receive(packet(11, 2, b"\x41x", marker=False))
    assert unit == RtpUnit(1, annex_b([sps, pps, idr]), whole=True, clean=True, key=True)
    h265 = [b"\x40\x01v", b"\x42\x01s", b"\x44\x01p"]
    aggregated = b"\x60\x01" + b"".join(len(u).to_bytes(2, "big") + u for u in h265)
    depacketizer = Depacketizer(Codec.H265)
    depacketizer.receive(packet(9, 1, aggregated, marker=False))
    (unit,) = depacketizer.receive(packet(10, 1, b"\x26\x01i"))
    assert unit.data == annex_b([*h265, b"\x26\x01i"])
    assert unit.clean


def test_a_sender_that_counts_anew_is_followed() -> None:
    depacketizer = Depacketizer(Codec.H264)
    assert depacketizer.receive(packet(20_000, 0, b"\x67\x42\xc0\x1f"))
    assert not depacketizer.receive(packet(3, 3000, b"\x65abc"))
    (first,) = depacketizer.receive(packet(4, 6000, b"\x65abc"))
    assert not first.whole
    (second,) = depacketizer.receive(packet(5, 9000, b"\x65abc"))
    assert second.clean


def test_a_unit_without_end_does_not_fill_memory() -> None:
    depacketizer = Depacketizer(Codec.H264)
    for number in range(5000):
        flags = 0x80 if number == 0 else 0
        depacketizer.receive(
            packet(number & 0xFFFF, 0, bytes([0x7C, flags | 5]) + bytes(1400), marker=False)
        )
    assert depacketizer.receive(packet(5000, 0, b"\x41x")) == []
    (unit,) = depacketizer.receive(packet(5001, 3000, b"\x65x"))
    assert unit.clean
