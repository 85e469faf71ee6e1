"""Reading DJI's waypoint missions, WPML: `wpmz/waylines.wpml` flies, `wpmz/template.kml` explains.

Format: https://developer.dji.com/doc/cloud-api-tutorial/en/api-reference/dji-wpml/overview.html
Every wayline is read with its heights as the file measures them: above take-off, above the WGS-84
ellipsoid, above EGM96 sea level, or above the ground. Turn modes, headings and actions keep the
words of WPML.
"""

from collections.abc import Container
from xml.etree.ElementTree import Element

from mission_plans.formats.contents import (
    DjiAction,
    DjiActionGroup,
    DjiMission,
    DjiPoint,
    DjiWayline,
    HeightReference,
    Note,
)
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.gathering import Gathering, clipped, finite
from mission_plans.formats.kml import polygon_rings
from mission_plans.formats.xml_text import (
    child,
    children,
    line_of,
    local_name,
    number_in,
    text_in,
    unread_names,
)

__all__ = ["is_wpml", "read_template_areas", "read_wpml"]

WPML = "dji.com/wpmz"
HEIGHTS: dict[str, HeightReference] = {
    "relativeToStartPoint": "relative",
    "WGS84": "ellipsoid",
    "EGM96": "amsl",
    "aboveGroundLevel": "agl",
    "realTimeFollowSurface": "agl",
}
STOPS = "toPointAndStopWithDiscontinuityCurvature"
MOST_ACTIONS = 50_000
WHOLE = (
    *("actionActuatorFuncParam", "Polygon"),
    *("waypointHeadingParam", "globalWaypointHeadingParam", "waypointGimbalHeadingParam"),
)
"""Elements kept with all that is in them."""
READ = (
    *("missionConfig", "finishAction", "exitOnRCLost", "executeRCLostAction"),
    *("takeOffSecurityHeight", "globalRTHHeight", "globalTransitionalSpeed"),
    *("droneInfo", "droneEnumValue", "droneSubEnumValue"),
    *("payloadInfo", "payloadEnumValue", "payloadSubEnumValue"),
    *("Folder", "name", "templateType", "executeHeightMode", "autoFlightSpeed"),
    *("waylineCoordinateSysParam", "heightMode", "globalHeight", "globalUseStraightLine"),
    *("globalWaypointTurnMode", "startActionGroup"),
    *("Placemark", "Point", "coordinates", "index", "executeHeight", "height", "useGlobalHeight"),
    *("waypointSpeed", "useGlobalSpeed", "useStraightLine"),
    *("waypointTurnParam", "waypointTurnMode", "waypointTurnDampingDist"),
    *("actionGroup", "actionGroupId", "actionGroupStartIndex", "actionGroupEndIndex"),
    *("actionGroupMode", "actionTrigger", "actionTriggerType", "actionTriggerParam"),
    *("action", "actionId", "actionActuatorFunc"),
    # Said again by what is read, or only of use to the program that wrote them.
    *("templateId", "waylineId", "author", "createTime", "updateTime", "distance", "duration"),
    *("useGlobalHeadingParam", "useGlobalTurnParam", "ellipsoidHeight", "flyToWaylineMode"),
)


def is_wpml(root: Element) -> bool:
    """Return whether a KML document is one of DJI's missions."""
    document = child(root, "Document")
    return document is not None and any(
        WPML in e.tag or local_name(e) == "missionConfig" for e in document
    )


def read_template_areas(root: Element, gathering: Gathering) -> None:
    """Gather the mapping areas of a template, whose flight `waylines.wpml` holds.

    Raises:
        TooMuchError: over a limit.
    """
    for placemark in root.iter():
        if local_name(placemark) != "Placemark":
            continue
        for polygon in children(placemark, "Polygon"):
            where = f"{line_of(polygon)} Polygon"
            with gathering.or_left_out(where, "template"):
                rings = polygon_rings(polygon, gathering, where, "template")
                gathering.area("template", where, rings)


def read_wpml(root: Element, gathering: Gathering) -> None:
    """Gather the mission of `waylines.wpml`, or of a `template.kml` that stands alone.

    Raises:
        TooMuchError: over a limit.
    """
    document = child(root, "Document")
    if document is None:
        gathering.leave_out(line_of(root), "mission", "缺少 Document", "Document is missing")
        return
    gathering.note_unread(unread_names(document, READ, WHOLE))
    with gathering.or_left_out("Document", "mission"):
        gathering.add(_mission(document, gathering))
    read_template_areas(document, gathering)


