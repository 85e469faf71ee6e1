"""Full-process recordings: pieces in any order, a chain that shows what is missing."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.features.recordings.chain import check, link_of
from field_api.features.recordings.tables import RecordingPiece
from tests.field_api.inspections.world import Case
from tests.field_api.test_sync import item, pull, push

VECTORS = Path(__file__).parents[2] / "vectors" / "recordings" / "chain.json"
RECORDING = new_id()


def made(count: int, recording_id: str = RECORDING) -> list[RecordingPiece]:
    pieces: list[RecordingPiece] = []
    previous = ""
    for n in range(1, count + 1):
        sha256 = hashlib.sha256(f"piece {n}".encode()).hexdigest()
        began_ms, ended_ms = 10_000 * n, 10_000 * (n + 1)
        link = link_of(recording_id, n, sha256, began_ms, ended_ms, previous)
        pieces.append(
            RecordingPiece(
                recording_id=recording_id,
                n=n,
                sha256=sha256,
                began_ms=began_ms,
                ended_ms=ended_ms,
                previous=previous,
                link=link,
                received_ms=0,
            )
        )
        previous = link
    return pieces


def test_links_are_those_of_the_handheld() -> None:
    vector = json.loads(VECTORS.read_text())
    for piece in vector["pieces"]:
        facts = [piece[key] for key in ("n", "sha256", "began_ms", "ended_ms", "previous")]
        assert link_of(vector["recording_id"], *facts) == piece["link"]


@given(count=st.integers(0, 12), data=st.data())
def test_whatever_is_missing_is_named_and_nothing_else(count: int, data: st.DataObject) -> None:
    pieces = made(count)
    last_link = pieces[-1].link if pieces else ""
    gone = data.draw(st.sets(st.sampled_from(range(1, count + 1)))) if count else set[int]()
    here = data.draw(st.permutations([piece for piece in pieces if piece.n not in gone]))
    state = check(RECORDING, here, count, last_link)
    assert state.missing == sorted(gone)
    assert state.broken == []


@given(
    at=st.integers(1, 6),
    field=st.sampled_from(["sha256", "began_ms", "ended_ms", "previous", "link"]),
)
def test_whatever_was_changed_is_told(at: int, field: str) -> None:
    pieces = made(6)
    changed = pieces[at - 1]
    value = 1 if field.endswith("_ms") else "0" * 64
    setattr(changed, field, value)
    state = check(RECORDING, pieces, 6, pieces[5].link if at < 6 else made(6)[5].link)
    assert at in state.broken


def test_a_piece_too_many_or_another_end_is_told() -> None:
    pieces = made(3)
    assert check(RECORDING, pieces, 2, pieces[1].link).broken == [3]
    assert check(RECORDING, pieces, 3, pieces[1].link).broken == [3]
    assert check(RECORDING, pieces, None, "").missing == []


class Recorder:
    """A handheld that records."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.id = new_id()
        self.key = Ed25519PrivateKey.generate()

    def coded(self, value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    def begin(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "t_ms": self.case.post.clock(),
            "inspection_id": self.case.id,
            "kind": "audio",
            "device_key": self.coded(self.key.public_key().public_bytes_raw()),
        }

    def piece(self, piece: RecordingPiece, **changes: Any) -> dict[str, Any]:
        return {
            "id": new_id(),
            "n": piece.n,
            "media": [piece.sha256],
            "began_ms": piece.began_ms,
            "ended_ms": piece.ended_ms,
            "previous": piece.previous,
            "link": piece.link,
            "device_signature": self.coded(self.key.sign(piece.link.encode())),
            **changes,
        }

    def end(self, pieces: list[RecordingPiece], **changes: Any) -> dict[str, Any]:
        last = pieces[-1].link if pieces else ""
        end = {"id": new_id(), "t_ms": self.case.post.clock(), "pieces": len(pieces)}
        return {**end, "last_link": last, **changes}


@pytest.fixture
async def recorder(case: Case) -> Recorder:
    await case.open()
    recorder = Recorder(case)
    await case.send("recordings", recorder.begin())
    return recorder


async def test_it_is_whole_when_every_piece_and_file_is_here(recorder: Recorder) -> None:
    case, url = recorder.case, f"recordings/{recorder.id}"
    pieces = made(3, recorder.id)
    handheld = await case.client()
    sent = [item("recording.piece", recorder.id, recorder.piece(one)) for one in reversed(pieces)]
    answers = await push(handheld, *sent)
    assert [answer["status"] for answer in answers] == ["applied"] * 3
    assert answers[0]["media_missing"] == [pieces[2].sha256]
    ended = await case.send(f"{url}/end", recorder.end(pieces))
    assert (ended["pieces"], ended["length_ms"], ended["files_missing"]) == (3, 30_000, 3)
    assert not ended["whole"]
    for piece in pieces:
        await upload(case, piece, f"piece {piece.n}".encode(), recorder.id)
    (seen,) = (await handheld.get("recordings", params={"inspection_id": case.id})).json()
    assert seen["whole"], seen
    detail = (await handheld.get(url)).json()["pieces"]
    assert [one["device_signed"] for one in detail] == [True] * 3
    pulled, _ = await pull(handheld)
    (told,) = [change["data"] for change in pulled if change["type"] == "recording"]
    assert told["whole"]


async def upload(case: Case, piece: RecordingPiece, data: bytes, recording_id: str) -> None:
    said = {
        "sha256": piece.sha256,
        "filetype": "audio/webm",
        "topic": "recording",
        "record_id": recording_id,
        "role": "piece",
    }
    metadata = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(data)),
        "Upload-Metadata": metadata,
        "Content-Type": "application/offset+octet-stream",
    }
    client = await case.client()
    created = await client.post("uploads", headers=headers, content=data)
    assert created.status_code == 201, created.text


async def test_a_missing_piece_and_a_changed_one_are_told(recorder: Recorder) -> None:
    case, url = recorder.case, f"recordings/{recorder.id}"
    pieces = made(4, recorder.id)
    await case.send(f"{url}/piece", recorder.piece(pieces[0]))
    await case.send(f"{url}/piece", recorder.piece(pieces[2], began_ms=1))
    forged = recorder.piece(pieces[3], device_signature=recorder.coded(b"0" * 64))
    await case.send(f"{url}/piece", forged)
    ended = await case.send(f"{url}/end", recorder.end(pieces, cut=True))
    assert (ended["missing"], ended["broken"], ended["cut"]) == ([2], [3, 4], True)
    assert not ended["whole"]


async def test_what_was_recorded_is_never_overwritten(recorder: Recorder) -> None:
    case, url = recorder.case, f"recordings/{recorder.id}"
    pieces = made(2, recorder.id)
    first = recorder.piece(pieces[0])
    before = await case.send(f"{url}/piece", first)
    assert (await case.send(f"{url}/piece", first))["version"] == before["version"]
    await case.refused(f"{url}/piece", recorder.piece(pieces[1], n=1), "piece_taken")
    await case.refused(f"{url}/piece", recorder.piece(pieces[1]), "recording_of_another", "ht-02")
    await case.refused("recordings/" + new_id() + "/piece", first, "unknown_recording")
    end = recorder.end(pieces[:1])
    await case.send(f"{url}/end", end)
    assert (await case.send(f"{url}/end", end))["declared"] == 1
    await case.refused(f"{url}/end", recorder.end(pieces), "recording_has_ended")
    await case.refused("recordings", {**recorder.begin(), "kind": "video"}, "id_taken")
