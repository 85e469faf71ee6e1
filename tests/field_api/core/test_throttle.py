"""Sign-in limits hold in every interleaving, and the owner is still let in."""

from collections import defaultdict

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from field_api.features.accounts.throttle import (
    Admitted,
    Refused,
    Throttle,
    ThrottleLimits,
    source_of_address,
)

MINUTE_MS = 60_000


def admitted(result: Admitted | Refused) -> Admitted:
    assert isinstance(result, Admitted)
    return result


def test_thirty_tries_at_once_are_not_all_judged() -> None:
    """All begin before any is settled, as with a slow hash."""
    throttle = Throttle()
    answers = [throttle.begin("commander", "a", 1000) for _ in range(60)]
    assert sum(isinstance(answer, Admitted) for answer in answers) == 5
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"locked"}


def test_strangers_do_not_keep_the_commander_out() -> None:
    throttle = Throttle()
    throttle.succeeded(admitted(throttle.begin("commander", "post", 0)), 0)
    for minute in range(0, 60, 5):
        for guess in range(20):
            throttle.begin("commander", f"attacker {minute} {guess}", minute * MINUTE_MS)
        refused = throttle.begin("commander", "new telephone", minute * MINUTE_MS)
        assert isinstance(refused, Refused)
        assert 0 < refused.retry_after_ms <= 5 * MINUTE_MS
        owner = throttle.begin("commander", "post", minute * MINUTE_MS)
        assert admitted(owner).known
        throttle.succeeded(owner, minute * MINUTE_MS)  # type: ignore[arg-type]


def test_a_source_is_shut_whatever_accounts_it_tries() -> None:
    throttle = Throttle()
    answers = [throttle.begin(f"user {i}", "attacker", i) for i in range(30)]
    assert sum(isinstance(answer, Admitted) for answer in answers) == 10
    last = answers[-1]
    assert isinstance(last, Refused)
    assert last.code == "too_many_tries"
    again = throttle.begin("user", "attacker", 29 + last.retry_after_ms)
    assert isinstance(again, Admitted)
    assert isinstance(Throttle().begin("user", "attacker", 0), Admitted)


def test_retry_after_is_exact() -> None:
    throttle = Throttle(ThrottleLimits(source_tries=1, window_ms=1000))
    throttle.begin("a", "s", 100)
    refused = throttle.begin("a", "s", 400)
    assert refused == Refused(700, "too_many_tries")
    assert isinstance(throttle.begin("a", "s", 1099), Refused)
    assert isinstance(throttle.begin("a", "s", 1100), Admitted)


def test_signing_in_to_an_own_account_clears_nothing() -> None:
    throttle = Throttle()
    judged = 0
    for step in range(100):
        throttle_answer = throttle.begin("victim", "attacker", step)
        judged += isinstance(throttle_answer, Admitted)
        own = throttle.begin("mine", "attacker", step)
        if isinstance(own, Admitted):
            throttle.succeeded(own, step)
            throttle.succeeded(own, step)
    assert judged == 5


def test_case_and_width_make_no_second_account() -> None:
    throttle = Throttle()
    names = ["Wang", "wang", "WANG ", "ｗａｎｇ", "wAng", "waNg"]
    answers = [throttle.begin(name, f"s{i}", 0) for i, name in enumerate(names)]
    assert isinstance(answers[-1], Refused)


def test_break_glass() -> None:
    throttle = Throttle()
    for i in range(9):
        throttle.begin("commander", f"s{i}", 0)
    assert isinstance(throttle.begin("commander", "new", 0), Refused)
    throttle.forgive("Commander")
    assert isinstance(throttle.begin("commander", "new", 0), Admitted)


def test_known_sources_come_back_from_the_store_grow_old_and_can_be_forgotten() -> None:
    throttle = Throttle(ThrottleLimits(known_ms=1000, max_known=2))
    for i, source in enumerate(["a", "b", "c"]):
        throttle.remember("u", source, i, 10)
    assert not admitted(throttle.begin("u", "a", 10)).known, "only two fit"
    assert admitted(throttle.begin("u", "c", 10)).known
    throttle.forget_sources("u")
    assert not admitted(throttle.begin("u", "c", 10)).known
    throttle.remember("u", "d", 10, 10)
    assert not admitted(throttle.begin("u", "d", 1010)).known


def test_a_flood_of_made_up_names_and_sources_is_bounded_and_shuts_out_no_known_source() -> None:
    limits = ThrottleLimits(max_tracked=100, max_known=10)
    throttle = Throttle(limits)
    throttle.succeeded(admitted(throttle.begin("commander", "post", 0)), 0)
    for i in range(5000):
        throttle.begin(f"name {i}" * 50, f"source {i}" * 50, 1 + i)
    assert throttle.tracked <= 2 * (100 + 10) + 10
    assert admitted(throttle.begin("commander", "post", 6000)).known
    later = 6000 + limits.window_ms
    assert isinstance(throttle.begin("anyone", "anywhere", later), Admitted)


