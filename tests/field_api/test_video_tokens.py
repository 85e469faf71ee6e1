"""Tokens for one stream and one action."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.links.video.tokens import StreamTokens

KEY = b"k" * 32


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_ms


def test_a_token_opens_its_stream_for_its_action_until_it_ends() -> None:
    clock = Clock()
    tokens = StreamTokens(KEY, clock, 60)
    token, expires_ms = tokens.give("XS-U1-cam", "play", "u-1", "ab" * 32)
    assert expires_ms == clock.now_ms + 60_000
    assert tokens.check(token, "XS-U1-cam", "play") == "u-1"
    assert tokens.check(token, "XS-U2-cam", "play") is None
    assert tokens.check(token, "XS-U1-cam", "publish") is None
    assert StreamTokens(b"o" * 32, clock, 60).check(token, "XS-U1-cam", "play") is None
    clock.now_ms = expires_ms
    assert tokens.check(token, "XS-U1-cam", "play") is None


@given(st.data())
def test_no_changed_token_is_believed(data: st.DataObject) -> None:
    tokens = StreamTokens(KEY, Clock(), 60)
    token, _ = tokens.give("XS-U1-cam", "play", "u-1", "ab" * 32)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[at]))
    changed = token[:at] + other + token[at + 1 :]
    found = tokens.read(changed, "XS-U1-cam", "play")
    # The last letter of each part holds bits that say nothing.
    assert found is None or found == tokens.read(token, "XS-U1-cam", "play")


@given(st.text(max_size=300))
def test_any_text_is_only_refused(text: str) -> None:
    assert StreamTokens(KEY, Clock(), 60).check(text, "XS-U1-cam", "play") is None


def test_the_workers_of_a_folder_share_its_key(tmp_path: Path) -> None:
    clock = Clock()
    first = StreamTokens.of_folder(tmp_path, clock, 60)
    second = StreamTokens.of_folder(tmp_path, clock, 60)
    token, _ = first.give("XS-U1-cam", "play", "u-1", "ab" * 32)
    assert second.check(token, "XS-U1-cam", "play") == "u-1"
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o077 == 0


def test_a_damaged_key_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "video_tokens.key").write_bytes(b"short")
    with pytest.raises(ValueError, match="remove it"):
        StreamTokens.of_folder(tmp_path, Clock(), 60)
