"""Recorded video from the camera's socket to files, players, stills and clips."""

import hashlib
import io
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from sqlmodel import col, select

from field_api.contract.fmp4 import fragments, whole_end
from field_api.contract.ids import new_id
from field_api.contract.klv import UasMetadata, parse_uas
from field_api.contract.video_packet import VideoPacket
from field_api.core.audit.tables import AuditEntry, AuditWords
from field_api.features.accounts.tables import User
from field_api.features.footage.folder import beside_of
from field_api.features.footage.tables import FootageFile
from field_api.links.video import recorder, stream_recorder
from field_api.settings import Settings
from tests.field_api.footage import (
    CAMERA,
    Camera,
    flies,
    footage,
    give_camera,
    tell_boxes,
    whole,
)
from tests.field_api.pictures import camera_packets, number_of
from tests.field_api.post import T0_MS, Post, socket_post

BEGAN_MS = T0_MS - T0_MS % 60_000 + 58_000
"""Two seconds before a full minute."""
PTS_FROM = 5_000_000
COUNT = 150


@pytest.fixture(scope="module")
def packets() -> list[VideoPacket]:
    return camera_packets(COUNT, began_ms=BEGAN_MS, pts_from=PTS_FROM)


@pytest.fixture
async def recorded(live_post: Post, packets: list[VideoPacket]) -> Post:
    """A post that recorded six seconds over a full minute, with boxes and telemetry."""
    give_camera(live_post.services)
    await live_post.open_incident()
    async with Camera(live_post.base_url, live_post.enrol("vision-1", "vision")) as camera:
        await camera.send(packets[:1])
        await footage(await live_post.sign_in("commander"), lambda found: found["streams"])
        for number, packet in enumerate(packets[1:], 1):
            if number % 5 == 0:
                flies(live_post, packet.t_ms)
            if number % 3 == 0:
                tell_boxes(live_post, packet, x=number / 1000)
            await camera.send([packet])
    await footage(await live_post.sign_in("commander"), whole(2))
    return live_post


def files(answer: Any) -> list[dict[str, Any]]:
    return [file for stream in answer["streams"] for file in stream["files"]]


def numbers(data: bytes) -> list[int]:
    with av.open(io.BytesIO(data), "r") as file:
        return [number_of(frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)]


def acts(post: Post, action: str) -> list[AuditWords]:
    with post.services.store.read() as session:
        query = select(AuditWords).join(AuditEntry, col(AuditEntry.seq) == AuditWords.seq)
        return list(session.exec(query.where(AuditEntry.action == action)))


async def test_every_picture_is_recorded_as_it_came(recorded: Post) -> None:
    client = await recorded.sign_in("auditor")
    [stream] = (await footage(client))["streams"]
    assert (stream["vehicle_id"], stream["spans"]) == (
        "XS-U1",
        [{"began_ms": BEGAN_MS, "ended_ms": BEGAN_MS + COUNT * 40}],
    )
    found: list[int] = []
    for file in stream["files"]:
        answer = await client.get(f"footage/files/{file['id']}")
        assert answer.headers["content-type"] == "video/mp4"
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        found += numbers(answer.content)
    assert found == list(range(COUNT))
    assert stream["files"][0]["first_pts_90k"] == PTS_FROM


async def test_players_fetch_the_fragments_that_the_index_names(recorded: Post) -> None:
    client = await recorded.sign_in("commander")
    file = files(await footage(client))[1]
    index = (await client.get(f"footage/files/{file['id']}/index")).json()
    assert index["pieces"][0]["t_ms"] == file["began_ms"]

    async def part(start: int, size: int) -> bytes:
        headers = {"Range": f"bytes={start}-{start + size - 1}"}
        answer = await client.get(f"footage/files/{file['id']}", headers=headers)
        assert answer.status_code == 206
        return answer.content

    head = await part(0, index["head_bytes"])
    key = [piece for piece in index["pieces"] if piece["keyframe"]][1]
    data = head + await part(key["start"], key["size"])
    assert numbers(data)[0] == (key["t_ms"] - BEGAN_MS) // 40


async def test_fast_motion_has_key_frames_only_at_their_times(recorded: Post) -> None:
    client = await recorded.sign_in("commander")
    file = files(await footage(client))[1]
    answer = await client.get(f"footage/files/{file['id']}/keys")
    assert numbers(answer.content) == [50, 75, 100, 125]
    durations = [one.pictures[0].duration_90k for one in fragments(answer.content)]
    assert durations == [90_000] * 4


