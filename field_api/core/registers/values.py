"""What a client sends for an entry, checked column by column, and what its row keeps of it.

A body's shape is made from the register's columns, so that unknown fields and wrong values are
refused by name and in both languages; an import goes through the same shape.
"""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
)
from pydantic_core import PydanticCustomError
from sqlalchemy import BigInteger

from field_api.core.areas import district_areas
from field_api.core.columns import Shape
from field_api.core.errors import ApiError, validation_detail
from field_api.core.records import Record
from field_api.core.registers.cells import CellError, convert_cell
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.register import AREA_COLUMN, Register, attributes_of
from field_api.core.registers.tables import TableLimits, clean
from field_api.core.wire import Latitude, Longitude

__all__ = [
    "FILE_LIMITS",
    "attributes",
    "body_model",
    "checked_by",
    "checked_values",
    "stored_values",
]

_MOST_TEXT = 10_000
_MOST_JSON = 30_000
FILE_LIMITS = TableLimits(max_cell_chars=_MOST_JSON)
"""Of imports; a cell of a workbook can hold 32,767 characters."""
_INT32, _INT53 = 2**31 - 1, 2**53 - 1
_TIMES_MS = (-2_208_988_800_000, 7_258_118_400_000)
"""1900 to 2200, as in files."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Point(_Entry):
    lat_deg: Latitude
    lon_deg: Longitude


def checked_values(
    register: Register[Any], given: Mapping[str, object], *, creating: bool
) -> dict[str, Any]:
    """Return the values of a body or of a file's row; columns left out are left out.

    Args:
        register: what they are an entry of.
        given: values by column; `area` is one.
        creating: required columns must be given.

    Raises:
        ApiError: 422 `invalid`, naming the field.
    """
    return checked_by(body_model(register, creating), given)


def checked_by(model: type[BaseModel], given: Mapping[str, object]) -> dict[str, Any]:
    """Do the same with the shape at hand, for many rows.

    Raises:
        ApiError: 422 `invalid`, naming the field.
    """
    try:
        entry = model.model_validate(given)
    except ValidationError as error:
        findings = cast("list[dict[str, Any]]", error.errors(include_url=False))
        detail = validation_detail(findings)
        raise ApiError(
            422, detail.code, detail.text_zh, detail.text_en, field=detail.field
        ) from None
    return {name: getattr(entry, name) for name in entry.model_fields_set}


@cache
def body_model(register: Register[Any], creating: bool) -> type[BaseModel]:
    """Return the shape of an entry's values."""
    fields: dict[str, Any] = {}
    for column in register.shown_columns:
        kind = _type_of(register, column)
        if not column.required:
            kind = kind | None
        fields[column.name] = (kind, ... if column.required and creating else None)
    name = f"{register.name}_{'new' if creating else 'changed'}"
    return create_model(name, __base__=_Entry, **fields)


def stored_values(register: Register[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values by the attributes that keep them; `area` is not among them."""
    kept: dict[str, Any] = {}
    for column in register.columns:
        if column.name not in values:
            continue
        value = values[column.name]
        if column.kind is ColumnKind.POINT:
            for attribute in attributes_of(column):
                kept[attribute] = None if value is None else getattr(value, attribute)
            continue
        stored = register.stored(column.name)
        members = getattr(stored.type, "kind", None)
        if value is None and not stored.nullable:
            value = "" if stored.default is None else cast(Any, stored.default).arg
        elif value is not None and isinstance(members, type) and issubclass(members, StrEnum):
            value = members(value)
        kept[column.name] = value
    return kept


def attributes(register: Register[Any], row: Record) -> dict[str, Any]:
    """Return what a row keeps, as `stored_values` gives it."""
    return {
        attribute: getattr(row, attribute)
        for column in register.columns
        for attribute in attributes_of(column)
    }


def _type_of(register: Register[Any], column: Column) -> Any:
    match column.kind:
        case ColumnKind.TEXT:
            return Annotated[str, Field(max_length=_MOST_TEXT), AfterValidator(_cell(column))]
        case ColumnKind.DATE | ColumnKind.AREA:
            return Annotated[str, Field(max_length=100), AfterValidator(_cell(column))]
        case ColumnKind.INTEGER:
            wide = isinstance(register.stored(column.name).type, BigInteger)
            most = _INT53 if wide else _INT32
            return Annotated[int, Field(strict=True, ge=-most, le=most)]
        case ColumnKind.TIME:
            return Annotated[int, Field(strict=True, ge=_TIMES_MS[0], le=_TIMES_MS[1])]
        case ColumnKind.NUMBER:
            return Annotated[float, Field(strict=True)]
        case ColumnKind.BOOLEAN:
            return Annotated[bool, Field(strict=True)]
        case ColumnKind.CHOICE:
            return Literal[tuple(choice.value for choice in column.choices)]
        case ColumnKind.POINT:
            return Annotated[_Point, Field()]
        case ColumnKind.JSON | ColumnKind.OUTLINE:
            shape = cast(Shape, register.stored(column.name).type)
            return Annotated[shape.kind, BeforeValidator(_plain_json)]


def _cell(column: Column) -> Callable[[str], str | None]:
    """Read text as a file's cell is read: what is taken here must be taken there."""

    def read(text: str) -> str | None:
        cell = clean(text)
        if cell is None and column.required:
            raise _bilingual("必填", "must be given")
        areas = district_areas() if column is AREA_COLUMN else None
        try:
            return cast("str | None", convert_cell(column, cell, areas))
        except CellError as error:
            raise _bilingual(error.text_zh, error.text_en) from None

    return read


def _plain_json(value: object) -> object:
    """Refuse what JSON text can't hold: NaN would be read back as null, half a character never."""
    try:
        size = (
            len(
                json.dumps(value, ensure_ascii=False, allow_nan=False, default=str).encode(
                    "utf-16-le"
                )
            )
            // 2
        )
    except (ValueError, RecursionError):
        raise _bilingual("应为有效的 JSON", "valid JSON is allowed") from None
    if size > _MOST_JSON:
        raise _bilingual(
            f"不得超过 {_MOST_JSON} 字符", f"at most {_MOST_JSON} characters are allowed"
        )
    return value


def _bilingual(text_zh: str, text_en: str) -> PydanticCustomError:
    return PydanticCustomError("bilingual", "{text_en}", {"text_zh": text_zh, "text_en": text_en})
