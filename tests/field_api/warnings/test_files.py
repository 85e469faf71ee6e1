"""Warning files: samples by their verdict, hostile ones refused, round trips equal in meaning."""

import socket
from pathlib import Path
from typing import Any

import pytest
from cap_tools.models import Alert as CapAlert
from hypothesis import given, settings
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser

from field_api.features.warnings.formats import (
    UnwritableError,
    Verdict,
    file_name,
    read_warning_file,
    write_cap,
    write_national,
)
from field_api.features.warnings.formats.model import Alert, MsgType
from tests.field_api.warnings.messages import cap_alerts, national_alerts

VECTORS = Path(__file__).parents[2] / "vectors" / "warnings"
SCHEMA = etree.XMLSchema(etree.parse(VECTORS / "cap12.xsd"))


def sample(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


def read(data: bytes) -> Alert:
    alert = read_warning_file(data).alert
    assert alert is not None
    return alert


VERDICTS = {
    "australia.cap": ("cap-1.2", Verdict.REMARKS, {"parameter", "description"}),
    "canada.cap": ("cap-1.2", Verdict.VALID, set[str]()),
    "canada_errors.cap": ("cap-1.2", Verdict.REMARKS, {"references"}),
    "earthquake.cap": ("cap-1.1", Verdict.REMARKS, {"alert"}),
    "earthquake-iso8859-1.cap": ("cap-1.2", Verdict.REMARKS, {"Signature"}),
    "invalid.cap": ("cap-1.2", Verdict.REFUSED, {"scope"}),
    "national_style_sample.xml": ("national", Verdict.VALID, set[str]()),
    "no_optional_fields.cap": ("cap-1.1", Verdict.REMARKS, {"alert"}),
    "noaa_errors.cap": (
        "cap-1.1",
        Verdict.REMARKS,
        {"alert", "parameter", "eventCode", "urgency", "severity", "certainty", "polygon"},
    ),
    "thunderstorm.cap": ("cap-1.2", Verdict.VALID, set[str]()),
    "wcatwc-warning.cap": ("cap-1.2", Verdict.VALID, set[str]()),
    "weather.cap": ("cap-1.1", Verdict.REMARKS, {"alert", "parameter"}),
    "xee.cap": (None, Verdict.REFUSED, {"XML"}),
    "xishan_cancel.cap": ("cap-1.2", Verdict.VALID, set[str]()),
    "xishan_forest_fire_danger_orange.cap": ("cap-1.2", Verdict.VALID, set[str]()),
    "xishan_update.cap": ("cap-1.2", Verdict.VALID, set[str]()),
}


def test_every_sample_has_a_verdict() -> None:
    assert set(VERDICTS) == {f.name for f in VECTORS.iterdir() if f.suffix in (".cap", ".xml")}


@pytest.mark.parametrize("name", VERDICTS)
def test_samples_by_their_expected_verdicts(name: str) -> None:
    form, verdict, names = VERDICTS[name]
    reading = read_warning_file(sample(name))
    assert (reading.format, reading.verdict) == (form, verdict)
    assert {finding.name for finding in reading.findings} == names
    assert all(finding.text_zh and finding.text_en for finding in reading.findings)


@pytest.mark.parametrize(
    "name", [n for n, (form, v, _) in VERDICTS.items() if form and v is not Verdict.REFUSED]
)
def test_what_was_read_is_written_as_valid_cap_and_means_the_same(name: str) -> None:
    alert = read(sample(name))
    if name == "canada_errors.cap":
        with pytest.raises(UnwritableError, match="references"):
            write_cap(alert)
        return
    written = write_cap(alert)
    SCHEMA.assertValid(etree.fromstring(written))
    if name != "national_style_sample.xml":
        assert read(written) == alert


def test_the_national_sample_is_written_as_it_came() -> None:
    data = sample("national_style_sample.xml")
    alert = read(data)

    def canonical(xml: bytes) -> bytes:
        parser = etree.XMLParser(remove_comments=True, resolve_entities=False)
        return etree.tostring(etree.fromstring(xml, parser), method="c14n")

    assert canonical(write_national(alert)) == canonical(data)
    assert file_name(alert) == "53011200000000_20250315080000_11B25_ORANGE_ALERT.XML"
    (circle,) = alert.infos[0].areas[0].circles
    assert circle.radius_m == 3500


def test_the_radius_is_kilometres_in_cap_and_metres_in_the_national_format() -> None:
    alert = read(sample("xishan_forest_fire_danger_orange.cap"))
    (circle,) = alert.infos[0].areas[0].circles
    assert circle.radius_m == 3500
    assert b"<circle>24.9415,102.6185 3.5</circle>" in write_cap(alert)


# --- hostile and broken files ------------------------------------------------------------------

ALERT = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier>'
    "<sender>b</sender><sent>2025-03-15T08:00:00+08:00</sent><status>Actual</status>"
    "<msgType>Alert</msgType><scope>Public</scope>{}</alert>"
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>' + ALERT.format("<note>&l9;</note>"),
    "external": '<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">' + ALERT.format(""),
    "file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    + ALERT.format("<note>&x;</note>"),
    "parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>'
    + ALERT.format(""),
    "deep": ALERT.format("<info>" * 500 + "</info>" * 500),
    "wide": ALERT.format("<note/>" * 30_000),
    "long": ALERT.format(f"<note>{'x' * 300_000}</note>"),
    "big": ALERT.format(f"<note>{'x' * 1_000_001}</note>"),
    "parts": ALERT.format("<info>" + "<area/>" * 3000 + "</info>"),
    "many": ALERT.format("<info/>" * 60),
    "no xml": "this is no XML",
    "empty": "",
    "cut": ALERT.format("")[:-20],
    "bytes": "\x00\x01\x02",
    "html": "<html><body>404</body></html>",
    "entity": ALERT.format("<note>&nope;</note>").replace("<alert", "<!DOCTYPE alert><alert"),
}


