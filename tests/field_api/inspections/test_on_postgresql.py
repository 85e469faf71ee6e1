"""The chain, numbers and the cap of visits on PostgreSQL: SQLite is what all else here runs on."""

import asyncio

import pytest

from tests.field_api.inspections import test_chain, test_numbers, test_periods
from tests.field_api.inspections.world import Case
from tests.field_api.post import Post

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


async def test_from_the_plan_to_the_end(case: Case) -> None:
    await test_chain.test_from_the_plan_to_the_end(case)


async def test_numbers_drawn_at_once_have_no_gap_and_no_double(case: Case) -> None:
    drawn = await asyncio.gather(
        *(case.draw("PLAN", 3, username) for username in ("ht-01", "ht-02") * 4)
    )
    numbers = sorted(one for numbers in drawn for one in numbers)
    assert numbers == sorted(f"（西）应急检查〔2025〕{n}号" for n in range(1, 25))


async def test_the_year_has_so_many_routine_inspections(district: Post) -> None:
    await test_periods.test_the_year_has_so_many_routine_inspections(district)


async def test_numbers_are_given_back_and_accounted_for(case: Case) -> None:
    await test_numbers.test_numbers_are_given_back_and_accounted_for(case)
