"""The film of an alert: the seconds around it, as the camera sent them."""

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.video_packet import VideoPacket, pack_packet
from field_api.features.detections.retention import remove_old_evidence
from field_api.links.video.clip_file import ClipError, mp4_of
from field_api.links.video.hub import StreamInfo, VideoHub
from field_api.links.video.recent import RecentPackets
from field_api.settings import Settings
from tests.field_api.field import detection
from tests.field_api.post import T0_MS, Post, asgi_post, until
from tests.field_api.test_detections import store

FILMS = Path(__file__).parent.parent / "vision" / "films"
INFO = StreamInfo(stream_id="XS-U1-cam", codec="avc1.42c01f", width=1280, height=720)


def film(name: str = "10-clean.ts", at_ms: int = T0_MS) -> list[VideoPacket]:
    """A film's packets as a vision node relays them; the first is captured at `at_ms`."""
    packets: list[VideoPacket] = []
    with av.open(str(FILMS / name)) as source:
        for packet in source.demux(video=0):
            if packet.size and packet.pts is not None:
                first = packets[0].pts_90k if packets else packet.pts
                packets.append(
                    pack_packet(
                        bytes(packet),
                        keyframe=packet.is_keyframe,
                        pts_90k=packet.pts,
                        t_ms=at_ms + (packet.pts - first) // 90,
                    )
                )
    return packets


def decoded(data: bytes) -> list[float]:
    """When each picture is shown, s."""
    with av.open(io.BytesIO(data), "r") as source:
        return [float(frame.time or 0) for frame in source.decode(video=0)]


@pytest.mark.parametrize("name", ["10-clean.ts", "02-bframes.ts"])
def test_every_picture_is_in_the_film_in_its_order(name: str) -> None:
    packets = film(name)
    shown = decoded(mp4_of(packets))
    assert len(shown) == len(packets)
    assert shown == sorted(shown)
    whole_s = (max(p.pts_90k for p in packets) - min(p.pts_90k for p in packets)) / 90_000
    assert shown[-1] - shown[0] == pytest.approx(whole_s, abs=0.01)


@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 10_000)), max_size=6))
def test_what_is_no_film_is_refused(parts: list[tuple[bytes, int]]) -> None:
    packets = [
        pack_packet(b"\x00\x00\x00\x01" + data, keyframe=True, pts_90k=pts, t_ms=0)
        for data, pts in parts
    ]
    with pytest.raises(ClipError):
        mp4_of(packets)


def test_a_clock_that_jumped_makes_no_film() -> None:
    packets = film()
    late = packets[-1]
    jumped = VideoPacket(late.keyframe, late.pts_90k + 10**9, late.t_ms, late.data)
    with pytest.raises(ClipError, match="times"):
        mp4_of([*packets[:-1], jumped])


@given(
    st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=60),
    st.integers(0, 8000),
    st.integers(0, 3000),
)
def test_a_span_begins_with_a_key_frame_and_covers_what_is_there(
    steps: list[tuple[int, bool]], from_ms: int, length_ms: int
) -> None:
    recent, t_ms, put = RecentPackets(5000), 0, list[VideoPacket]()
    for number, (later_ms, key) in enumerate(steps):
        t_ms += later_ms
        packet = pack_packet(b"\x00\x00\x00\x01x", keyframe=key, pts_90k=number, t_ms=t_ms)
        recent.put("s", packet)
        put.append(packet)
    kept = [p for p in put if p.t_ms >= t_ms - 5000]
    got = recent.span("s", from_ms, from_ms + length_ms)
    if got:
        assert got[0].keyframe
        assert got == kept[kept.index(got[0]) :][: len(got)]
        assert got[-1].t_ms <= from_ms + length_ms
    keys = [p.t_ms for p in kept if p.keyframe]
    inside = [p for p in kept if from_ms < p.t_ms <= from_ms + length_ms]
    if inside and keys and keys[0] <= from_ms:
        assert set(map(id, inside)) <= set(map(id, got))


async def alert_with_film(settings: Settings, post: Post) -> dict[str, Any]:
    hub = post.services.part(VideoHub)
    source = hub.publish(INFO)
    for packet in film(at_ms=T0_MS - 3000):
        hub.put(source, packet)
    message = detection()
    await asyncio.to_thread(store, post, message)
    duty = await post.sign_in("duty")
    return await until(duty, f"detections/{message.id}", lambda alert: alert["clip"] is not None)


async def test_an_alert_gets_the_seconds_around_it_and_they_leave_as_taken_only(
    settings: Settings,
) -> None:
    briefly = settings.model_copy(update={"evidence_clip_s": 0.6})
    async with asgi_post(briefly) as post:
        alert = await alert_with_film(briefly, post)
        duty = await post.sign_in("duty")
        got = await duty.get(alert["clip"]["url"].removeprefix("/api/v1/"))
        assert got.headers["content-type"] == "video/mp4"
        shown = decoded(got.content)
        # From the key frame before it: that film has one every 25 pictures.
        assert T0_MS - 3700 <= alert["clip"]["begins_ms"] <= T0_MS - 600
        end_ms = alert["clip"]["begins_ms"] + (shown[-1] - shown[0]) * 1000
        assert T0_MS + 300 <= end_ms <= T0_MS + 700

        url = f"detections/{alert['id']}/evidence"
        names: list[set[str]] = []
        for body in ({}, {"people": "as_taken", "reason": "移交"}):
            answer = await duty.post(url, json=body)
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                names.append(set(archive.namelist()))
        assert "clip.mp4" not in names[0]
        assert "clip.mp4" in names[1]

        body = {"verdict": "reject", "reason": "x"}
        await duty.post(f"detections/{alert['id']}/review", json=body)
        post.clock.advance_s(366 * 24 * 3600.0)
        post.forget_sessions()
        assert remove_old_evidence(post.services) == 1
        assert not post.services.blobs.exists(alert["clip"]["sha256"])


async def test_without_video_an_alert_is_as_good(settings: Settings) -> None:
    briefly = settings.model_copy(update={"evidence_clip_s": 0.1})
    async with asgi_post(briefly) as post:
        message = detection()
        await asyncio.to_thread(store, post, message)
        duty = await post.sign_in("duty")
        assert (await duty.get(f"detections/{message.id}")).json()["clip"] is None
