"""Document numbers: drawn, returned, accounted for."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, Name, View
from field_api.features.inspections.messages.values import FormCode

__all__ = [
    "DrawNumbers",
    "HeldNumbers",
    "NumberAccountView",
    "NumberBlockView",
    "NumberRange",
    "ReturnNumbers",
]


class DrawNumbers(Body):
    """Draw blocks of document numbers for this handheld, while there is a network."""

    id: RecordId
    office_id: Name
    year: Annotated[int, Field(ge=2000, le=2100)]
    forms: Annotated[dict[FormCode, Annotated[int, Field(ge=1, le=50)]], Field(max_length=30)]
    """How many of each."""


class ReturnNumbers(Body):
    """Give back what will not be used: the numbers are accounted for, never given again."""

    id: RecordId
    block_id: RecordId
    reason: LongText = ""


class NumberBlockView(View):
    """Consecutive numbers of one form, office and year, drawn by one handheld."""

    id: str
    version: int
    area: str
    office_id: str
    form: str
    year: int
    first: int
    last: int
    prefix: str
    """E.g. `（西）应急检记〔2026〕`; the number is followed by 号, or 〔督〕号 for a street."""
    suffix: str
    terminal_id: str
    device_id: str
    drawn_ms: int
    drawn_by: str
    used: list[int]
    returned_ms: int | None
    returned_reason: str


class NumberRange(View):
    """Consecutive numbers, both ends included."""

    first: int
    last: int


class HeldNumbers(View):
    """Numbers that one handheld still holds."""

    terminal_id: str
    drawn_ms: int
    """When the oldest of them were drawn."""
    ranges: list[NumberRange]


class NumberAccountView(View):
    """What became of the numbers of one series in a year: drawn = used + returned + out."""

    office_id: str
    form: str
    year: int
    prefix: str
    suffix: str
    last: int
    """The highest number drawn."""
    drawn: int
    used: int
    returned: int
    out: int
    """Neither used nor returned."""
    held: list[HeldNumbers]
    """Who holds those that are out."""
