"""An inspector at an enterprise without a network: what is written is never lost."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from field_api.contract.ids import new_id
from tests.browser.conftest import Demo, Post, api, open_context, sign_in
from tests.browser.officer import Officer, approve, picture, rows

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

STEP_MS = 30_000
TEXT = "配电室未设置安全警示标志"
WORKS = "磷化工"
"""The enterprise of ht-01's inspections."""


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


def planned(post: Demo, *, terminal: str = "HT-01") -> str:
    """A new inspection of today for ht-01 and ht-02."""
    (like,) = [
        each for each in rows(post, "inspections") if WORKS in each["enterprise_name"] and each["note"]
    ] or [each for each in rows(post, "inspections") if WORKS in each["enterprise_name"]][:1]
    body = {key: like[key] for key in ("enterprise_id", "office_id", "sector", "kind", "source")}
    body |= {"id": new_id(), "day": date.today().isoformat(), "terminal_id": terminal}
    body |= {"officer_ids": ["officer-1", "officer-2"], "note": ""}
    with api(post, "commander") as client:
        client.post("/api/v1/inspections", json=body).raise_for_status()
    return body["id"]


def code_of(post: Demo) -> str:
    """What is on the sign at the gate."""
    with api(post, "commander") as client:
        found = client.get("/api/v1/registers/enterprises", params={"limit": 50}).json()["rows"]
    return next(each["scan_code"] for each in found if WORKS in each["name"])


def papers_of(post: Demo, inspection: str) -> dict[str, dict[str, object]]:
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
                found[paperId] = [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, '0')).join('');
              }
              done(found);
            };
          };
        })"""
    )


def test_an_officers_day(
    post: Demo, officer: Officer, browser: Browser, tmp_path: Path
) -> None:
    inspection = planned(post)
    officer.open(inspection)
    officer.begin_paper("PLAN")
    officer.get("ask-approval").click()
    officer.online()
    (asked,) = [each for each in rows(post, "paper-approvals") if each["inspection_id"] == inspection]
    approve(post, asked["id"])
    expect(officer.get("approval")).to_have_count(0, timeout=STEP_MS)
    officer.fill()
    officer.sign()
    officer.issue(serve=False)
    officer.begin_paper("INSPECT_NOTICE")
    officer.sign()
    officer.issue(serve=False)
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
    (hazard,) = [each for each in rows(post, "hazards") if each["inspection_id"] == inspection]
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
    assert [each for each in rows(post, "hazards") if each["inspection_id"] == inspection] == []
    officer.get("hazard-done").click()
    expect(officer.get("hazard")).to_have_count(1)
    expect(officer.get("queue-count")).to_have_text("2")

    officer.online()
    (hazard,) = [each for each in rows(post, "hazards") if each["inspection_id"] == inspection]
    assert hazard["text"] == TEXT
    assert hazard["media_missing"] == []
    assert len(hazard["media"]) == 2  # the original, and the copy that says when and where
