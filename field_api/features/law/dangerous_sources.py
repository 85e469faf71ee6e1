"""The register of dangerous sources: what is kept where, who answers for it, and its grade."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import event
from sqlmodel import Field

from field_api.core.columns import shape
from field_api.core.errors import refuse
from field_api.core.records import Record, Sync
from field_api.core.registers.columns import Choice, Column, ColumnKind
from field_api.core.registers.register import Register
from field_api.features.law.grade import Substance, UnknownSubstanceError, graded
from field_api.features.law.permissions import LAW_VIEW, SOURCES_WRITE

__all__ = ["DANGEROUS_SOURCES", "DangerousSource"]


class DangerousSource(Record, table=True):
    """One unit of an enterprise: a tank farm, a store, a plant."""

    enterprise_id: str = Field(index=True)
    unit: str
    substances: list[Substance] = shape(list[Substance])
    exposed_people: int
    """Within 500 m of its boundary."""
    principal: str = ""
    principal_phone: str = ""
    technical: str = ""
    technical_phone: str = ""
    operating: str = ""
    operating_phone: str = ""
    sum_of_ratios: float | None = None
    danger: float | None = None
    grade: str | None = None
    """Of these three nobody writes the value: it is the formula's."""


def _take_grade(_mapper: Any, _connection: Any, row: DangerousSource) -> None:
    found = graded(row.substances, row.exposed_people)
    row.sum_of_ratios, row.danger = round(found.sum_of_ratios, 6), round(found.danger, 6)
    row.grade = found.grade


# Whichever way an entry is written (form, handheld, import): what is kept is what follows.
event.listen(DangerousSource, "before_insert", _take_grade)
event.listen(DangerousSource, "before_update", _take_grade)


def _check(_entry_id: str, _before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    given = [Substance.model_validate(one) for one in after["substances"]]
    if after["exposed_people"] < 0:
        raise refuse(422, "exposed_people_negative", field="exposed_people")
    try:
        graded(given, after["exposed_people"])
    except UnknownSubstanceError as error:
        code = "substance_without_category" if error.name else "substance_unknown"
        raise refuse(422, code, field="substances", code=error.code, name=error.name) from None


_K = ColumnKind
_COMPUTED = "自动计算,物质名称待核对", "computed; names to be confirmed"


def _person(name: str, zh: str, en: str) -> tuple[Column, Column]:
    return (
        Column(name, _K.TEXT, zh, en, searchable=True),
        Column(f"{name}_phone", _K.TEXT, f"{zh}电话", f"{en}, phone", sortable=False),
    )


DANGEROUS_SOURCES = Register(
    name="dangerous_sources",
    title_zh="危险化学品重大危险源(GB 18218-2018,物质名称待核对)",
    title_en="Dangerous sources (GB 18218-2018, names of substances to be confirmed)",
    table=DangerousSource,
    columns=(
        Column("enterprise_id", _K.TEXT, "企业编号", "Enterprise", required=True, searchable=True),
        Column("unit", _K.TEXT, "单元", "Unit", required=True, searchable=True),
        Column("substances", _K.JSON, "物质和数量", "Substances", required=True, sortable=False),
        Column(
            "exposed_people",
            _K.INTEGER,
            "500米内暴露人数",
            "People exposed within 500 m",
            unit="people",
            required=True,
        ),
        *_person("principal", "主要负责人", "Principal"),
        *_person("technical", "技术负责人", "Technical lead"),
        *_person("operating", "操作负责人", "Operating lead"),
        Column("sum_of_ratios", _K.NUMBER, f"S 值({_COMPUTED[0]})", f"S ({_COMPUTED[1]})"),
        Column("danger", _K.NUMBER, f"R 值({_COMPUTED[0]})", f"R ({_COMPUTED[1]})"),
        Column(
            "grade",
            _K.CHOICE,
            f"分级({_COMPUTED[0]})",
            f"Grade ({_COMPUTED[1]})",
            choices=(
                Choice("1", "一级", "Grade 1"),
                Choice("2", "二级", "Grade 2"),
                Choice("3", "三级", "Grade 3"),
                Choice("4", "四级", "Grade 4"),
                Choice("none", "不构成重大危险源", "Not a major one"),
            ),
        ),
    ),
    reads=LAW_VIEW,
    writes=SOURCES_WRITE,
    key=("enterprise_id", "unit"),
    sync=Sync.AREA,
    noun="dangerous_source",
    check=_check,
)
