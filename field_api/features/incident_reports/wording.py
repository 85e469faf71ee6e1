"""A report's words from what is known. Pure: the same knowledge, the same words.

Every figure stands in a phrase that says from which record it is; what nobody has said is named as
a gap and never invented. The paper is Chinese: it goes to Chinese authorities.
"""

from collections.abc import Iterable
from datetime import datetime

from field_api.core.records import Record
from field_api.features.incident_reports.gathering import (
    Fact,
    Known,
    changes_between,
    facts_of,
)
from field_api.features.incident_reports.rules import BUREAU_ZONE
from field_api.features.incident_reports.tables import (
    Gap,
    Level,
    ReportStage,
    Section,
    Source,
)
from field_api.features.incidents.tables import IncidentKind
from field_api.features.tasks.tables import TaskState

__all__ = ["LEVELS_ZH", "draft_sections", "draft_title", "local_time"]

LEVELS_ZH = {
    Level.ORDINARY: "一般",
    Level.LARGER: "较大",
    Level.MAJOR: "重大",
    Level.EXTRAORDINARY: "特别重大",
}
KINDS_ZH = {
    IncidentKind.FIRE: "火情",
    IncidentKind.MISSING_PEOPLE: "人员失联",
    IncidentKind.ACCIDENT: "生产安全事故",
    IncidentKind.FLOOD: "洪涝灾害",
    IncidentKind.GEOLOGICAL: "地质灾害",
    IncidentKind.EARTHQUAKE: "地震灾害",
    IncidentKind.OTHER: "突发事件",
}
STAGES_ZH = {
    ReportStage.FIRST: "首报",
    ReportStage.FOLLOW_UP: "续报",
    ReportStage.FINAL: "终报",
    ReportStage.SITUATION: "情况报告",
}
ALERTS_ZH = {"smoke": "烟火", "person": "人员"}
OFFICIAL = str.maketrans({",": "\uff0c", ";": "\uff1b", ":": "\uff1a"})
"""Punctuation of official papers is full-width."""
MOST_NAMED = 12
"""Tasks that are named one by one; of more the number is told."""


def local_time(t_ms: int) -> str:
    """Return a time as official papers write it, where the bureau is."""
    at = datetime.fromtimestamp(t_ms / 1000, BUREAU_ZONE)
    return f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"