def _mission(document: Element, gathering: Gathering) -> DjiMission:
    config = child(document, "missionConfig")
    notes: list[Note] = []
    if config is None:
        config = document
        notes.append(Note(zh="缺少 missionConfig", en="missionConfig is missing"))
    waylines: list[DjiWayline] = []
    before = len(gathering.left_out)
    for number, folder in enumerate(children(document, "Folder"), start=1):
        with gathering.or_left_out(f"{line_of(folder)} Folder", f"wayline {number}"):
            wayline = _wayline(folder, gathering, notes)
            if wayline is not None:
                waylines.append(wayline)
    if len(gathering.left_out) > before:
        notes.append(
            Note(
                zh="有内容未读入,任务不完整,不可照此飞行",
                en="parts are missing: the mission is not complete and must not be flown as it is",
            )
        )
    if not waylines:
        raise PlanFileError("Document/Folder", "没有航点", "there is no waypoint")
    return DjiMission(
        name=clipped(text_in(document, "name")),
        where=f"{line_of(document)} Document",
        waylines=waylines,
        finish=text_in(config, "finishAction") or "goHome",
        on_lost_link=_lost_link(config),
        takeoff_height_m=number_in(config, "takeOffSecurityHeight"),
        return_height_m=number_in(config, "globalRTHHeight"),
        transit_ms=number_in(config, "globalTransitionalSpeed"),
        drone=_model(config, "droneInfo", "drone"),
        payload=_model(config, "payloadInfo", "payload"),
        notes=notes,
        complete=len(gathering.left_out) == before,
    )


def _lost_link(config: Element) -> str:
    if text_in(config, "exitOnRCLost") == "goContinue":
        return "goContinue"
    return text_in(config, "executeRCLostAction") or "goBack"


def _model(config: Element, part: str, prefix: str) -> tuple[int, int] | None:
    found = child(config, part)
    if found is None:
        return None
    model = number_in(found, f"{prefix}EnumValue")
    sub = number_in(found, f"{prefix}SubEnumValue")
    return None if model is None else (int(model), int(sub or 0))


def _wayline(folder: Element, gathering: Gathering, notes: list[Note]) -> DjiWayline | None:
    """Return a wayline; None for a template of a mapping flight, whose lanes the aircraft makes."""
    where = f"{line_of(folder)} Folder"
    placemarks = list(children(folder, "Placemark"))
    kind = text_in(folder, "templateType")
    if kind and kind != "waypoint":
        gathering.leave_out(
            where,
            kind,
            "航测模板:航线由遥控器生成,这里只读其区域",
            "a mapping template: the controller makes its lanes; only its area is read",
        )
        return None
    mode = text_in(folder, "executeHeightMode")
    if not mode:
        system = child(folder, "waylineCoordinateSysParam")
        mode = text_in(system, "heightMode") if system is not None else ""
    reference = HEIGHTS.get(mode)
    if reference is None:
        raise PlanFileError(
            f"{where}/executeHeightMode",
            f"高度基准 {mode[:40]!r} 未知;可为 {'、'.join(HEIGHTS)}",
            f"height mode {mode[:40]!r} is not known; {', '.join(HEIGHTS)} are",
        )
    if mode == "realTimeFollowSurface":
        notes.append(
            Note(zh="实时仿地:高度为离地高", en="it follows the ground: heights are above ground")
        )
    speed_ms = number_in(folder, "autoFlightSpeed") or 0.0
    points: list[DjiPoint] = []
    groups: list[DjiActionGroup] = []
    for start in children(folder, "startActionGroup"):
        actions = [_action(action) for action in children(start, "action")]
        if actions:
            groups.append(DjiActionGroup(first=0, last=0, trigger="start", actions=actions))
    for placemark in placemarks:
        if child(placemark, "Point") is None:
            gathering.leave_out(
                f"{line_of(placemark)} Placemark", "waypoint", "没有位置", "it has no position"
            )
            continue
        points.append(_point(placemark, folder, speed_ms, gathering))
        groups += [_group(group) for group in children(placemark, "actionGroup")]
        if len(groups) > MOST_ACTIONS:
            raise PlanFileError(where, "动作过多", "too many actions")
    if not points:
        raise PlanFileError(where, "没有航点", "there is no waypoint")
    _warn_of_globals(placemarks, folder, notes)
    return DjiWayline(height_reference=reference, speed_ms=speed_ms, points=points, groups=groups)