async def test_boxes_and_telemetry_lie_beside_their_pictures(
    recorded: Post, packets: list[VideoPacket]
) -> None:
    client = await recorded.sign_in("commander")
    boxes: dict[int, float] = {}
    moments: list[int] = []
    for file in files(await footage(client)):
        beside = (await client.get(f"footage/files/{file['id']}/beside")).json()
        boxes |= {one["pts_90k"]: one["boxes"][0]["x"] for one in beside["boxes"]}
        moments += [one["t_ms"] for one in beside["moments"]]
    assert boxes == {packets[n].pts_90k: n / 1000 for n in range(3, COUNT, 3)}
    assert moments == [packets[n].t_ms for n in range(5, COUNT, 5)]


@pytest.mark.parametrize("number", [0, 1, 24, 49, 50, 77, COUNT - 1])
async def test_a_still_is_the_picture_of_the_moment(recorded: Post, number: int) -> None:
    client = await recorded.sign_in("commander")
    t_ms = BEGAN_MS + number * 40 + 15
    answer = await client.get("footage/still", params={"stream_id": CAMERA, "t_ms": t_ms})
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-captured-ms"] == str(t_ms - 15)
    assert number_of(np.asarray(Image.open(io.BytesIO(answer.content)))) == number


async def test_of_a_time_without_pictures_there_is_no_still(recorded: Post) -> None:
    client = await recorded.sign_in("commander")
    for t_ms in (BEGAN_MS - 1000, BEGAN_MS + COUNT * 40 + 60_000):
        answer = await client.get("footage/still", params={"stream_id": CAMERA, "t_ms": t_ms})
        assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "no_footage")


def order(kind: str, from_ms: int, to_ms: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": kind,
        "stream_id": CAMERA,
        "from_ms": from_ms,
        "to_ms": to_ms,
        "text": "for the report",
        **changes,
    }


async def taken(client: httpx.AsyncClient, body: dict[str, Any]) -> tuple[Any, bytes]:
    """Take something out; return its manifest and the file, which fit each other."""
    answer = await client.post("footage/exports", json=body)
    assert answer.status_code == 201, answer.text
    manifest = (await client.get(f"footage/exports/{body['id']}/manifest")).json()
    data = (await client.get(f"footage/exports/{body['id']}/file")).content
    assert manifest["export"] == answer.json()
    assert hashlib.sha256(data).hexdigest() == manifest["export"]["sha256"]
    return manifest, data


async def test_a_clip_over_two_files_is_cut_at_key_frames_and_not_encoded_anew(
    recorded: Post, packets: list[VideoPacket]
) -> None:
    client = await recorded.sign_in("duty")
    # From picture 30 on: the key frame before it is 25. It ends before picture 110.
    body = order("clip", BEGAN_MS + 30 * 40, BEGAN_MS + 110 * 40)
    manifest, data = await taken(client, body)
    assert numbers(data) == list(range(25, 110))
    assert (manifest["pictures"], manifest["encoded_anew"]) == (85, False)
    assert manifest["export"]["from_ms"] == BEGAN_MS + 25 * 40
    assert manifest["sources"] == [file["sha256"] for file in files(await footage(client))]
    with av.open(io.BytesIO(data), "r", format="mp4") as file:
        stored = [bytes(packet) for packet in file.demux(video=0) if packet.size]
    for number, picture in enumerate(stored, 25):
        # The same slice, byte for byte.
        slice_ = bytes(packets[number].access_unit).split(b"\x00\x00\x01")[-1]
        assert slice_ in picture
    [act] = acts(recorded, "footage.taken_out")
    assert act.refs["sha256"] == manifest["export"]["sha256"]
    repeated = await client.post("footage/exports", json=body)
    assert (repeated.status_code, repeated.json()) == (200, manifest["export"])


