"""DJI's waypoint missions: WPML 1.0.6 inside a KMZ (`wpmz/template.kml`, `wpmz/waylines.wpml`).

Format: https://developer.dji.com/doc/cloud-api-tutorial/en/api-reference/dji-wpml/overview.html
Heights are written relative to the take-off point: DJI aircraft measure ellipsoid heights for their
absolute mode, tens of metres from ours above sea level, while height above take-off means the same
to both.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from pydantic import ValidationError

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.kml import NAMESPACE, unzip_member, zipped
from mission_plans.formats.xml_text import children, local_name, number_of, read_xml, text_of
from mission_plans.values.plan import GeoPoint, SortiePlan, Waypoint, WaypointKind

__all__ = ["WpmlMission", "WpmlPoint", "read_wpml", "write_wpml"]

WPML = "http://www.dji.com/wpmz/1.0.6"
TEMPLATE, WAYLINES = "wpmz/template.kml", "wpmz/waylines.wpml"
MAX_POINTS = 65_535
SAFE_TAKEOFF_M = 20.0
DRONE_ENUM, PAYLOAD_ENUM = "67", "52"
"""Matrice 30 and its camera: aircraft of another model ask before they fly the file."""


@dataclass(frozen=True, slots=True)
class WpmlPoint:
    """One waypoint."""

    at: GeoPoint
    height_m: float
    """Above the take-off point."""
    speed_ms: float
    """Of the leg that leaves this point."""
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class WpmlMission:
    """What is flown, by the executable part of the file."""

    points: list[WpmlPoint]
    finish: str
    """`goHome`, `noAction`, `autoLand` or `gotoFirstWaypoint`."""
    on_lost_link: str
    """`goBack`, `landing` or `hover`."""
    gimbal_pitch_deg: float | None


def write_wpml(sortie: SortiePlan) -> bytes:
    """Return a sortie as a KMZ that DJI's programs load; it comes home at the end or without link.

    Take-off and landing are the aircraft's own; the way home is the mission's end.
    """
    register_namespace("", NAMESPACE)
    register_namespace("wpml", WPML)
    members = {
        TEMPLATE: _document(sortie, executable=False),
        WAYLINES: _document(sortie, executable=True),
    }
    return zipped(members)


def _document(sortie: SortiePlan, *, executable: bool) -> bytes:
    root = Element(f"{{{NAMESPACE}}}kml")
    document = SubElement(root, f"{{{NAMESPACE}}}Document")
    config = _sub(document, "missionConfig")
    for name, value in (
        ("flyToWaylineMode", "safely"),
        ("finishAction", "goHome"),
        ("exitOnRCLost", "executeLostAction"),
        ("executeRCLostAction", "goBack"),
        ("takeOffSecurityHeight", f"{SAFE_TAKEOFF_M:g}"),
        ("globalTransitionalSpeed", f"{sortie.cruise_ms:g}"),
    ):
        _sub(config, name, value)
    drone = _sub(config, "droneInfo")
    _sub(drone, "droneEnumValue", DRONE_ENUM)
    _sub(drone, "droneSubEnumValue", "0")
    payload = _sub(config, "payloadInfo")
    _sub(payload, "payloadEnumValue", PAYLOAD_ENUM)
    _sub(payload, "payloadSubEnumValue", "0")
    _sub(payload, "payloadPositionIndex", "0")
    folder = SubElement(document, f"{{{NAMESPACE}}}Folder")
    if executable:
        _sub(folder, "templateId", "0")
        _sub(folder, "executeHeightMode", "relativeToStartPoint")
        _sub(folder, "waylineId", "0")
    else:
        _sub(folder, "templateType", "waypoint")
        _sub(folder, "templateId", "0")
        system = _sub(folder, "waylineCoordinateSysParam")
        _sub(system, "coordinateMode", "WGS84")
        _sub(system, "heightMode", "relativeToStartPoint")
    _sub(folder, "autoFlightSpeed", f"{sortie.cruise_ms:g}")
    flown = [w for w in sortie.waypoints if w.kind is not WaypointKind.TAKEOFF]
    for index, waypoint in enumerate(flown):
        leaving_ms = flown[index + 1].speed_ms if index + 1 < len(flown) else None
        _point(folder, sortie, index, waypoint, leaving_ms, executable=executable)
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _point(
    folder: Element,
    sortie: SortiePlan,
    index: int,
    waypoint: Waypoint,
    leaving_ms: float | None,
    *,
    executable: bool,
) -> None:
    placemark = SubElement(folder, f"{{{NAMESPACE}}}Placemark")
    point = SubElement(placemark, f"{{{NAMESPACE}}}Point")
    SubElement(
        point, f"{{{NAMESPACE}}}coordinates"
    ).text = f"{waypoint.lon_deg:.8f},{waypoint.lat_deg:.8f}"
    height_m = waypoint.altitude_amsl_m - sortie.launch_amsl_m
    # Here a point's speed is that of the leg that leaves it; in our plans, of the leg that ends.
    speed_ms = sortie.cruise_ms if leaving_ms is None else leaving_ms
    _sub(placemark, "index", str(index))
    if executable:
        _sub(placemark, "executeHeight", f"{height_m:.2f}")
    else:
        _sub(placemark, "ellipsoidHeight", f"{height_m:.2f}")
        _sub(placemark, "height", f"{height_m:.2f}")
        _sub(placemark, "useGlobalHeight", "0")
        _sub(placemark, "useGlobalSpeed", "0")
    _sub(placemark, "waypointSpeed", f"{speed_ms:g}")
    heading = _sub(placemark, "waypointHeadingParam")
    _sub(heading, "waypointHeadingMode", "followWayline")
    turn = _sub(placemark, "waypointTurnParam")
    _sub(turn, "waypointTurnMode", "toPointAndStopWithDiscontinuityCurvature")
    _sub(turn, "waypointTurnDampingDist", "0")
    _sub(placemark, "useStraightLine", "1")
    actions: list[tuple[str, dict[str, str]]] = []
    if index == 0:
        actions.append(
            (
                "gimbalRotate",
                {
                    "gimbalRotateMode": "absoluteAngle",
                    "gimbalPitchRotateEnable": "1",
                    "gimbalPitchRotateAngle": f"{sortie.camera_pitch_deg:g}",
                    "payloadPositionIndex": "0",
                },
            )
        )
    if waypoint.hold_s:
        actions.append(("hover", {"hoverTime": f"{waypoint.hold_s:g}"}))
    if actions:
        group = _sub(placemark, "actionGroup")
        _sub(group, "actionGroupId", str(index))
        _sub(group, "actionGroupStartIndex", str(index))
        _sub(group, "actionGroupEndIndex", str(index))
        _sub(group, "actionGroupMode", "sequence")
        _sub(_sub(group, "actionTrigger"), "actionTriggerType", "reachPoint")
        for number, (name, parameters) in enumerate(actions):
            action = _sub(group, "action")
            _sub(action, "actionId", str(number))
            _sub(action, "actionActuatorFunc", name)
            inner = _sub(action, "actionActuatorFuncParam")
            for key, value in parameters.items():
                _sub(inner, key, value)


def _sub(parent: Element, name: str, text: str | None = None) -> Element:
    element = SubElement(parent, f"{{{WPML}}}{name}")
    element.text = text
    return element


def read_wpml(data: bytes) -> WpmlMission:
    """Return what a DJI waypoint mission flies.

    Raises:
        PlanFileError: no such archive, a height mode whose zero we don't know, or a missing field.
    """
    root = read_xml(unzip_member(data, WAYLINES), WAYLINES)
    document = next((e for e in root.iter() if local_name(e) == "Document"), None)
    if document is None:
        raise PlanFileError(WAYLINES, "Document is missing")
    config = next(children(document, "missionConfig"), None)
    folder = next(children(document, "Folder"), None)
    if config is None or folder is None:
        raise PlanFileError(WAYLINES, "missionConfig and Folder are needed")
    mode = text_of(folder, "executeHeightMode", "Folder")
    if mode != "relativeToStartPoint":
        raise PlanFileError(
            "Folder/executeHeightMode",
            f"{mode[:40]!r}: only relativeToStartPoint is read; heights of other modes need the "
            "aircraft's own reference",
        )
    points: list[WpmlPoint] = []
    pitch_deg: float | None = None
    for placemark in children(folder, "Placemark"):
        where = f"Placemark[{len(points)}]"
        if len(points) == MAX_POINTS:
            raise PlanFileError(where, f"more than {MAX_POINTS} points")
        points.append(_read_point(placemark, where))
        for action in (e for e in placemark.iter() if local_name(e) == "action"):
            if pitch_deg is None and text_of(action, "actionActuatorFunc", where) == "gimbalRotate":
                pitch_deg = number_of(_parameters(action, where), "gimbalPitchRotateAngle", where)
    if not points:
        raise PlanFileError("Folder", "no Placemark: the mission has no waypoint")
    return WpmlMission(
        points,
        text_of(config, "finishAction", "missionConfig"),
        text_of(config, "executeRCLostAction", "missionConfig"),
        pitch_deg,
    )


def _parameters(action: Element, where: str) -> Element:
    found = next(children(action, "actionActuatorFuncParam"), None)
    if found is None:
        raise PlanFileError(f"{where}/action/actionActuatorFuncParam", "missing")
    return found


def _read_point(placemark: Element, where: str) -> WpmlPoint:
    point = next(children(placemark, "Point"), None)
    if point is None:
        raise PlanFileError(f"{where}/Point", "missing")
    parts = text_of(point, "coordinates", f"{where}/Point").split(",")
    try:
        lon, lat = (float(part) for part in parts[:2])
        at = GeoPoint(lat_deg=lat, lon_deg=lon)
    except (ValueError, ValidationError) as error:
        raise PlanFileError(
            f"{where}/Point/coordinates", "write longitude,latitude in degrees"
        ) from error
    hold_s = 0.0
    for action in (e for e in placemark.iter() if local_name(e) == "action"):
        if text_of(action, "actionActuatorFunc", where) == "hover":
            hold_s += number_of(_parameters(action, where), "hoverTime", where)
    return WpmlPoint(
        at,
        number_of(placemark, "executeHeight", where),
        number_of(placemark, "waypointSpeed", where),
        hold_s,
    )
