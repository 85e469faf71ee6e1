"""Which law is in force on a day, for a sector. Pure."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

__all__ = ["EVERY_SECTOR", "citable", "clauses_in_force", "in_force", "items_in_force"]

EVERY_SECTOR = "通用"


class _Dated(Protocol):
    @property
    def in_force_from(self) -> str | None: ...

    @property
    def in_force_to(self) -> str | None: ...


class _Clause(_Dated, Protocol):
    @property
    def sectors(self) -> list[str]: ...


class _Item(_Dated, Protocol):
    @property
    def sector(self) -> str: ...


C = TypeVar("C", bound=_Clause)
I = TypeVar("I", bound=_Item)  # noqa: E741 - an item


def in_force(entry: _Dated, day: str) -> bool:
    """Whether an entry is in force on a day (`YYYY-MM-DD`); both its days count."""
    begun = entry.in_force_from is None or entry.in_force_from <= day
    return begun and (entry.in_force_to is None or day <= entry.in_force_to)


def citable(standing: str) -> bool:
    """Whether a clause of this standing may stand in an issued document."""
    return standing in ("verified", "confirmed")


def clauses_in_force(clauses: Iterable[C], day: str, sector: str) -> list[C]:
    """Return the clauses to pick from on a day in a sector, those for every sector among them."""
    return [
        clause
        for clause in clauses
        if in_force(clause, day) and (sector in clause.sectors or EVERY_SECTOR in clause.sectors)
    ]


def items_in_force(items: Iterable[I], day: str, sector: str) -> list[I]:
    """Return the questions of a sector and those of every sector that are asked on a day."""
    return [item for item in items if in_force(item, day) and item.sector in (sector, EVERY_SECTOR)]
