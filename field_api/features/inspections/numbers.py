"""Numbers of documents: `（西）应急检记〔2026〕12号`, a street's ends with `〔督〕号`. Pure."""

import re
from dataclasses import dataclass

__all__ = ["Numbered", "parsed", "prefix_of", "suffix_of", "written"]

_NUMBER = re.compile(
    r"(?P<prefix>（[^（）]+）[^〔〕]+〔(?P<year>\d{4})〕)"
    r"(?P<n>[1-9]\d*)(?P<suffix>(?:〔督〕)?号)"
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """The parts of a number."""

    prefix: str
    year: int
    n: int
    suffix: str


def prefix_of(short_name: str, series: str, year: int) -> str:
    """Return what stands before the counter."""
    return f"（{short_name}）{series}〔{year}〕"


def suffix_of(tier: str) -> str:
    """Return what stands after it; a street's documents carry 〔督〕."""
    return "〔督〕号" if tier == "street" else "号"


def written(prefix: str, n: int, suffix: str) -> str:
    """Return a number as it is printed."""
    return f"{prefix}{n}{suffix}"


def parsed(number: str) -> Numbered | None:
    """Return the parts of a printed number, None for anything else."""
    found = _NUMBER.fullmatch(number)
    if found is None:
        return None
    return Numbered(found["prefix"], int(found["year"]), int(found["n"]), found["suffix"])
