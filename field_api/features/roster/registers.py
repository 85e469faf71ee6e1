"""The roster as registers."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from field_api.core.errors import refuse
from field_api.core.records import Sync
from field_api.core.registers.columns import Choice, Column, ColumnKind, text_column
from field_api.core.registers.register import Register
from field_api.features.roster.permissions import ROSTER_OWN, ROSTER_VIEW, ROSTER_WRITE
from field_api.features.roster.tables import Airspace, Pilot, Point, Team, Terminal, Vehicle
from mission_plans.values.plan import AircraftSpec, Fence

__all__ = ["REGISTERS", "WEIGHT_CLASSES"]

_K = ColumnKind


def _check_vehicle(
    entry_id: str, _before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> None:
    """What planning knows of an aircraft must be of this one."""
    spec: AircraftSpec = after["spec"]
    if spec.vehicle_id != entry_id:
        raise refuse(422, "id_differs", field="spec.vehicle_id", id=entry_id)


def _check_fence(entry_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    """Approvals are bound by who may approve, never by editing the boundary."""
    fence: Fence = after["fence"]
    if fence.id != entry_id:
        raise refuse(422, "id_differs", field="fence.id", id=entry_id)
    known: Fence | None = None if before is None else before["fence"]
    if fence.approval_id != (None if known is None else known.approval_id):
        raise refuse(422, "approval_elsewhere", field="fence.approval_id")


_text = partial(text_column, required=True)


WEIGHT_CLASSES = (
    Choice("micro", "微型", "Micro"),
    Choice("light", "轻型", "Light"),
    Choice("small", "小型", "Small"),
    Choice("medium", "中型", "Medium"),
    Choice("large", "大型", "Large"),
)

REGISTERS = (
    Register(
        name="aircraft",
        title_zh="飞机",
        title_en="Aircraft",
        table=Vehicle,
        columns=(
            _text("name", "名称", "Name"),
            _text("name_en", "英文名", "Name in English"),
            Column(
                "kind",
                _K.CHOICE,
                "机型",
                "Type",
                required=True,
                choices=(
                    Choice("copter", "多旋翼", "Multicopter"),
                    Choice("quadplane", "垂直起降固定翼", "Quadplane"),
                ),
            ),
            _text("base", "基地", "Launch site"),
            _text("registration", "实名登记标志", "Registration mark", required=False),
            _text("product_code", "唯一产品识别码", "Product code", required=False),
            Column("weight_class", _K.CHOICE, "类别", "Weight class", choices=WEIGHT_CLASSES),
            _text("camera", "相机", "Camera", required=False),
            _text("battery_model", "电池型号", "Battery model", required=False),
            Column("battery_cycles", _K.INTEGER, "电池循环次数", "Battery cycles"),
            Column("sysid", _K.INTEGER, "MAVLink 系统号", "MAVLink system id", required=True),
            Column("stream_id", _K.TEXT, "视频流", "Video stream"),
            Column("spec", _K.JSON, "性能", "Performance", required=True, sortable=False),
        ),
        reads=ROSTER_VIEW,
        writes=ROSTER_WRITE,
        noun="vehicle",
        check=_check_vehicle,
    ),
    Register(
        name="pilots",
        title_zh="飞手",
        title_en="Pilots",
        table=Pilot,
        columns=(
            _text("name", "姓名", "Name"),
            _text("licence", "执照号", "Licence number", required=False),
            Column("licence_class", _K.TEXT, "执照等级", "Licence class"),
            Column("expires_on", _K.DATE, "有效期至", "Valid until"),
            Column("username", _K.TEXT, "账号", "Account"),
        ),
        reads=ROSTER_VIEW,
        writes=ROSTER_WRITE,
        key=("licence",),
        noun="pilot",
    ),
    Register(
        name="teams",
        title_zh="队伍",
        title_en="Teams",
        table=Team,
        columns=(
            _text("name", "名称", "Name"),
            _text("name_en", "英文名", "Name in English"),
            Column("people", _K.INTEGER, "人数", "People", required=True),
            _text("station", "驻地", "Station", required=False),
        ),
        reads=ROSTER_VIEW,
        writes=ROSTER_WRITE,
        sync=Sync.AREA,
        noun="team",
    ),
    Register(
        name="terminals",
        title_zh="终端",
        title_en="Handhelds",
        table=Terminal,
        columns=(
            _text("holder", "持有人", "Holder"),
            _text("holder_en", "持有人(英文)", "Holder in English"),
            Column(
                "kind",
                _K.CHOICE,
                "类型",
                "Type",
                required=True,
                choices=(
                    Choice("enforcement", "执法终端", "Enforcement terminal"),
                    Choice("command_handheld", "手持指挥", "Command handheld"),
                    Choice("command_case", "移动指挥箱", "Command case"),
                    Choice("reporter_phone", "信息员手机", "Reporter's phone"),
                ),
            ),
            Column("team_id", _K.TEXT, "队伍", "Team", searchable=True),
            Column("phone", _K.TEXT, "电话", "Phone", sortable=False),
        ),
        reads=ROSTER_VIEW,
        own_reads=ROSTER_OWN,
        writes=ROSTER_WRITE,
        noun="terminal",
    ),
    Register(
        name="airspace",
        title_zh="空域",
        title_en="Airspace",
        table=Airspace,
        columns=(Column("fence", _K.JSON, "边界", "Boundary", required=True, sortable=False),),
        reads=ROSTER_VIEW,
        writes=ROSTER_WRITE,
        sync=Sync.AREA,
        noun="fence",
        check=_check_fence,
    ),
    Register(
        name="places",
        title_zh="地点",
        title_en="Places",
        table=Point,
        columns=(
            _text("name_zh", "名称", "Name in Chinese"),
            _text("name_en", "英文名", "Name in English"),
            Column("place", _K.POINT, "位置", "Position", required=True, sortable=False),
            Column("rally", _K.BOOLEAN, "备降点", "Rally point"),
        ),
        reads=ROSTER_VIEW,
        writes=ROSTER_WRITE,
        sync=Sync.AREA,
        noun="place",
    ),
)
