"""Tracks: one object keeps one number."""

from hypothesis import given
from hypothesis import strategies as st

from vision.detector import RawBox
from vision.tracker import Track, Tracker


def person(x: float, y: float, confidence: float = 0.8, label: str = "person") -> RawBox:
    return RawBox(label, confidence, x, y, 0.015, 0.05)


def test_a_walking_person_keeps_its_number() -> None:
    tracker = Tracker()
    ids = {
        t.track_id
        for n in range(20)
        for t in tracker.update([person(0.2 + 0.006 * n, 0.5)], 1000 + n * 250, n)
    }
    assert ids == {1}


def test_two_people_side_by_side_are_not_exchanged() -> None:
    tracker = Tracker()
    for n in range(10):
        left, right = person(0.30 + 0.004 * n, 0.5), person(0.36 + 0.004 * n, 0.5)
        # The order in which a detector names them must not matter.
        seen = tracker.update([right, left] if n % 2 else [left, right], n * 250, n)
    places = {t.track_id: t.box.x for t in seen}
    assert len(places) == 2
    assert tracker.tracks[0].box.x < tracker.tracks[1].box.x


def test_camera_motion_alone_would_break_a_track_and_its_shift_saves_it() -> None:
    def run(shift: tuple[float, float] | None) -> int:
        tracker = Tracker()
        for n in range(6):
            tracker.update([person(0.5, 0.05 + 0.14 * n)], n * 300, n, lambda _: shift)
        return max(t.track_id for t in tracker.tracks)

    assert run((0.0, 0.14)) == 1
    assert run(None) > 1


def test_a_faint_box_continues_a_track_but_never_begins_one() -> None:
    tracker = Tracker()
    assert tracker.update([person(0.5, 0.5, 0.2)], 0, 0) == []
    tracker.update([person(0.5, 0.5, 0.8)], 250, 1)
    assert [t.track_id for t in tracker.update([person(0.5, 0.5, 0.2)], 500, 2)] == [1]


def test_smoke_and_people_are_never_one_track() -> None:
    tracker = Tracker()
    tracker.update([person(0.5, 0.5)], 0, 0)
    seen = tracker.update([person(0.5, 0.5, label="smoke")], 250, 1)
    assert [t.track_id for t in seen] == [2]


def test_a_short_gap_is_bridged_and_a_long_one_is_not() -> None:
    tracker = Tracker()
    tracker.update([person(0.5, 0.5)], 0, 0)
    for n in range(1, 5):
        tracker.update([], n * 250, n)
    assert [t.track_id for t in tracker.update([person(0.5, 0.5)], 1250, 6)] == [1]
    for n in range(20):
        tracker.update([], 1500 + n * 250, 7 + n)
    assert [t.track_id for t in tracker.update([person(0.5, 0.5)], 7000, 30)] == [2]


boxes = st.lists(
    st.builds(
        RawBox,
        st.sampled_from(["person", "smoke"]),
        st.floats(0.05, 1),
        st.floats(0, 0.9),
        st.floats(0, 0.9),
        st.floats(0.01, 0.1),
        st.floats(0.01, 0.1),
    ),
    max_size=8,
)


@given(st.lists(boxes, max_size=12))
def test_any_boxes_give_the_same_tracks_twice_and_no_box_two_tracks(
    looks: list[list[RawBox]],
) -> None:
    def run() -> list[list[tuple[int, RawBox]]]:
        tracker = Tracker()
        told: list[list[tuple[int, RawBox]]] = []
        for n, look in enumerate(looks):
            seen: list[Track] = tracker.update(look, n * 250, n)
            assert len({t.track_id for t in seen}) == len(seen)
            assert len(seen) <= len(look)
            assert all(t.box in look for t in seen)
            told.append([(t.track_id, t.box) for t in seen])
        return told

    assert run() == run()