@pytest.mark.parametrize("name", [*HOSTILE, "xee.cap"])
def test_a_hostile_file_is_refused_in_words_and_touches_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = HOSTILE[name].encode() if name in HOSTILE else sample(name)

    def touched(*_: Any, **__: Any) -> Any:
        raise AssertionError("a file was opened, or a connection")

    monkeypatch.setattr(socket, "socket", touched)
    monkeypatch.setattr(socket, "create_connection", touched)
    monkeypatch.setattr("builtins.open", touched)
    reading = read_warning_file(data)
    monkeypatch.undo()
    assert reading.verdict is Verdict.REFUSED
    assert reading.findings[-1].text_zh
    assert reading.findings[-1].text_en


def test_an_instruction_for_style_sheets_is_passed_over() -> None:
    sheet = '<?xml-stylesheet href="http://127.0.0.1:9/a.xsl" type="text/xsl"?>'
    assert read_warning_file((sheet + ALERT.format("")).encode()).verdict is Verdict.VALID


INFO = (
    "<info><category>Met</category><event>x</event><urgency>Future</urgency>"
    "<severity>Minor</severity><certainty>Likely</certainty>{}</info>"
)


@pytest.mark.parametrize(
    ("inside", "name", "kept"),
    [
        ("<area><areaDesc>a</areaDesc><polygon>1,1 1,2 2,2</polygon></area>", "polygon", 1),
        ("<area><areaDesc>a</areaDesc><polygon>1,1 1,2 1,1</polygon></area>", "polygon", 0),
        ("<area><areaDesc>a</areaDesc><polygon>91,1 1,2 2,2 91,1</polygon></area>", "polygon", 0),
        ("<area><areaDesc>a</areaDesc><polygon>1,1 2,2 1,2 2,1 1,1</polygon></area>", "polygon", 1),
        ("<area><polygon>1,1 1,2 2,2 1,1</polygon></area>", "areaDesc", 1),
        ("<area><polygon>1,1 1,2 2,2 1,1</polygon><areaDesc>a</areaDesc></area>", "areaDesc", 1),
    ],
)
def test_areas_as_real_feeds_have_them(inside: str, name: str, kept: int) -> None:
    reading = read_warning_file(ALERT.format(INFO.format(inside)).encode())
    assert reading.alert is not None
    assert len(reading.alert.infos[0].areas[0].polygons) == kept
    assert [finding.name for finding in reading.findings] == [name]


