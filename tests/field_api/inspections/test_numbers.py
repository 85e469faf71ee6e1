"""Numbers from several handhelds: no gap, no double, every one accounted for."""

import asyncio
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from field_api.app import make_services
from field_api.contract.ids import new_id
from field_api.core.access import Principal, Viewer
from field_api.core.errors import ApiError
from field_api.core.operation import Call
from field_api.core.roles import Actor, Role
from field_api.core.services import Services
from field_api.features.inspections.demo import BIJI, HAIKOU
from field_api.features.inspections.messages import DrawNumbers, NumberRange, ReturnNumbers
from field_api.features.inspections.number_account import accounts
from field_api.features.inspections.number_blocks import RETURN, draw, use_number
from field_api.features.inspections.numbers import parsed, written
from field_api.features.inspections.registers import Office
from field_api.features.inspections.tables import Inspection, NumberBlock
from field_api.settings import Settings
from tests.field_api.inspections.world import Case, street_case
from tests.field_api.post import OPERATOR, Post

HANDHELDS = ("HT-01", "HT-02", "HT-03")
FORMS = ("RECORD", "RECTIFY")


def officer(terminal: str) -> Principal:
    user = SimpleNamespace(id=terminal, username=terminal.lower(), name=terminal)
    viewer = Viewer(Role.INSPECTOR, (), terminal)
    return Principal(user, "", Actor(terminal.lower(), terminal, "test"), viewer)


def numbers_of(ranges: Iterable[NumberRange]) -> list[int]:
    return [n for each in ranges for n in range(each.first, each.last + 1)]


def refusal(act: Callable[[], object]) -> str | None:
    """Return the code with which something is refused, None where it is done."""
    try:
        act()
    except ApiError as error:
        return error.detail.code
    return None


@pytest.fixture
def services(tmp_path: Path, example_forms: None) -> Generator[Services]:
    running = make_services(Settings(data_dir=tmp_path / "data"), lambda: 1_790_000_000_000)
    yield running
    running.close()


