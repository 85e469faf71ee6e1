"""The register of duties to report: the law as law, the rest as defaults to be changed."""

import re
from collections.abc import Mapping
from typing import Any

from field_api.core.errors import refuse
from field_api.core.records import Sync
from field_api.core.registers.columns import Choice, Column, ColumnKind, text_column
from field_api.core.registers.register import Register
from field_api.features.law.permissions import LAW_VIEW, LAW_WRITE
from field_api.features.law.tables import ClauseStanding, ReportDuty

__all__ = ["REPORT_DUTIES"]

_K = ColumnKind
_SAID = ("stage", "way", "kinds", "from_level", "start", "minutes", "daily_at", "basis")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_LONGEST_MINUTES = 366 * 24 * 60


def _check(_entry_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    """What stands as law is as it was shipped; a person confirms, and says where it stands."""
    minutes, daily = after["minutes"], after["daily_at"]
    if minutes is not None and not 0 < minutes <= _LONGEST_MINUTES:
        raise refuse(422, "duty_minutes", field="minutes", most=_LONGEST_MINUTES)
    if daily and _CLOCK.fullmatch(daily) is None:
        raise refuse(422, "duty_daily_at", field="daily_at")
    if after["standing"] == ClauseStanding.CONFIRMED and not after["confirmed_note"]:
        raise refuse(422, "confirmation_without_note", field="confirmed_note")
    if after["standing"] != ClauseStanding.VERIFIED:
        return
    shipped = before is not None and before["standing"] == ClauseStanding.VERIFIED
    if before is None or not shipped or any(before[name] != after[name] for name in _SAID):
        raise refuse(422, "verified_is_shipped", field="standing")


def _choices(*given: tuple[str, str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(*each) for each in given)


REPORT_DUTIES = Register(
    name="report_duties",
    title_zh="信息报送时限",
    title_en="Duties to report and their time limits",
    table=ReportDuty,
    columns=(
        text_column("code", "代号", "Code", required=True),
        text_column("name", "名称", "Name", required=True),
        text_column("name_en", "英文名称", "English name"),
        Column(
            "stage",
            _K.CHOICE,
            "报告",
            "Report",
            required=True,
            choices=_choices(
                ("first", "首报", "First report"),
                ("follow_up", "续报", "Follow-up"),
                ("final", "终报", "Final report"),
            ),
        ),
        Column(
            "way",
            _K.CHOICE,
            "方式",
            "Way",
            required=True,
            choices=_choices(("phone", "电话", "By phone"), ("written", "书面", "In writing")),
        ),
        Column("kinds", _K.JSON, "适用事件", "Kinds of incident", required=True, sortable=False),
        Column(
            "from_level",
            _K.CHOICE,
            "最低等级(空为不限)",
            "From level (empty: all)",
            choices=_choices(
                ("larger", "较大", "Larger"),
                ("major", "重大", "Major"),
                ("extraordinary", "特别重大", "Extraordinarily serious"),
            ),
        ),
        Column(
            "start",
            _K.CHOICE,
            "起算",
            "Counts from",
            required=True,
            choices=_choices(
                ("received", "本局接报", "The bureau was told"),
                ("happened", "灾害、事故发生", "It happened"),
                ("new_facts", "出现新情况", "New facts"),
                ("reported", "上一次报告", "The report before"),
                ("ended", "处置结束", "The incident was closed"),
            ),
        ),
        Column("minutes", _K.INTEGER, "时限(分钟,空为立即)", "Minutes (empty: at once)"),
        text_column("daily_at", "每日时刻", "Every day at"),
        text_column("recipient", "报送对象", "To whom", required=True),
        text_column("recipient_en", "报送对象(英文)", "To whom, in English"),
        text_column("basis", "依据", "Basis", required=True),
        Column(
            "standing",
            _K.CHOICE,
            "性质",
            "Standing",
            required=True,
            choices=_choices(
                ("verified", "法定(已核对来源)", "Law, read by who shipped it"),
                ("unverified", "缺省值,可改,不作为法定", "A default to be changed, no law"),
                ("confirmed", "本局已确认", "Confirmed by the bureau"),
            ),
        ),
        Column("confirmed_note", _K.TEXT, "确认说明(依据何处)", "Confirmed where"),
        Column("note", _K.TEXT, "备注", "Note", sortable=False),
        Column("source", _K.TEXT, "来源", "Source", sortable=False),
        Column("active", _K.BOOLEAN, "启用", "In use"),
    ),
    reads=LAW_VIEW,
    writes=LAW_WRITE,
    key=("code",),
    noun="report_duty",
    check=_check,
    sync=Sync.NONE,
)