async def test_a_transport_stream_says_of_every_picture_where_the_camera_was(
    recorded: Post,
) -> None:
    client = await recorded.sign_in("commander")
    manifest, data = await taken(client, order("klv", BEGAN_MS + 1000, BEGAN_MS + 4000))
    sets: dict[int, UasMetadata] = {}
    shown: list[int] = []
    with av.open(io.BytesIO(data), "r", format="mpegts") as file:
        kinds = {stream.type: stream.codec_context and stream.name for stream in file.streams}
        assert set(kinds) == {"video", "data"}
        for packet in file.demux():
            if packet.size and packet.pts is not None:
                if packet.stream.type == "data":
                    sets[packet.pts] = parse_uas(bytes(packet))
                else:
                    shown.append(packet.pts)
    assert numbers(data) == list(range(25, 100))
    assert len(sets) == len(shown) == manifest["pictures"] == 75
    assert sorted(sets) == sorted(shown)
    times_us = [sets[pts].time_us for pts in sorted(sets)]
    assert times_us == [(BEGAN_MS + n * 40) * 1000 for n in range(25, 100)]
    for number, pts in enumerate(sorted(sets), 25):
        found = sets[pts]
        t_ms = BEGAN_MS + number * 40
        assert found.platform_designation == "XS-U1"
        assert found.sensor_lat_deg == pytest.approx(24.9415, abs=1e-6)
        assert found.sensor_lon_deg == pytest.approx(102.6185 + (t_ms - T0_MS) * 1e-7, abs=1e-6)
        assert found.sensor_altitude_amsl_m == pytest.approx(2100, abs=0.5)
        assert found.platform_heading_deg == pytest.approx(45, abs=0.1)
        assert found.sensor_hfov_deg == pytest.approx(62, abs=0.1)
        assert found.sensor_vfov_deg == pytest.approx(39.7, abs=0.3)
        assert found.sensor_relative_elevation_deg == pytest.approx(-42, abs=0.5)


async def test_a_still_taken_out_says_where_it_was_taken(recorded: Post) -> None:
    client = await recorded.sign_in("commander")
    manifest, data = await taken(client, order("still", BEGAN_MS + 2010, BEGAN_MS + 2010))
    assert number_of(np.asarray(Image.open(io.BytesIO(data)))) == 50
    assert manifest["encoded_anew"]
    assert manifest["moment"]["altitude_agl_m"] == 80
    listed = (await client.get("footage/exports")).json()
    assert [one["id"] for one in listed] == [manifest["export"]["id"]]


@pytest.mark.parametrize(
    ("kind", "span", "code"),
    [
        ("still", (0, 10), 422),
        ("clip", (0, 0), 422),
        ("clip", (0, 1_800_001), 422),
        ("clip", (-90_000, -60_000), 404),
    ],
)
async def test_what_cannot_be_taken_out_is_said(
    recorded: Post, kind: str, span: tuple[int, int], code: int
) -> None:
    client = await recorded.sign_in("commander")
    body = order(kind, BEGAN_MS + span[0], BEGAN_MS + span[1])
    answer = await client.post("footage/exports", json=body)
    assert answer.status_code == code, answer.text
    assert not acts(recorded, "footage.taken_out")
    assert not list((recorded.services.settings.footage_dir).glob(".exports/*"))


async def test_an_auditor_sees_and_takes_nothing_out(recorded: Post) -> None:
    client = await recorded.sign_in("auditor")
    body = order("clip", BEGAN_MS, BEGAN_MS + 2000)
    assert (await client.post("footage/exports", json=body)).status_code == 403
    keep = {"stream_id": CAMERA, "from_ms": 0, "to_ms": BEGAN_MS, "text": "no"}
    assert (await client.post("footage/keep", json=keep)).status_code == 403
    assert (await client.get("footage/exports")).json() == []


async def test_footage_of_another_area_is_not_there(recorded: Post) -> None:
    with recorded.services.store.housekeep() as session:
        for file in files(await footage(await recorded.sign_in("commander"))):
            session.get_one(FootageFile, file["id"]).area = "530102"
    with recorded.services.store.housekeep() as session:
        user = session.exec(select(User).where(User.username == "commander")).one()
        user.areas = ["530112"]
    recorded.forget_sessions()
    client = await recorded.sign_in("commander")
    assert (await footage(client, lambda _: True))["streams"] == []


async def test_footage_belongs_to_the_incident_it_shows(recorded: Post) -> None:
    client = await recorded.sign_in("commander")
    [incident] = (await client.get("incidents")).json()
    found = await footage(client, incident_id=incident["id"], stream_id=None)
    assert len(files(found)) == 2
    other = await recorded.open_incident(lat_deg=25.3, lon_deg=102.9)
    assert (await footage(client, lambda _: True, incident_id=other, stream_id=None))[
        "streams"
    ] == []


