"""An incident's package is whole, proves itself, and shows whatever was done to it."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from field_api.core.audit.trail import erase_words, list_entries
from tests.field_api.field import JPEG, detection, picture
from tests.field_api.post import OPERATOR, SMOKE, Post
from tests.field_api.test_detections import store

Files = dict[str, bytes]


async def incident_with_an_alert(post: Post) -> str:
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    evidence = picture()
    store(post, detection(lat_deg=SMOKE[0], lon_deg=SMOKE[1], evidence=[evidence]))
    put = await duty.put(
        f"media/{evidence.sha256}", content=JPEG, headers={"content-type": "image/jpeg"}
    )
    assert put.status_code in (200, 201), put.text
    edited = await duty.post(f"incidents/{incident}/edit", json={"version": 1, "text": "两处烟"})
    assert edited.status_code == 200, edited.text
    return incident


async def taken(post: Post, incident: str, who: str = "commander") -> tuple[Files, str]:
    client = await post.sign_in(who)
    answer = await client.post(f"incidents/{incident}/package", json={"reason": "复盘"})
    assert answer.status_code == 200, answer.text
    assert hashlib.sha256(answer.content).hexdigest() == answer.headers["x-sha256"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return files, answer.headers["x-trail-head"]


def verdict(tmp_path: Path, files: Files, *more: str) -> tuple[int, str]:
    """Ask the script that came in the package, by itself."""
    package, script = tmp_path / "package.zip", tmp_path / "verify_package.py"
    with zipfile.ZipFile(package, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    script.write_bytes(files["verify_package.py"])
    ran = subprocess.run(
        [sys.executable, "-I", str(script), str(package), *more],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ran.returncode, ran.stdout + ran.stderr


def resummed(files: Files) -> Files:
    """As a forger leaves it: the list of hashes fits again."""
    kept = {name: data for name, data in files.items() if name != "SHA256SUMS"}
    sums = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in kept.items())
    return {**kept, "SHA256SUMS": "".join(sums).encode()}


async def test_a_package_holds_the_incident_and_proves_itself(post: Post, tmp_path: Path) -> None:
    incident = await incident_with_an_alert(post)
    await post.open_incident()  # another one, of which nothing may come along
    files, head = await taken(post, incident)
    manifest = json.loads(files["manifest.json"])
    assert manifest["records"]["incident"] == 1
    assert manifest["records"]["detection"] == 1
    assert manifest["left_out"] == []
    assert manifest["trail"]["head"] == head
    (own,) = map(json.loads, files["records/incident.jsonl"].splitlines())
    assert own["id"] == incident
    media = {name: data for name, data in files.items() if name.startswith("media/")}
    assert list(media.values()) == [JPEG]
    said = [json.loads(line) for line in files["chain.jsonl"].splitlines()]
    assert all(("words" in entry) == (entry["incident_id"] == incident) for entry in said)
    assert said[0]["action"] == "incident.opened"
    assert verdict(tmp_path, files) == (
        0,
        "genuine: every file and every entry as it was taken out\n",
    )
    assert verdict(tmp_path, files, "--head", head)[0] == 0
    code, words = verdict(tmp_path, files, "--head", "0" * 64)
    assert code == 1
    assert "not with the noted head" in words
    with post.services.store.read() as session:
        last = list_entries(session, limit=1)[0]
    assert (last.action, last.refs["head"], last.incident_id) == (
        "incident.packaged",
        head,
        incident,
    )


def _words(files: Files) -> Files:
    forged = files["chain.jsonl"].replace("西坡冒烟".encode(), "东坡冒烟".encode())
    assert forged != files["chain.jsonl"]
    return resummed({**files, "chain.jsonl": forged})


def _entry(files: Files) -> Files:
    lines = files["chain.jsonl"].splitlines(keepends=True)
    return resummed({**files, "chain.jsonl": b"".join(lines[:1] + lines[2:])})


def _tail(files: Files) -> Files:
    lines = files["chain.jsonl"].splitlines(keepends=True)
    return resummed({**files, "chain.jsonl": b"".join(lines[:-1])})


def _picture(files: Files) -> Files:
    name = next(name for name in files if name.startswith("media/"))
    return {**files, name: b"another"}


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (_words, "its words do not match"),
        (_entry, "not chained"),
        (_tail, "last entry"),
        (_picture, "not those that were put in"),
        (lambda files: {**files, "media/new.jpg": b"x"}, "was added"),
        (
            lambda files: {n: d for n, d in files.items() if n != "records/incident.jsonl"},
            "records/incident.jsonl: missing",
        ),
        (lambda files: {**files, "manifest.json": b"{"}, "no readable package"),
    ],
)
async def test_whatever_was_done_to_a_package_is_found(
    post: Post, tmp_path: Path, forge: Callable[[Files], Files], said: str
) -> None:
    files, _ = await taken(post, await incident_with_an_alert(post))
    code, words = verdict(tmp_path, forge(files))
    assert code == 1
    assert said in words
    assert "NOT GENUINE" in words


async def test_erased_words_and_a_deleted_picture_are_named(post: Post, tmp_path: Path) -> None:
    incident = await incident_with_an_alert(post)
    with post.services.store.change(OPERATOR) as change:
        seqs = erase_words(change.session, "duty", "值班员")
        numbers = ",".join(map(str, seqs))
        change.record(
            "audit.erased", "duty", refs={"seqs": numbers}, count=len(seqs), reason="申请"
        )
    evidence = picture()
    post.services.blobs.remove(evidence.sha256)
    files, _ = await taken(post, incident, "auditor")
    manifest = json.loads(files["manifest.json"])
    assert manifest["trail"]["erased"] > 0
    assert manifest["left_out"] == [{"sha256": evidence.sha256, "why": "deleted after its time"}]
    assert verdict(tmp_path, files)[0] == 0


@pytest.mark.parametrize(("who", "status"), [("pilot", 403), ("duty", 403), ("auditor", 200)])
async def test_who_may_take_one(post: Post, who: str, status: int) -> None:
    incident = await post.open_incident()
    client = await post.sign_in(who)
    asked: dict[str, Any] = {"reason": "复盘"}
    assert (await client.post(f"incidents/{incident}/package", json=asked)).status_code == status
    empty = await client.post(f"incidents/{incident}/package", json={"reason": ""})
    assert empty.status_code in (403, 422)
