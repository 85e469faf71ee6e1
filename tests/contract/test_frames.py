import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from field_api.contract.link import MAX_FRAME_BYTES, LinkServer
from field_api.contract.link.frames import (
    FrameError,
    compatible,
    parse_node_frame,
    parse_server_frame,
)
from tests.contract.messages import START_MS

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
types = st.sampled_from(
    (
        "hello",
        "welcome",
        "refused",
        "time",
        "time_reply",
        "latest",
        "durable",
        "ack",
        "reject",
        "command",
        "error",
    )
)
near_frames = st.builds(
    lambda kind, body: json.dumps({**body, "type": kind}),
    types,
    st.dictionaries(
        st.sampled_from(["seq", "seqs", "message", "command", "code", "text", "t0_ms", "n"])
        | st.text(),
        json_values,
    ),
)


@given(st.text() | near_frames | json_values.map(json.dumps))
@example("[" * 100_000)
@example('{"type":"time","t0_ms":' + "9" * 5_000 + "}")
@example('{"type":"time","t0_ms":1e400}')
@example('{"type":"error","code":"\\ud800","text":""}')
@example("\ud800")
def test_any_text_is_a_frame_or_a_frame_error(text: str) -> None:
    for parse in (parse_node_frame, parse_server_frame):
        try:
            outcome = parse(text).type
        except FrameError as error:
            outcome = error.text
        assert outcome
        assert len(outcome) < 2_000


def test_the_error_names_the_field_and_what_is_allowed() -> None:
    with pytest.raises(FrameError, match=r"seq.*greater than or equal to 1"):
        parse_node_frame('{"type":"durable","seq":0,"message":{}}')
    with pytest.raises(FrameError, match=r"'hello', 'time', 'latest', 'durable', 'error'"):
        parse_node_frame('{"type":"surprise"}')


def test_a_frame_over_the_limit_is_refused_unparsed() -> None:
    with pytest.raises(FrameError, match=f"at most {MAX_FRAME_BYTES} bytes"):
        parse_node_frame('{"type":"hello","node_id":"' + "火" * (MAX_FRAME_BYTES // 3) + '"}')


@pytest.mark.parametrize(
    ("theirs", "ours", "fits"), [("1.0", "1.7", True), ("1.7", "1.0", True), ("2.0", "1.0", False)]
)
def test_equal_majors_understand_each_other(theirs: str, ours: str, fits: bool) -> None:
    assert compatible(theirs, ours) is fits


@given(st.lists(st.text() | near_frames, max_size=80))
def test_a_session_survives_garbage_and_ends_a_babbler(texts: list[str]) -> None:
    server = LinkServer("s1")
    for text in texts:
        server.receive(text, START_MS)
    assert not server.signed_in
    for reply in server.frames():
        parse_server_frame(reply)
    if len(texts) < 50:
        assert not server.ended
