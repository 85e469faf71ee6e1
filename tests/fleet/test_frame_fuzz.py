"""A small run of the frame fuzzing; the large one is `make soak`."""

from tests.soak.frame_fuzz import fuzz, mutants, read_corpus

FRAMES = 20_000


def test_the_same_seed_makes_the_same_frames() -> None:
    corpus = read_corpus()
    assert len(corpus) > 50
    first, second = mutants(1, corpus), mutants(1, corpus)
    assert [next(first) for _ in range(100)] == [next(second) for _ in range(100)]


async def test_mutated_frames_raise_nothing_and_stop_no_link() -> None:
    fuzzing = await fuzz(FRAMES, seed=1)
    assert not fuzzing.raised
    assert fuzzing.believed > FRAMES // 4
    assert fuzzing.node.state("XS-U2") is not None, "the path behind the roster was reached"