def test_order_prefix_line_breaks_and_times_are_read_leniently() -> None:
    text = ALERT.format("<code>\n  IPAWSv1.0\n </code>").replace(
        "<identifier>a</identifier><sender>b</sender>",
        "<sender>b</sender><identifier>a</identifier>",
    )
    text = text.replace("+08:00", "Z").replace("<", "<cap:").replace("<cap:/", "</cap:")
    text = text.replace("xmlns=", "xmlns:cap=")
    reading = read_warning_file(text.encode())
    assert reading.alert is not None
    assert reading.alert.codes == ("IPAWSv1.0",)
    assert reading.alert.sent_ms == 1_742_025_600_000
    assert {finding.name for finding in reading.findings} == {"identifier", "sent"}


@pytest.mark.parametrize("name", ["earthquake-iso8859-1.cap", "canada.cap"])
def test_letters_and_languages_survive(name: str) -> None:
    alert = read(sample(name))
    assert read(write_cap(alert)).infos == alert.infos
    if name == "canada.cap":
        assert [info.language for info in alert.infos] == ["en-CA", "fr-CA"]
        assert "é" in alert.infos[1].headline + alert.infos[1].description


# --- round trips -------------------------------------------------------------------------------


@given(cap_alerts())
@settings(max_examples=60, deadline=None)
def test_cap_there_and_back_means_the_same_and_is_valid(alert: Alert) -> None:
    written = write_cap(alert)
    SCHEMA.assertValid(etree.fromstring(written))
    reading = read_warning_file(written)
    assert reading.alert == alert


@given(national_alerts())
@settings(max_examples=60, deadline=None)
def test_national_there_and_back_is_equal(alert: Alert) -> None:
    written = write_national(alert)
    reading = read_warning_file(written)
    assert reading.alert == alert
    assert reading.verdict is Verdict.VALID
    assert reading.alert is not None
    assert write_national(reading.alert) == written


@given(national_alerts())
@settings(max_examples=30, deadline=None)
def test_a_national_message_keeps_level_area_and_times_as_cap(alert: Alert) -> None:
    infos = [
        {**info, "areas": [{**area, "lines": ()} for area in info["areas"]]}
        for info in alert.model_dump()["infos"]
    ]
    first = {"msg_type": MsgType.ALERT, "references": (), "infos": infos}
    lineless = Alert.model_validate({**alert.model_dump(), **first})
    back = read(write_cap(lineless))
    for before, after in zip(lineless.infos, back.infos, strict=True):
        assert (after.level, after.severity) == (before.level, before.severity)
        assert (after.onset_ms, after.expires_ms) == (before.onset_ms, before.expires_ms)
        assert after.areas == before.areas
        assert after.event_codes == before.event_codes


@given(cap_alerts())
@settings(max_examples=30, deadline=None)
def test_an_independent_parser_reads_the_same(alert: Alert) -> None:
    theirs = XmlParser().from_bytes(write_cap(alert), CapAlert)
    assert (theirs.identifier, theirs.sender) == (alert.identifier, alert.sender)
    assert (theirs.status.value, theirs.msg_type.value) == (alert.status, alert.msg_type)
    assert theirs.sent.to_datetime().timestamp() * 1000 == alert.sent_ms
    assert len(theirs.infos) == len(alert.infos)
    for read_info, ours in zip(theirs.infos, alert.infos, strict=True):
        assert [each.value for each in read_info.categories] == list(ours.categories)
        assert [each.value for each in read_info.response_types] == list(ours.responses)
        words = (read_info.event, read_info.severity.value, read_info.certainty.value)
        assert words == (ours.event, ours.severity, ours.certainty)
        assert (read_info.description or "") == ours.description
        assert len(read_info.areas) == len(ours.areas)
        for read_area, area in zip(read_info.areas, ours.areas, strict=True):
            assert read_area.area_desc == area.description
            assert len(read_area.polygons) == len(area.polygons)
            assert len(read_area.circles) == len(area.circles)
