"""Clocks and names of RTP streams."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.nal_units import Codec, annex_b, codec_name
from field_api.contract.rtp import (
    Farewell,
    RtpError,
    SenderReport,
    Unwrapped,
    build_farewell,
    build_receiver_report,
    build_sender_report,
    describe_video,
    is_rtcp,
    parse_rtcp,
    parse_sdp,
)

NUMBER = st.integers(0, 2**32 - 1)


@given(NUMBER, st.integers(0, 4_000_000_000_000), NUMBER, NUMBER, NUMBER)
def test_a_report_says_the_same_on_the_other_side(
    ssrc: int, utc_ms: int, timestamp: int, packets: int, octets: int
) -> None:
    report = SenderReport(ssrc, utc_ms, timestamp, packets, octets)
    data = build_sender_report(report, "camera@例")
    assert is_rtcp(data)
    assert len(data) % 4 == 0
    assert parse_rtcp(data + build_farewell(ssrc, "x")) == [report, Farewell(ssrc)]
    assert parse_rtcp(build_receiver_report(ssrc, "x")) == []


@given(st.binary(max_size=100))
def test_any_bytes_are_rtcp_or_refused(data: bytes) -> None:
    with contextlib.suppress(RtpError):
        parse_rtcp(data)
    with contextlib.suppress(RtpError):
        parse_rtcp(b"\x81\xc8\x00\x06" + data)


@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=30), NUMBER)
def test_time_goes_on_where_its_numbers_begin_anew(steps: list[int], first: int) -> None:
    unwrapped = Unwrapped()
    newest = true = unwrapped.of(first)
    for step in steps:
        true = newest + step
        assert unwrapped.of(true & 0xFFFFFFFF) == true
        newest = max(newest, true)
        assert unwrapped.near((newest + 5) & 0xFFFFFFFF) == newest + 5


@pytest.mark.parametrize("codec", Codec)
def test_a_description_says_the_same_on_the_other_side(codec: Codec) -> None:
    sets = {
        Codec.H264: [bytes.fromhex("6742c01f"), b"\x68\xce\x3c"],
        Codec.H265: [b"\x40\x01\x0c", b"\x42\x01\x01", b"\x44\x01\xc1"],
    }[codec]
    text = describe_video(codec, sets, name="XS-U1", control="rtsp://h/x/video", payload_type=96)
    found = parse_sdp(text.encode())
    video = found.first("video")
    assert video is not None
    assert (video.codec, video.clock_hz, video.payload_type) == (codec, 90_000, 96)
    assert video.control == "rtsp://h/x/video"
    assert video.parameter_sets() == annex_b(sets)


def test_what_a_camera_says_is_read() -> None:
    found = parse_sdp(
        b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=Media\r\na=control:*\r\nt=0 0\r\n"
        b"m=audio 0 RTP/AVP 0\r\na=control:trackID=2\r\n"
        b"m=video 0 RTP/AVP 98\r\na=rtpmap:98 h265/90000\r\n"
        b"a=fmtp:98 sprop-vps=QAEM; sprop-sps=no base64!;sprop-pps=RAHB\r\na=control:trackID=1\r\n"
        b"m=application 0 RTP/AVP 107\r\na=rtpmap:107 smpte336m/90000\r\n"
    )
    assert found.control == "*"
    assert [m.kind for m in found.media] == ["audio", "video", "application"]
    video = found.first("video")
    assert video is not None
    assert video.codec is Codec.H265
    assert video.parameter_sets() == annex_b([b"\x40\x01\x0c", b"\x44\x01\xc1"])
    assert found.media[2].encoding == "SMPTE336M"


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode())))
def test_any_bytes_are_a_description_or_refused(data: bytes) -> None:
    for prefix in (b"", b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 ", b"v=0\r\na=fmtp:"):
        with contextlib.suppress(RtpError):
            for media in parse_sdp(prefix + data).media:
                media.parameter_sets()


def test_h265_has_its_registered_name() -> None:
    sps = bytes.fromhex("420101016000000300b000000300000300 5d a0")
    assert codec_name(sps, Codec.H265) == "hvc1.1.6.L93.B0"
    with pytest.raises(ValueError, match="no sequence parameter set"):
        codec_name(b"\x67\x42\xc0\x1f", Codec.H265)
