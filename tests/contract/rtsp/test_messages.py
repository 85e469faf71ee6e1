"""RTSP taken apart and put together."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.rtsp import (
    Challenge,
    Credentials,
    Interleaved,
    RtspError,
    RtspReader,
    RtspRequest,
    RtspResponse,
    authorise,
    basic_of,
    interleave,
    parse_challenges,
    parse_transport,
    query_of,
)

WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
HEADERS = st.dictionaries(
    WORD.filter(lambda n: n != "content-length"),
    st.text('abc 0123:;="é,', max_size=20).map(str.strip),
    max_size=4,
)
MESSAGE = st.one_of(
    st.builds(
        RtspRequest,
        st.sampled_from(["PLAY", "OPTIONS", "GET_PARAMETER"]),
        WORD.map("rtsp://h/{}".format),
        HEADERS,
        st.binary(max_size=40),
    ),
    st.builds(RtspResponse, st.integers(100, 599), HEADERS, st.binary(max_size=40), WORD),
    st.builds(Interleaved, st.integers(0, 255), st.binary(max_size=60)),
)


@given(st.lists(MESSAGE, max_size=6), st.lists(st.integers(1, 50), max_size=40))
def test_what_is_sent_comes_out_however_it_is_cut(
    messages: list[RtspRequest | RtspResponse | Interleaved], cuts: list[int]
) -> None:
    data = b"".join(
        interleave(m.channel, m.data) if isinstance(m, Interleaved) else m.build() for m in messages
    )
    reader = RtspReader()
    found: list[object] = []
    for cut in cuts:
        found += reader.receive(data[:cut])
        data = data[cut:]
    found += reader.receive(data)
    for message in found:
        if not isinstance(message, Interleaved):
            assert isinstance(message, RtspRequest | RtspResponse)
            message.headers.pop("content-length", None)
    assert found == messages


@given(st.lists(st.binary(max_size=120), max_size=5))
def test_any_bytes_are_rtsp_or_refused(pieces: list[bytes]) -> None:
    for prefix in (b"", b"RTSP/1.0 ", b"PLAY rtsp://x RTSP/1.0\r\nContent-Length: "):
        reader = RtspReader()
        with contextlib.suppress(RtspError):
            for piece in [prefix, *pieces, b"\r\n\r\n"]:
                reader.receive(piece)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x16\x03\x01 a TLS greeting", "begins with a method"),
        (b"GET / HTTP/1.1\r\n\r\n", "no RTSP request"),
        (b"PLAY x RTSP/1.0\r\nno colon\r\n\r\n", "no header"),
        (b"PLAY x RTSP/1.0\r\nContent-Length: -1\r\n\r\n", "no content length"),
        (b"PLAY x RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n", "at most 65536"),
        (b"A" * 20_000, "head has at most"),
        (b"RTSP/1.0 two OK\r\n\r\n", "no status"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, says: str) -> None:
    with pytest.raises(RtspError, match=says):
        RtspReader().receive(data)


def test_digest_is_that_of_the_standards() -> None:
    # RFC 2069 section 2.4, as its erratum 749 corrects it.
    (challenge,) = parse_challenges(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    )
    told = authorise(challenge, Credentials("Mufasa", "CircleOfLife"), "GET", "/dir/index.html")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in told
    assert 'uri="/dir/index.html"' in told


def test_the_safest_password_that_is_known_is_chosen() -> None:
    challenges = parse_challenges(
        'Basic realm="a"\n'
        'Digest realm="a", nonce="1", algorithm=MD5, qop="auth,auth-int"\n'
        'Digest realm="a", nonce="2", algorithm=SHA-256, opaque="o\\"x"\n'
        'Digest realm="a", nonce="3", algorithm=SHA-512-256\n'
        'Bearer realm="a"'
    )
    assert challenges == [
        Challenge("digest", "a", "2", "SHA-256", False, 'o"x'),
        Challenge("digest", "a", "1", "MD5", True),
        Challenge("basic", "a"),
    ]
    told = authorise(challenges[1], Credentials("u", "p"), "DESCRIBE", "rtsp://h/1")
    assert "qop=auth, nc=00000001" in told
    one_line = parse_challenges('Digest realm="a, b", nonce="1", Basic realm="c"')
    assert [c.scheme for c in one_line] == ["digest", "basic"]
    assert one_line[0].realm == "a, b"


@given(st.text(max_size=80))
def test_any_text_is_a_challenge_or_none(text: str) -> None:
    for prefix in ("", "Digest nonce=", "Basic "):
        for challenge in parse_challenges(prefix + text):
            authorise(challenge, Credentials("u", "p"), "PLAY", "rtsp://h")
        basic_of(prefix + text)
        parse_transport(prefix + text)
        query_of(prefix + text, "token")
        query_of("rtsp://h/x?" + text, "token")


@given(
    st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_basic_comes_through(user: str, password: str) -> None:
    who = Credentials(user, password)
    assert basic_of(authorise(Challenge("basic"), who, "PLAY", "x")) == who


def test_transports_and_queries() -> None:
    assert parse_transport('RTP/AVP/TCP;unicast;interleaved=2-3;mode="record",RTP/AVP') == {
        "protocol": "RTP/AVP/TCP",
        "unicast": "",
        "interleaved": "2-3",
        "mode": "record",
    }
    assert query_of("rtsp://h:1/x?token=a%2Fb/video", "token") == "a/b"
    assert query_of("rtsp://h:1/x", "token") is None
