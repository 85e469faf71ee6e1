"""The grade of a dangerous source by GB 18218-2018. Pure.

S = sum of q/Q says whether a unit is a major one (S >= 1), R = alpha * sum of beta * q/Q its grade.
The numbers were read, the names of substances were not: a person confirms them.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Grade", "Graded", "Substance", "UnknownSubstanceError", "graded"]

Grade = Literal["1", "2", "3", "4", "none"]
"""一级 to 四级; `none` is no major one."""
_GRADES: tuple[tuple[float, Grade], ...] = ((100, "1"), (50, "2"), (10, "3"))
_ALPHAS = ((100, 2.0), (50, 1.5), (30, 1.2), (1, 1.0))
_ALPHA_OF_NOBODY = 0.5


class Substance(BaseModel):
    """What is kept in a unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    """Number in table 1, e.g. `12` (氯), or category of table 2, e.g. `W5.3`."""
    category: str = ""
    """Category of table 2 whose beta counts, for one of table 1 that table 3 does not name."""
    quantity_t: float = Field(ge=0, allow_inf_nan=False)
    """The most that may be there, tonnes."""


class UnknownSubstanceError(ValueError):
    """The tables do not have it, or not what its danger counts."""

    def __init__(self, code: str, name: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.name = name
        """Of one that is known, whose category must be given."""


@dataclass(frozen=True, slots=True)
class Graded:
    """What the formula gives."""

    sum_of_ratios: float
    """S."""
    danger: float
    """R."""
    alpha: float
    grade: Grade


@cache
def _tables() -> dict[str, Any]:
    text = files("field_api").joinpath("data", "law", "gb18218.json").read_text("utf-8")
    return json.loads(text)


def _plain(name: str) -> str:
    return re.sub(r"[(（\[].*", "", name)


def _quantity_and_beta(substance: Substance) -> tuple[float, float]:
    categories = {one["code"]: one for one in _tables()["table2"]}
    if substance.code in categories:
        own = categories[substance.code]
        return own["Q_t"], own["beta"]
    known = next((one for one in _tables()["table1"] if str(one["n"]) == substance.code), None)
    if known is None:
        raise UnknownSubstanceError(substance.code)
    betas = {one["name"]: one["beta"] for one in _tables()["beta_named"]}
    beta = betas.get(_plain(known["name"]))
    if beta is None and substance.category in categories:
        beta = categories[substance.category]["beta"]
    if beta is None:
        raise UnknownSubstanceError(substance.code, known["name"])
    return known["Q_t"], beta


def _grade(danger: float) -> Grade:
    for least, grade in _GRADES:
        if danger >= least:
            return grade
    return "4"


def graded(substances: Iterable[Substance], exposed_people: int) -> Graded:
    """Return S, R and the grade of a unit.

    Args:
        substances: all that may be in it at once.
        exposed_people: living or working within 500 m of its boundary.

    Raises:
        UnknownSubstanceError: the tables do not have one of them.
    """
    ratios = weighted = 0.0
    for one in substances:
        most_t, beta = _quantity_and_beta(one)
        ratios += one.quantity_t / most_t
        weighted += beta * one.quantity_t / most_t
    alpha = next((a for people, a in _ALPHAS if exposed_people >= people), _ALPHA_OF_NOBODY)
    danger = alpha * weighted
    return Graded(ratios, danger, alpha, _grade(danger) if ratios >= 1 else "none")
