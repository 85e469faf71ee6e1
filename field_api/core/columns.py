"""Column types that mean the same on SQLite and PostgreSQL.

Times are 64-bit milliseconds, bodies are JSON columns that hold typed values, states are enums
stored by their value.
"""

from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Dialect, String, TypeDecorator
from sqlmodel import Field

__all__ = ["JsonText", "Shape", "choice", "integer64", "shape"]


class JsonText(TypeDecorator[str]):
    """JSON kept as the text it came as: the engine's (de)serialiser is the identity."""

    impl = JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)


class Shape(TypeDecorator[Any]):
    """A JSON column whose value is a typed one, validated when it is read."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__(none_as_null=True)
        self.kind = kind
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the value as JSON text."""
        return None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read the value."""
        return None if value is None else self._adapter.validate_json(value)


class _ByValue(TypeDecorator[StrEnum]):
    """A StrEnum stored as its value: renaming a member never touches stored rows."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Write the value."""
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Read the member."""
        return None if value is None else self.kind(value)


def integer64(**options: Any) -> Any:
    """Return a field of 64 bits: milliseconds, sequence numbers, bytes."""
    return Field(sa_type=BigInteger, **options)


def shape(kind: Any, **options: Any) -> Any:
    """Return a field kept as JSON and read as `kind`."""
    return Field(sa_type=Shape(kind), **options)  # pyright: ignore[reportArgumentType]


def choice(kind: type[StrEnum], **options: Any) -> Any:
    """Return a field that holds one member of an enum."""
    return Field(sa_type=_ByValue(kind), **options)  # pyright: ignore[reportArgumentType]
