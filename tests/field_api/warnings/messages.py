"""Warning messages as hypothesis makes them."""

from typing import Any

from hypothesis import strategies as st

from field_api.features.warnings.formats.events import EVENTS, event_of_code
from field_api.features.warnings.formats.model import (
    AREA_CODES,
    EVENT_CODE,
    Alert,
    Area,
    Category,
    Certainty,
    Circle,
    Info,
    Level,
    Method,
    MsgType,
    Named,
    Place,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from field_api.features.warnings.formats.national_names import CHANNELS, SEVERITY_OF

SEEN = st.characters(exclude_categories=("C", "Z"), exclude_characters='"')
WORD = st.text(SEEN, min_size=1, max_size=12)
TEXT = st.lists(WORD, max_size=4).map(" ".join)
LINES = st.lists(TEXT.filter(bool), max_size=3).map("\n".join)
IDENT = st.text(st.sampled_from("abcXYZ0189_-.:@中"), min_size=1, max_size=20)
TIME_MS = st.integers(0, 4_000_000_000).map(lambda s: s * 1000)


def degrees(limit: int) -> st.SearchStrategy[float]:
    return st.integers(-limit * 10_000, limit * 10_000).map(lambda n: n / 10_000)


PLACE = st.builds(Place, lat_deg=degrees(89), lon_deg=degrees(179))
CIRCLE = st.builds(Circle, centre=PLACE, radius_m=st.integers(0, 5_000_000).map(lambda n: n / 10))
PAIR = st.builds(Named, name=WORD, value=WORD)


@st.composite
def rings(draw: st.DrawFn) -> tuple[Place, ...]:
    """Return a triangle or a box: its sides never cross."""
    south, west = draw(degrees(80)), draw(degrees(170))
    high = draw(st.integers(1, 50)) / 10
    corners = [(south, west), (south, west + high), (south + high, west + high)]
    if draw(st.booleans()):
        corners.append((south + high, west))
    return tuple(Place(lat_deg=round(a, 5), lon_deg=round(b, 5)) for a, b in corners)


def many(each: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, max_size=most).map(tuple)


def one_or_two(each: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def cap_areas(draw: st.DrawFn) -> Area:
    low = draw(st.none() | st.integers(0, 9000).map(float))
    high = None if low is None else draw(st.none() | st.just(low + 100))
    return Area(
        description=draw(WORD),
        polygons=draw(many(rings())),
        circles=draw(many(CIRCLE)),
        geocodes=draw(many(PAIR)),
        altitude_ft=low,
        ceiling_ft=high,
    )


RESOURCE = st.builds(
    Resource,
    description=WORD,
    mime_type=st.just("image/png"),
    size_bytes=st.none() | st.integers(0, 10**9),
    uri=st.sampled_from(["", "https://example.invalid/a.png"]),
    digest=st.sampled_from(["", "0" * 40]),
)


@st.composite
def cap_infos(draw: st.DrawFn, sent_ms: int) -> Info:
    later = st.none() | st.integers(0, 10**6).map(lambda s: sent_ms + s * 1000)
    return Info(
        language=draw(st.sampled_from(["", "zh-CN", "en-US"])),
        categories=draw(one_or_two(st.sampled_from(Category))),
        event=draw(WORD),
        responses=draw(many(st.sampled_from(ResponseType))),
        urgency=draw(st.sampled_from(Urgency)),
        severity=draw(st.sampled_from(Severity)),
        certainty=draw(st.sampled_from([c for c in Certainty if c is not Certainty.VERY_LIKELY])),
        level=draw(st.none() | st.sampled_from(Level)),
        audience=draw(TEXT),
        event_codes=draw(many(PAIR)),
        effective_ms=draw(st.none() | TIME_MS),
        onset_ms=draw(st.none() | TIME_MS),
        expires_ms=draw(later),
        sender_name=draw(TEXT),
        headline=draw(TEXT),
        description=draw(LINES),
        instruction=draw(LINES),
        web=draw(st.sampled_from(["", "https://example.invalid/?a=1&b=2"])),
        contact=draw(TEXT),
        parameters=draw(many(PAIR)),
        resources=draw(many(RESOURCE)),
        areas=draw(many(cap_areas())),
    )


@st.composite
def cap_alerts(draw: st.DrawFn) -> Alert:
    """Return a message that CAP can carry whole."""
    sent_ms = draw(TIME_MS)
    kind = draw(st.sampled_from(MsgType))
    scope = draw(st.sampled_from(Scope))
    reference = st.builds(
        Reference, identifier=IDENT.map(lambda i: f"r{i}"), sender=IDENT, sent_ms=TIME_MS
    )
    least = 0 if kind is MsgType.ALERT else 1
    return Alert(
        identifier="m" + draw(IDENT),
        sender=draw(IDENT),
        sent_ms=sent_ms,
        status=draw(st.sampled_from(Status)),
        msg_type=kind,
        scope=scope,
        source=draw(TEXT),
        restriction=draw(WORD) if scope is Scope.RESTRICTED else "",
        addresses=(draw(WORD), draw(TEXT.filter(bool))) if scope is Scope.PRIVATE else (),
        codes=draw(many(WORD)),
        note=draw(LINES),
        references=tuple(draw(st.lists(reference, min_size=least, max_size=3))),
        incidents=draw(many(TEXT.filter(bool))),
        infos=draw(many(cap_infos(sent_ms))),
    )


@st.composite
def national_areas(draw: st.DrawFn) -> Area:
    line = st.lists(PLACE, min_size=2, max_size=4, unique_by=str).map(tuple)
    codes = draw(st.lists(st.from_regex(r"530112[0-9]{6}", fullmatch=True), max_size=3))
    return Area(
        description=draw(WORD),
        polygons=draw(many(rings())),
        lines=draw(many(line)),
        circles=draw(many(CIRCLE)),
        geocodes=tuple(Named(name=AREA_CODES, value=code) for code in codes),
    )


@st.composite
def national_alerts(draw: st.DrawFn) -> Alert:
    """Return a message as the national format carries it whole."""
    organisation, level = draw(WORD), draw(st.none() | st.sampled_from(Level))
    kind = draw(st.sampled_from([*(each.code for each in EVENTS), "99Z99"]))
    named = event_of_code(kind)
    sent_ms = draw(TIME_MS)
    info = Info(
        language="zh-CN",
        categories=(named.category,),
        event=named.zh or kind,
        urgency=draw(st.sampled_from(Urgency)),
        severity=SEVERITY_OF[level] if level else Severity.UNKNOWN,
        certainty=draw(st.sampled_from([c for c in Certainty if c is not Certainty.POSSIBLE])),
        level=level,
        event_codes=(Named(name=EVENT_CODE, value=kind),),
        effective_ms=sent_ms,
        onset_ms=draw(st.none() | TIME_MS),
        expires_ms=sent_ms + 3_600_000,
        sender_name=organisation,
        signer=draw(TEXT),
        headline=draw(WORD),
        description=draw(LINES),
        instruction=draw(LINES),
        resources=draw(
            many(
                st.builds(
                    Resource,
                    description=WORD,
                    size_bytes=st.integers(0, 10**9),
                    digest=st.just("0" * 40),
                )
            )
        ),
        areas=draw(many(national_areas())),
    )
    reference = st.builds(Reference, identifier=IDENT)
    return Alert(
        identifier=draw(IDENT),
        sender="53011200000000",
        sent_ms=sent_ms,
        status=draw(st.sampled_from(Status)),
        msg_type=draw(st.sampled_from(MsgType)),
        scope=Scope.PUBLIC,
        source=organisation,
        note=draw(LINES),
        references=tuple(draw(st.lists(reference, max_size=1))),
        infos=(info,),
        methods=tuple(
            Method(name=name, message=draw(TEXT))
            for name in draw(st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3))
        ),
        classification=draw(st.sampled_from(["", "None", "Inner"])),
        phone=draw(st.sampled_from(["", "0871-12345678"])),
    )
