"""Fictional enterprises for tests: the same ones for the same seed, and plainly made up."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from field_api.core.areas import AreaKind, Areas, contains, load_areas
from field_api.core.registers.cells import Value
from field_api.core.registers.columns import Choice, Column, ColumnKind

__all__ = ["ENTERPRISE_COLUMNS", "Enterprise", "sample_enterprises"]

_INDUSTRIES = (
    ("hazmat", "危险化学品", "hazardous chemicals"),
    ("fireworks", "烟花爆竹", "fireworks"),
    ("mine", "非煤矿山", "mines other than coal"),
    ("metal", "冶金有色", "metallurgy"),
    ("trade", "工贸", "industry and trade"),
    ("crowded", "人员密集场所", "crowded places"),
)
_WORDS = ("安和", "长青", "东升", "丰源", "宏远", "金穗", "蓝天", "滇云", "永兴", "正阳")

ENTERPRISE_COLUMNS = (
    Column("name", ColumnKind.TEXT, "企业名称", "enterprise", required=True, searchable=True),
    Column(
        "industry",
        ColumnKind.CHOICE,
        "行业",
        "industry",
        choices=tuple(Choice(*industry) for industry in _INDUSTRIES),
    ),
    Column(
        "grade",
        ColumnKind.CHOICE,
        "风险等级",
        "risk grade",
        choices=tuple(Choice(letter, f"{letter}级", f"grade {letter}") for letter in "ABCD"),
    ),
    Column("area", ColumnKind.AREA, "所属区划", "area", required=True),
    Column("staff", ColumnKind.INTEGER, "从业人数", "staff"),
    Column("since", ColumnKind.DATE, "成立日期", "founded"),
    Column("place", ColumnKind.POINT, "位置", "place"),
)


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One made-up enterprise; WGS-84."""

    name: str
    industry: str
    grade: str
    area: str
    staff: int
    since: str
    lat_deg: float
    lon_deg: float

    def row(self) -> dict[str, Value]:
        """Return it as a row of `ENTERPRISE_COLUMNS`."""
        return {
            "name": self.name,
            "industry": self.industry,
            "grade": self.grade,
            "area": self.area,
            "staff": self.staff,
            "since": self.since,
            "place": {"lat_deg": self.lat_deg, "lon_deg": self.lon_deg},
        }


def sample_enterprises(
    count: int, *, seed: int = 530112, areas: Areas | None = None
) -> list[Enterprise]:
    """Make `count` enterprises, each within about 1.5 km of the seat of its street."""
    areas = areas or load_areas()
    rng = random.Random(seed)
    listed = areas.listed()
    streets = [area for area in listed if area.kind is AreaKind.STREET]
    communities = {
        street.code: [
            area.code
            for area in listed
            if area.kind is AreaKind.COMMUNITY and contains(street.code, area.code)
        ]
        for street in streets
    }
    made: list[Enterprise] = []
    for number in range(1, count + 1):
        street = rng.choice(streets)
        seat = areas.seat_wgs84(street.code)
        assert seat is not None, street
        industry, title, _ = rng.choice(_INDUSTRIES)
        made.append(
            Enterprise(
                name=f"示例{rng.choice(_WORDS)}{title}{number:05d}号(虚构)",
                industry=industry,
                grade=rng.choices("ABCD", (5, 15, 40, 40))[0],
                area=rng.choice(communities[street.code] or [street.code]),
                staff=int(rng.lognormvariate(3, 1)) + 1,
                since=str(date(1985, 1, 1) + timedelta(days=rng.randrange(15_000))),
                lat_deg=round(seat[0] + rng.uniform(-0.01, 0.01), 6),
                lon_deg=round(seat[1] + rng.uniform(-0.01, 0.01), 6),
            )
        )
    return made
