"""The registers of the law."""

from collections.abc import Mapping
from typing import Any

from field_api.core.errors import refuse
from field_api.core.records import Sync
from field_api.core.registers.columns import Choice, Column, ColumnKind, text_column
from field_api.core.registers.register import Register
from field_api.features.law.permissions import LAW_VIEW, LAW_WRITE
from field_api.features.law.report_duties import REPORT_DUTIES
from field_api.features.law.tables import ChecklistItem, ClauseStanding, Holiday, LawClause

__all__ = ["CHECKLIST_ITEMS", "HOLIDAYS", "LAW_CLAUSES", "MEASURES", "REGISTERS"]

_K = ColumnKind
_SAID = ("standard", "edition", "article", "text")


def _check_clause(
    _entry_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> None:
    """`verified` is the mark of what was shipped; a person confirms, and says where it stands."""
    standing = after["standing"]
    if standing == ClauseStanding.CONFIRMED and not after["confirmed_note"]:
        raise refuse(422, "confirmation_without_note", field="confirmed_note")
    if standing != ClauseStanding.VERIFIED:
        return
    was_verified = before is not None and before["standing"] == ClauseStanding.VERIFIED
    if before is None or not was_verified or any(before[name] != after[name] for name in _SAID):
        raise refuse(422, "verified_is_shipped", field="standing")


def _period() -> tuple[Column, Column]:
    return (
        Column("in_force_from", _K.DATE, "施行日期", "In force from"),
        Column("in_force_to", _K.DATE, "失效前最后一日", "Last day in force"),
    )


MEASURES = (
    Choice("rectify", "责令限期整改", "Rectify by a date"),
    Choice("at_once", "责令立即排除", "Remove at once"),
    Choice("withdraw", "从危险区域内撤出作业人员", "Withdraw workers"),
    Choice("suspend", "暂时停产停业", "Suspend production"),
    Choice("stop_use", "暂时停止使用相关设施、设备", "Stop using the equipment"),
    Choice("transfer", "移送主管部门", "Transfer to the authority in charge"),
)

LAW_CLAUSES = Register(
    name="law_clauses",
    title_zh="执法依据条款",
    title_en="Law clauses",
    table=LawClause,
    columns=(
        text_column("code", "代号", "Code", required=True),
        text_column("standard", "法律、标准名称", "Law or standard", required=True),
        text_column("edition", "版本、文号", "Edition"),
        text_column("article", "条款", "Article", required=True),
        Column("sectors", _K.JSON, "适用行业", "Sectors", required=True, sortable=False),
        Column(
            "level",
            _K.CHOICE,
            "类别",
            "Level",
            required=True,
            choices=(
                Choice("ordinary", "一般条款", "Ordinary"),
                Choice("major", "重大隐患判定情形", "Criterion of a major hazard"),
            ),
        ),
        text_column("text", "条文", "Text"),
        *_period(),
        Column(
            "standing",
            _K.CHOICE,
            "核对情况",
            "Standing",
            required=True,
            choices=(
                Choice("verified", "已核对来源", "Read by who shipped it"),
                Choice("unverified", "未核对,不得引用", "Not read, not to be cited"),
                Choice("confirmed", "本局已确认", "Confirmed by the bureau"),
            ),
        ),
        Column("confirmed_note", _K.TEXT, "确认说明(依据何处)", "Confirmed where"),
        Column("note", _K.TEXT, "备注", "Note", sortable=False),
        Column("source", _K.TEXT, "来源", "Source", sortable=False),
    ),
    reads=LAW_VIEW,
    writes=LAW_WRITE,
    key=("code",),
    sync=Sync.AREA,
    noun="clause",
    check=_check_clause,
)

CHECKLIST_ITEMS = Register(
    name="checklist_items",
    title_zh="检查表",
    title_en="Checklists",
    table=ChecklistItem,
    columns=(
        text_column("sector", "行业", "Sector", required=True),
        Column("position", _K.INTEGER, "序号", "Position", required=True),
        text_column("question", "检查内容", "Question", required=True),
        text_column("how", "检查方法", "How"),
        Column("clause_ids", _K.JSON, "依据条款", "Clauses", required=True, sortable=False),
        Column("measure", _K.CHOICE, "处理措施", "Measure", required=True, choices=MEASURES),
        Column(
            "severity",
            _K.CHOICE,
            "隐患等级",
            "Severity",
            required=True,
            choices=(
                Choice("ordinary", "一般", "Ordinary"),
                Choice("major", "可能重大,须对照判定情形", "May be major: see the criteria"),
                Choice("either", "一般或重大", "Either"),
                Choice("transfer", "移送", "Another authority's"),
            ),
        ),
        Column("fine_ref", _K.TEXT, "罚则", "Fine"),
        Column("verified", _K.BOOLEAN, "依据已核对", "Clauses read"),
        *_period(),
    ),
    reads=LAW_VIEW,
    writes=LAW_WRITE,
    sync=Sync.AREA,
    noun="checklist_item",
)

HOLIDAYS = Register(
    name="holidays",
    title_zh="节假日和调休(未录入的年份只按周末计算)",
    title_en="Holidays and make-up workdays (a year that is not entered counts weekends alone)",
    table=Holiday,
    columns=(
        Column("day", _K.DATE, "日期", "Day", required=True, searchable=True),
        Column(
            "kind",
            _K.CHOICE,
            "类别",
            "Kind",
            required=True,
            choices=(Choice("off", "放假", "Day off"), Choice("work", "上班", "Workday")),
        ),
        text_column("name", "名称", "Name", required=True),
    ),
    reads=LAW_VIEW,
    writes=LAW_WRITE,
    key=("day",),
    sync=Sync.AREA,
    noun="holiday",
)

REGISTERS = (LAW_CLAUSES, CHECKLIST_ITEMS, HOLIDAYS, REPORT_DUTIES)
