from field_api.contract.link.latest_queue import (
    BOXES_QUEUE_LENGTH,
    BOXES_USEFUL_MS,
    LatestQueue,
)
from tests.contract.messages import START_MS, frame_boxes, vehicle_state


def test_a_newer_value_replaces_the_waiting_one_of_its_key_only() -> None:
    queue = LatestQueue()
    queue.put(vehicle_state(START_MS, "XS-U1"), START_MS)
    queue.put(vehicle_state(START_MS, "XS-U2"), START_MS)
    queue.put(vehicle_state(START_MS + 200, "XS-U1"), START_MS)
    assert queue.take(10, START_MS) == [
        vehicle_state(START_MS + 200, "XS-U1"),
        vehicle_state(START_MS, "XS-U2"),
    ]
    assert queue.dropped == 1
    assert queue.take(10, START_MS) == []


def test_boxes_of_different_frames_queue_up_and_the_oldest_fall() -> None:
    queue = LatestQueue()
    for n in range(BOXES_QUEUE_LENGTH + 5):
        queue.put(frame_boxes(n), START_MS)
    taken = queue.take(100, START_MS)
    assert [boxes.pts_90k for boxes in taken if boxes.kind == "frame_boxes"] == list(
        range(5, BOXES_QUEUE_LENGTH + 5)
    )


def test_boxes_that_nobody_can_use_any_more_are_dropped() -> None:
    queue = LatestQueue()
    queue.put(frame_boxes(1), START_MS)
    queue.put(frame_boxes(2), START_MS + 2_000)
    assert queue.take(10, START_MS + BOXES_USEFUL_MS + 1) == [frame_boxes(2)]


def test_a_new_session_gets_the_newest_known_values_but_no_old_boxes() -> None:
    queue = LatestQueue()
    queue.put(vehicle_state(START_MS), START_MS)
    queue.put(frame_boxes(1), START_MS)
    queue.take(10, START_MS)
    queue.renew(START_MS + 1)
    assert queue.take(10, START_MS + 1) == [vehicle_state(START_MS)]


def test_the_number_of_keys_is_bounded() -> None:
    queue = LatestQueue(max_keys=3)
    for n in range(5):
        queue.put(vehicle_state(START_MS, f"XS-U{n}"), START_MS)
    assert len(queue) == 3
    queue.take(10, START_MS)
    queue.renew(START_MS)
    assert len(queue) == 3
