"""The parameters page: read, found, changed with old and new shown, beside a file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    FetchParameters,
    OnboardWork,
    ParameterChange,
    ParameterReport,
    ParametersChanged,
    ParameterTold,
    SetParameters,
)
from field_api.features.accounts.tables import DeviceKind
from fleet.autopilots import ARDUCOPTER
from sim.vehicle.parameters import Parameters
from tests.browser.conftest import Demo, Post, api, open_context, sign_in
from tests.browser.fleet_node import Answer, FleetNode, now_ms

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(120)]

STEP_MS = 15_000
ID = "XS-U1"
DONE: list[Answer] = [(CommandOutcome.ACCEPTED, "", ""), (CommandOutcome.DONE, "", "好了 / done")]


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """A command post."""
    made = Post(tmp_path_factory.mktemp("parameters"))
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def demo(post: Post) -> Demo:  # pyright: ignore[reportIncompatibleMethodOverride]
    """Serve the command post."""
    return post.start()


@pytest.fixture
def node(post: Post, demo: Demo, tmp_path: Path) -> Iterator[FleetNode]:
    """A node whose aircraft tells and takes parameters like ArduCopter's."""
    onboard = Parameters({}, gimbal=True)

    def told(names: list[str]) -> list[ParameterTold]:
        return [ParameterTold(name=n, value=onboard[n], kind=onboard.mav_type(n)) for n in names]

    def answer(command: Command) -> list[Answer]:
        body = command.body
        if isinstance(body, FetchParameters):
            running.fly(ID, onboard_work=OnboardWork(work="parameters", fraction=0.4).model_dump())
            running.tell(
                ParameterReport(
                    id=new_id(), t_ms=now_ms(), vehicle_id=ID, read_ms=now_ms(),
                    hardware="aa", values=told(onboard.names), marks=list(ARDUCOPTER.marks),
                )
            )  # fmt: skip
        if isinstance(body, SetParameters):
            changes = [
                ParameterChange(
                    name=w.name, kind=onboard.mav_type(w.name), old=onboard[w.name], new=w.value
                )
                for w in body.values
            ]
            for wish in body.values:
                onboard.set(wish.name, wish.value)
            running.tell(
                ParametersChanged(
                    id=new_id(), t_ms=now_ms(), vehicle_id=ID, command_id=command.id,
                    author=command.author, reason=body.reason, changes=changes,
                )
            )  # fmt: skip
        return DONE

    name = f"fleet-{new_id()[-6:]}"
    token = post.enrol(name, DeviceKind.FLEET)
    with FleetNode(post.port, token, tmp_path, node_id=name) as running:
        running.answers = answer
        lacks = {"state": "not_ready", "text": "missing SYSTEM"}
        running.fly(ID, armed=False, phase="ground", sortie_state=None, remote_id=lacks)
        yield running


@pytest.fixture
def desk(demo: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """A console's browser."""
    context = open_context(demo, browser, 1366, 768)
    context.set_default_timeout(STEP_MS)
    yield context
    context.close()
    assert demo.outside == []


def picture(page: Page, name: str) -> None:
    """Leave a picture of the page."""
    if folder := os.environ.get("XUNSHAN_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def fits(page: Page) -> bool:
    """Whether nothing needs scrolling sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_parameters_are_read_changed_and_compared(
    demo: Demo, node: FleetNode, desk: BrowserContext, tmp_path: Path
) -> None:
    page = desk.new_page()
    sign_in(page, f"{demo.url}/", "pilot")
    page.get_by_test_id("tab-flight").click()
    page.get_by_text(ID, exact=True).first.click()
    expect(page.get_by_test_id("remote-id")).to_contain_text("missing SYSTEM")
    picture(page, "flight-panel")
    page.get_by_test_id("to-parameters").click()
    expect(page).to_have_url(f"{demo.url}/aircraft/{ID}/parameters")
    page.get_by_test_id("read-again").click()
    expect(page.get_by_test_id("read-at")).to_be_visible()
    expect(page.get_by_test_id("progress")).to_be_visible()
    node.fly(ID, onboard_work=None)
    expect(page.get_by_test_id("progress")).to_be_hidden()
    picture(page, "parameters")
    assert fits(page)

    page.get_by_test_id("search").fill("rtl_a")
    rows = page.get_by_test_id("parameter")
    expect(rows).to_have_count(4)
    page.get_by_label("RTL_ALT", exact=True).fill("3000.5")
    expect(page.get_by_test_id("review")).to_be_disabled()
    page.get_by_label("RTL_ALT", exact=True).fill("3000")
    page.get_by_test_id("review").click()
    expect(page.get_by_test_id("wish")).to_have_count(1)
    expect(page.get_by_test_id("wish")).to_contain_text("1500")
    confirm = page.get_by_test_id("set-confirm")
    expect(confirm).to_be_disabled()
    page.get_by_test_id("understood").check()
    picture(page, "parameters-set")
    confirm.click()
    expect(page.get_by_test_id("order")).to_have_attribute("data-state", "done")
    expect(page.get_by_test_id("review")).to_be_hidden()
    order = node.orders[-1].body
    assert isinstance(order, SetParameters)
    assert [(w.name, w.value, w.was) for w in order.values] == [("RTL_ALT", 3000, 1500)]
    page.reload()
    expect(page.get_by_test_id("search")).to_have_value("rtl_a")
    expect(page.get_by_label("RTL_ALT", exact=True)).to_have_value("3000")

    page.get_by_test_id("search").fill("")
    file = tmp_path / "old.parm"
    file.write_text("RTL_ALT 1500\nWPNAV_SPEED,750\nNOT_HERE 1\n")
    page.get_by_test_id("load-file").set_input_files(file)
    page.get_by_test_id("keep").click()
    expect(page.get_by_test_id("changed-only")).to_be_checked()
    page.get_by_test_id("search").fill("W")
    expect(page.locator('[data-name="WPNAV_SPEED"]')).to_contain_text("750")
    page.get_by_test_id("search").fill("")
    picture(page, "parameters-beside")
    assert fits(page)
    page.locator('[data-name="WPNAV_SPEED"]').get_by_role("button").click()
    expect(page.get_by_label("WPNAV_SPEED", exact=True)).to_have_value("750")
    page.get_by_test_id("language").click()
    picture(page, "parameters-en")
    assert fits(page)
    with api(demo, "auditor") as client:
        lines = client.get("/api/v1/audit").json()
    changed = [line for line in lines if line["action"] == "parameter.changed"]
    assert "1500 → 3000" in changed[0]["text_en"]
