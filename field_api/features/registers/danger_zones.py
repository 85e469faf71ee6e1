"""The register of zones that are dangerous to people: who enters one is warned by the handheld.

Codes and the red of lines and areas are those of GB/T 35649-2017 (突发事件应急标绘符号规范), as
restated in public code; the standard itself was not read. The kinds without a code are ours.
"""

from collections.abc import Mapping
from typing import Any

from field_api.core.columns import integer64, shape
from field_api.core.errors import refuse
from field_api.core.records import Record, Sync
from field_api.core.registers.columns import Choice, Column, ColumnKind, text_column
from field_api.core.registers.outline import Outline
from field_api.core.registers.register import Register
from field_api.core.roles import VIEW, Permission, Role

__all__ = ["DANGER_ZONE_WRITE", "REGISTER", "DangerZone"]

DANGER_ZONE_WRITE = Permission.of(
    "danger_zone.write", Role.COMMANDER, Role.DUTY_OFFICER, Role.ADMIN
)


class DangerZone(Record, table=True):
    """An area that people must not enter, or only with care."""

    name: str
    kind: str
    outline: Outline = shape(Outline)
    danger: str | None = None
    """What threatens there, and what to do: read out to who enters."""
    begins_ms: int | None = integer64(default=None)
    ends_ms: int | None = integer64(default=None)


def _check(_id: str, _before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    begins, ends = after.get("begins_ms"), after.get("ends_ms")
    if begins is not None and ends is not None and ends <= begins:
        raise refuse(422, "zone_ends_before", field="ends_ms")


_K = ColumnKind

REGISTER = Register(
    name="danger_zones",
    title_zh="危险区域",
    title_en="Danger zones",
    table=DangerZone,
    columns=(
        text_column("name", "名称", "Name", required=True),
        Column(
            "kind",
            _K.CHOICE,
            "类别",
            "Kind",
            required=True,
            choices=(
                Choice("F10100", "警戒区域 F10100", "Cordoned area F10100"),
                Choice("F10200", "事故控制区域 F10200", "Accident control area F10200"),
                Choice("F10300", "事故蔓延区域 F10300", "Spreading accident F10300"),
                Choice("E20400", "危险路段 E20400", "Dangerous stretch of road E20400"),
                Choice("collapse", "滑坡塌陷", "Landslide or collapse"),
                Choice("toxic", "有毒有害气体", "Toxic gas"),
                Choice("other", "其他危险", "Another danger"),
            ),
        ),
        text_column("danger", "危险和要求", "Danger and what to do"),
        Column("begins_ms", _K.TIME, "开始时间", "From"),
        Column("ends_ms", _K.TIME, "结束时间", "Until"),
        Column("outline", _K.OUTLINE, "范围", "Area on the ground", required=True, sortable=False),
    ),
    reads=VIEW,
    writes=DANGER_ZONE_WRITE,
    sync=Sync.AREA,
    noun="danger_zone",
    check=_check,
)
