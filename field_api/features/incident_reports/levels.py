"""How grave an accident or a forest fire is, by the bands of the law. Pure.

以上 includes the number and 以下 excludes it. Any one column that reaches a band decides.
"""

from dataclasses import dataclass

from field_api.features.incident_reports.tables import Level

__all__ = ["BANDS", "Bands", "Graded", "grade"]


@dataclass(frozen=True, slots=True)
class Bands:
    """The table of one kind of incident."""

    basis: str
    larger_major_extraordinary: dict[str, tuple[float, float, float]]
    """By column, from which number on it is 较大, 重大, 特别重大."""


BANDS = {
    "accident": Bands(
        "生产安全事故报告和调查处理条例第三条",
        {
            "deaths": (3, 10, 30),
            "serious_injured": (10, 50, 100),
            "loss_cny": (10_000_000, 50_000_000, 100_000_000),
        },
    ),
    "fire": Bands(
        "森林防火条例第四十条",
        {
            "burned_ha": (1, 100, 1000),
            "deaths": (3, 10, 30),
            "serious_injured": (10, 50, 100),
        },
    ),
}
"""Those read at their source; no other kind of incident is graded by a verified table."""

_ABOVE = (Level.LARGER, Level.MAJOR, Level.EXTRAORDINARY)


@dataclass(frozen=True, slots=True)
class Graded:
    """A level and why."""

    level: Level
    by: str
    """The column that decides."""
    basis: str
    unknown: tuple[str, ...]
    """Columns that nobody has stated: the level may yet be a higher one."""


def grade(kind: str, figures: dict[str, float | None]) -> Graded | None:
    """Return the level that the stated figures reach.

    None where nothing is stated, or where there is no table for the kind.
    """
    bands = BANDS.get(kind)
    if bands is None:
        return None
    known = {name: figures.get(name) for name in bands.larger_major_extraordinary}
    stated = {name: value for name, value in known.items() if value is not None}
    if not stated:
        return None
    reached = {
        name: sum(value >= limit for limit in bands.larger_major_extraordinary[name])
        for name, value in stated.items()
    }
    by = max(reached, key=lambda name: reached[name])
    level = (Level.ORDINARY, *_ABOVE)[reached[by]]
    unknown = tuple(name for name, value in known.items() if value is None)
    return Graded(level, by, bands.basis, unknown)
