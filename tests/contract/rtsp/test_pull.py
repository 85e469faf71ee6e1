"""The side that asks a camera: what it asks in which order, and that no camera breaks it."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.nal_units import Codec
from field_api.contract.rtp import Packetizer, SenderReport, build_sender_report
from field_api.contract.rtsp import (
    ClockTold,
    Ended,
    Interleaved,
    PictureCame,
    Playing,
    RefusedError,
    RtspError,
    RtspPull,
    RtspReader,
    RtspRequest,
    RtspResponse,
    interleave,
)

SDP = (
    b"v=0\r\na=control:*\r\nm=audio 0 RTP/AVP 0\r\na=control:a\r\n"
    b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
)
UNIT = b"\x00\x00\x00\x01\x67\x42\xc0\x1f\x00\x00\x00\x01\x68\xce\x00\x00\x00\x01\x65abc"


def asked(pull: RtspPull) -> list[RtspRequest]:
    return [one for one in RtspReader().receive(pull.take_output()) if isinstance(one, RtspRequest)]


def one_asked(pull: RtspPull) -> RtspRequest:
    (request,) = asked(pull)
    return request


def answer(
    pull: RtspPull, status: int = 200, body: bytes = b"", now_s: float = 0.0, **headers: str
) -> list[object]:
    """Answer the one request that is waiting."""
    request = one_asked(pull)
    told = {"CSeq": request.headers["cseq"], **headers}
    return list(pull.receive(RtspResponse(status, told, body).build(), now_s))


def playing() -> RtspPull:
    pull = RtspPull("rtsp://me:secret@camera:8554/live?x=1")
    pull.begin()
    answer(pull, Public="OPTIONS, DESCRIBE, GET_PARAMETER")
    (told,) = answer(pull, body=SDP)
    assert told == Playing("H264", Codec.H264, b"")
    answer(pull, Transport="RTP/AVP/TCP;interleaved=4-5", Session="77;timeout=20")
    answer(pull, **{"RTP-Info": "url=x;seq=9;rtptime=1"})
    return pull


def test_what_is_asked_in_which_order() -> None:
    pull = RtspPull("rtsp://me:secret@camera:8554/live?x=1")
    pull.begin()
    request = one_asked(pull)
    assert (request.method, request.url) == ("OPTIONS", "rtsp://camera:8554/live?x=1")
    pull.receive(RtspResponse(200, {"CSeq": "1"}).build(), 0)
    describe = one_asked(pull)
    assert describe.method == "DESCRIBE"
    body = RtspResponse(200, {"CSeq": "2", "Content-Base": "rtsp://camera/live/"}, SDP).build()
    pull.receive(body, 0)
    setup = one_asked(pull)
    assert (setup.method, setup.url) == ("SETUP", "rtsp://camera/live/track1")
    assert setup.headers["transport"] == "RTP/AVP/TCP;unicast;interleaved=0-1"
    told = {"CSeq": "3", "Transport": "RTP/AVP/TCP;interleaved=0-1", "Session": "77"}
    pull.receive(RtspResponse(200, told).build(), 0)
    play = one_asked(pull)
    assert (play.method, play.headers["session"]) == ("PLAY", "77")
    assert not pull.playing
    pull.receive(RtspResponse(200, {"CSeq": "4"}).build(), 0)
    assert pull.playing


def test_pictures_clock_and_end_come_on_the_channels_the_camera_named() -> None:
    pull = playing()
    packetizer = Packetizer(Codec.H264, 96, 5, sequence=9)
    wire = b"".join(interleave(4, p) for p in packetizer.access_unit(UNIT, 900))
    wire += interleave(5, build_sender_report(SenderReport(5, 1_700_000_000_000, 1800), "c"))
    wire += interleave(0, b"nobody asked for this") + interleave(4, b"broken")
    wire += RtspRequest("TEARDOWN", "rtsp://camera/live", {"CSeq": "1"}).build()
    came = pull.receive(wire, 1.0)
    assert [type(one) for one in came] == [PictureCame, ClockTold, Ended]
    assert isinstance(came[0], PictureCame)
    assert came[0].unit.clean
    assert came[0].unit.data == UNIT
    assert came[1] == ClockTold(1800, 1_700_000_000_000)


def test_a_session_is_kept_alive_as_the_camera_wants_it() -> None:
    pull = playing()
    pull.poll(1.0)
    (report,) = RtspReader().receive(pull.take_output())
    assert isinstance(report, Interleaved)
    assert report.channel == 5
    pull.poll(9.9)
    assert asked(pull) == []
    pull.poll(10.0)
    request = one_asked(pull)
    assert (request.method, request.headers["session"]) == ("GET_PARAMETER", "77")
    # A camera that does not know the request lives on.
    told = {"CSeq": request.headers["cseq"]}
    assert pull.receive(RtspResponse(451, told).build(), 10.1) == []
    pull.end()
    assert one_asked(pull).method == "TEARDOWN"


def test_passwords_are_given_when_asked_and_once() -> None:
    pull = RtspPull("rtsp://me:secret@camera/live")
    pull.begin()
    assert "secret" not in pull.url
    answer(pull)
    answer(pull, 401, **{"WWW-Authenticate": 'Digest realm="r", nonce="n1"'})
    pull_again = one_asked(pull)
    assert re.search(r'username="me".*nonce="n1"', pull_again.headers["authorization"])
    told = {
        "CSeq": pull_again.headers["cseq"],
        "WWW-Authenticate": 'Digest realm="r", nonce="n1"',
    }
    with pytest.raises(RefusedError, match="refuses DESCRIBE: 401"):
        pull.receive(RtspResponse(401, told).build(), 0)


def test_a_nonce_that_grew_old_is_replaced() -> None:
    pull = RtspPull("rtsp://me:secret@camera/live")
    pull.begin()
    answer(pull, 401, **{"WWW-Authenticate": 'Digest realm="r", nonce="n1"'})
    answer(pull)
    answer(pull, 401, **{"WWW-Authenticate": 'Digest realm="r", nonce="n2", stale=true'})
    assert 'nonce="n2"' in one_asked(pull).headers["authorization"]


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (404, b"", "refuses DESCRIBE: 404 Stream Not Found"),
        (302, b"", "refuses DESCRIBE: 302"),
        (200, b"no sdp", "description: an SDP begins with v=0"),
    ],
)
def test_a_refusal_says_what_was_refused(status: int, body: bytes, says: str) -> None:
    pull = RtspPull("rtsp://camera/live")
    pull.begin()
    answer(pull)
    with pytest.raises(RtspError, match=says):
        answer(pull, status, body)


HEADER = st.sampled_from(
    ["Session", "Transport", "RTP-Info", "Content-Base", "WWW-Authenticate", "Public", "CSeq"]
)
VALUE = st.one_of(
    st.sampled_from(
        [
            "",
            "x;timeout=9999999999999",
            "RTP/AVP/TCP;interleaved=999-1",
            "RTP/AVP/TCP",
            "RTP/AVP;unicast",
            "seq=99999;",
            "http://[",
            "Digest nonce=a",
            "RTP/AVP/TCP;interleaved=-",
        ]
    ),
    st.text(st.characters(codec="ascii", exclude_characters="\r\n"), max_size=30),
)


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.builds(interleave, st.integers(0, 5), st.binary(max_size=80)),
            st.tuples(
                st.sampled_from([200, 200, 200, 401, 404]),
                st.dictionaries(HEADER, VALUE, max_size=3),
                st.one_of(st.just(SDP), st.just(b""), st.binary(max_size=60)),
            ),
        ),
        max_size=10,
    )
)
def test_no_camera_raises_anything_else(steps: list[object]) -> None:
    pull = RtspPull("rtsp://me:secret@camera/live")
    pull.begin()
    waiting: list[RtspRequest] = []
    with contextlib.suppress(RtspError):
        for step in steps:
            pull.poll(100.0)
            waiting = asked(pull) or waiting
            if isinstance(step, tuple):
                status, headers, body = step
                told = {"CSeq": waiting[-1].headers["cseq"], **headers}
                pull.receive(RtspResponse(status, told, body).build(), 1.0)
            else:
                assert isinstance(step, bytes)
                pull.receive(step, 1.0)
