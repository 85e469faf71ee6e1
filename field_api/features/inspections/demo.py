"""The demo's offices, officers, enterprises and today's two inspections: all of it made up."""

from typing import TypeVar

from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.core.change import Change
from field_api.core.records import Record
from field_api.features.accounts.tables import User
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.registers import Office, Officer
from field_api.features.inspections.tables import Inspection, InspectionState
from field_api.features.registers.enterprises import Enterprise
from field_api.features.roster.tables import Terminal

__all__ = ["seed_inspections"]

R = TypeVar("R", bound=Record)

HAIKOU, BIJI = "530112009", "530112008"
_REVIEWED_BY, _COURT = "西山区人民政府", "昆明市西山区人民法院"


def _offices() -> list[Office]:
    def office(ident: str, name: str, short_name: str, tier: str, area: str) -> Office:
        return Office(
            id=ident,
            area=area,
            name=name,
            short_name=short_name,
            tier=tier,
            reconsideration=_REVIEWED_BY,
            court=_COURT,
        )

    return [
        office("bureau", "昆明市西山区应急管理局", "西", "bureau", ""),
        office("street-haikou", "西山区海口街道办事处", "西海口", "street", HAIKOU),
        office("street-biji", "西山区碧鸡街道办事处", "西碧鸡", "street", BIJI),
    ]


def _officers(accounts: set[str]) -> list[Officer]:
    def officer(number: int, name: str, office: str, area: str, username: str | None) -> Officer:
        return Officer(
            id=f"officer-{number}",
            area=area,
            name=name,
            certificate=f"演示5301{number:04d}",
            valid_from="2024-01-01",
            valid_to="2028-12-31",
            office_id=office,
            username=username if username in accounts else None,
        )

    return [
        officer(1, "执法员甲", "bureau", "", "ht-01"),
        officer(2, "执法员乙", "bureau", "", "ht-02"),
        officer(3, "街道安监员", "street-haikou", HAIKOU, "ht-03"),
        officer(4, "街道安监员二", "street-haikou", HAIKOU, None),
        officer(5, "碧鸡安监员", "street-biji", BIJI, None),
        officer(6, "碧鸡安监员二", "street-biji", BIJI, None),
    ]


def _enterprises() -> list[Enterprise]:
    def enterprise(
        number: int, name: str, industry: str, grade: str, area: str, lat_deg: float, lon_deg: float
    ) -> Enterprise:
        return Enterprise(
            id=f"demo-{number}",
            area=area,
            name=name,
            credit_code=f"91530112DEMO0000{number:02d}",
            industry=industry,
            grade=grade,
            address=f"西山区示例路{number}号(虚构)",
            contact="示例联系人",
            phone=f"0871-0000{number:04d}",
            representative=f"示例负责人{number}",
            scan_code=f"DEMO-JDM-{number:04d}",
            employees=40 * number,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
        )

    return [
        enterprise(1, "示例磷化工有限公司(虚构)", "危险化学品", "B", HAIKOU, 24.789, 102.552),
        enterprise(2, "示例机械厂(虚构)", "工贸", "B", HAIKOU, 24.783, 102.566),
        enterprise(3, "示例露天矿(虚构)", "非煤矿山", "C", HAIKOU, 24.756, 102.548),
        enterprise(4, "示例加油站(虚构)", "加油站", "A", BIJI, 24.951, 102.643),
        enterprise(5, "示例商场(虚构)", "商贸", "A", BIJI, 24.957, 102.646),
    ]


def _add(change: Change, table: type[R], rows: list[R]) -> int:
    known = set(change.session.exec(select(col(table.id))))
    missing = [row for row in rows if row.id not in known]
    for row in missing:
        change.create(row)
    return len(missing)


def _inspection(
    change: Change, enterprise: str, sector: str, office: str, officers: list[str], terminal: str
) -> int:
    """Plan an inspection for today, unless the enterprise has one today."""
    day = local_day(change.t_ms)
    there = select(Inspection.id).where(
        Inspection.enterprise_id == enterprise, Inspection.day == day
    )
    if change.session.exec(there.limit(1)).first() is not None:
        return 0
    found = change.session.get_one(Enterprise, enterprise)
    tier = change.session.get_one(Office, office).tier
    has_terminal = change.session.get(Terminal, terminal) is not None
    change.create(
        Inspection(
            id=new_id(),
            area=found.area,
            enterprise_id=enterprise,
            office_id=office,
            tier=tier,
            sector=sector,
            kind="routine",
            source="plan",
            day=day,
            officer_ids=officers,
            terminal_id=terminal if has_terminal else None,
            state=InspectionState.PLANNED,
            opened_ms=change.t_ms,
            opened_by=change.actor.name,
        ),
        fresh_id=True,
    )
    return 1


def seed_inspections(change: Change) -> None:
    """Add what of the demo's inspections is not there yet; what was changed stays."""
    accounts = set(change.session.exec(select(User.username)))
    count = _add(change, Office, _offices())
    count += _add(change, Officer, _officers(accounts))
    count += _add(change, Enterprise, _enterprises())
    change.session.flush()
    bureau, street = ["officer-1", "officer-2"], ["officer-3", "officer-4"]
    count += _inspection(change, "demo-1", "危险化学品", "bureau", bureau, "HT-01")
    count += _inspection(change, "demo-2", "工贸", "street-haikou", street, "HT-03")
    if count:
        change.record("inspection.demo", "inspections", count=count)