def _warn_of_globals(placemarks: list[Element], folder: Element, notes: list[Note]) -> None:
    # Seen in files of other programs: a point neither with its own height nor with the common one.
    if text_in(folder, "executeHeightMode"):
        return
    if any(text_in(p, "useGlobalHeight") == "1" for p in placemarks):
        notes.append(
            Note(zh="部分航点用全局高度", en="some waypoints are flown at the common height")
        )


def _point(placemark: Element, folder: Element, speed_ms: float, gathering: Gathering) -> DjiPoint:
    where = f"{line_of(placemark)} Placemark"
    inner = child(placemark, "Point")
    text = text_in(inner, "coordinates") if inner is not None else ""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) < 2:
        raise PlanFileError(
            f"{where} coordinates", "应为 经度,纬度", "write longitude,latitude in degrees"
        )
    at = gathering.point(
        finite(parts[0], f"{where} coordinates"), finite(parts[1], f"{where} coordinates"), where
    )
    heading = child(placemark, "waypointHeadingParam")
    if heading is None or text_in(placemark, "useGlobalHeadingParam") == "1":
        heading = child(folder, "globalWaypointHeadingParam")
    turn = child(placemark, "waypointTurnParam")
    if text_in(placemark, "useGlobalTurnParam") == "1":
        turn = None
    common = text_in(folder, "globalWaypointTurnMode")
    hold_s = 0.0
    for action in placemark.iter():
        if local_name(action) == "action" and text_in(action, "actionActuatorFunc") == "hover":
            parameters = child(action, "actionActuatorFuncParam")
            hold_s += (number_in(parameters, "hoverTime") or 0.0) if parameters is not None else 0.0
    own_speed = number_in(placemark, "waypointSpeed")
    common_speed = text_in(placemark, "useGlobalSpeed") == "1" or own_speed is None
    straight = text_in(placemark, "useStraightLine") or text_in(folder, "globalUseStraightLine")
    return DjiPoint(
        lat_deg=at.lat_deg,
        lon_deg=at.lon_deg,
        height_m=_height(placemark, folder, where),
        speed_ms=speed_ms if common_speed or own_speed is None else own_speed,
        hold_s=hold_s,
        turn_mode=(text_in(turn, "waypointTurnMode") if turn is not None else "")
        or common
        or STOPS,
        turn_damping_m=(
            (number_in(turn, "waypointTurnDampingDist") or 0.0) if turn is not None else 0.0
        ),
        heading_mode=(text_in(heading, "waypointHeadingMode") if heading is not None else "")
        or "followWayline",
        heading_deg=number_in(heading, "waypointHeadingAngle") if heading is not None else None,
        heading=_leaves(heading, ("waypointHeadingMode", "waypointHeadingAngle")),
        gimbal=_leaves(child(placemark, "waypointGimbalHeadingParam"), ()),
        straight=straight != "0",
    )


def _height(placemark: Element, folder: Element, where: str) -> float:
    height = number_in(placemark, "executeHeight")
    if height is None and text_in(placemark, "useGlobalHeight") == "1":
        height = number_in(folder, "globalHeight")
    if height is None:
        height = number_in(placemark, "height")
    if height is None:
        height = number_in(folder, "globalHeight")
    if height is None:
        raise PlanFileError(f"{where} executeHeight", "缺少高度", "the height is missing")
    return height


def _group(group: Element) -> DjiActionGroup:
    trigger = child(group, "actionTrigger")
    return DjiActionGroup(
        first=int(number_in(group, "actionGroupStartIndex") or 0),
        last=int(number_in(group, "actionGroupEndIndex") or 0),
        mode=text_in(group, "actionGroupMode") or "sequence",
        trigger=(text_in(trigger, "actionTriggerType") if trigger is not None else "")
        or "reachPoint",
        trigger_value=number_in(trigger, "actionTriggerParam") if trigger is not None else None,
        actions=[_action(action) for action in children(group, "action")],
    )


def _action(action: Element) -> DjiAction:
    parameters = child(action, "actionActuatorFuncParam")
    return DjiAction(
        name=text_in(action, "actionActuatorFunc"),
        parameters=_leaves(parameters, ()),
    )


def _leaves(parent: Element | None, known: Container[str]) -> dict[str, str]:
    """Return the texts of all elements inside that hold no others."""
    return {
        local_name(e): (e.text or "").strip()
        for e in (parent.iter() if parent is not None else ())
        if e is not parent and len(e) == 0 and local_name(e) not in known
    }
