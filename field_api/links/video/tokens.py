"""Short-lived tokens: one stream, one action, one person's session, for players without a cookie.

A token is the JSON of what it permits and an HMAC over it, so that any worker of the post can read
it. It opens a connection; what is open goes on as long as the session it was given in lives.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Grant", "StreamTokens", "VideoAction"]

VideoAction = Literal["play", "publish"]
KEY_FILE = "video_tokens.key"
KEY_BYTES = 32
LONGEST_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Grant:
    """What a good token says."""

    stream_id: str
    action: VideoAction
    user_id: str
    session_sha256: str
    """Of the session's token, as the accounts keep it."""
    expires_ms: int


class StreamTokens:
    """Gives and checks tokens; may be used from any thread."""

    def __init__(self, key: bytes, clock: Callable[[], int], life_s: float) -> None:
        self._key = key
        self._clock = clock
        self._life_ms = round(life_s * 1000)

    @classmethod
    def of_folder(cls, folder: Path, clock: Callable[[], int], life_s: float) -> "StreamTokens":
        """Use the key of a data folder, which its workers share; the first one makes it."""
        return cls(_key_of(folder / KEY_FILE), clock, life_s)

    def give(
        self, stream_id: str, action: VideoAction, user_id: str, session_sha256: str
    ) -> tuple[str, int]:
        """Return a token and when it ends, UTC ms."""
        expires_ms = self._clock() + self._life_ms
        body = json.dumps([stream_id, action, user_id, session_sha256, expires_ms]).encode()
        return f"{_text(body)}.{_text(self._mark(body))}", expires_ms

    def read(self, token: str, stream_id: str, action: VideoAction) -> Grant | None:
        """Return what a token permits; None for one not ours, too old, or for something else."""
        grant = self._parse(token)
        if grant is None or (grant.stream_id, grant.action) != (stream_id, action):
            return None
        return grant if self._clock() < grant.expires_ms else None

    def check(self, token: str, stream_id: str, action: VideoAction) -> str | None:
        """Return the user's id that a good token was given to."""
        grant = self.read(token, stream_id, action)
        return grant.user_id if grant else None

    def _parse(self, token: str) -> Grant | None:
        body_text, _, mark_text = token[:LONGEST_CHARACTERS].partition(".")
        with contextlib.suppress(binascii.Error, ValueError):
            body = base64.urlsafe_b64decode(body_text + "==")
            mark = base64.urlsafe_b64decode(mark_text + "==")
            if hmac.compare_digest(mark, self._mark(body)):
                return Grant(*json.loads(body))
        return None

    def _mark(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _key_of(path: Path) -> bytes:
    if not path.exists():
        made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        made.touch(0o600)
        made.write_bytes(secrets.token_bytes(KEY_BYTES))
        # Whichever worker comes first: the others find its key.
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path} must hold {KEY_BYTES} bytes, not {len(key)}: remove it")
    return key
