"""What messages of inspections are made of: days, forms, fields."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from field_api.core.wire import Name

__all__ = [
    "Day",
    "FieldName",
    "FormCode",
    "InspectionKind",
    "InspectionSource",
    "Officers",
    "Values",
]


def _calendar_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_calendar_day)]
"""A calendar day where the bureau is."""
FormCode = Annotated[str, Field(pattern=r"^[A-Z_]{2,30}$")]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Values = Annotated[dict[FieldName, JsonValue], Field(max_length=80)]
Officers = Annotated[list[Name], Field(max_length=6)]

InspectionKind = Literal["routine", "case", "special"]
"""日常检查、个案检查、专项检查."""
InspectionSource = Literal["plan", "complaint", "transfer", "emergency"]
