"""An inspector at an enterprise without a network: what is written is never lost."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from field_api.contract.ids import new_id
from tests.browser.conftest import Demo, Post, api, open_context, sign_in
from tests.browser.officer import FULL_STORAGE, STEP_MS, Officer, picture, rows

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

TEXT = "配电室未设置安全警示标志"
WORKS = "磷化工"
"""The enterprise of ht-01's inspections."""
SINCE_START = "() => performance.now()"
A_DAY_AHEAD = """
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { super(...(given.length ? given : [Real.now() + 86_400_000])); }
    static now() { return Real.now() + 86_400_000; }
  };
"""
NEW_WORKER = """() => {
  const workers = navigator.serviceWorker;
  const changed = new Promise((done) => {
    workers.addEventListener('controllerchange', () => done(null));
  });
  return workers.register('/terminal/sw.js?next', { scope: '/terminal/' }).then(() => changed);
}"""
"""Another worker takes over, as after an update."""


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A command post with the demo's inspections."""
    post = Post(tmp_path_factory.mktemp("inspections"))
    try:
        yield post.start()
    finally:
        post.stop()


@pytest.fixture
def pocket(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """An inspector's phone."""
    context = open_context(post, browser, 412, 915)
    yield context
    context.close()


@pytest.fixture(scope="module")
def kept(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """The phone of ht-01, its typesetter and numbers fetched at the office."""
    context = open_context(post, browser, 412, 915)
    at_office = Officer(post, context, "ht-01")
    at_office.begin(typesetter=True)
    at_office.page.close()
    yield context
    context.close()
    assert post.outside == []


@pytest.fixture
def officer(post: Demo, kept: BrowserContext) -> Iterator[Officer]:
    """ht-01 with a phone that has all it needs."""
    kept.set_offline(False)
    who = Officer(post, kept, "ht-01")
    who.page.goto(f"{post.url}/terminal/")
    yield who
    who.page.close()
    kept.set_offline(False)


def planned(post: Demo, *, officers: list[str] | None = None) -> str:
    """A new inspection for the phone of ht-01, by ht-01 and ht-02 unless said otherwise."""
    like = next(each for each in rows(post, "inspections") if WORKS in each["enterprise_name"])
    body = {
        key: like[key] for key in ("enterprise_id", "office_id", "sector", "kind", "source", "day")
    }
    body |= {"id": new_id(), "terminal_id": "HT-01", "note": ""}
    body["officer_ids"] = officers or ["officer-1", "officer-2"]
    with api(post, "commander") as client:
        client.post("/api/v1/inspections", json=body).raise_for_status()
    return body["id"]


def new_officer(post: Demo) -> str:
    """A third officer of the bureau, certified for another month."""
    day = (date.today() + timedelta(days=30)).isoformat()
    body = {"name": "执法员丙", "certificate": "演示53010099", "valid_from": "2024-01-01"}
    body |= {"valid_to": day, "office_id": "bureau", "username": None}
    with api(post, "admin") as client:
        answer = client.post("/api/v1/registers/officers", json=body)
        assert answer.is_success, answer.text
    return answer.json()["id"]


def expire(post: Demo, officer: str) -> None:
    """Let an officer's certificate end yesterday."""
    with api(post, "admin") as client:
        found = client.get("/api/v1/registers/officers").json()["rows"]
        entry = next(each for each in found if each["id"] == officer)
        day = (date.today() - timedelta(days=1)).isoformat()
        body = {key: entry[key] for key in entry.keys() - {"id", "area"}}
        body["valid_to"] = day
        answer = client.put(f"/api/v1/registers/officers/{officer}", json=body)
        assert answer.is_success, answer.text


def hazards_of(post: Demo, inspection: str) -> list[dict[str, Any]]:
    """The hazards of an inspection as the command post has them."""
    return [each for each in rows(post, "hazards") if each["inspection_id"] == inspection]


def code_of(post: Demo) -> str:
    """What is on the sign at the gate."""
    with api(post, "commander") as client:
        found = client.get("/api/v1/registers/enterprises", params={"limit": 50}).json()["rows"]
    return next(each["scan_code"] for each in found if WORKS in each["name"])


def papers_of(post: Demo, inspection: str) -> dict[str, dict[str, Any]]:
    """The papers of an inspection as the command post has them, by form; there is one of each."""
    with api(post, "commander") as client:
        found = client.get(f"/api/v1/inspections/{inspection}/dossier").json()["papers"]
    by_form = {each["form"]: each for each in found}
    assert len(by_form) == len(found)
    return by_form


def hashes_here(officer: Officer) -> dict[str, str]:
    """SHA-256 of each document on the handheld, computed from its bytes, by paper."""
    return officer.page.evaluate(
        """() => new Promise((done, failed) => {
          const opening = indexedDB.open('xunshan-terminal');
          opening.onerror = () => failed(opening.error);
          opening.onsuccess = () => {
            const all = opening.result.transaction('documents').objectStore('documents').getAll();
            all.onsuccess = async () => {
              const found = {};
              for (const { paperId, pdf } of all.result) {
                const hash = await crypto.subtle.digest('SHA-256', await pdf.arrayBuffer());
                const bytes = [...new Uint8Array(hash)];
                found[paperId] = bytes.map((b) => b.toString(16).padStart(2, '0')).join('');
              }
              done(found);
            };
          };
        })"""
    )


def test_an_officers_day(post: Demo, officer: Officer, browser: Browser, tmp_path: Path) -> None:
    inspection = planned(post)
    officer.announce(inspection)
    officer.online()

    officer.context.set_offline(True)
    officer.enter(code_of(post))
    officer.get("add-hazard").click()
    officer.get("hazard-text").fill(TEXT)
    officer.get("hazard-place").fill("配电室")
    officer.get("photo-input").set_input_files(str(picture(tmp_path / "hazard.png")))
    expect(officer.get("photo")).to_have_count(1)
    officer.get("pick-clause").click()
    officer.get("clause").locator("visible=true").first.click()
    officer.get("hazard-done").click()
    expect(officer.get("hazard")).to_have_count(1)
    for form in ("RECORD", "RECTIFY"):
        officer.begin_paper(form)
        officer.sign()
        officer.issue(serve=True)
    here = hashes_here(officer)
    assert papers_of(post, inspection).keys() == {"PLAN", "INSPECT_NOTICE"}

    officer.online()
    papers = papers_of(post, inspection)
    assert papers.keys() == {"PLAN", "INSPECT_NOTICE", "RECORD", "RECTIFY"}
    for form, paper in papers.items():
        assert paper["state"] == ("served" if form in ("RECORD", "RECTIFY") else "issued")
        assert not paper["bytes_differ"]
        assert paper["device_signed"]
        assert paper["sha256"] == paper["issuer_sha256"] == here[str(paper["id"])]
        assert paper["issued_by"] == "执法员甲"
    (hazard,) = hazards_of(post, inspection)
    assert (hazard["text"], hazard["state"], hazard["media_missing"]) == (TEXT, "ordered", [])

    desk = open_context(post, browser, 1366, 768)
    page = desk.new_page()
    sign_in(page, f"{post.url}/inspection/{inspection}?paper={papers['RECORD']['id']}", "commander")
    for form in papers:
        expect(page.locator(f"[data-testid=paper][data-form={form}]")).to_be_visible()
    page.get_by_test_id("check-hash").click()
    expect(page.get_by_test_id("hash-checked")).to_contain_text("✓")
    desk.close()


def test_what_is_typed_survives_the_page_being_killed(
    post: Demo, pocket: BrowserContext, tmp_path: Path
) -> None:
    inspection = planned(post)
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    officer.open(inspection)
    expect(officer.get("open-checklist")).to_contain_text("0/")
    pocket.set_offline(True)
    officer.enter_without_code()
    officer.get("add-hazard").click()
    officer.get("hazard-text").press_sequentially(TEXT)
    officer.get("photo-input").set_input_files(str(picture(tmp_path / "hazard.png")))
    expect(officer.get("photo")).to_have_count(1)
    where = officer.page.url

    # Still without a network: the same page, the same words.
    officer.kill()
    expect(officer.get("hazard-text")).to_have_value(TEXT)
    expect(officer.get("photo")).to_have_count(1)
    assert officer.page.url == where
    assert hazards_of(post, inspection) == []
    officer.get("hazard-done").click()
    expect(officer.get("hazard")).to_have_count(1)
    expect(officer.get("queue-count")).to_have_text("2")

    officer.online()
    (hazard,) = hazards_of(post, inspection)
    assert hazard["text"] == TEXT
    assert hazard["media_missing"] == []
    assert len(hazard["media"]) == 2  # the original, and the copy that says when and where


def test_a_cold_start_without_a_network(post: Demo, officer: Officer) -> None:
    inspection = planned(post)
    officer.open(inspection)
    officer.context.set_offline(True)
    officer.begin_enquiry("张三")
    where = officer.page.url
    officer.kill(slower=4)
    expect(officer.get("paper-editor")).to_have_attribute("data-form", "ENQUIRY")
    shown_ms = officer.page.evaluate(SINCE_START)
    assert officer.page.url == where
    expect(officer.field("person")).to_have_value("张三")
    # Compiler and fonts come from what was kept.
    officer.sign()
    officer.issue(serve=False)
    print(f"cold start, offline, processor 4 times slower: {shown_ms:.0f} ms")


def test_killed_in_the_middle_of_a_signature(post: Demo, officer: Officer) -> None:
    inspection = planned(post)
    officer.open(inspection)
    officer.context.set_offline(True)
    officer.begin_enquiry("张三")
    officer.get("to-sign").click()
    officer.sign_one(officer.get("signer").nth(0))
    officer.press_pen(officer.get("signer").nth(1))
    officer.kill()
    signed = officer.get("signer").locator(".chip")
    expect(signed).to_have_count(1, timeout=STEP_MS)
    expect(officer.get("sign-anew")).to_have_count(0)
    for signer in officer.get("signer").all()[1:]:
        officer.sign_one(signer)
    officer.issue(serve=False)
    officer.online()
    paper = papers_of(post, inspection)["ENQUIRY"]
    assert (paper["state"], paper["bytes_differ"]) == ("issued", False)
    with api(post, "commander") as client:
        whole = client.get(f"/api/v1/papers/{paper['id']}").json()
    assert [len(each["strokes"]) for each in whole["content"]["signatures"]] == [1, 1, 1]


def test_killed_while_a_photo_is_taken(post: Demo, pocket: BrowserContext, tmp_path: Path) -> None:
    inspection = planned(post)
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    officer.open(inspection)
    pocket.set_offline(True)
    officer.enter_without_code()
    officer.get("add-hazard").click()
    officer.get("hazard-text").fill(TEXT)
    officer.get("photo-input").set_input_files(str(picture(tmp_path / "first.png")))
    officer.kill()
    expect(officer.get("hazard-text")).to_have_value(TEXT)
    # It was kept whole or not at all: what is shown can be sent.
    before = officer.get("photo").count()
    assert before in (0, 1)
    officer.get("photo-input").set_input_files(str(picture(tmp_path / "second.png", 60)))
    expect(officer.get("photo")).to_have_count(before + 1)
    officer.get("hazard-done").click()
    officer.online()
    (hazard,) = hazards_of(post, inspection)
    assert len(hazard["media"]) == 2 * (before + 1)
    assert hazard["media_missing"] == []


def test_killed_between_saving_and_the_answer(post: Demo, pocket: BrowserContext) -> None:
    inspection = planned(post)
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    officer.open(inspection)
    officer.enter_without_code()
    officer.online()

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    pocket.route("**/api/v1/sync/push", lose_answer)
    officer.find_hazard(TEXT)
    with officer.page.expect_event("requestfailed", lambda failed: "/sync/push" in failed.url):
        officer.get("hazard-done").click()
    assert [each["text"] for each in hazards_of(post, inspection)] == [TEXT]
    officer.page.close()
    pocket.unroute("**/api/v1/sync/push")
    officer.reopen()
    officer.online()
    assert [each["text"] for each in hazards_of(post, inspection)] == [TEXT]


def test_storage_that_is_full_is_told(post: Demo, pocket: BrowserContext, tmp_path: Path) -> None:
    pocket.add_init_script(FULL_STORAGE)
    inspection = planned(post)
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    officer.open(inspection)
    pocket.set_offline(True)
    officer.enter_without_code()
    officer.find_hazard(TEXT)
    officer.page.evaluate("full = true")
    told = officer.get("storage-full")
    officer.get("photo-input").set_input_files(str(picture(tmp_path / "hazard.png")))
    expect(told).to_be_visible()
    expect(officer.get("photo")).to_have_count(0)
    told.click()
    expect(told).to_have_count(0)
    officer.get("hazard-done").click()
    expect(told).to_be_visible()
    expect(officer.get("queue-count")).to_have_text("1")  # the entry alone

    officer.kill()
    expect(officer.get("hazard-text")).to_have_value(TEXT)
    officer.get("photo-input").set_input_files(str(picture(tmp_path / "hazard.png")))
    expect(officer.get("photo")).to_have_count(1)
    officer.context.grant_permissions(["geolocation", "microphone"])
    officer.get("voice-start").click()
    expect(officer.page.get_by_role("timer")).to_contain_text("1 /")
    officer.get("voice-stop").click()
    expect(officer.get("voice-player")).to_be_visible()
    officer.get("hazard-done").click()
    officer.online()
    (hazard,) = hazards_of(post, inspection)
    assert (hazard["text"], len(hazard["media"]), hazard["media_missing"]) == (TEXT, 2, [])
    assert hazard["voice"]


def test_unused_numbers_are_given_back_once_confirmed(post: Demo, browser: Browser) -> None:
    context = open_context(post, browser, 412, 915)
    officer = Officer(post, context, "ht-02")
    officer.begin()
    officer.get("ready-link").click()
    expect(officer.page.locator("[data-testid=check-numbers][data-state=good]")).to_be_visible()
    count = int(officer.get("give-back").get_attribute("data-count") or 0)
    assert count > 0
    officer.get("give-back-ask").click()
    expect(officer.get("give-back-now")).to_be_disabled()
    officer.check_access()
    officer.get("give-back-cancel").click()
    context.set_offline(True)
    officer.get("give-back-ask").click()
    officer.get("give-back-reason").fill("下班交回")
    officer.get("give-back-now").click()
    expect(officer.get("give-back")).to_have_attribute("data-count", "0")
    officer.online()
    blocks = [each for each in rows(post, "number-blocks") if each["terminal_id"] == "HT-02"]
    assert blocks
    assert all(each["returned_ms"] for each in blocks)
    officer.get("draw-again").click()
    expect(officer.page.locator("[data-testid=check-numbers][data-state=good]")).to_be_visible()
    context.close()


def test_a_clock_a_day_ahead_is_told(post: Demo, pocket: BrowserContext) -> None:
    pocket.add_init_script(A_DAY_AHEAD)
    inspection = planned(post)
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    officer.get("ready-link").click()
    check = officer.get("check-clock")
    expect(check).to_have_attribute("data-state", "bad")
    expect(check).to_contain_text("快")
    # What is recorded keeps the order of what happened by that clock.
    officer.open(inspection)
    officer.enter_without_code()
    officer.find_hazard(TEXT)
    officer.get("hazard-done").click()
    officer.online()
    (hazard,) = hazards_of(post, inspection)
    entered = next(each for each in rows(post, "inspections") if each["id"] == inspection)
    assert entered["entered_ms"] <= hazard["found_ms"]


def test_own_inspections_come_first_and_pages_are_accessible(
    post: Demo, pocket: BrowserContext
) -> None:
    own = planned(post)
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    others = {each["id"] for each in rows(post, "inspections") if each["terminal_id"] == "HT-03"}
    expect(officer.get("others")).to_be_visible()
    ids = officer.get("inspection").evaluate_all("all => all.map((each) => each.dataset.id)")
    assert set(ids[-len(others) :]) == others
    assert own in ids[: -len(others)]
    officer.check_access()
    officer.open(own)
    for page in ("open-checklist", "add-hazard"):
        officer.check_access()
        officer.get(page).click()
        officer.check_access()
        officer.get("back").click()
    for page in ("ready", "queue", "enterprises"):
        officer.page.goto(f"{post.url}/terminal/{page}")
        expect(officer.get(page)).to_be_visible()
        officer.check_access()


def test_records_wait_for_their_author(post: Demo, pocket: BrowserContext) -> None:
    inspection = planned(post)
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    officer.open(inspection)
    pocket.set_offline(True)
    officer.enter_without_code()
    officer.find_hazard(TEXT)
    officer.get("hazard-done").click()
    expect(officer.get("queue-count")).to_have_text("2")
    officer.get("page-queue").click()
    officer.get("sign-out").click()
    pocket.set_offline(False)
    other = Officer(post, pocket, "ht-02")
    officer.page.close()
    other.begin()
    other.get("page-queue").click()
    expect(other.get("queue-other")).to_have_count(2)
    with other.page.expect_response("**/sync/pull**"):
        other.page.evaluate("dispatchEvent(new Event('online'))")
    assert hazards_of(post, inspection) == []
    other.get("sign-out").click()
    expect(other.get("password")).to_be_visible()
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    officer.online()
    (hazard,) = hazards_of(post, inspection)
    assert hazard["found_by"] == "执法员甲"


def test_two_officers_write_one_field(post: Demo, browser: Browser, officer: Officer) -> None:
    inspection = planned(post)
    officer.open(inspection)
    officer.begin_enquiry("张三")
    officer.online()
    paper = officer.page.url
    colleague = Officer(post, open_context(post, browser, 412, 915), "ht-02")
    colleague.begin()
    colleague.page.goto(paper)
    expect(colleague.field("person")).to_have_value("张三")
    for who, name in ((officer, "李四"), (colleague, "王五")):
        who.context.set_offline(True)
        who.field("person").fill(name)
        expect(who.get("queue-count")).to_have_text("1")
    officer.online()
    colleague.context.set_offline(False)
    for who in (officer, colleague):
        conflict = who.get("conflict")
        expect(conflict).to_be_visible(timeout=STEP_MS)
        expect(conflict).to_contain_text("李四")
        expect(conflict).to_contain_text("王五")
    officer.get("take-given").click()
    expect(colleague.get("conflict")).to_have_count(0, timeout=STEP_MS)
    expect(colleague.field("person")).to_have_value("王五")
    found = papers_of(post, inspection)["ENQUIRY"]
    assert found["values"]["person"] == "王五"
    assert found["conflicts"] == []
    colleague.context.close()


def test_a_new_version_of_the_page_keeps_what_waits(post: Demo, pocket: BrowserContext) -> None:
    inspection = planned(post)
    officer = Officer(post, pocket, "ht-01")
    officer.begin()
    officer.open(inspection)
    hold = "**/api/v1/sync/push"
    pocket.route(hold, lambda route: route.abort("connectionreset"))
    officer.enter_without_code()
    officer.find_hazard(TEXT)
    officer.get("hazard-done").click()
    expect(officer.get("queue-count")).to_have_text("2")
    officer.page.evaluate(NEW_WORKER)
    officer.kill()
    expect(officer.get("hazard")).to_have_count(1)
    expect(officer.get("queue-count")).to_have_text("2")
    pocket.unroute(hold)
    officer.kill()
    officer.online()
    assert [each["text"] for each in hazards_of(post, inspection)] == [TEXT]


def test_an_expired_certificate_is_refused_here_and_there(post: Demo, officer: Officer) -> None:
    colleague = new_officer(post)
    inspection = planned(post, officers=["officer-1", colleague])
    officer.open(inspection)
    officer.online()
    officer.context.set_offline(True)
    officer.begin_enquiry("张三")
    officer.sign()
    # The handheld does not know yet; the command post does.
    expire(post, colleague)
    officer.issue(serve=False)
    officer.context.set_offline(False)
    officer.get("page-queue").click()
    refused = officer.page.locator("[data-testid=queue-item][data-state=refused]")
    expect(refused).to_contain_text("证", timeout=STEP_MS)
    assert papers_of(post, inspection)["ENQUIRY"]["state"] == "draft"
    refused.get_by_test_id("discard").click()
    officer.open(inspection)
    expect(officer.get("inspection-page")).to_contain_text("执法证已过期")
    officer.get("paper").click()
    expect(officer.get("missing")).to_be_visible()
    expect(officer.get("to-sign")).to_have_attribute("aria-disabled", "true")