class NumberMachine(RuleBasedStateMachine):
    """Several handhelds draw, use, misuse and return numbers of one office."""

    services: Services

    def __init__(self) -> None:
        super().__init__()
        self.office = f"o-{new_id()}"
        self.used: set[str] = set()
        self.last: tuple[Principal, DrawNumbers] | None = None
        with self.services.store.change(OPERATOR) as change:
            change.create(
                Office(id=self.office, name="局", short_name=new_id()[-12:], tier="bureau")
            )
            change.record("numbers.drawn", "x", prefix="", first=0, last=0, holder="")

    def blocks(self) -> list[NumberBlock]:
        with self.services.store.read() as session:
            query = select(NumberBlock).where(NumberBlock.office_id == self.office)
            return list(session.exec(query).all())

    def draw(self, who: Principal, body: DrawNumbers) -> list[str]:
        with self.services.store.change(who) as change:
            rows = draw(change, who, body)
            if change.repeated:
                change.record("numbers.drawn", "x", prefix="", first=0, last=0, holder="")
            return [row.id for row in rows]

    @rule(
        handheld=st.sampled_from(HANDHELDS),
        forms=st.dictionaries(st.sampled_from(FORMS), st.integers(1, 12), min_size=1),
    )
    def draw_some(self, handheld: str, forms: dict[str, int]) -> None:
        body = DrawNumbers(id=new_id(), office_id=self.office, year=2026, forms=forms)
        code = refusal(lambda: self.draw(officer(handheld), body))
        assert code in (None, "numbers_enough")
        if code is None:
            self.last = (officer(handheld), body)

    @rule()
    def repeat_the_last_draw(self) -> None:
        if self.last is not None:
            before = len(self.blocks())
            self.draw(*self.last)
            assert len(self.blocks()) == before

    @rule(handheld=st.sampled_from(HANDHELDS), at=st.integers(0, 60), pick=st.integers(0, 60))
    def use_one(self, handheld: str, at: int, pick: int) -> None:
        blocks = self.blocks()
        if not blocks:
            return
        block = blocks[at % len(blocks)]
        n = block.first + pick % (block.last - block.first + 1)
        text = written(block.prefix, n, block.suffix)
        inspection = Inspection.model_construct(id="i", office_id=self.office)
        who = officer(handheld)

        def use() -> None:
            with self.services.store.change(who) as change:
                use_number(change, who, inspection, block.form, text)
                change.record("paper.fulfilled", "x", number=text)

        code = refusal(use)
        if block.terminal_id != handheld:
            assert code == "number_of_another"
        elif text in self.used:
            assert code == "number_used"
        else:
            assert code is None
            self.used.add(text)

    @rule(handheld=st.sampled_from(HANDHELDS), at=st.integers(0, 60))
    def give_back(self, handheld: str, at: int) -> None:
        blocks = self.blocks()
        if not blocks:
            return
        block, who = blocks[at % len(blocks)], officer(handheld)
        body = ReturnNumbers(id=new_id(), block_id=block.id)

        def give() -> None:
            with self.services.store.change(who) as change:
                RETURN.run(Call(self.services, change, who, body, block.id))
                change.record("paper.fulfilled", "x", number="-")

        own = block.terminal_id == handheld
        assert refusal(give) == (None if own else "unknown_number_block")

    @invariant()
    def series_have_no_gap_and_no_double(self) -> None:
        blocks = self.blocks()
        for form in FORMS:
            numbers = [n for b in blocks if b.form == form for n in range(b.first, b.last + 1)]
            assert sorted(numbers) == list(range(1, len(numbers) + 1))
        marked = [written(b.prefix, n, b.suffix) for b in blocks for n in b.used]
        assert len(marked) == len(set(marked))
        assert set(marked) == self.used

    @invariant()
    def the_account_adds_up(self) -> None:
        with self.services.store.read() as session:
            series = accounts(session, 2026, self.office)
        blocks = self.blocks()
        assert sum(one.used for one in series) == len(self.used)
        for one in series:
            assert one.drawn == one.last == one.used + one.returned + one.out
            assert min(one.used, one.returned, one.out) >= 0
            held = [(each.terminal_id, n) for each in one.held for n in numbers_of(each.ranges)]
            assert len({each.terminal_id for each in one.held}) == len(one.held)
            assert sorted(held) == sorted(
                (block.terminal_id, n)
                for block in blocks
                if block.form == one.form and block.returned_ms is None
                for n in range(block.first, block.last + 1)
                if n not in block.used
            )


def test_no_history_of_handhelds_makes_a_gap_or_a_double(services: Services) -> None:
    machine: Any = type("Machine", (NumberMachine,), {"services": services})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=16,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


async def test_handhelds_that_draw_at_once_get_different_numbers(district: Post) -> None:
    case = Case(district)
    asked = [case.draw("RECORD", 7, name) for name in ("ht-01", "ht-02") for _ in range(4)]
    drawn = [number for numbers in await asyncio.gather(*asked) for number in numbers]
    found = sorted(n.n for n in map(parsed, drawn) if n is not None)
    assert found == list(range(1, 57))
    street = street_case(district)
    assert (await street.draw("RECORD"))[0] == "（西海口）应急检记〔2025〕1〔督〕号"


