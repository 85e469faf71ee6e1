"""Texts of the autopilot: UTF-8 in chunks of bytes, whatever becomes of the chunks."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.mavlink import Message, dialect
from fleet.protocol.statustext import StatusText, StatusTexts
from tests.fleet.wire import VEHICLE, Side

vehicle = Side(VEHICLE)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=150)

chinese = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=40, max_size=120
)


def chunk(data: bytes, text_id: int, seq: int, severity: int = 4) -> Message:
    return vehicle.says(dialect.MAVLink_statustext_message(severity, data, text_id, seq))


def chunks(text: str, text_id: int, severity: int = 4) -> list[Message]:
    data = text.encode()
    # A text that fills its last chunk is ended by an empty one.
    parts = [data[i : i + 50] for i in range(0, len(data) + 1, 50)]
    return [chunk(part, text_id, seq, severity) for seq, part in enumerate(parts)]


def joined(
    messages: list[Message], texts: StatusTexts | None = None, now_s: float = 0.0
) -> list[StatusText]:
    texts = texts or StatusTexts()
    return [whole for message in messages for whole in texts.receive(message, now_s)]


def test_chinese_is_read_as_it_was_written() -> None:
    text = "电池电压过低，立即返航"
    assert joined([chunk(text.encode(), 0, 0)]) == [StatusText(4, text)]
    long = "起飞前检查：罗盘偏差过大，请重新校准；空速计未就绪，返航高度高于围栏"
    assert joined(chunks(long, 7)) == [StatusText(4, long)]


@given(text=words, text_id=st.integers(1, 65_535), seed=st.integers(0, 10_000))
def test_chunks_are_joined_in_any_order_and_however_often_they_come(
    text: str, text_id: int, seed: int
) -> None:
    rng = random.Random(seed)
    arriving = chunks(text, text_id)
    arriving += rng.choices(arriving, k=3)
    rng.shuffle(arriving)
    texts = StatusTexts()
    assert joined(arriving, texts) == [StatusText(4, text)]
    assert texts.poll(60.0) == []


@given(text=chinese, seed=st.integers(0, 10_000))
def test_a_lost_chunk_is_marked_and_the_rest_is_told(text: str, seed: int) -> None:
    arriving = chunks(text, 3)
    lost = random.Random(seed).randrange(len(arriving) - 1)
    texts = StatusTexts()
    assert joined(arriving[:lost] + arriving[lost + 1 :], texts) == []
    assert texts.poll(1.9) == []
    (told,) = texts.poll(2.1)
    data = text.encode()
    before, after = told.text.split("[...]")
    assert before == data[: lost * 50].decode(errors="replace")
    assert after == data[(lost + 1) * 50 :].decode(errors="replace")


def test_a_text_without_its_end_is_told_as_far_as_it_came() -> None:
    texts = StatusTexts()
    assert joined(chunks("x" * 120, 3)[:2], texts) == []
    assert texts.poll(3.0) == [StatusText(4, "x" * 100)]


def test_an_id_used_again_begins_a_new_text() -> None:
    first, second = chunks("a" * 120, 9), chunks("b" * 70, 9, severity=2)
    assert joined([*first, *second]) == [StatusText(4, "a" * 120), StatusText(2, "b" * 70)]
    # Also when the first one never ended.
    assert joined([*first[:2], *second]) == [
        StatusText(4, "a" * 100),
        StatusText(2, "b" * 70),
    ]


def test_the_same_text_said_again_later_is_told_again() -> None:
    texts = StatusTexts()
    said = chunks("PreArm: " + "z" * 60, 1)
    assert len(joined(said, texts)) == 1
    assert joined(said, texts, now_s=1.0) == []  # Copies that were slow on the way.
    assert len(joined(said, texts, now_s=3.0)) == 1


def test_a_chunk_numbered_255_costs_one_mark() -> None:
    texts = StatusTexts()
    assert joined([chunk(b"end", 5, 255)], texts) == []
    assert texts.poll(3.0) == [StatusText(4, "[...]end")]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.binary(max_size=50), st.integers(0, 65_535), st.sampled_from([0, 1, 2, 255])),
        min_size=30,
        max_size=120,
    )
)
def test_hostile_chunks_cost_bounded_memory_and_are_all_told(
    said: list[tuple[bytes, int, int]],
) -> None:
    texts = StatusTexts()
    told: list[StatusText] = []
    for data, text_id, seq in said:
        told += texts.receive(chunk(data, text_id, seq), 0.0)
        assert texts.open_count <= 16
    told += texts.poll(5.0)
    assert texts.open_count == 0
    assert len(told) >= 1
