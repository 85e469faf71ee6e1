"""Fictional enterprises for tests: the same ones for the same seed, and plainly made up."""

import random
from dataclasses import asdict, dataclass

from field_api.core.areas import AreaKind, Areas, contains, load_areas
from field_api.core.registers.cells import Value
from field_api.features.registers.enterprises import REGISTER

__all__ = ["ENTERPRISE_COLUMNS", "Enterprise", "sample_enterprises"]

INDUSTRIES = ("危险化学品", "烟花爆竹", "非煤矿山", "冶金有色", "工贸", "人员密集场所")
_WORDS = ("安和", "长青", "东升", "丰源", "宏远", "金穗", "蓝天", "滇云", "永兴", "正阳")
_SURNAMES = "赵钱孙李周吴郑王"

ENTERPRISE_COLUMNS = REGISTER.shown_columns


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One made-up enterprise; WGS-84."""

    name: str
    credit_code: str
    industry: str
    grade: str
    address: str
    contact: str
    phone: str
    employees: int
    major_hazard: bool
    area: str
    lat_deg: float
    lon_deg: float

    def row(self) -> dict[str, Value]:
        """Return it as a row of `ENTERPRISE_COLUMNS`."""
        values: dict[str, Value] = asdict(self)
        lat_deg, lon_deg = self.lat_deg, self.lon_deg
        del values["lat_deg"], values["lon_deg"]
        return values | {"place": {"lat_deg": lat_deg, "lon_deg": lon_deg}}


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
            area
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
        within = rng.choice(communities[street.code] or [street])
        industry = rng.choice(INDUSTRIES)
        made.append(
            Enterprise(
                name=f"示例{rng.choice(_WORDS)}{industry}{number:05d}号(虚构)",
                # MA with a check sign of X: no real code ends so.
                credit_code=f"9153{number:06d}MA{seed % 100_000:05d}X",
                industry=industry,
                grade=rng.choices("ABCD", (5, 15, 40, 40))[0],
                address=f"{street.name}{within.name}{rng.randint(1, 400)}号",
                contact=f"{rng.choice(_SURNAMES)}某",
                phone=f"0871-{rng.randint(10_000_000, 99_999_999)}",
                employees=int(rng.lognormvariate(3, 1)) + 1,
                major_hazard=rng.random() < 0.03,
                area=within.code,
                lat_deg=round(seat[0] + rng.uniform(-0.01, 0.01), 6),
                lon_deg=round(seat[1] + rng.uniform(-0.01, 0.01), 6),
            )
        )
    return made
