"""Writing DJI's waypoint missions: WPML 1.0.6 in a KMZ (`wpmz/template.kml`, `waylines.wpml`).

Format: https://developer.dji.com/doc/cloud-api-tutorial/en/api-reference/dji-wpml/overview.html
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from mission_plans.formats.archive import zipped
from mission_plans.formats.contents import (
    DjiActionGroup,
    DjiMission,
    DjiPoint,
    DjiWayline,
    LeftOut,
    MavlinkMission,
    Note,
    Thing,
)
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.mission_conversion import as_dji
from mission_plans.formats.write_kml import xml_safe
from mission_plans.formats.written import Written, incomplete, lost, nothing_to_write

__all__ = ["write_wpml"]

KML, WPML = "http://www.opengis.net/kml/2.2", "http://www.dji.com/wpmz/1.0.6"
TEMPLATE, WAYLINES = "wpmz/template.kml", "wpmz/waylines.wpml"
HIGHEST_RETURN_M = 1500.0
LOWEST_RETURN_M = 2.0
MODES = {"relative": "relativeToStartPoint", "ellipsoid": "WGS84"}
"""Heights that an aircraft measures itself."""


def write_wpml(things: Sequence[Thing]) -> Written:
    """Return the first mission of DJI, all waylines of it.

    Raises:
        PlanFileError: there is none, its heights are above ground or sea level, or its return
            height is none that an aircraft takes.
    """
    mission: DjiMission | None = None
    left_out: list[LeftOut] = []
    for thing in things:
        if isinstance(thing, DjiMission) and not thing.complete:
            left_out.append(incomplete(thing))
        elif isinstance(thing, MavlinkMission) and thing.complete and mission is None:
            mission, said = as_dji(thing)
            left_out += said
        elif isinstance(thing, DjiMission) and mission is None:
            mission = thing
        else:
            left_out.append(
                lost(
                    thing,
                    "DJI 航线文件只有一个 DJI 任务",
                    "a file of DJI holds one mission of DJI and nothing else",
                )
            )
    if mission is None:
        raise nothing_to_write("DJI WPML", left_out)
    for number, wayline in enumerate(mission.waylines, start=1):
        if wayline.height_reference not in MODES:
            raise PlanFileError(
                f"wayline {number}",
                "高度基准是海拔或离地高,飞机不能照飞;请改为相对起飞点",
                "heights above sea level or ground can't be flown from a file; give them above "
                "take-off",
            )
    height_m = mission.return_height_m
    if height_m is not None and not LOWEST_RETURN_M <= height_m <= HIGHEST_RETURN_M:
        raise PlanFileError(
            "globalRTHHeight",
            f"返航高 {height_m:g} 米,应为 {LOWEST_RETURN_M:g}..{HIGHEST_RETURN_M:g} 米;请换更近或"
            "更高的起飞点",
            f"return height {height_m:g} m; it is {LOWEST_RETURN_M:g}..{HIGHEST_RETURN_M:g} m: "
            "launch nearer or from higher ground",
        )
    register_namespace("", KML)
    register_namespace("wpml", WPML)
    data = zipped(
        {
            TEMPLATE: _document(mission, executable=False),
            WAYLINES: _document(mission, executable=True),
        }
    )
    return Written(data, left_out, _notes(mission))


def _notes(mission: DjiMission) -> list[Note]:
    if mission.return_height_m is not None:
        return []
    return [
        Note(
            zh="任务没有返航高:飞机按遥控器里的设置返航,请按地形设置",
            en="the mission has no return height: the aircraft comes home at the height set on its "
            "controller; set it to clear the ground",
        )
    ]


def _document(mission: DjiMission, *, executable: bool) -> bytes:
    root = Element(f"{{{KML}}}kml")
    document = SubElement(root, f"{{{KML}}}Document")
    if mission.name:
        SubElement(document, f"{{{KML}}}name").text = xml_safe(mission.name)
    config = _sub(document, "missionConfig")
    on = mission.on_lost_link == "goContinue"
    speed_ms = mission.transit_ms or mission.waylines[0].speed_ms
    for name, value in (
        ("flyToWaylineMode", "safely"),
        ("finishAction", mission.finish),
        ("exitOnRCLost", "goContinue" if on else "executeLostAction"),
        ("executeRCLostAction", "goBack" if on else mission.on_lost_link),
        ("takeOffSecurityHeight", _text(mission.takeoff_height_m)),
        ("globalTransitionalSpeed", _text(speed_ms)),
        ("globalRTHHeight", _text(mission.return_height_m)),
    ):
        if value:
            _sub(config, name, value)
    for part, prefix, model in (
        ("droneInfo", "drone", mission.drone),
        ("payloadInfo", "payload", mission.payload),
    ):
        if model is not None:
            info = _sub(config, part)
            _sub(info, f"{prefix}EnumValue", str(model[0]))
            _sub(info, f"{prefix}SubEnumValue", str(model[1]))
            if prefix == "payload":
                _sub(info, "payloadPositionIndex", "0")
    for number, wayline in enumerate(mission.waylines):
        _folder(document, wayline, number, executable=executable)
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _folder(document: Element, wayline: DjiWayline, number: int, *, executable: bool) -> None:
    folder = SubElement(document, f"{{{KML}}}Folder")
    mode = MODES[wayline.height_reference]
    if executable:
        _sub(folder, "templateId", "0")
        _sub(folder, "executeHeightMode", mode)
        _sub(folder, "waylineId", str(number))
    else:
        _sub(folder, "templateType", "waypoint")
        _sub(folder, "templateId", str(number))
        system = _sub(folder, "waylineCoordinateSysParam")
        _sub(system, "coordinateMode", "WGS84")
        _sub(system, "heightMode", mode)
    _sub(folder, "autoFlightSpeed", _text(wayline.speed_ms))
    start = [g for g in wayline.groups if g.trigger == "start"]
    for group in start:
        _actions(_sub(folder, "startActionGroup"), group)
    for index, point in enumerate(wayline.points):
        placemark = _point(folder, index, point, executable=executable)
        for identity, group in enumerate(wayline.groups):
            if group.trigger != "start" and group.first == index:
                _group(placemark, identity, group)


def _point(folder: Element, index: int, point: DjiPoint, *, executable: bool) -> Element:
    placemark = SubElement(folder, f"{{{KML}}}Placemark")
    at = SubElement(placemark, f"{{{KML}}}Point")
    place = f"{point.lon_deg!r},{point.lat_deg!r}"
    SubElement(at, f"{{{KML}}}coordinates").text = place
    _sub(placemark, "index", str(index))
    height = repr(point.height_m)
    if executable:
        _sub(placemark, "executeHeight", height)
    else:
        _sub(placemark, "ellipsoidHeight", height)
        _sub(placemark, "height", height)
        _sub(placemark, "useGlobalHeight", "0")
        _sub(placemark, "useGlobalSpeed", "0")
        _sub(placemark, "useGlobalHeadingParam", "0")
        _sub(placemark, "useGlobalTurnParam", "0")
    _sub(placemark, "waypointSpeed", repr(point.speed_ms))
    heading = _sub(placemark, "waypointHeadingParam")
    _sub(heading, "waypointHeadingMode", point.heading_mode)
    if point.heading_deg is not None:
        _sub(heading, "waypointHeadingAngle", repr(point.heading_deg))
    for name, text in point.heading.items():
        _sub(heading, name, text)
    if point.gimbal:
        gimbal = _sub(placemark, "waypointGimbalHeadingParam")
        for name, text in point.gimbal.items():
            _sub(gimbal, name, text)
    turn = _sub(placemark, "waypointTurnParam")
    _sub(turn, "waypointTurnMode", point.turn_mode)
    _sub(turn, "waypointTurnDampingDist", _text(point.turn_damping_m))
    _sub(placemark, "useStraightLine", str(int(point.straight)))
    return placemark


def _group(placemark: Element, identity: int, group: DjiActionGroup) -> None:
    element = _sub(placemark, "actionGroup")
    _sub(element, "actionGroupId", str(identity))
    _sub(element, "actionGroupStartIndex", str(group.first))
    _sub(element, "actionGroupEndIndex", str(group.last))
    _sub(element, "actionGroupMode", group.mode)
    trigger = _sub(element, "actionTrigger")
    _sub(trigger, "actionTriggerType", group.trigger)
    if group.trigger_value is not None:
        _sub(trigger, "actionTriggerParam", repr(group.trigger_value))
    _actions(element, group)


def _actions(parent: Element, group: DjiActionGroup) -> None:
    for number, action in enumerate(group.actions):
        element = _sub(parent, "action")
        _sub(element, "actionId", str(number))
        _sub(element, "actionActuatorFunc", action.name)
        inner = _sub(element, "actionActuatorFuncParam")
        for key, value in action.parameters.items():
            _sub(inner, key, value)


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(value)


def _sub(parent: Element, name: str, text: str | None = None) -> Element:
    element = SubElement(parent, f"{{{WPML}}}{name}")
    element.text = None if text is None else xml_safe(text)
    return element
