"""The flight application of Art. 27: thirteen items filled from a mission (story O5)."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from mission_plans.rules.aircraft_class import CLASS_NAMES
from mission_plans.rules.application_times import Kind, clock, deadlines
from mission_plans.rules.flight_conditions import Flight
from mission_plans.rules.rules_file import FlightRules
from mission_plans.values.base import Value
from mission_plans.values.flight_facts import FlightFacts
from mission_plans.values.plan import AircraftSpec, SearchPlan

__all__ = [
    "ApplicantUnit",
    "ApplicationError",
    "ApplicationItem",
    "FlightApplication",
    "FlightTimes",
    "Kind",
    "edit_application",
    "fill_application",
    "flown_sha256",
]

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


class ApplicationError(ValueError):
    """An application can't be changed so; the text says why, in both languages."""

    def __init__(self, zh: str, en: str, field: str) -> None:
        """Take the words and the field they are about."""
        super().__init__(en)
        self.text_zh, self.text_en, self.field = zh, en, field


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


class FlightTimes(Value):
    """When it is flown, UTC milliseconds."""

    takeoff_ms: int
    """The first take-off."""
    finished_ms: int
    """The last landing."""
    flown: bool = False
    """The take-off has happened: it is no plan any more."""


class FlightApplication(Value):
    """A filled application with its times, UTC milliseconds."""

    kind: Kind
    kind_zh: str
    kind_en: str
    items: list[ApplicationItem]
    takeoff_ms: int
    finished_ms: int
    flown: bool = False
    """The take-off had happened when it was filled."""
    submit_by_ms: int
    """Latest hand-in for this take-off."""
    reply_by_ms: int
    """When the authority answers."""
    report_by_ms: int | None = None
    """By when expected take-off and readiness are reported (Art. 30); None in older ones."""
    earliest_takeoff_ms: int
    """If handed in right now."""
    flown_sha256: str = ""
    """Of the flight it was filled for (`flown_sha256`); empty in older ones."""


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


TIMES_ITEM = 6
PROCEDURE = ("application", "report_1h", "confirm_1h", "figures")
MANNERS: dict[str, str] = {
    "internet_relay": "通过通信基站或互联网中继",
    "drops": "运载危险品或投放物品",
    "over_people": "飞越集会人群上空",
    "from_moving_vehicle": "在移动的交通工具上操控",
    "distributed": "分布式操作",
    "crewed_traffic": "与有人驾驶航空器同空域",
}
"""Manners of flying that an application names where they were stated."""


def flown_sha256(plan: SearchPlan) -> str:
    """Return a digest of what is applied for: who flies where, and in which manner.

    What comes after an application (approvals, the confirmation) is no part of it.
    """
    facts = plan.facts.model_copy(update={"atc_confirmed": None, "height_approval_id": None})
    values = (facts, *plan.sorties)
    parts = [value.model_dump_json(exclude_none=True) for value in values]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def fill_application(
    plan: SearchPlan,
    unit: ApplicantUnit,
    facts: FlightFacts,
    rules: FlightRules,
    kind: Kind,
    times: FlightTimes,
    now_ms: int,
) -> FlightApplication:
    """Return all thirteen items filled from the mission, and the times that follow from its kind.

    Args:
        plan: the mission.
        unit: the applicant.
        facts: of the flight.
        rules: lead times.
        kind: of application.
        times: of the flight.
        now_ms: UTC.
    """
    texts = _texts(Flight(plan, facts, rules), unit, kind, times)
    return FlightApplication(
        kind=kind,
        kind_zh=KIND_NAMES[kind][0],
        kind_en=KIND_NAMES[kind][1],
        items=[
            ApplicationItem(number=i + 1, title_zh=zh, title_en=en, text=text)
            for i, ((zh, en), text) in enumerate(zip(TITLES, texts, strict=True))
        ],
        **times.model_dump(),
        **asdict(deadlines(rules, kind, times.takeoff_ms, now_ms)),
        flown_sha256=flown_sha256(plan),
    )


