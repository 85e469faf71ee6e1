"""The pilot's desk: ten aircraft of a fleet node that does what each test says."""

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from field_api.contract.ids import new_id
from field_api.contract.messages import Command, CommandOutcome, SortieState, VehicleEvent
from field_api.features.accounts.tables import DeviceKind
from sim.scenario import DEFAULT_SCENARIO
from tests.browser.conftest import Demo, Post, api, open_context, sign_in
from tests.browser.fleet_node import Answer, FleetNode, now_ms
from tests.field_api.field import sortie_event

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(120)]

STEP_MS = 15_000
PLACE = {"lat_deg": 24.9415, "lon_deg": 102.6185}
TEN = [f"XS-U{number}" for number in range(1, 11)]
AWAY = ["XS-U11", "XS-U12"]
"""Of the roster, and never heard in any test."""

PARKED = {"armed": False, "phase": "ground", "sortie_state": None}

ORDERS = ("pause", "resume", "return", "land")
UNCOVERED = """(button) => {
  const box = button.getBoundingClientRect();
  const inside = box.top >= 0 && box.left >= 0
    && box.bottom <= innerHeight && box.right <= innerWidth;
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return inside && (button === top || button.contains(top));
}"""
IN_THE_MIDDLE = """([lon, lat]) => {
  const map = document.querySelector('[data-testid="map"]');
  const at = map.pixelAt(lon, lat);
  return at && Math.hypot(at[0] - map.clientWidth / 2, at[1] - map.clientHeight / 2) < 3;
}"""
CROWDED = """(bar) => {
  const shown = [...bar.querySelectorAll('a, button, select, time, span')]
    .filter((each) => !each.children.length || each.matches('a, button, select, time'))
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && box.height > 1);
  const cut = shown.filter(([each]) => each.matches('a, button, .chip, time')
    && each.scrollWidth > each.clientWidth + 1);
  const words = ([each]) => each.dataset.testid || each.textContent.trim();
  const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5;
  const overlaps = shown.flatMap((one, at) => shown.slice(at + 1)
    .filter((other) => !one[0].contains(other[0]) && !other[0].contains(one[0]))
    .filter((other) => meet(one[1], other[1]))
    .filter((other) => one[1].top < other[1].bottom - 1 && other[1].top < one[1].bottom - 1)
    .map((other) => `${words(one)} over ${words(other)}`));
  return [...overlaps, ...cut.map((each) => `${words(each)} is cut`)];
}"""


