"""Files brought onto the console: seen thing by thing, used, planned, and saved again."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from mission_plans.formats.reading import read_file
from tests.browser.conftest import Demo, api, duty_desk
from tests.browser.officer import check_access, rows
from tests.browser.test_pages import open_incident

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

LAT, LON = 24.941, 102.618
PLANNED_MS = 60_000
DROP = """async ({ name, data, type }) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  globalThis.carried = new DataTransfer();
  globalThis.carried.items.add(new File([bytes], name));
  const at = document.querySelector('[data-testid=map]');
  const event = new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true });
  at.dispatchEvent(event);
  return event.defaultPrevented;
}"""


@pytest.fixture
def post(shared_post: Demo) -> Demo:
    """A command post with the demo's people."""
    return shared_post


@pytest.fixture
def desk(post: Demo, browser: Browser) -> Iterator[Page]:
    """The duty officer's console."""
    with duty_desk(post, browser) as page:
        yield page
    assert post.outside == []


def corners(north: float, east: float, size: float) -> list[tuple[float, float]]:
    lat, lon = LAT + north, LON + east
    return [(lat, lon), (lat, lon + size), (lat + size, lon + size), (lat + size, lon), (lat, lon)]


def ring(where: str, points: list[tuple[float, float]]) -> str:
    text = " ".join(f"{lon:.6f},{lat:.6f}" for lat, lon in points)
    return (
        f"<{where}><LinearRing><coordinates>{text}</coordinates></LinearRing></{where}>"
        if points
        else f"<{where}><LinearRing><coordinates/></LinearRing></{where}>"
    )


def search_areas() -> bytes:
    """Two areas, one with a hole, in an old encoding, beside what can't be used."""

    def placemark(name: str, *parts: str) -> str:
        return f"<Placemark><name>{name}</name><Polygon>{''.join(parts)}</Polygon></Placemark>"

    kml = (
        '<?xml version="1.0" encoding="GB2312"?><kml><Document>\n'
        + placemark(
            "东坡",
            ring("outerBoundaryIs", corners(0, 0, 0.004)),
            ring("innerBoundaryIs", corners(0.001, 0.001, 0.001)),
        )
        + "\n"
        + placemark("西坡", ring("outerBoundaryIs", corners(0, -0.006, 0.003)))
        + "\n"
        + placemark("空区域", ring("outerBoundaryIs", []))
        + "\n<Placemark><name>无位置</name></Placemark>"
        + "\n<GroundOverlay><name>旧影像</name></GroundOverlay></Document></kml>"
    )
    return kml.encode("gb2312")


def track() -> bytes:
    points = "".join(
        f'<trkpt lat="{LAT + n * 0.0003:.6f}" lon="{LON + n * 0.0001:.6f}"/>' for n in range(20)
    )
    return (
        f'<gpx version="1.1"><trk><name>小路</name><trkseg>{points}</trkseg></trk></gpx>'.encode()
    )


def show(page: Page, post: Demo, title: str) -> str:
    """Open an incident and its search panel."""
    incident = open_incident(post, title)
    page.goto(f"{post.url}/incident/{incident}?tab=search")
    expect(page.get_by_test_id("draw-area")).to_be_visible()
    return incident


def bring(page: Page, name: str, data: bytes) -> None:
    page.get_by_test_id("import-file").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data}]
    )
    expect(page.get_by_test_id("import-dialog")).to_be_visible()


def plan(page: Page) -> None:
    for vehicle in ("XS-U1", "XS-U2"):
        page.get_by_test_id(f"choose-{vehicle}").check()
    page.get_by_test_id("make-plan").click()
    expect(page.get_by_test_id("plan")).to_be_visible(timeout=PLANNED_MS)


def planned(post: Demo, incident: str) -> dict[str, Any]:
    (made,) = rows(post, f"incidents/{incident}/plans")
    return made["plan"]["request"]