def crowded() -> Throttle:
    """One source is counted apart and fills the table; 'b' has used up the shared count at 50."""
    throttle = Throttle(
        ThrottleLimits(source_tries=2, account_tries=9, window_ms=100, max_tracked=1)
    )
    throttle.begin("u", "a", 0)
    for _ in range(2):
        admitted(throttle.begin("u", "b", 50))
    return throttle


def test_a_key_in_the_shared_count_gets_no_second_one_when_room_is_made() -> None:
    throttle = crowded()
    assert throttle.begin("u", "b", 100) == Refused(50, "too_many_tries")
    assert isinstance(throttle.begin("u", "b", 150), Admitted)


def test_a_source_that_becomes_known_takes_its_tries_along() -> None:
    throttle = crowded()
    throttle.remember("u", "b", 60, 60)
    assert throttle.begin("u", "b", 60) == Refused(90, "too_many_tries")
    throttle.remember("u", "c", 60, 60)
    assert isinstance(throttle.begin("u", "c", 60), Admitted), "a known one is counted apart"


def test_a_clock_set_back_opens_nothing() -> None:
    throttle = Throttle(ThrottleLimits(source_tries=1, window_ms=1000))
    throttle.begin("a", "s", 10_000)
    assert isinstance(throttle.begin("a", "s", 0), Refused)


def test_limits_that_can_not_work() -> None:
    with pytest.raises(ValueError, match="source_tries"):
        ThrottleLimits(source_tries=0)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("10.1.2.3", "address:10.1.2.3"),
        ("::ffff:10.1.2.3", "address:10.1.2.3"),
        ("2001:db8::1", "address:2001:db8::/64"),
        ("2001:db8::ffff:1%eth0", "address:2001:db8::/64"),
        ("testclient", "address:unknown"),
        ("", "address:unknown"),
    ],
)
def test_source_of_address(address: str, source: str) -> None:
    assert source_of_address(address) == source


class Interleavings(RuleBasedStateMachine):
    """Tries begin, overlap, succeed, fail or break off, in any order, in little memory."""

    LIMITS = ThrottleLimits(
        source_tries=3, account_tries=2, window_ms=100, max_tracked=2, max_known=3, known_ms=500
    )

    def __init__(self) -> None:
        super().__init__()
        self.throttle = Throttle(self.LIMITS)
        self.now_ms = 1000
        self.open: list[Admitted] = []
        self.by_source: dict[str, dict[int, int]] = defaultdict(dict)
        self.by_account: dict[str, dict[int, int]] = defaultdict(dict)

    def recent(self, tries: dict[int, int]) -> int:
        return sum(self.now_ms - at_ms < self.LIMITS.window_ms for at_ms in tries.values())

    @rule(account=st.sampled_from("uvwx"), source=st.sampled_from("abcde"))
    def begin(self, account: str, source: str) -> None:
        answer = self.throttle.begin(account, source, self.now_ms)
        known = any(pair == (account, source) for pair in self.throttle._known)
        if isinstance(answer, Admitted):
            assert answer.known == known
            self.open.append(answer)
            self.by_source[source][answer.serial] = self.now_ms
            if not known:
                self.by_account[account][answer.serial] = self.now_ms
        else:
            assert 0 < answer.retry_after_ms <= self.LIMITS.window_ms
            if known:
                # Only its own source's tries can shut out a known source.
                assert answer.code == "too_many_tries"
                assert self.recent(self.by_source[source]) == self.LIMITS.source_tries

    @rule(data=st.data(), good=st.booleans())
    def settle(self, data: st.DataObject, good: bool) -> None:
        if not self.open:
            return
        ticket = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        if good:
            self.throttle.succeeded(ticket, self.now_ms)
            self.by_source[ticket.source].pop(ticket.serial)
            self.by_account[ticket.account].pop(ticket.serial, None)
        else:
            self.throttle.failed(ticket)

    @rule(by_ms=st.sampled_from([1, 20, 50, 99, 100, 600]))
    def wait(self, by_ms: int) -> None:
        self.now_ms += by_ms

    @invariant()
    def never_more_than_the_limits(self) -> None:
        for tries in self.by_source.values():
            assert self.recent(tries) <= self.LIMITS.source_tries
        for tries in self.by_account.values():
            assert self.recent(tries) <= self.LIMITS.account_tries

    @invariant()
    def memory_is_bounded(self) -> None:
        assert self.throttle.tracked <= 25


Interleavings.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestInterleavings = Interleavings.TestCase
