"""tus 1.0 as a decision: every refusal before anything is kept."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.core.blobs import tus
from field_api.core.blobs.tus import Append, ChunkCheck, Created, Limits, Refusal, UploadState

LIMITS = Limits(max_length_bytes=1000, keep_ms=60_000)
NOW_MS = 1_790_000_000_000
V = {"Tus-Resumable": "1.0.0"}
PATCH = V | {"Content-Type": "application/offset+octet-stream"}


def state(offset: int = 10, length: int = 100) -> UploadState:
    return UploadState(offset, length, NOW_MS + 1000, "filename YQ==")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def refused(result: object) -> Refusal:
    assert isinstance(result, Refusal)
    assert result.text_zh
    assert result.text_en
    assert result.headers["Tus-Resumable"] == "1.0.0"
    return result


def test_options_needs_no_version_and_tells_all() -> None:
    answer = tus.options(LIMITS)
    assert answer.status == 204
    assert answer.headers["Tus-Max-Size"] == "1000"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert "expiration" in answer.headers["Tus-Extension"]


@pytest.mark.parametrize("version", [{}, {"Tus-Resumable": "0.2.2"}, {"Tus-Resumable": ""}])
def test_another_version_is_412_and_names_ours(version: dict[str, str]) -> None:
    for result in (
        tus.create(version | {"Upload-Length": "1"}, LIMITS, NOW_MS),
        tus.head(state(), version, NOW_MS),
        tus.append(state(), version, NOW_MS),
        tus.terminate(state(), version, NOW_MS),
    ):
        refusal = refused(result)
        assert (refusal.status, refusal.headers["Tus-Version"]) == (412, "1.0.0")


def test_create_reads_names_in_any_case() -> None:
    headers = {
        "tus-resumable": "1.0.0",
        "UPLOAD-LENGTH": "7",
        "upload-metadata": f"filename {b64('火场.jpg'.encode())}, is_confidential",
    }
    made = tus.create(headers, LIMITS, NOW_MS)
    assert isinstance(made, Created)
    assert made.metadata == {"filename": "火场.jpg", "is_confidential": ""}
    assert made.state == UploadState(0, 7, NOW_MS + 60_000, headers["upload-metadata"])
    assert made.chunk is None
    answer = tus.created(made.state, "/api/v1/uploads/x")
    assert answer.status == 201
    assert answer.headers["Location"] == "/api/v1/uploads/x"
    assert answer.headers["Upload-Offset"] == "0"
    assert answer.headers["Upload-Expires"].endswith("GMT")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "+1"}, 400),
        ({"Upload-Length": "1_0"}, 400),
        ({"Upload-Length": "١"}, 400),
        ({"Upload-Length": "1\n"}, 400),
        ({"Upload-Length": "9" * 5000}, 400),
        ({"Upload-Length": "1001"}, 413),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "1", "Upload-Concat": "partial"}, 400),
        ({"Upload-Length": "1", "Content-Length": "1", "Content-Type": "text/plain"}, 415),
        ({"Upload-Length": "1", "Content-Length": "x"} | PATCH, 400),
        ({"Upload-Length": "1", "Content-Length": "2"} | PATCH, 413),
        ({"Upload-Length": "1", "Upload-Metadata": "a b c"}, 400),
    ],
)
def test_create_refuses(headers: dict[str, str], status: int) -> None:
    assert refused(tus.create(V | headers, LIMITS, NOW_MS)).status == status


def test_an_empty_post_may_carry_any_content_type() -> None:
    made = tus.create(
        V | {"Upload-Length": "5", "Content-Length": "0", "Content-Type": "text/plain"},
        LIMITS,
        NOW_MS,
    )
    assert isinstance(made, Created)
    assert made.chunk is None


def test_create_with_upload() -> None:
    made = tus.create(PATCH | {"Upload-Length": "5", "Content-Length": "3"}, LIMITS, NOW_MS)
    assert isinstance(made, Created)
    assert made.chunk == Append(0, 5, None)
    after, _ = tus.appended(made.state, 3)
    assert tus.created(after, "/u").headers["Upload-Offset"] == "3"


@pytest.mark.parametrize(
    "text",
    [
        "a YQ==,a YQ==",
        ", ",
        "a YQ=",
        "a Y Q==",
        "a é",
        "a " + b64(b"\xff\xfe"),
        "a " + b64(b"x\x00y"),
        "a " + b64(b"x\r\nSet-Cookie: y"),
        "k" * 65,
        "ключ YQ==",
        ",".join(f"k{i}" for i in range(33)),
        "a " + "A" * 5000,
    ],
)
def test_metadata_refusals(text: str) -> None:
    assert isinstance(tus.parse_metadata(text, LIMITS), Refusal)


@given(st.text(max_size=300))
def test_metadata_never_raises(text: str) -> None:
    result = tus.parse_metadata(text, LIMITS)
    assert isinstance(result, dict | Refusal)


@given(
    st.dictionaries(
        st.from_regex(r"[a-zA-Z0-9_\-]{1,20}", fullmatch=True),
        st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20),
        max_size=8,
    )
)
def test_metadata_round_trip(values: dict[str, str]) -> None:
    text = ",".join(f"{key} {b64(value.encode())}" for key, value in values.items())
    assert tus.parse_metadata(text, LIMITS) == values


def test_head_tells_offset_length_metadata_and_is_not_cached() -> None:
    answer = tus.head(state(), V, NOW_MS)
    assert not isinstance(answer, Refusal)
    assert answer.status == 200
    assert answer.headers["Upload-Offset"] == "10"
    assert answer.headers["Upload-Length"] == "100"
    assert answer.headers["Upload-Metadata"] == "filename YQ=="
    assert answer.headers["Cache-Control"] == "no-store"


def test_unknown_and_expired() -> None:
    late_ms = NOW_MS + 1000
    offset = PATCH | {"Upload-Offset": "10"}
    assert refused(tus.head(None, V, NOW_MS)).status == 404
    assert refused(tus.append(None, offset, NOW_MS)).status == 404
    assert refused(tus.terminate(None, V, NOW_MS)).status == 404
    assert refused(tus.head(state(), V, late_ms)).status == 410
    assert refused(tus.append(state(), offset, late_ms)).status == 410
    assert not isinstance(tus.head(state(100), V, late_ms), Refusal), "a whole file stays"


def test_patch_checks_type_before_anything_is_written() -> None:
    for content_type in ({}, {"Content-Type": "application/octet-stream"}):
        result = tus.append(state(), V | {"Upload-Offset": "10"} | content_type, NOW_MS)
        assert refused(result).status == 415


def test_patch_at_another_offset_is_409_and_tells_the_true_one() -> None:
    refusal = refused(tus.append(state(), PATCH | {"Upload-Offset": "11"}, NOW_MS))
    assert (refusal.status, refusal.headers["Upload-Offset"]) == (409, "10")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha1",
        "sha1 x",
        "md5 1B2M2Y8AsgTpgAmY7PhCfg==",
        "sha256 " + b64(b"x" * 20),
        "sha1 \u00e9",
    ],
)
def test_checksum_header_refusals(text: str) -> None:
    headers = PATCH | {"Upload-Offset": "10", "Upload-Checksum": text}
    assert refused(tus.append(state(), headers, NOW_MS)).status == 400


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_checksum_is_judged_at_the_end(algorithm: str) -> None:
    digest = b64(hashlib.new(algorithm, b"hello").digest())
    headers = PATCH | {"Upload-Offset": "10", "Upload-Checksum": f"{algorithm} {digest}"}
    leave = tus.append(state(), headers, NOW_MS)
    assert isinstance(leave, Append)
    good, bad = ChunkCheck(leave), ChunkCheck(leave)
    assert good.feed(b"hel") is None
    assert good.feed(b"lo") is None
    assert good.finish() is None
    assert bad.feed(b"jello") is None
    assert refused(bad.finish()).status == 460
    assert bad.interrupted_bytes() == 0


def test_a_chunk_without_content_length_is_stopped_at_the_room() -> None:
    leave = tus.append(state(95), PATCH | {"Upload-Offset": "95"}, NOW_MS)
    assert isinstance(leave, Append)
    check = ChunkCheck(leave)
    assert check.feed(b"12345") is None
    assert refused(check.feed(b"6")).status == 413
    assert check.received_bytes == 5


def test_no_more_is_appended_than_fits() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        tus.appended(state(), 91)


@given(
    st.sampled_from(["create", "head", "append", "terminate"]),
    st.dictionaries(
        st.sampled_from(
            [
                "Tus-Resumable",
                "Upload-Length",
                "Upload-Offset",
                "Upload-Metadata",
                "Upload-Checksum",
                "Content-Type",
                "Content-Length",
                "Transfer-Encoding",
            ]
        ),
        st.sampled_from(["1.0.0", "0", "10", tus.CHUNK_MEDIA_TYPE, "sha1 AAAA", "a YQ=="])
        | st.text(max_size=40),
    ),
)
def test_hostile_headers_never_raise(what: str, headers: dict[str, str]) -> None:
    if what == "create":
        result: object = tus.create(headers, LIMITS, NOW_MS)
    else:
        result = getattr(tus, what)(state(), headers, NOW_MS)
    if isinstance(result, Refusal):
        assert 400 <= result.status < 500
        assert all("\n" not in value and "\r" not in value for value in result.headers.values())


@given(st.binary(max_size=200), st.data())
def test_any_way_of_cutting_and_breaking_gives_the_file(
    content: bytes, data: st.DataObject
) -> None:
    """The client believes what HEAD says; chunks break, checksums fail, offsets go stale."""
    made = tus.create(V | {"Upload-Length": str(len(content))}, LIMITS, NOW_MS)
    assert isinstance(made, Created)
    now, stored = made.state, b""
    for _ in range(30):
        size = data.draw(st.integers(0, 60))
        fault = data.draw(st.sampled_from(["none", "none", "break", "corrupt", "stale"]))
        offset = now.offset_bytes + (1 if fault == "stale" else 0)
        chunk = content[now.offset_bytes :][:size]
        digest = b64(hashlib.sha256(chunk).digest())
        headers = PATCH | {"Upload-Offset": str(offset), "Upload-Checksum": f"sha256 {digest}"}
        if fault == "break":
            del headers["Upload-Checksum"]
        leave = tus.append(now, headers, NOW_MS)
        if fault == "stale":
            assert refused(leave).status == 409
            continue
        assert isinstance(leave, Append)
        check = ChunkCheck(leave)
        sent = chunk
        if fault == "break":
            sent = chunk[: len(chunk) // 2]
        elif fault == "corrupt":
            sent = bytes(byte ^ 1 for byte in chunk)
        assert check.feed(sent) is None
        if fault == "break":
            kept = check.interrupted_bytes()
        else:
            kept = 0 if check.finish() else check.received_bytes
        stored += sent[:kept]
        now, answer = tus.appended(now, kept)
        assert answer.headers["Upload-Offset"] == str(len(stored))
        assert stored == content[: len(stored)]
    assert now.complete == (stored == content)