async def test_a_gap_is_told(recorded: Post, packets: list[VideoPacket]) -> None:
    token = recorded.enrol("vision-2", "vision")
    later = camera_packets(50, began_ms=BEGAN_MS + 116_000)
    async with Camera(recorded.base_url, token) as camera:
        await camera.send(later)
    client = await recorded.sign_in("commander")
    found = await footage(client, whole(3), from_ms=BEGAN_MS, to_ms=BEGAN_MS + 118_000)
    [stream] = found["streams"]
    assert stream["gaps"] == [
        {"began_ms": BEGAN_MS + 6000, "ended_ms": BEGAN_MS + 116_000, "cause": None}
    ]
    assert len(stream["spans"]) == 2
    manifest, data = await taken(client, order("clip", BEGAN_MS + 4000, BEGAN_MS + 117_000))
    assert [gap["ended_ms"] for gap in manifest["gaps"]] == [BEGAN_MS + 116_000]
    assert numbers(data) == [*range(100, 150), *range(25)]


async def test_what_is_being_written_can_be_seen(
    live_post: Post, packets: list[VideoPacket], monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow this machine is: the camera is silent and the file stays open.
    monkeypatch.setattr(recorder, "SILENT_S", 300.0)
    give_camera(live_post.services)
    client = await live_post.sign_in("commander")
    async with Camera(live_post.base_url, live_post.enrol("vision-1", "vision")) as camera:
        await camera.send(packets[:45])
        found = await footage(
            client,
            lambda one: (
                one["streams"] and one["streams"][0]["spans"][0]["ended_ms"] > BEGAN_MS + 1500
            ),
        )
        [file] = files(found)
        assert not file["whole"]
        data = (await client.get(f"footage/files/{file['id']}")).content
        assert whole_end(data) == len(data)
        assert numbers(data)[:30] == list(range(30))
        answer = await client.get(
            "footage/still", params={"stream_id": CAMERA, "t_ms": BEGAN_MS + 1000}
        )
        assert answer.headers["x-captured-ms"] == str(BEGAN_MS + 1000)


async def test_paging_goes_on_where_it_ended(recorded: Post) -> None:
    client = await recorded.sign_in("commander")
    first = await footage(client, limit=1)
    assert (len(files(first)), first["next_ms"]) == (1, BEGAN_MS + 1)
    seen = {file["id"] for file in files(first)}
    second = await footage(client, from_ms=first["next_ms"])
    assert len(seen | {file["id"] for file in files(second)}) == 2


async def test_nothing_is_recorded_where_the_settings_say_so(
    settings: Settings, packets: list[VideoPacket]
) -> None:
    quiet = settings.model_copy(update={"video_record": False})
    async with socket_post(quiet) as post:
        give_camera(post.services)
        async with Camera(post.base_url, post.enrol("vision-1", "vision")) as camera:
            await camera.send(packets[:50])
        assert not quiet.footage_dir.exists()


async def test_a_low_disk_ends_recording_and_is_told_and_recording_goes_on(
    live_post: Post, packets: list[VideoPacket], monkeypatch: pytest.MonkeyPatch
) -> None:
    give_camera(live_post.services)
    monkeypatch.setattr(stream_recorder, "LOOK_AGAIN_S", 0.0)
    client = await live_post.sign_in("commander")
    disk = live_post.services.disk
    async with Camera(live_post.base_url, live_post.enrol("vision-1", "vision")) as camera:
        await camera.send(packets[:30])
        await footage(client, lambda one: one["streams"])
        disk._low_bytes = 1 << 62  # pyright: ignore[reportPrivateUsage]
        await camera.send(packets[30:100])
        found = await footage(client, whole(1))
        assert found["stopped"] == "disk_low"
        disk._low_bytes = 0  # pyright: ignore[reportPrivateUsage]
        await camera.send(packets[100:])
    found = await footage(client, whole(2), from_ms=BEGAN_MS, to_ms=BEGAN_MS + 6000)
    [stream] = found["streams"]
    [gap] = stream["gaps"]
    assert gap["cause"] == "disk_low"
    assert gap["ended_ms"] == BEGAN_MS + 100 * 40
    listed = (await client.get("footage/deleted")).json()
    assert [one["cause"] for one in listed] == ["disk_low"]


async def test_a_file_that_vanished_is_told(recorded: Post) -> None:
    client = await recorded.sign_in("commander")
    first, second = files(await footage(client))
    folder = recorded.services.settings.footage_dir
    for path in folder.glob(f"*/*/*-{first['id']}.mp4"):
        beside_of(path).unlink()
        path.unlink()
    assert (await client.get(f"footage/files/{first['id']}")).status_code == 404
    assert (await client.get(f"footage/files/{first['id']}/beside")).json() == {
        "boxes": [],
        "moments": [],
    }
    assert (await client.get(f"footage/files/{second['id']}")).status_code == 200
