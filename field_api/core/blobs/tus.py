"""Resumable uploads by tus 1.0, without any I/O: headers and state in, a decision out.

The caller keeps an `UploadState` per upload, asks this module what to do with a request, does the
reading and writing itself and answers with the status and headers it was given. Every refusal is
decided before a byte of the body is read, except the two that only the body can show: more bytes
than there is room for, and a checksum that does not fit. `ChunkCheck` finds those as bytes pass.

Specification: https://tus.io/protocols/resumable-upload (version 1.0.0).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate

from field_api.core.blobs.tus_values import (
    ALGORITHMS,
    CHUNK_MEDIA_TYPE,
    EXTENSIONS,
    VERSION,
    Answer,
    Append,
    Checksum,
    Created,
    Limits,
    Refusal,
    UploadState,
    bad_request,
    has_body,
    is_chunk,
    lower_names,
    parse_metadata,
    read_checksum,
    read_number,
)

__all__ = [
    "CHUNK_MEDIA_TYPE",
    "EXTENSIONS",
    "VERSION",
    "Answer",
    "Append",
    "Checksum",
    "ChunkCheck",
    "Created",
    "Limits",
    "Refusal",
    "UploadState",
    "append",
    "appended",
    "create",
    "created",
    "head",
    "options",
    "parse_metadata",
    "terminate",
]


def options(limits: Limits) -> Answer:
    """Return the answer to OPTIONS: what this server speaks. It needs no `Tus-Resumable`."""
    return Answer(
        204,
        {
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": ",".join(EXTENSIONS),
            "Tus-Max-Size": str(limits.max_length_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


def create(headers: Mapping[str, str], limits: Limits, now_ms: int) -> Created | Refusal:
    """Decide on POST, with or without the first chunk in its body."""
    asked = lower_names(headers)
    refusal = _wrong_version(asked)
    if refusal is not None:
        return refusal
    for name in ("upload-defer-length", "upload-concat"):
        if name in asked:
            return bad_request(
                f"{name.replace('-', '_')}_not_offered",
                f"不支持 {name.title()};请在 Upload-Length 中写明总字节数",
                f"{name.title()} is not offered; give the whole size in Upload-Length",
            )
    length = read_number(asked, "upload-length")
    if isinstance(length, Refusal):
        return length
    if length > limits.max_length_bytes:
        return Refusal(
            413,
            "upload_too_large",
            f"文件 {length} 字节,上限为 {limits.max_length_bytes} 字节",
            f"the file has {length} bytes, at most {limits.max_length_bytes} are allowed",
            {"Tus-Resumable": VERSION, "Tus-Max-Size": str(limits.max_length_bytes)},
        )
    raw = asked.get("upload-metadata", "")
    metadata = parse_metadata(raw, limits)
    if isinstance(metadata, Refusal):
        return metadata
    state = UploadState(0, length, now_ms + limits.keep_ms, raw)
    if not has_body(asked):
        return Created(state, metadata, None)
    if not is_chunk(asked):
        return _wrong_type(asked)
    chunk = _chunk(state, asked)
    return chunk if isinstance(chunk, Refusal) else Created(state, metadata, chunk)


def created(state: UploadState, location: str) -> Answer:
    """Return the answer to a POST that was done; `state` says how much of it is stored already."""
    headers = {"Location": location, "Upload-Length": str(state.length_bytes)}
    return Answer(201, headers | _progress(state))


def head(state: UploadState | None, headers: Mapping[str, str], now_ms: int) -> Answer | Refusal:
    """Decide on HEAD: how far the upload has come. `state` is None for an unknown upload."""
    refusal = _wrong_version(lower_names(headers))
    if refusal is not None:
        return refusal
    found = _present(state, now_ms)
    if isinstance(found, Refusal):
        return found
    answer = {"Upload-Length": str(found.length_bytes), "Cache-Control": "no-store"}
    if found.metadata:
        answer["Upload-Metadata"] = found.metadata
    return Answer(200, answer | _progress(found))


def append(state: UploadState | None, headers: Mapping[str, str], now_ms: int) -> Append | Refusal:
    """Decide on PATCH before its body is read. `state` is None for an unknown upload."""
    asked = lower_names(headers)
    refusal = _wrong_version(asked)
    if refusal is not None:
        return refusal
    if not is_chunk(asked):
        return _wrong_type(asked)
    found = _present(state, now_ms)
    if isinstance(found, Refusal):
        return found
    offset = read_number(asked, "upload-offset")
    if isinstance(offset, Refusal):
        return offset
    if offset != found.offset_bytes:
        # The true offset goes with the refusal, so that a client can go on without asking again.
        return Refusal(
            409,
            "upload_offset_differs",
            f"Upload-Offset 为 {offset},服务器已有 {found.offset_bytes} 字节;请从该处继续",
            f"Upload-Offset is {offset}, the server has {found.offset_bytes}; go on from there",
            {"Tus-Resumable": VERSION, "Upload-Offset": str(found.offset_bytes)},
        )
    return _chunk(found, asked)


def appended(
    state: UploadState, kept_bytes: int, *, expires_ms: int | None = None
) -> tuple[UploadState, Answer]:
    """Return the state after `kept_bytes` more are safely on disk, and the answer to its PATCH.

    Raises:
        ValueError: more bytes than the upload has room for.
    """
    if not 0 <= kept_bytes <= state.length_bytes - state.offset_bytes:
        raise ValueError(f"{kept_bytes} bytes do not fit in {state}")
    after = replace(
        state,
        offset_bytes=state.offset_bytes + kept_bytes,
        expires_ms=state.expires_ms if expires_ms is None else expires_ms,
    )
    return after, Answer(204, _progress(after))


def terminate(
    state: UploadState | None, headers: Mapping[str, str], now_ms: int
) -> Answer | Refusal:
    """Decide on DELETE: a 204 lets the caller forget the upload and its bytes."""
    refusal = _wrong_version(lower_names(headers))
    if refusal is not None:
        return refusal
    found = _present(state, now_ms)
    if isinstance(found, Refusal):
        return found
    return Answer(204, {"Tus-Resumable": VERSION})


class ChunkCheck:
    """Watches the bytes of one chunk go by: counts, hashes, and keeps them inside the room."""

    def __init__(self, leave: Append) -> None:
        self._leave = leave
        self._received_bytes = 0
        checksum = leave.checksum
        self._digest = None if checksum is None else hashlib.new(checksum.algorithm)

    @property
    def received_bytes(self) -> int:
        """How many bytes went by."""
        return self._received_bytes

    def feed(self, data: bytes) -> Refusal | None:
        """Take the next bytes; a refusal means they and all before them must not be kept."""
        if self._received_bytes + len(data) > self._leave.room_bytes:
            return _no_room(self._leave.room_bytes)
        self._received_bytes += len(data)
        if self._digest is not None:
            self._digest.update(data)
        return None

    def finish(self) -> Refusal | None:
        """Judge the chunk when its body ended properly."""
        checksum = self._leave.checksum
        if checksum is None or self._digest is None or self._digest.digest() == checksum.digest:
            return None
        return Refusal(
            460,
            "upload_checksum_differs",
            f"本段数据的 {checksum.algorithm} 校验不符,已丢弃;请重发本段",
            f"the {checksum.algorithm} of this chunk differs, it was dropped; send it again",
            {"Tus-Resumable": VERSION, "Upload-Offset": str(self._leave.offset_bytes)},
        )

    def interrupted_bytes(self) -> int:
        """How many bytes may be kept when the connection broke in the middle of the body.

        Unchecked bytes are kept, for that is what lets an upload come through a bad link at all;
        of a chunk with a checksum nothing is, for it can't be judged by half of its bytes.
        """
        return self._received_bytes if self._leave.checksum is None else 0


def _wrong_version(asked: Mapping[str, str]) -> Refusal | None:
    if asked.get("tus-resumable") == VERSION:
        return None
    return Refusal(
        412,
        "tus_version",
        f"请求须带 Tus-Resumable: {VERSION}",
        f"the request must carry Tus-Resumable: {VERSION}",
        {"Tus-Resumable": VERSION, "Tus-Version": VERSION},
    )


def _present(state: UploadState | None, now_ms: int) -> UploadState | Refusal:
    if state is None:
        return Refusal(
            404,
            "upload_unknown",
            "没有这个上传;请重新创建",
            "there is no such upload; create it again",
        )
    if state.expired(now_ms):
        return Refusal(
            410,
            "upload_expired",
            "上传已过期并被清除;请重新创建",
            "the upload has expired and is gone; create it again",
        )
    return state


def _wrong_type(asked: Mapping[str, str]) -> Refusal:
    given = asked.get("content-type", "")[:100]
    return Refusal(
        415,
        "upload_content_type",
        f"Content-Type 应为 {CHUNK_MEDIA_TYPE},收到 {given!r}",
        f"Content-Type must be {CHUNK_MEDIA_TYPE}, got {given!r}",
    )


def _chunk(state: UploadState, asked: Mapping[str, str]) -> Append | Refusal:
    """Read what the headers say about the chunk that follows."""
    checksum = read_checksum(asked.get("upload-checksum"))
    if isinstance(checksum, Refusal):
        return checksum
    room_bytes = state.length_bytes - state.offset_bytes
    if "content-length" in asked:
        announced = read_number(asked, "content-length")
        if isinstance(announced, Refusal):
            return announced
        if announced > room_bytes:
            return _no_room(room_bytes)
    return Append(state.offset_bytes, room_bytes, checksum)


def _no_room(room_bytes: int) -> Refusal:
    return Refusal(
        413,
        "upload_chunk_too_large",
        f"本段超出 Upload-Length,只剩 {room_bytes} 字节",
        f"the chunk goes beyond Upload-Length, {room_bytes} bytes are left",
    )


def _progress(state: UploadState) -> dict[str, str]:
    headers = {"Tus-Resumable": VERSION, "Upload-Offset": str(state.offset_bytes)}
    if not state.complete:
        headers["Upload-Expires"] = formatdate(state.expires_ms / 1000, usegmt=True)
    return headers
