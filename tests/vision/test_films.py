"""Films as cameras really send them: damaged, jumping, turned, held back, in H.265."""

from collections.abc import Set
from pathlib import Path

import av
import numpy as np
import pytest

from tests.vision.corrupted import DAMAGES, FILM, Hasty, alerts_of, played
from tests.vision.test_source import Recorder
from vision.decoding import DecodedFrame, Decoder
from vision.detector import Detector
from vision.registry import DEFAULT_MODEL, load_card

FILMS = Path(__file__).parent / "films"


NONE: frozenset[int] = frozenset()


def read(name: str) -> Recorder:
    """Play a film as fast as it goes."""
    return played(FILMS / name)


def decoded(damaged: Set[int] = NONE, flagged: Set[int] = NONE) -> list[int]:
    """Numbers of the pictures of a clean film that are handed out; the given ones lose bytes."""
    decoder = Decoder("h264")
    shown: list[int] = []
    with av.open(str(FILMS / "10-clean.ts")) as film:
        for number, packet in enumerate(p for p in film.demux(video=0) if p.size):
            data = bytes(packet)
            if number in damaged:
                data = data[: len(data) // 2] + data[len(data) // 2 + 400 :]
            frames = decoder.decode(
                data, number, 1000 + number, bool(packet.is_keyframe), number in flagged
            )
            assert all(f.arrived_ms == 1000 + f.pts_90k for f in frames)
            shown += [f.pts_90k for f in frames]
    return shown + [f.pts_90k for f in decoder.flush()]


def test_a_whole_film_is_seen_whole() -> None:
    recorder = read("10-clean.ts")
    assert len(recorder.frames) == 50
    assert recorder.unseen_count == 0


@pytest.mark.parametrize("name", ["10-loss-0.003.ts", "10-loss3.ts"])
def test_damaged_pictures_are_never_handed_out(name: str) -> None:
    """Both key frames of these films are damaged: nothing of them can be trusted."""
    recorder = read(name)
    assert recorder.frames == []
    assert recorder.unseen_count == 50
    assert len(recorder.units) == 50  # a person at the wall sees what there is


def test_after_damage_the_next_clean_key_frame_is_looked_at_again() -> None:
    assert decoded() == list(range(50))
    assert decoded(damaged={7}) == [*range(7), *range(25, 50)]
    assert decoded(damaged={24}) == [*range(24), *range(25, 50)]
    assert decoded(damaged={0, 3}) == list(range(25, 50))
    assert decoded(damaged={25}) == list(range(25))


def test_bytes_that_the_container_misses_are_damage_from_the_next_picture_on() -> None:
    """The packet that is flagged is whole; the one after it lacks its beginning."""
    assert decoded(flagged={9}) == [*range(10), *range(25, 50)]


def test_random_damage_never_ends_the_reader_nor_shows_a_damaged_picture(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    whole = np.frombuffer((FILMS / "10-clean.ts").read_bytes(), np.uint8)
    path = tmp_path / "broken.ts"
    for _ in range(6):
        broken = whole.copy()
        places = draw.integers(0, len(broken), 60)
        broken[places] = draw.integers(0, 256, len(places))
        path.write_bytes(broken.tobytes())
        with av.open(str(path)) as film:
            decoder = Decoder("h264")
            for packet in film.demux(video=0):
                if packet.size and packet.pts is not None:
                    shown = decoder.decode(
                        bytes(packet), packet.pts, 0, bool(packet.is_keyframe), packet.is_corrupt
                    )
                    assert not any(f.image.is_corrupt for f in shown)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(load_card(DEFAULT_MODEL), width_px=320)


@pytest.mark.parametrize("kind", range(len(DAMAGES)))
def test_a_corrupted_stream_ends_and_alerts_nobody(
    kind: int, tmp_path: Path, detector: Detector
) -> None:
    """A thousand of them: `make soak`."""
    film = np.frombuffer(FILM.read_bytes(), np.uint8).copy()
    path = tmp_path / "damaged.ts"
    path.write_bytes(DAMAGES[kind](np.random.default_rng(kind), film).tobytes())
    assert alerts_of(played(path), detector) == []


def test_a_stream_that_damage_adds_to_a_film_ends_nobody(tmp_path: Path) -> None:
    """FFmpeg believes a damaged packet's number and hands out pictures of a stream that was not
    there when the film was opened.
    """
    film = np.frombuffer(FILM.read_bytes(), np.uint8).copy()
    path = tmp_path / "damaged.ts"
    path.write_bytes(DAMAGES[0](np.random.default_rng(240), film).tobytes())
    recorder = played(path)
    assert recorder.closings == [("end of stream", True)]
    assert len(recorder.units) > 40


def test_the_last_pictures_of_a_film_with_b_frames_come_out_in_order() -> None:
    recorder = read("02-bframes.ts")
    times = [f.pts_90k for f in recorder.frames]
    assert len(times) == 40
    assert times == sorted(times)


def test_h265_is_examined() -> None:
    recorder = read("01-hevc.mp4")
    assert len(recorder.frames) == 20
    assert recorder.codecs == {None}
    assert recorder.closings == [("end of stream", True)]


def test_a_film_on_its_side_is_set_upright() -> None:
    recorder = read("03-rot-smoke.mp4")
    upright = recorder.frames[0].upright_rgb()
    assert upright.shape == (720, 1280, 3)
    # Sky above, ground below.
    assert upright[:100].mean() > upright[-100:].mean() + 20


def test_a_jump_in_a_film_s_time_stamps_is_not_waited_for() -> None:
    recorder = read("09-jump.ts")
    assert len(recorder.frames) == 30
    assert isinstance(recorder.stop, Hasty)
    assert max(recorder.stop.waited) < 4


@pytest.mark.parametrize("turn_deg", [0, 90, 180, 270, -90])
def test_boxes_are_told_where_viewers_see_them(turn_deg: int) -> None:
    sent = np.zeros((20, 40, 3), np.uint8)
    sent[4:10, 30:34] = 255
    frame = DecodedFrame(0, 0, av.VideoFrame.from_ndarray(sent, format="rgb24"), turn_deg)
    upright = frame.upright_rgb()
    rows, columns = np.nonzero(upright[..., 0] > 128)
    height, width = upright.shape[:2]
    x0, y0 = columns.min() / width, rows.min() / height
    box = frame.as_sent(x0, y0, (columns.max() + 1) / width - x0, (rows.max() + 1) / height - y0)
    assert box == pytest.approx((30 / 40, 4 / 20, 4 / 40, 6 / 20))
