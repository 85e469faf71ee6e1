"""A command post with an inspecting district, and the forms of the examples."""

from collections.abc import Generator
from pathlib import Path

import pytest

from field_api.features.inspections import forms as shipped
from tests.field_api.inspections.world import Case, settle
from tests.field_api.post import Post

VECTORS = Path(__file__).parents[2] / "vectors" / "inspections"


@pytest.fixture
def example_forms(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """The examples' forms in place of those that ship."""
    monkeypatch.setattr(shipped, "FILE", VECTORS / "forms.json")
    shipped.forms.cache_clear()
    yield
    shipped.forms.cache_clear()


@pytest.fixture
def district(post: Post, example_forms: None) -> Post:
    """A post with officers, offices and enterprises."""
    settle(post)
    return post


@pytest.fixture
def case(district: Post) -> Case:
    """An inspection of the bureau that is not planned yet."""
    return Case(district)
