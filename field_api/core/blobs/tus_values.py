"""The values and headers of tus 1.0: what hostile text may become, and nothing else of it."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "ALGORITHMS",
    "CHUNK_MEDIA_TYPE",
    "EXTENSIONS",
    "VERSION",
    "Answer",
    "Append",
    "Checksum",
    "Created",
    "Limits",
    "Refusal",
    "UploadState",
    "bad_request",
    "has_body",
    "is_chunk",
    "lower_names",
    "parse_metadata",
    "read_checksum",
    "read_number",
]

VERSION: Final = "1.0.0"
CHUNK_MEDIA_TYPE: Final = "application/offset+octet-stream"
EXTENSIONS: Final = ("creation", "creation-with-upload", "termination", "checksum", "expiration")

ALGORITHMS: Final = {"sha1": 20, "sha256": 32}
"""Digest length in bytes by the name of the algorithm."""
# Fifteen digits stay exact in every JSON reader, JavaScript's doubles included.
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
_KEY = re.compile(r"[!-+\--~]{1,64}", re.ASCII)  # visible ASCII without the comma
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server takes."""

    max_length_bytes: int
    keep_ms: int
    """How long an unfinished upload may rest before it is forgotten."""
    max_metadata_chars: int = 4096
    max_metadata_keys: int = 32


@dataclass(frozen=True, slots=True)
class UploadState:
    """What the server has stored about one upload."""

    offset_bytes: int
    length_bytes: int
    expires_ms: int
    metadata: str = ""
    """`Upload-Metadata` as it was sent; HEAD gives it back unchanged."""

    @property
    def complete(self) -> bool:
        """Whether every announced byte is there."""
        return self.offset_bytes == self.length_bytes

    def expired(self, now_ms: int) -> bool:
        """Whether the upload was left unfinished too long; a finished one never expires."""
        return not self.complete and now_ms >= self.expires_ms


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and headers to send, without a body."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not done; nothing of it may be kept."""

    status: int
    code: str
    text_zh: str
    text_en: str
    headers: Mapping[str, str] = field(default_factory=lambda: {"Tus-Resumable": VERSION})


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one chunk must hash to."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """Leave to write one chunk at `offset_bytes`, at most `room_bytes` long."""

    offset_bytes: int
    room_bytes: int
    checksum: Checksum | None


@dataclass(frozen=True, slots=True)
class Created:
    """Leave to make a new upload; `chunk` is set when its first bytes come in the same request."""

    state: UploadState
    metadata: Mapping[str, str]
    chunk: Append | None


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers by lower-case name; HTTP names have no case."""
    return {name.lower(): value for name, value in headers.items()}


def read_number(asked: Mapping[str, str], name: str) -> int | Refusal:
    """Read a header that is a count of bytes."""
    text = asked.get(name)
    if text is not None and _NUMBER.fullmatch(text):
        return int(text)
    title = name.title()
    return bad_request(
        name.replace("-", "_"),
        f"{title} 应为 1 到 15 位的十进制非负整数",
        f"{title} must be a decimal integer of 1 to 15 digits, not negative",
    )


def has_body(asked: Mapping[str, str]) -> bool:
    """Whether a POST brings bytes: clients send a Content-Type of any kind with an empty one."""
    return (
        "transfer-encoding" in asked
        or asked.get("content-length", "0").strip() != "0"
        or (is_chunk(asked) and "content-length" not in asked)
    )


def is_chunk(asked: Mapping[str, str]) -> bool:
    """Whether the body is declared to be the bytes of an upload."""
    media_type, _, _ = asked.get("content-type", "").partition(";")
    return media_type.strip().lower() == CHUNK_MEDIA_TYPE


def parse_metadata(text: str, limits: Limits) -> dict[str, str] | Refusal:
    """Read `Upload-Metadata`: comma-separated `key base64`, keys unique, values UTF-8 text."""
    if len(text) > limits.max_metadata_chars:
        return _bad_metadata(
            f"超过 {limits.max_metadata_chars} 个字符",
            f"longer than {limits.max_metadata_chars} characters",
        )
    if not text.strip(" \t"):
        return {}
    pairs = text.split(",")
    if len(pairs) > limits.max_metadata_keys:
        return _bad_metadata(
            f"超过 {limits.max_metadata_keys} 项", f"more than {limits.max_metadata_keys} keys"
        )
    found: dict[str, str] = {}
    for pair in pairs:
        key, _, encoded = pair.strip(" \t").partition(" ")
        if _KEY.fullmatch(key) is None:
            return _bad_metadata(
                "键应为 1 到 64 个可见 ASCII 字符,不含空格和逗号",
                "a key is 1 to 64 visible ASCII characters without space or comma",
            )
        if key in found:
            return _bad_metadata(f"键 {key} 出现两次", f"the key {key} comes twice")
        value = _metadata_value(encoded)
        if value is None:
            return _bad_metadata(
                f"{key} 的值应为 base64 编码的 UTF-8 文字,不含控制字符",
                f"the value of {key} must be UTF-8 text without control characters, in base64",
            )
        found[key] = value
    return found


def _metadata_value(encoded: str) -> str | None:
    try:
        value = base64.b64decode(encoded.encode("ascii"), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError):
        return None
    return None if _CONTROL.search(value) else value


def read_checksum(text: str | None) -> Checksum | Refusal | None:
    """Read `Upload-Checksum`, None when it was not sent."""
    if text is None:
        return None
    algorithm, _, encoded = text.strip(" \t").partition(" ")
    size_bytes = ALGORITHMS.get(algorithm)
    if size_bytes is not None:
        try:
            digest = base64.b64decode(encoded.encode("ascii"), validate=True)
        except (binascii.Error, UnicodeError):
            digest = b""
        if len(digest) == size_bytes:
            return Checksum(algorithm, digest)
    names = ", ".join(ALGORITHMS)
    return bad_request(
        "upload_checksum",
        f"Upload-Checksum 应为“算法 空格 base64 摘要”,算法为 {names} 之一",
        f"Upload-Checksum must be an algorithm, a space and the digest in base64; "
        f"algorithms: {names}",
    )


def bad_request(code: str, text_zh: str, text_en: str) -> Refusal:
    """Return the refusal of a header that can't be read."""
    return Refusal(400, code, text_zh, text_en)


def _bad_metadata(text_zh: str, text_en: str) -> Refusal:
    return bad_request(
        "upload_metadata", f"Upload-Metadata:{text_zh}", f"Upload-Metadata: {text_en}"
    )