async def test_a_number_is_used_by_who_drew_it_and_once(case: Case) -> None:
    await case.open()
    plan = await case.begin("PLAN", {"subject": "检查"})
    plan = await case.approve(plan)
    url = f"papers/{plan['id']}/issue"
    theirs = (await case.draw("PLAN", username="ht-02"))[0]

    async def refused(number: str, code: str) -> None:
        body = case.issue_body(await case.content(plan, number))
        await case.refused(url, body, code)

    await refused(theirs, "number_of_another")
    await refused("（西）应急检查〔2025〕77号", "number_not_drawn")
    await refused("X", "number_not_drawn")
    record = (await case.draw("RECORD"))[0]
    await refused(record, "number_not_drawn")
    own = (await case.draw("PLAN"))[0]
    assert (await case.issue(plan, number=own))["number"] == own
    second = await case.begin("PLAN", {"subject": "再查"})
    second = await case.approve(second)
    body = case.issue_body(await case.content(second, own))
    await case.refused(f"papers/{second['id']}/issue", body, "number_used")


async def test_numbers_are_given_back_and_accounted_for(case: Case) -> None:
    body = {"id": new_id(), "office_id": "bureau", "year": 2025, "forms": {"RECORD": 5}}
    (block,) = await case.send("number-blocks", body)
    assert (await case.send("number-blocks", body))[0]["id"] == block["id"]
    other = {**body, "forms": {"RECORD": 6}}
    await case.refused("number-blocks", other, "id_taken")
    many = {**body, "id": new_id(), "forms": {"RECORD": 50}}
    await case.send("number-blocks", many)
    await case.refused("number-blocks", {**many, "id": new_id()}, "numbers_enough")
    await case.refused(
        "number-blocks", {**many, "id": new_id(), "forms": {"SERVICE": 1}}, "form_without_numbers"
    )
    back = {"id": new_id(), "block_id": block["id"], "reason": "换终端"}
    url = f"number-blocks/{block['id']}/return"
    await case.refused(url, back, "unknown_number_block", "ht-02")
    assert (await case.send(url, back))["returned_reason"] == "换终端"
    duty = await case.post.sign_in("duty")
    (account,) = (await duty.get("number-account?year=2025")).json()
    assert [account[key] for key in ("drawn", "used", "returned", "out")] == [55, 0, 5, 50]
    assert (account["prefix"], account["last"]) == ("（西）应急检记〔2025〕", 55)
    (held,) = account["held"]
    assert (held["terminal_id"], held["ranges"]) == ("HT-01", [{"first": 6, "last": 55}])
    assert len((await duty.get("number-blocks")).json()) == 2
    assert (await (await case.client("ht-02")).get("number-blocks")).json() == []
    assert (await (await case.client()).get("number-account?year=2025")).status_code == 403


async def test_two_blocks_of_one_handheld_are_told_as_one(case: Case) -> None:
    for _ in range(2):
        await case.draw("RECORD", 3)
    await case.draw("RECORD", 2, "ht-02")
    await case.draw("RECORD", 2)
    duty = await case.post.sign_in("duty")
    (account,) = (await duty.get("number-account?year=2025")).json()
    held = {each["terminal_id"]: each["ranges"] for each in account["held"]}
    assert len(held) == len(account["held"]) == 2
    assert numbers_of(map(NumberRange.model_validate, held["HT-01"])) == [1, 2, 3, 4, 5, 6, 9, 10]
    assert numbers_of(map(NumberRange.model_validate, held["HT-02"])) == [7, 8]


async def test_without_a_year_it_is_this_year(case: Case) -> None:
    await case.draw("RECORD", 3)
    duty = await case.post.sign_in("duty")
    named = (await duty.get("number-account?year=2025")).json()
    assert named
    assert (await duty.get("number-account")).json() == named
    assert (await duty.get("number-account?year=2024")).json() == []


async def test_the_account_holds_what_its_reader_may_see(district: Post) -> None:
    await Case(district).draw("RECORD", 3)
    await street_case(district).draw("RECORD", 3)

    def offices(*areas: str) -> list[str]:
        with district.services.store.read(Viewer(Role.DUTY_OFFICER, areas)) as session:
            return [one.office_id for one in accounts(session, 2025, None)]

    assert offices() == offices(HAIKOU) == ["bureau", "street-haikou"]
    assert offices(BIJI) == ["bureau"]
