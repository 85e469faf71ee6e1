"""How a stream is, counted from its packets."""

from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.messages import StreamState
from field_api.contract.video_packet import VideoPacket, pack_packet
from field_api.links.video.announcing import with_health
from field_api.links.video.health import StreamHealth
from field_api.links.video.hub import StreamInfo, VideoHub
from tests.field_api.post import Post

FRAME_90K = 3600
UNIT = b"\x00\x00\x00\x01\x65" + b"x" * 9975


def packet(n: int, *, key: bool = False, late_ms: int = 0) -> VideoPacket:
    return pack_packet(UNIT, keyframe=key, pts_90k=n * FRAME_90K, t_ms=n * 40 - late_ms)


def test_a_stream_of_25_pictures_a_second() -> None:
    health = StreamHealth()
    for n in range(200):
        health.take(packet(n, key=n % 25 == 0), n * 40 + 12)
    seen = health.at(199 * 40 + 32)
    assert round(seen.frames_per_s) == 25
    assert 1990 < seen.kbit_per_s < 2010
    assert (seen.lost_share, seen.key_interval_s, seen.age_ms) == (0.0, 1.0, 32)


def test_pictures_that_never_came_are_counted() -> None:
    health = StreamHealth()
    for n in range(200):
        if n % 10 != 7:
            health.take(packet(n), n * 40)
    assert 0.08 < health.at(200 * 40).lost_share < 0.12


def test_a_camera_that_was_away_lost_nothing_on_the_way() -> None:
    health = StreamHealth()
    for n in [*range(50), *range(500, 550)]:
        health.take(packet(n), n * 40)
    assert health.at(550 * 40).lost_share == 0.0


def test_a_stream_that_ended_has_no_rate_and_grows_old() -> None:
    health = StreamHealth()
    for n in range(50):
        health.take(packet(n), n * 40)
    seen = health.at(50 * 40 + 20_000)
    assert (seen.frames_per_s, seen.kbit_per_s) == (0.0, 0.0)
    assert seen.age_ms == 20_040


@given(st.lists(st.tuples(st.integers(-(2**62), 2**62), st.booleans()), max_size=60))
def test_any_time_stamps_give_a_health(stamps: list[tuple[int, bool]]) -> None:
    health = StreamHealth()
    for n, (pts, key) in enumerate(stamps):
        health.take(pack_packet(UNIT, keyframe=key, pts_90k=pts, t_ms=n * 40), n * 40)
    seen = health.at(len(stamps) * 40)
    assert 0 <= seen.lost_share < 1
    assert seen.frames_per_s >= 0


async def test_what_a_node_says_is_told_with_what_is_counted_here(live_post: Post) -> None:
    hub = live_post.services.part(VideoHub)
    source = hub.publish(
        StreamInfo(stream_id="XS-U1-cam", codec="avc1.42c01f", width=160, height=96)
    )
    for n in range(60):
        if n % 10 != 7:
            hub.put(source, packet(n, key=n % 25 == 0))
    said = StreamState(stream_id="XS-U1-cam", t_ms=1000, state="live", frames_per_s=25.0)
    told = with_health(said, hub)
    assert (told.frames_per_s, told.key_interval_s) == (25.0, 1.0)
    assert told.lost_share is not None
    assert told.lost_share > 0.05
    other = said.model_copy(update={"stream_id": "XS-U2-cam"})
    assert with_health(other, hub) == other