def picture(page: Page, name: str) -> None:
    """Leave a picture of the page."""
    if folder := os.environ.get("XUNSHAN_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """A command post with twelve aircraft."""
    folder = tmp_path_factory.mktemp("desk")
    scenario = json.loads(DEFAULT_SCENARIO.read_text("utf-8"))
    first, *others = scenario["aircraft"]
    for number in range(len(others) + 2, 13):
        more = {"id": f"XS-U{number}", "sysid": number, "uas_code": f"TEST{number:02}"}
        others.append(first | more | {"name": f"侦察{number}号"})
    scenario["aircraft"] = [first, *others]
    file = folder / "scenario.json"
    file.write_text(json.dumps(scenario), "utf-8")
    made = Post(folder, file)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def demo(post: Post) -> Demo:  # pyright: ignore[reportIncompatibleMethodOverride]
    """Serve the command post."""
    return post.start()


@pytest.fixture(scope="module")
def node(post: Post, demo: Demo) -> Iterator[FleetNode]:
    """The launch site's node."""
    token = post.enrol("fleet-1", DeviceKind.FLEET)
    with FleetNode(post.port, token, demo.folder) as made:
        yield made


@pytest.fixture
def fleet(node: FleetNode) -> FleetNode:
    """Four aircraft on their lanes, six on the ground; orders are carried out at once."""
    node.aircraft.clear()
    node.orders.clear()
    node.answers = carried_out
    for at, vehicle_id in enumerate(TEN):
        node.fly(vehicle_id, lat_deg=24.9415 + 0.002 * at, lon_deg=102.61 + 0.003 * at)
    for vehicle_id in TEN[4:]:
        node.fly(vehicle_id, **PARKED)
    return node


@pytest.fixture
def desk(demo: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """A bureau's laptop."""
    context = open_context(demo, browser, 1366, 768)
    context.set_default_timeout(STEP_MS)
    yield context
    context.close()
    assert demo.outside == []


def carried_out(_: Command) -> list[Answer]:
    """Answer as a node whose aircraft obeys."""
    return [(CommandOutcome.ACCEPTED, "", ""), (CommandOutcome.DONE, "", "")]


@pytest.fixture(scope="module")
def incident(demo: Demo) -> str:
    """An incident to work on."""
    made = new_id()
    body = {
        "id": made,
        "kind": "fire",
        "title": "西坡冒烟,三名徒步人员失联",
        "drill": True,
        **PLACE,
    }
    with api(demo, "duty") as client:
        client.post("/api/v1/incidents", json=body).raise_for_status()
    return made


def open_desk(context: BrowserContext, demo: Demo, path: str = "/") -> Page:
    """Sign in as a pilot and wait until the aircraft are there."""
    page = context.new_page()
    sign_in(page, f"{demo.url}{path}", "pilot")
    expect(page.locator('[data-testid=desk][data-ready="true"]')).to_be_visible()
    for vehicle_id in TEN:
        expect(row(page, vehicle_id)).to_have_attribute("data-link", "live")
    return page


def row(page: Page, vehicle_id: str) -> Locator:
    """An aircraft in the list."""
    return page.get_by_test_id(f"vehicle-{vehicle_id}")


def hold_key(page: Page, key: str, for_ms: int = 1_200) -> None:
    """Hold a key as long as an order wants."""
    page.keyboard.down(key)
    page.wait_for_timeout(for_ms)
    page.keyboard.up(key)


def hold(page: Page, testid: str) -> None:
    """Hold a button as long as an order wants."""
    page.get_by_test_id(testid).hover()
    page.mouse.down()
    page.wait_for_timeout(1_200)
    page.mouse.up()


def answer(page: Page, vehicle_id: str) -> Locator:
    """What became of the last order to an aircraft."""
    return page.locator(f'[data-testid=order-answer][data-vehicle="{vehicle_id}"]')


# --- faults -------------------------------------------------------------------------------------


def test_orders_are_in_sight_under_every_tab_with_ten_aircraft(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    for vehicle_id in TEN:
        fleet.fly(vehicle_id)
    page = open_desk(desk, demo, f"/incident/{incident}")
    for language in ("zh", "en"):
        for tab in ("flight", "search", "tasks"):
            page.get_by_test_id(f"tab-{tab}").click()
            for order in (*ORDERS, "abort"):
                button = page.get_by_test_id(order if order == "abort" else f"order-{order}")
                assert button.evaluate(UNCOVERED), (language, tab, order)
            picture(page, f"orders-{tab}-{language}")
        page.get_by_test_id("language").click()


def test_the_header_has_room_for_everything(
    post: Post, demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    # The longest that can stand there: a node that was up and is no more.
    with FleetNode(
        post.port,
        post.enrol("vision-1", DeviceKind.VISION),
        demo.folder,
        "vision-1",
        "vision",
    ):
        pass
    for username in ("duty", "commander", "pilot"):
        page = desk.new_page()
        sign_in(page, f"{demo.url}/incident/{incident}", username)
        expect(page.get_by_test_id("drill-badge")).to_be_visible()
        expect(page.locator("header.top-bar")).to_contain_text("离线")
        for _ in ("zh", "en"):
            assert page.locator("header.top-bar").evaluate(CROWDED) == [], username
            picture(page, f"header-{username}")
            page.get_by_test_id("language").click()
        if username != "pilot":  # who does not open incidents
            page.get_by_test_id("language").click()
            page.get_by_test_id("new-incident").click()
            expect(page.get_by_test_id("incident-title")).to_be_visible()
            page.keyboard.press("Escape")
            page.get_by_test_id("language").click()
        page.get_by_test_id("sign-out").click()
        expect(page.get_by_test_id("password")).to_be_visible()
        page.close()


def test_what_is_off_the_air_takes_no_room(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    page = open_desk(desk, demo, f"/incident/{incident}")
    for vehicle_id in AWAY:
        expect(row(page, vehicle_id)).to_be_hidden()
    page.get_by_test_id("fleet-away").locator("summary").click()
    for vehicle_id in AWAY:
        expect(row(page, vehicle_id)).to_be_visible()
    page.get_by_test_id("wall").click()
    page.get_by_test_id("wall-9").click()
    cells = page.get_by_test_id("wall-cell")
    streams = cells.get_by_test_id("video").evaluate_all("all => all.map((e) => e.dataset.stream)")
    assert not {f"{vehicle_id}-cam" for vehicle_id in AWAY} & set(streams)
    expect(page.get_by_test_id("wall-off-air")).to_contain_text(" ".join(AWAY))
    picture(page, "wall")
    page.get_by_test_id("wall-4").click()
    expect(cells).to_have_count(4)
    box = cells.first.bounding_box()
    assert box is not None
    assert box["width"] > 1366 / 2 - 20


def test_a_search_begins_with_the_pitch_that_finds_people(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    page = open_desk(desk, demo, f"/incident/{incident}")
    page.get_by_test_id("tab-search").click()
    oblique, down = page.get_by_test_id("pitch-40"), page.get_by_test_id("pitch-90")
    expect(oblique).to_have_attribute("aria-checked", "true")
    picture(page, "search")
    # What becomes a map is seen from straight above.
    page.get_by_test_id("pattern").select_option("mapping")
    expect(down).to_have_attribute("aria-checked", "true")
    page.get_by_test_id("pattern").select_option("parallel")
    expect(oblique).to_have_attribute("aria-checked", "true")
    # What somebody chose stays.
    page.get_by_test_id("pitch-60").click()
    page.get_by_test_id("pattern").select_option("mapping")
    expect(page.get_by_test_id("pitch-60")).to_have_attribute("aria-checked", "true")


def vehicle_event(vehicle_id: str, zh: str, en: str) -> VehicleEvent:
    """What an aircraft says."""
    return VehicleEvent(
        id=new_id(),
        t_ms=now_ms(),
        vehicle_id=vehicle_id,
        severity="caution",
        code="wind",
        text_zh=zh,
        text_en=en,
    )


def test_flight_events_of_before_and_from_now_on(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    fleet.tell(vehicle_event("XS-U1", "风速偏大", "strong wind"))
    with api(demo, "commander") as client:
        for _ in range(100):
            if client.get("/api/v1/vehicle-events").json():
                break
            time.sleep(0.1)
    page = open_desk(desk, demo, f"/incident/{incident}")
    page.keyboard.press("1")
    log = page.get_by_test_id("vehicle-events")
    expect(log).to_contain_text("风速偏大")
    fleet.tell(vehicle_event("XS-U1", "电池温度高", "battery hot"))
    expect(log.locator("li").first).to_contain_text("电池温度高")
    page.reload()
    expect(log).to_contain_text("风速偏大")
    expect(log).to_contain_text("电池温度高")
    page.keyboard.press("2")
    expect(log).not_to_contain_text("风速偏大")


# --- selection and orders -----------------------------------------------------------------------


def test_selecting_by_key_and_hand(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    page = open_desk(desk, demo, f"/incident/{incident}")
    target = page.get_by_test_id("order-target")
    page.keyboard.press("2")
    expect(target).to_have_text("XS-U2")
    page.keyboard.press("Shift+Digit4")
    expect(target).to_have_text("XS-U2、XS-U4")
    row(page, "XS-U1").click(modifiers=["Shift"])
    expect(target).to_have_text("XS-U1、XS-U2、XS-U4")
    row(page, "XS-U4").click(modifiers=["Shift"])
    expect(target).to_have_text("XS-U1、XS-U2")
    row(page, "XS-U3").click()
    expect(target).to_have_text("XS-U3")
    page.keyboard.press("a")
    for vehicle_id in TEN:
        expect(row(page, vehicle_id)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid^=vehicle-XS][aria-pressed=true]")).to_have_count(0)
    for order in ORDERS:
        expect(page.get_by_test_id(f"order-{order}")).to_be_disabled()
    # What is typed somewhere is no command.
    page.get_by_test_id("tab-search").click()
    page.get_by_test_id("agl").fill("2")
    page.get_by_test_id("agl").press("a")
    expect(page.locator("[data-testid=order-target]")).to_have_text("未选中无人机")


def test_the_map_follows_the_chosen_aircraft_until_it_is_dragged(
    demo: Demo, desk: BrowserContext, incident: str, fleet: FleetNode
) -> None:
    page = desk.new_page()
    sign_in(page, f"{demo.url}/incident/{incident}", "pilot")
    expect(page.get_by_test_id("vehicle-XS-U1")).to_be_visible()
    page.keyboard.press("1")
    follow = page.get_by_test_id("map-follow")
    page.keyboard.press("f")
    expect(follow).to_have_attribute("aria-pressed", "true")
    fleet.fly("XS-U1", lat_deg=24.9500, lon_deg=102.6300)
    page.wait_for_function(IN_THE_MIDDLE, arg=[102.6300, 24.9500])
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.6
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y, steps=6)
    page.mouse.up()
    expect(follow).to_have_attribute("aria-pressed", "false")


def test_only_orders_that_make_sense_and_why_not_the_others(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    fleet.fly("XS-U2", mode="BRAKE", sortie_state="paused")
    fleet.fly("XS-U3", **PARKED)
    page = open_desk(desk, demo, f"/incident/{incident}")
    reasons = page.get_by_test_id("order-reasons")

    def enabled() -> list[str]:
        return [o for o in ORDERS if page.get_by_test_id(f"order-{o}").is_enabled()]

    page.keyboard.press("1")
    expect(reasons).to_contain_text("继续 — 没有悬停")
    assert enabled() == ["pause", "return", "land"]
    page.keyboard.press("2")
    expect(reasons).to_contain_text("悬停 — 已在悬停")
    assert enabled() == ["resume", "return", "land"]
    page.keyboard.press("3")
    expect(reasons).to_have_text("在地面")
    assert enabled() == []
    page.keyboard.press("Shift+Digit1")
    expect(reasons).to_contain_text("XS-U3:在地面")
    expect(page.get_by_test_id("order-return")).to_contain_text("1/2")
    picture(page, "reasons")
    # The radio is gone: a stop may be tried, going on may not.
    fleet.fly("XS-U2", link="lost", telemetry_age_ms=9000)
    page.keyboard.press("2")
    expect(row(page, "XS-U2")).to_have_attribute("data-link", "lost")
    expect(reasons).to_have_text("继续 — 已失联")
    assert enabled() == ["pause", "return", "land"]


def test_every_aircraft_answers_for_itself(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    def answers(command: Command) -> list[Answer]:
        match command.body.vehicle_id:
            case "XS-U1":
                return carried_out(command)
            case "XS-U2":
                return [(CommandOutcome.REFUSED, "vehicle_refused", "mode RTL: DENIED")]
            case _:
                return []

    fleet.answers = answers
    page = open_desk(desk, demo, f"/incident/{incident}")
    page.keyboard.press("1")
    page.keyboard.press("Shift+Digit2")
    page.keyboard.press("Shift+Digit3")
    # A tap is no order.
    hold_key(page, "r", 300)
    hold_key(page, "r")
    expect(answer(page, "XS-U1")).to_have_attribute("data-state", "done")
    expect(answer(page, "XS-U2")).to_have_attribute("data-state", "refused")
    expect(answer(page, "XS-U2")).to_contain_text("飞机拒绝 · mode RTL: DENIED")
    # Nobody has answered for it: nothing is promised.
    expect(answer(page, "XS-U3")).to_have_attribute("data-state", "sent")
    expect(answer(page, "XS-U3")).to_contain_text("等待应答")
    picture(page, "answers")
    ordered = sorted((o.body.vehicle_id, o.body.action) for o in fleet.orders)
    assert ordered == [(f"XS-U{n}", "return_vehicle") for n in (1, 2, 3)]
    page.get_by_test_id("language").click()
    expect(answer(page, "XS-U2")).to_contain_text("the drone refused")
    expect(page.get_by_test_id("order-bar")).not_to_contain_text("返航")


def test_aborting_takes_two_actions(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    fleet.fly("XS-U3", **PARKED)
    fleet.fly("XS-U4", mode="LAND", sortie_state="returning")
    page = open_desk(desk, demo, f"/incident/{incident}")
    page.keyboard.press("Escape")
    page.get_by_test_id("abort").click()
    expect(page.get_by_test_id("abort-return")).to_contain_text("2")
    # A click does nothing, and neither does letting go early.
    page.get_by_test_id("abort-return").click()
    picture(page, "abort")
    assert fleet.orders == []
    hold(page, "abort-return")
    for vehicle_id in ("XS-U1", "XS-U2"):
        expect(answer(page, vehicle_id)).to_have_attribute("data-state", "done")
    # Who stands on the ground or is landing is left alone.
    ordered = sorted((o.body.vehicle_id, o.body.action) for o in fleet.orders)
    assert ordered == [("XS-U1", "return_vehicle"), ("XS-U2", "return_vehicle")]
    expect(page.get_by_test_id("order-target")).to_have_text("XS-U1、XS-U2")


def test_abort_by_keys_and_who_has_not_confirmed_is_named(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    def answers(order: Command) -> list[Answer]:
        return carried_out(order) if order.body.vehicle_id != "XS-U2" else []

    fleet.answers = answers
    page = open_desk(desk, demo, f"/incident/{incident}")
    for wall in (False, True):
        fleet.orders.clear()
        if wall:
            page.keyboard.press("F2")
            expect(page.get_by_test_id("abort")).to_be_visible()
        page.keyboard.press("q")
        expect(page.get_by_test_id("abort-return")).to_contain_text("4")
        page.keyboard.down("r")
        for _ in range(STEP_MS // 50):
            if len(fleet.orders) == 4:
                break
            page.wait_for_timeout(50)
        page.keyboard.up("r")
        expect(page.get_by_test_id("abort-state")).to_contain_text("3/4")
        expect(page.get_by_test_id("abort-state")).to_contain_text("XS-U2")
        picture(page, f"abort-{'wall' if wall else 'desk'}")
        assert len(fleet.orders) == 4
        assert {o.body.action for o in fleet.orders} == {"return_vehicle"}
    page.keyboard.press("F2")


def test_a_right_click_sends_an_aircraft_there(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    page = open_desk(desk, demo, f"/incident/{incident}")
    page.keyboard.press("2")
    page.get_by_test_id("map").click(button="right", position={"x": 300, "y": 260})
    dialog = page.get_by_test_id("guide-dialog")
    expect(dialog.get_by_test_id("guide-XS-U2")).to_have_attribute("aria-checked", "true")
    expect(dialog.get_by_test_id("guide-XS-U5")).to_have_count(0)
    expect(dialog.get_by_test_id("guide-heights")).to_contain_text("60")
    picture(page, "guide-zh")
    hold(page, "guide-send")
    expect(answer(page, "XS-U2")).to_have_attribute("data-state", "done")
    (order,) = fleet.orders
    assert (order.body.vehicle_id, order.body.action) == ("XS-U2", "fly_to")
    page.get_by_test_id("language").click()
    page.get_by_test_id("map").click(button="right", position={"x": 320, "y": 280})
    dialog.get_by_test_id("guide-circle").click()
    dialog.get_by_test_id("guide-radius").fill("55")
    picture(page, "guide-en")
    hold(page, "guide-send")
    expect(dialog).to_have_count(0)
    assert fleet.orders[-1].body.action == "look_again"
    page.get_by_test_id("language").click()


# --- a sortie -----------------------------------------------------------------------------------


def launched(demo: Demo, incident: str, vehicle_id: str) -> dict[str, Any]:
    """Plan, authorise and launch a small search behind the screen; return the sortie."""
    plan = new_id()
    corners = [(24.9425, 102.6150), (24.9425, 102.6185), (24.9405, 102.6185), (24.9405, 102.6150)]
    area = [{"lat_deg": lat, "lon_deg": lon} for lat, lon in corners]
    with api(demo, "commander") as client:
        body = {"id": plan, "area": area, "vehicle_ids": [vehicle_id], "camera_pitch_deg": -40}
        made = (
            client.post(f"/api/v1/incidents/{incident}/plans", json=body).raise_for_status().json()
        )
        items = ("airframe", "battery", "airspace", "weather", "crew", "area_clear", "lights")
        for _ in range(5):  # a draft may be improved between looking and signing
            signed = client.post(
                f"/api/v1/plans/{plan}/authorise",
                json={
                    "checklist": dict.fromkeys(items, True),
                    "revision": made["revision"],
                    "override_reason": "测试:按演练场景飞行,空域已协调",
                },
            )
            if signed.is_success:
                break
            made = client.get(f"/api/v1/plans/{plan}").json()
        signed.raise_for_status()
        client.post(f"/api/v1/plans/{plan}/launch").raise_for_status()
        (sortie,) = client.get("/api/v1/sorties", params={"incident_id": incident}).json()
    return sortie


def test_a_sortie_from_the_side_its_time_and_its_steps(
    demo: Demo, desk: BrowserContext, fleet: FleetNode, incident: str
) -> None:
    sortie = launched(demo, incident, "XS-U1")
    took_off_ms = now_ms() - 90_000
    for state, t_ms in (("starting", took_off_ms - 5_000), ("flying", took_off_ms)):
        fleet.tell(sortie_event(sortie["id"], "XS-U1", SortieState(state), t_ms))
    there = sortie["sortie"]["waypoints"][len(sortie["sortie"]["waypoints"]) // 2]
    place = {key: there[key] for key in ("lat_deg", "lon_deg", "altitude_amsl_m")}
    fleet.fly("XS-U1", sortie_id=sortie["id"], **place)
    page = open_desk(desk, demo, f"/incident/{incident}")
    page.keyboard.press("1")
    profile = page.get_by_test_id("profile")
    expect(profile).to_have_attribute("data-ground", "72")
    expect(profile).to_have_attribute("data-along", re.compile(r"^[1-9]\d+$"))
    expect(profile).to_contain_text("海拔")
    expect(row(page, "XS-U1")).to_contain_text(re.compile(r"空中 1:[3-5]\d"))
    log = page.get_by_test_id("vehicle-events")
    expect(log).to_contain_text("飞行中")
    expect(log).to_contain_text("下达 XS-U1 第 1 架次上传与起飞")
    # Orders and map stay in sight beside it.
    for order in ORDERS:
        assert page.get_by_test_id(f"order-{order}").evaluate(UNCOVERED)
    picture(page, "profile")
    page.get_by_test_id("profile-toggle").click()
    expect(profile.locator("svg")).to_be_hidden()
    page.keyboard.press("2")
    expect(profile).to_be_hidden()