def edit_application(
    filled: FlightApplication,
    texts: Mapping[int, str],
    times: FlightTimes,
    rules: FlightRules,
    now_ms: int,
) -> FlightApplication:
    """Return an application with other words or times; what follows from the times follows.

    Args:
        filled: the application as it was.
        texts: new words by the number of the item; the sixth is written anew where only the times
            change.
        times: of the flight.
        rules: lead times.
        now_ms: UTC.

    Raises:
        ApplicationError: there is no such item, an item would be empty, or it would end before it
            begins.
    """
    for number, text in texts.items():
        if not any(item.number == number for item in filled.items):
            raise ApplicationError(
                f"没有第 {number} 项:应为 1 至 {len(TITLES)}",
                f"there is no item {number}: 1 to {len(TITLES)} are allowed",
                "items",
            )
        if not text.strip():
            raise ApplicationError(
                f"第 {number} 项不能为空;没有内容请写“无”",
                f"item {number} must not be empty: write that there is none",
                "items",
            )
    if times.finished_ms <= times.takeoff_ms:
        raise ApplicationError(
            "结束时刻须晚于起飞时刻", "the end must be later than the take-off", "finished_ms"
        )
    words = dict(texts)
    if (times.takeoff_ms, times.finished_ms) != (filled.takeoff_ms, filled.finished_ms):
        words.setdefault(TIMES_ITEM, _times_text(rules, times))
    return filled.model_copy(
        update={
            "items": [
                item.model_copy(update={"text": words.get(item.number, item.text)})
                for item in filled.items
            ],
            **times.model_dump(),
            **asdict(deadlines(rules, filled.kind, times.takeoff_ms, now_ms)),
        }
    )


def _times_text(rules: FlightRules, times: FlightTimes) -> str:
    begins, ends = clock(rules, times.takeoff_ms), clock(rules, times.finished_ms)
    if times.flown:
        return f"已于 {begins} 起飞(补报),{ends} 结束(北京时间)"
    return f"{begins} 至 {ends}(北京时间)"


def _texts(flight: Flight, unit: ApplicantUnit, kind: Kind, times: FlightTimes) -> list[str]:
    plan, facts = flight.plan, flight.facts
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
    performance = ";".join(f"{v} {_performance(specs[v])}" for v in vehicles)
    sites = list(
        dict.fromkeys(f"{s.launch.lat_deg:.5f}°N {s.launch.lon_deg:.5f}°E" for s in plan.sorties)
    )
    amsl = [w.altitude_amsl_m for s in plan.sorties for w in s.waypoints]
    lat = [w.lat_deg for s in plan.sorties for w in s.waypoints]
    lon = [w.lon_deg for s in plan.sorties for w in s.waypoints]
    metrics = plan.metrics
    # What this application itself is for is no information about airspace or safety.
    procedure = {rule.id for rule in flight.rules.rules if rule.demands in PROCEDURE}
    failed = [c.text_zh for c in plan.checks if not c.passed and c.id not in procedure]
    return [
        f"{unit.name};联系人 {unit.contact};操控人员 "
        + "、".join(f"{o.name}({o.licence})" for o in unit.operators),
        f"{_classes(flight)}。" + ";".join(described) + f"。{performance}",
        f"应急救援搜索({KIND_NAMES[kind][0]}),{PATTERN_NAMES[plan.request.pattern.kind]},"
        + ("视距内飞行" if facts.bvlos is False else "超视距飞行")
        + (",夜间飞行" if facts.night else "")
        + (f",同时在空 {flight.at_once} 架" if flight.at_once > 1 else "")
        + "".join(f",{words}" for name, words in MANNERS.items() if getattr(facts, name))
        + f",搜索面积 {metrics.area_m2 / 1e4:.1f} 公顷,共 {len(plan.sorties)} 架次",
        f"起飞、降落:{'、'.join(sites)};备降:{unit.alternate_site}",
        unit.communication,
        _times_text(flight.rules, times),
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


def _performance(spec: AircraftSpec) -> str:
    frame = spec.airframe
    figures = (
        ("空机", frame.empty_kg, "千克"),
        ("最大起飞", frame.takeoff_kg, "千克"),
        ("最大平飞速度", frame.top_speed_kmh, "千米/小时"),
    )
    return f"作业速度 {spec.cruise_ms:g} 米/秒、续航 {spec.endurance_s / 60:.0f} 分钟" + "".join(
        f"、{name} {figure:g} {unit}" for name, figure, unit in figures if figure
    )


def _classes(flight: Flight) -> str:
    """Return how many aircraft of which class fly; nobody is told a class that is not known."""
    words = [
        f"{'' if classed.unknown else CLASS_NAMES[classed.name][0]}无人驾驶航空器"
        + ("(类别待核)" if classed.unknown else "")
        for classed in flight.classes.values()
    ]
    return "、".join(f"{one} {words.count(one)} 架" for one in dict.fromkeys(words))
