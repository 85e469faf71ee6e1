"""What warnings are about: the national event codes, as data.

Three were read in public code (`v` in the list this comes from: 11B01, 11B03); the others are from
memory and wait for the bureau's list. An unknown code is accepted as it is.
"""

from dataclasses import dataclass

from field_api.features.warnings.formats.model import Category

__all__ = ["EVENTS", "EventKind", "event_of_code"]

_C = Category


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event."""

    code: str
    zh: str
    en: str
    category: Category


EVENTS = tuple(
    EventKind(*row)
    for row in (
        ("11B25", "森林(草原)火险", "Forest or grassland fire danger", _C.FIRE),
        ("11G01", "境内森林火灾", "Forest fire", _C.FIRE),
        ("11B03", "暴雨", "Rainstorm", _C.MET),
        ("11B01", "台风", "Typhoon", _C.MET),
        ("11B04", "暴雪", "Snowstorm", _C.MET),
        ("11B05", "寒潮", "Cold wave", _C.MET),
        ("11B06", "大风", "Gale", _C.MET),
        ("11B07", "沙尘暴", "Sandstorm", _C.MET),
        ("11B09", "高温", "Heat", _C.MET),
        ("11B14", "雷电", "Lightning", _C.MET),
        ("11B15", "冰雹", "Hail", _C.MET),
        ("11B16", "霜冻", "Frost", _C.MET),
        ("11B17", "大雾", "Fog", _C.MET),
        ("11B19", "霾", "Haze", _C.MET),
        ("11B20", "雷雨大风", "Thunderstorm gale", _C.MET),
        ("11B21", "道路结冰", "Icy roads", _C.MET),
        ("11B22", "干旱(气象)", "Meteorological drought", _C.MET),
        ("11A01", "洪水", "Flood", _C.MET),
        ("11A02", "内涝", "Waterlogging", _C.MET),
        ("11A04", "山洪灾害", "Flash flood", _C.MET),
        ("11A07", "干旱", "Drought", _C.MET),
        ("11C01", "地震", "Earthquake", _C.GEO),
        ("11D01", "滑坡", "Landslide", _C.GEO),
        ("11D02", "泥石流", "Debris flow", _C.GEO),
        ("11D05", "地质灾害气象风险", "Geological hazard from weather", _C.GEO),
        ("12A01", "煤矿事故", "Coal mine accident", _C.SAFETY),
        ("12B01", "火灾事故", "Fire accident", _C.FIRE),
        ("12D01", "危化品事故", "Accident with dangerous chemicals", _C.CBRNE),
    )
)
_BY_CODE = {kind.code: kind for kind in EVENTS}


def event_of_code(code: str) -> EventKind:
    """Return the kind of a code; an unknown one has no name."""
    return _BY_CODE.get(code) or EventKind(code, "", "", Category.OTHER)
