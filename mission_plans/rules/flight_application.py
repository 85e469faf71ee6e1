"""The flight application of Art. 27: thirteen items filled from a mission (story O5)."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Literal

from pydantic import Field

from mission_plans.rules.flight_rules import CLASS_NAMES, FlightFacts, FlightRules
from mission_plans.values.base import Value
from mission_plans.values.plan import SearchPlan

__all__ = ["ApplicantUnit", "ApplicationItem", "FlightApplication", "Kind", "fill_application"]

Kind = Literal["normal", "emergency", "urgent"]
KIND_NAMES: dict[Kind, tuple[str, str]] = {
    "normal": ("一般飞行申请", "normal application"),
    "emergency": ("紧急飞行申请", "emergency application"),
    "urgent": ("特别紧急飞行申请", "urgent application"),
}

PATTERN_NAMES: dict[str, str] = {
    "parallel": "平行航线",
    "creeping_line": "横移线",
    "mapping": "航测",
    "expanding_square": "扩展方形",
    "sector": "扇形搜索",
    "contour": "等高线搜索",
    "track_line": "沿线搜索",
    "corridor": "带状搜索",
    "orbit": "盘旋观察",
    "hover": "悬停",
    "fire_perimeter": "火线环绕",
    "points": "定点查看",
    "tracks": "概率搜索",
}

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Operator(Value):
    """A person at the controls."""

    name: Text
    licence: Text


class RegisteredAircraft(Value):
    """What the register says of an aircraft."""

    vehicle_id: Text
    type_zh: Text
    registration: Text
    product_code: Text


class ApplicantUnit(Value):
    """Who applies, and what does not change from flight to flight."""

    name: Text
    contact: Text
    operators: Annotated[list[Operator], Field(min_length=1, max_length=20)]
    aircraft: list[RegisteredAircraft] = Field(default=[])
    alternate_site: Text = "任务起降场"
    communication: Text = "移动电话及专用对讲机,全程值守"
    link_band: Text = "2.4 GHz / 5.8 GHz,占用带宽 20 MHz"
    capability: Text = "双频卫星导航;遥测 4 Hz 以上;网络式运行识别信息按条例第二十四条报送"
    transponder: Text = "未安装二次雷达应答机;按需申请代码"
    contingency: Text = (
        "失联:按预设高度返航;导航失效:悬停或就地降落并告警;低电量:返航;"
        "空中接管:现场指挥员可随时中止任务"
    )
    support: Text = "无"


class ApplicationItem(Value):
    """One of the thirteen items."""

    number: int
    title_zh: str
    title_en: str
    text: str


class FlightApplication(Value):
    """A filled application with its times, UTC milliseconds."""

    kind: Kind
    kind_zh: str
    kind_en: str
    items: list[ApplicationItem]
    takeoff_ms: int
    finished_ms: int
    submit_by_ms: int
    """Latest hand-in for this take-off."""
    reply_by_ms: int
    """When the authority answers."""
    earliest_takeoff_ms: int
    """If handed in right now."""


TITLES: tuple[tuple[str, str], ...] = (
    ("组织飞行活动的单位、操控人员信息及资质证书", "applicant, pilots and their certificates"),
    (
        "航空器类型、数量、主要性能指标和登记信息",
        "aircraft: type, number, performance, registration",
    ),
    ("飞行任务性质和飞行方式", "nature and manner of the task"),
    ("起飞、降落和备降场地", "take-off, landing and alternate sites"),
    ("通信联络方法", "communication"),
    ("预计飞行开始、结束时刻", "planned start and end"),
    (
        "航线、高度、速度和空域范围,进出空域方法",
        "routes, heights, speeds, airspace, ways in and out",
    ),
    ("指挥控制链路无线电频率及占用带宽", "control link frequency and bandwidth"),
    ("通信、导航和被监视能力", "communication, navigation, being surveilled"),
    ("二次雷达应答机或自动监视设备代码", "transponder or surveillance codes"),
    ("应急处置程序", "emergency procedures"),
    ("特殊飞行保障需求", "special support"),
    ("其他与空域使用和飞行安全有关的信息", "other information on airspace and safety"),
)


def fill_application(
    plan: SearchPlan,
    unit: ApplicantUnit,
    facts: FlightFacts,
    rules: FlightRules,
    kind: Kind,
    takeoff_ms: int,
    now_ms: int,
) -> FlightApplication:
    """Return all thirteen items filled from the mission, and the times that follow from its kind.

    Args:
        plan: the mission.
        unit: the applicant.
        facts: of the flight.
        rules: lead times.
        kind: of application.
        takeoff_ms: planned first take-off, UTC.
        now_ms: UTC.
    """
    finished_ms = takeoff_ms + round(plan.metrics.finished_s * 1000)
    zone = timezone(timedelta(minutes=rules.application.utc_offset_min))
    texts = _texts(plan, unit, facts, kind, takeoff_ms, finished_ms, zone)
    submit_by_ms, reply_by_ms, earliest_ms = _times(rules, kind, takeoff_ms, now_ms, zone)
    return FlightApplication(
        kind=kind,
        kind_zh=KIND_NAMES[kind][0],
        kind_en=KIND_NAMES[kind][1],
        items=[
            ApplicationItem(number=i + 1, title_zh=zh, title_en=en, text=text)
            for i, ((zh, en), text) in enumerate(zip(TITLES, texts, strict=True))
        ],
        takeoff_ms=takeoff_ms,
        finished_ms=finished_ms,
        submit_by_ms=submit_by_ms,
        reply_by_ms=reply_by_ms,
        earliest_takeoff_ms=earliest_ms,
    )


def _times(
    rules: FlightRules, kind: Kind, takeoff_ms: int, now_ms: int, zone: timezone
) -> tuple[int, int, int]:
    if kind == "normal":
        lead = rules.application.normal
        day = datetime.fromtimestamp(takeoff_ms / 1000, zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        submit = day + timedelta(days=-lead.submit_before.days, hours=lead.submit_before.hour)
        reply = day + timedelta(days=-lead.reply_before.days, hours=lead.reply_before.hour)
        today = datetime.fromtimestamp(now_ms / 1000, zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        late = datetime.fromtimestamp(now_ms / 1000, zone) > today + timedelta(
            hours=lead.submit_before.hour
        )
        earliest = today + timedelta(days=lead.submit_before.days + int(late))
        return _ms(submit), _ms(reply), _ms(earliest)
    lead = rules.application.emergency if kind == "emergency" else rules.application.urgent
    return (
        takeoff_ms - lead.submit_before_min * 60_000,
        takeoff_ms - lead.reply_before_min * 60_000,
        now_ms + lead.submit_before_min * 60_000,
    )


def _ms(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)


def _clock(t_ms: int, zone: timezone) -> str:
    return datetime.fromtimestamp(t_ms / 1000, zone).strftime("%Y-%m-%d %H:%M")


def _texts(
    plan: SearchPlan,
    unit: ApplicantUnit,
    facts: FlightFacts,
    kind: Kind,
    takeoff_ms: int,
    finished_ms: int,
    zone: timezone,
) -> list[str]:
    vehicles = list(dict.fromkeys(s.vehicle_id for s in plan.sorties))
    register = {a.vehicle_id: a for a in unit.aircraft}
    described = [
        f"{v}:{register[v].type_zh},登记号 {register[v].registration},"
        f"产品识别码 {register[v].product_code}"
        if v in register
        else f"{v}:登记信息待补"
        for v in vehicles
    ]
    specs = {a.vehicle_id: a for a in plan.request.aircraft}
    performance = ";".join(
        f"{v} 作业速度 {specs[v].cruise_ms:g} 米/秒、续航 {specs[v].endurance_s / 60:.0f} 分钟"
        for v in vehicles
    )
    sites = list(
        dict.fromkeys(f"{s.launch.lat_deg:.5f}°N {s.launch.lon_deg:.5f}°E" for s in plan.sorties)
    )
    amsl = [w.altitude_amsl_m for s in plan.sorties for w in s.waypoints]
    lat = [w.lat_deg for s in plan.sorties for w in s.waypoints]
    lon = [w.lon_deg for s in plan.sorties for w in s.waypoints]
    metrics = plan.metrics
    failed = [c.text_zh for c in plan.checks if not c.passed]
    return [
        f"{unit.name};联系人 {unit.contact};操控人员 "
        + "、".join(f"{o.name}({o.licence})" for o in unit.operators),
        f"{CLASS_NAMES[facts.aircraft_class][0]}无人驾驶航空器 {len(vehicles)} 架。"
        + ";".join(described)
        + f"。{performance}",
        f"应急救援搜索({KIND_NAMES[kind][0]}),{PATTERN_NAMES[plan.request.pattern.kind]},"
        + ("超视距飞行" if facts.bvlos else "视距内飞行")
        + (",夜间飞行" if facts.night else "")
        + f",搜索面积 {metrics.area_m2 / 1e4:.1f} 公顷,共 {len(plan.sorties)} 架次",
        f"起飞、降落:{'、'.join(sites)};备降:{unit.alternate_site}",
        unit.communication,
        f"{_clock(takeoff_ms, zone)} 至 {_clock(finished_ms, zone)}(北京时间)",
        f"真高 {metrics.min_clearance_m:.0f}–{metrics.max_agl_m:.0f} 米,海拔 "
        f"{min(amsl):.0f}–{max(amsl):.0f} 米;速度 "
        f"{max(specs[v].transit_ms or specs[v].cruise_ms for v in vehicles):g} 米/秒以下;空域范围 "
        f"{min(lat):.5f}–{max(lat):.5f}°N、{min(lon):.5f}–{max(lon):.5f}°E(WGS-84);"
        "由起降场直接进出,航线见附件",
        unit.link_band,
        unit.capability,
        unit.transponder,
        unit.contingency,
        unit.support,
        ";".join(failed) if failed else "航线已通过净空、电量、围栏与间隔检查",
    ]