class _Writer:
    """One section while it is written."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._text: list[str] = []
        self._sources: list[Source] = []
        self._gaps: list[Gap] = []

    def say(self, words: str) -> "_Writer":
        """Words without a figure."""
        self._text.append(words.translate(OFFICIAL))
        return self

    def told(
        self, phrase: str, topic: str, ids: Iterable[str], t_ms: int | None = None, by: str = ""
    ) -> "_Writer":
        """A phrase and the records that it is from."""
        self._text.append(phrase)
        self._sources.append(
            Source(phrase=phrase, topic=topic, record_ids=list(ids), t_ms=t_ms, by=by)
        )
        return self

    def of(self, row: Record, phrase: str, topic: str, t_ms: int | None, by: str) -> "_Writer":
        """A phrase that one record says."""
        return self.told(phrase, topic, [row.id], t_ms, by)

    def gap(self, key: str, phrase: str) -> "_Writer":
        """Something that nobody has said."""
        phrase = phrase.translate(OFFICIAL)
        self._text.append(phrase)
        self._gaps.append(Gap(key=key, phrase=phrase))
        return self

    def section(self) -> Section:
        return Section(
            key=self._key, text="".join(self._text), sources=self._sources, gaps=self._gaps
        )


def _case_says(writer: _Writer, known: Known, phrase: str) -> None:
    case = known.case
    writer.of(case, phrase, "report_case", case.stated_ms, case.stated_by or "")


def draft_title(known: Known, stage: ReportStage, ordinal: int) -> str:
    """Return a report's title; a drill's says so first."""
    drill = "【演练】" if known.incident.drill else ""
    which = f"(第{ordinal}次)" if stage in (ReportStage.FOLLOW_UP, ReportStage.SITUATION) else ""
    return f"{drill}关于“{known.incident.title}”的{STAGES_ZH[stage]}{which}"


def _scene(known: Known) -> Section:
    incident, case = known.incident, known.case
    writer = _Writer("scene")
    if case.happened_ms is not None:
        _case_says(writer, known, f"{local_time(case.happened_ms)}发生")
        writer.say(",")
    else:
        writer.gap("happened", "发生时间不详").say(",")

    def is_said(phrase: str) -> None:
        writer.of(incident, phrase, "incident", incident.opened_ms, incident.opened_by)

    is_said(f"{local_time(incident.opened_ms)}接报")
    writer.say(f",事件类型为{KINDS_ZH[incident.kind]}。地点:")
    if known.area_name:
        is_said(known.area_name)
    else:
        writer.gap("area", "所属行政区不详")
    writer.say(",坐标")
    is_said(f"北纬{incident.lat_deg:.5f}°、东经{incident.lon_deg:.5f}°(WGS-84)")
    return writer.say("。").section()


def _course(known: Known) -> Section:
    incident = known.incident
    writer = _Writer("course")
    if incident.text:
        writer.of(incident, incident.text, "incident", incident.opened_ms, incident.opened_by)
        writer.say("。")
    else:
        writer.gap("course", "简要经过不详").say("。")
    for row in known.field_reports[:MOST_NAMED]:
        words = row.text or "有照片或录音,无文字"
        phrase = f"{local_time(row.reported_ms)}{row.reported_by}现场报告:{words}"
        writer.of(row, phrase, "field_report", row.reported_ms, row.reported_by).say("。")
    for label, name in ALERTS_ZH.items():
        rows = [row for row in known.alerts if row.label == label]
        if rows:
            phrase = f"无人机发现并经人工核实{name}{len(rows)}处"
            writer.told(phrase, "detection", [row.id for row in rows], rows[-1].t_ms)
            writer.say("。")
    return writer.section()


def _casualties(known: Known) -> Section:
    writer = _Writer("casualties")
    figures, case = known.figures, known.case
    counted = (
        ("people_missing", "失联"),
        ("people_found", "找到"),
        ("people_injured", "受伤"),
    )
    stated = (("deaths", "死亡"), ("serious_injured", "重伤"))
    for at, (key, word) in enumerate((*counted, *stated)):
        writer.say("、" if at else "")
        source = figures if (key, word) in counted else case
        value = getattr(source, key) if source is not None else None
        if value is None:
            writer.gap(key, f"{word}人数不详")
        elif source is figures and figures is not None:
            phrase = f"{word}{value}人"
            writer.of(figures, phrase, "incident_figures", figures.t_ms, figures.by)
        else:
            _case_says(writer, known, f"{word}{value}人")
    writer.say(";")
    if case.loss_cny is None:
        writer.gap("loss_cny", "直接经济损失不详")
    else:
        _case_says(writer, known, f"初步估计直接经济损失{case.loss_cny / 10_000:g}万元")
    if known.incident.kind is IncidentKind.FIRE:
        writer.say(";")
        if case.burned_ha is None:
            writer.gap("burned_ha", "受害森林面积不详")
        else:
            _case_says(writer, known, f"受害森林面积{case.burned_ha:g}公顷")
    return writer.say("。").section()


WHY_ZH = {
    "deaths": "死亡人数",
    "serious_injured": "重伤人数",
    "loss_cny": "直接经济损失",
    "burned_ha": "受害森林面积",
}


def _level(known: Known) -> Section:
    writer, case, graded = _Writer("level"), known.case, known.graded
    if case.level_said is not None:
        _case_says(writer, known, f"{LEVELS_ZH[case.level_said]}({case.level_reason})")
        return writer.say("。").section()
    if graded is None:
        return writer.gap("level", "等级尚未认定").say("。").section()
    _case_says(writer, known, f"初步认定为{LEVELS_ZH[graded.level]}")
    writer.say(f",按{WHY_ZH[graded.by]}确定,依据{graded.basis}")
    if graded.unknown:
        writer.say(",").gap(
            "level_unknown",
            f"{'、'.join(WHY_ZH[name] for name in graded.unknown)}未报,等级可能上调",
        )
    return writer.say("。").section()


def _measures(known: Known) -> Section:
    writer = _Writer("measures")
    tasks = [task for task in known.tasks if task.state is not TaskState.CANCELLED]
    if not tasks and not known.sorties:
        return writer.gap("measures", "尚无已采取措施的记录").say("。").section()
    if known.teams:
        writer.say("出动")
        for at, team in enumerate(known.teams):
            writer.say("、" if at else "").told(team.name, "task", team.task_ids)
        writer.say("。")
    if tasks:
        done = [task for task in tasks if task.state is TaskState.DONE]
        writer.told(f"下达任务{len(tasks)}项", "task", [task.id for task in tasks])
        if done:
            writer.say(",").told(f"完成{len(done)}项", "task", [task.id for task in done])
        if len(tasks) <= MOST_NAMED:
            writer.say(":")
            for at, task in enumerate(tasks):
                writer.say(";" if at else "")
                writer.of(task, task.title, "task", task.created_ms, task.created_by)
        writer.say("。")
    if known.sorties:
        names = sorted({known.aircraft.get(s.vehicle_id, s.vehicle_id) for s in known.sorties})
        phrase = f"派出无人机{len(names)}架、{len(known.sorties)}架次({'、'.join(names)})"
        writer.told(phrase, "sortie", [sortie.id for sortie in known.sorties]).say("。")
    return writer.section()


def _next(known: Known) -> Section:
    writer, case, figures = _Writer("next"), known.case, known.figures
    if case.next_steps:
        _case_says(writer, known, case.next_steps)
        return writer.say("。").section()
    ended = (TaskState.DONE, TaskState.REFUSED, TaskState.CANCELLED)
    waiting = [task for task in known.tasks if task.state not in ended]
    if figures is not None and figures.people_missing:
        phrase = f"继续搜寻失联的{figures.people_missing}人"
        writer.of(figures, phrase, "incident_figures", figures.t_ms, figures.by).say("。")
    if waiting:
        phrase = f"跟踪未完成的任务{len(waiting)}项"
        writer.told(phrase, "task", [task.id for task in waiting]).say("。")
    return writer.gap("next", "下一步工作待补充").say("。").section()


def _unit(known: Known) -> Section:
    writer = _Writer("unit")
    if known.case.unit:
        _case_says(writer, known, known.case.unit)
    else:
        writer.gap("unit", "事故发生单位概况不详")
    return writer.say("。").section()


def _other(known: Known) -> Section:
    writer = _Writer("other").say("气象:")
    if known.case.weather:
        _case_says(writer, known, known.case.weather)
    else:
        writer.gap("weather", "不详")
    return writer.say("。").section()


FACTS_ZH = {
    "level": "等级",
    "people_missing": "失联人数",
    "people_found": "找到人数",
    "people_injured": "受伤人数",
    "deaths": "死亡人数",
    "serious_injured": "重伤人数",
    "loss_cny": "直接经济损失(元)",
    "burned_ha": "受害森林面积(公顷)",
    "happened_ms": "发生时间",
    "weather": "气象",
    "alerts": "经核实的发现",
    "tasks": "任务",
    "tasks_done": "完成的任务",
    "sorties": "无人机架次",
}


def _said(name: str, value: Fact) -> str:
    if value is None:
        return "不详"
    if name == "level":
        return LEVELS_ZH[Level(str(value))]
    if name == "happened_ms":
        return local_time(int(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _changes(known: Known, previous_facts: dict[str, Fact]) -> Section:
    writer, previous = _Writer("changes"), known.previous
    assert previous is not None
    changes = changes_between(previous_facts, facts_of(known))
    number = previous.number or STAGES_ZH[previous.stage]
    writer.told(f"较{number}", "incident_report", [previous.id], previous.as_of_ms)
    if not changes:
        return writer.say(",各项数据无变化。").section()
    writer.say(":")
    for at, (name, before, after) in enumerate(changes):
        phrase = f"{FACTS_ZH[name]}由{_said(name, before)}变为{_said(name, after)}"
        topic, ids = _where(known, name)
        writer.say(";" if at else "").told(phrase, topic, ids)
    return writer.say("。").section()


def _where(known: Known, name: str) -> tuple[str, list[str]]:
    """Return the records that a figure is from."""
    if name.startswith("people_") and known.figures is not None:
        return "incident_figures", [known.figures.id]
    if name == "alerts":
        return "detection", [row.id for row in known.alerts]
    if name in ("tasks", "tasks_done"):
        return "task", [row.id for row in known.tasks]
    if name == "sorties":
        return "sortie", [row.id for row in known.sorties]
    return "report_case", [known.case.id]


def draft_sections(known: Known, stage: ReportStage) -> list[Section]:
    """Return a report's sections: what 条例 12 asks for, and what changed since the last one."""
    sections: list[Section] = []
    if known.previous is not None and stage is not ReportStage.FIRST:
        sections.append(_changes(known, known.previous.facts))
    if known.incident.kind is IncidentKind.ACCIDENT:
        sections.append(_unit(known))
    return [
        *sections,
        _scene(known),
        _course(known),
        _casualties(known),
        _level(known),
        _measures(known),
        _next(known),
        _other(known),
    ]