def picture(page: Page, name: str) -> None:
    """Leave a picture of the page."""
    if folder := os.environ.get("XUNSHAN_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_file_is_listed_used_planned_and_saved(post: Demo, desk: Page, tmp_path: Path) -> None:
    incident = show(desk, post, "导入甲")
    bring(desk, "两块搜索区.kml", search_areas())
    expect(desk.get_by_test_id("thing")).to_have_count(2)
    expect(desk.get_by_test_id("file-encoding")).to_contain_text("GB")
    left_out = desk.get_by_test_id("left-out")
    for name in ("空区域", "无位置", "旧影像"):
        expect(left_out).to_contain_text(name)
    check_access(desk)
    picture(desk, "import-zh")
    desk.keyboard.press("Escape")
    expect(desk.get_by_test_id("import-dialog")).to_be_hidden()
    expect(desk.get_by_test_id("make-plan")).to_be_disabled()

    bring(desk, "两块搜索区.kml", search_areas())
    expect(desk.get_by_test_id("import-use")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("import-dialog")).to_be_hidden()
    expect(desk.get_by_test_id("area")).to_contain_text("另 1 块")
    picture(desk, "imported")
    desk.get_by_test_id("export").click()
    expect(desk.get_by_test_id("nothing-yet")).to_be_visible()
    with desk.expect_download() as drawn:
        desk.get_by_test_id("save-geojson").click()
    drawn.value.save_as(tmp_path / "drawing.geojson")
    drawing = read_file("drawing.geojson", (tmp_path / "drawing.geojson").read_bytes())
    assert [len(area.holes) for area in drawing.areas] == [1, 0]
    desk.keyboard.press("Escape")
    plan(desk)
    request = planned(post, incident)
    assert [len(outer) for outer in (request["area"], *request["also"])] == [4, 4]
    assert len(request["holes"]) == 1
    picture(desk, "imported-plan")

    desk.get_by_test_id("export").click()
    offers = desk.get_by_test_id("export-plan").get_by_test_id("offer")
    expect(offers).to_have_count(6)
    expect(desk.get_by_test_id("export-plan")).to_contain_text("WPL")
    check_access(desk)
    picture(desk, "export-zh")
    with desk.expect_download() as coming:
        offers.nth(0).get_by_test_id("download").click()
    saved = tmp_path / coming.value.suggested_filename
    coming.value.save_as(saved)
    back = read_file(saved.name, saved.read_bytes())
    assert len(back.areas) == 2
    assert back.paths
    desk.keyboard.press("Escape")
    expect(desk.get_by_test_id("export-dialog")).to_be_hidden()


def test_a_track_dropped_on_the_map_is_searched_along(post: Demo, desk: Page) -> None:
    incident = show(desk, post, "导入乙")
    carried = {"name": "小路.gpx", "data": base64.b64encode(track()).decode()}
    desk.evaluate(DROP, {**carried, "type": "dragenter"})
    expect(desk.get_by_test_id("drop-target")).to_be_visible()
    picture(desk, "drop-target")
    assert desk.evaluate(DROP, {**carried, "type": "dragover"})
    assert desk.evaluate(DROP, {**carried, "type": "drop"})
    expect(desk.get_by_test_id("drop-target")).to_be_hidden()
    expect(desk.get_by_test_id("thing")).to_contain_text("小路")
    desk.get_by_test_id("import-use").click()
    expect(desk.get_by_test_id("pattern")).to_have_value("file")
    plan(desk)
    assert planned(post, incident)["pattern"]["kind"] == "track_line"


def test_a_file_that_cannot_be_used_says_what_to_do(post: Demo, desk: Page) -> None:
    show(desk, post, "导入丙")
    bring(desk, "坏.kml", b"<kml><Document><Placemark><name>A</name></Placemark></Document></kml>")
    expect(desk.get_by_role("alert")).to_contain_text("没有可用的内容")
    expect(desk.get_by_test_id("left-out")).to_contain_text("A")
    expect(desk.get_by_test_id("import-use")).to_have_count(0)
    picture(desk, "import-refused")
    desk.get_by_test_id("import-cancel").click()
    desk.evaluate(DROP, {"name": "a.csv", "data": "", "type": "drop"})
    expect(desk.get_by_role("alert")).to_contain_text("文件是空的")
    with api(post, "auditor") as client:
        assert "坏.kml" not in client.get("/api/v1/audit").text


def test_screens_in_english_hold_a_survey_with_fence_and_rally_points(
    post: Demo, desk: Page
) -> None:
    desk.evaluate("localStorage.setItem('xunshan.locale', 'en')")
    show(desk, post, "Import")
    survey = Path(__file__).parents[1] / "mission_plans/plan_files/survey_with_exclusion_fence.plan"
    bring(desk, survey.name, survey.read_bytes())
    expect(desk.get_by_test_id("thing")).to_have_count(4)
    picture(desk, "import-survey-en")
    desk.get_by_test_id("thing").filter(has_text="Fence").get_by_test_id("use").select_option(
        "hole"
    )
    expect(desk.get_by_test_id("cannot-use")).to_be_hidden()
    desk.get_by_test_id("use-all").select_option("show")
    desk.get_by_test_id("import-use").click()
    expect(desk.get_by_test_id("shown-things")).to_contain_text("4 imported things")
    picture(desk, "shown-en")
    desk.get_by_test_id("shown-clear").click()
    expect(desk.get_by_test_id("shown-things")).to_be_hidden()
    bring(desk, "two-areas.kml", search_areas())
    expect(desk.get_by_test_id("left-out")).to_be_visible()
    picture(desk, "import-en")
