"""When a plan may be authorised, and whether it is night. Pure."""

from mission_plans.ground.sun import sun_elevation_deg

__all__ = ["CHECKLIST", "is_night", "missing_items"]

CHECKLIST: dict[str, tuple[str, str]] = {
    "airframe": ("机体、桨叶、电机完好", "airframe, propellers and motors"),
    "battery": ("电池充足、安装牢固", "battery charged and seated"),
    "airspace": ("空域与批准已核对", "airspace and approvals"),
    "weather": ("气象在限制以内", "weather inside limits"),
    "crew": ("人员状态与资质相符", "crew fit and qualified"),
    "area_clear": ("起降区无人", "take-off area clear"),
    "lights": ("夜航灯光已开启", "lights on"),
}
"""The mandatory pre-flight items (Art. 32) in both languages."""

DUSK_DEG = -0.833
"""The sun's elevation at sunrise and sunset, refraction and its radius included."""


def missing_items(ticked: dict[str, bool], *, night: bool) -> list[str]:
    """Return the mandatory items that are not ticked; lights count at night only."""
    return [
        item for item in CHECKLIST if not ticked.get(item, False) and (night or item != "lights")
    ]


def is_night(t_ms: int, lat_deg: float, lon_deg: float) -> bool:
    """Whether the sun is down."""
    return sun_elevation_deg(t_ms, lat_deg, lon_deg) < DUSK_DEG
