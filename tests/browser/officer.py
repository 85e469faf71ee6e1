"""An officer with a handheld: what they do on its pages, for tests that follow their day."""

import contextlib
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from field_api.contract.ids import new_id
from tests.browser.conftest import Demo, api, sign_in

AXE = Path(__file__).parents[2] / "field_api/web/node_modules/axe-core/axe.min.js"
RULES = """() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`))"""
BACK_IN_REACH = "() => dispatchEvent(new Event('online'))"
"""What the phone says when the net is back; else it asks every 20 s."""
FULL_STORAGE = """
  globalThis.full = false;
  for (const name of ['put', 'add']) {
    const write = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...given) {
      if (globalThis.full) throw new DOMException('no room', 'QuotaExceededError');
      return write.apply(this, given);
    };
  }
"""
"""From `full = true` on, nothing can be stored."""
STEP_MS = 30_000
FETCH_MS = 60_000
"""Compiler and fonts are 36 MB, fetched once."""


def check_access(page: Page) -> None:
    """The page as it is now breaks no rule of accessibility that a program can check."""
    page.evaluate(AXE.read_text())
    assert page.evaluate(RULES) == []


def picture(path: Path, grey: int = 128) -> Path:
    """A small photo."""
    Image.fromarray(np.full((300, 400, 3), grey, dtype=np.uint8)).save(path)
    return path


def rows(post: Demo, path: str, username: str = "commander", **query: str) -> list[dict[str, Any]]:
    """What the command post answers to a question for a list."""
    with api(post, username) as client:
        answer: httpx.Response = client.get(f"/api/v1/{path}", params=query).raise_for_status()
    return answer.json()


class Officer:
    """One who works on a handheld's page."""

    def __init__(self, post: Demo, context: BrowserContext, username: str) -> None:
        self.post = post
        self.context = context
        self.username = username
        self.page: Page = context.new_page()

    def get(self, testid: str) -> Locator:
        """What has this test id."""
        return self.page.get_by_test_id(testid)

    def begin(self, *, typesetter: bool = False) -> None:
        """Sign in, with all that is needed without a network on the handheld."""
        sign_in(self.page, f"{self.post.url}/terminal/", self.username)
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        self.get("page-inspections").click()
        expect(self.get("inspection").first).to_be_visible()
        if not typesetter:
            return
        self.get("ready-link").click()
        self.get("fetch-typesetter").click()
        for check in ("typesetter", "numbers"):
            found = self.page.locator(f"[data-testid=check-{check}][data-state=good]")
            expect(found).to_be_visible(timeout=FETCH_MS)
        self.get("page-inspections").click()

    def kill(self, *, slower: int = 1) -> None:
        """The page goes without warning, then is opened again from its icon."""
        self.page.close()
        self.reopen(slower=slower)

    def reopen(self, *, slower: int = 1) -> None:
        """Open the page from its icon, on a processor so many times slower."""
        self.page = self.context.new_page()
        if slower > 1:
            devtools = self.context.new_cdp_session(self.page)
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        self.page.goto(f"{self.post.url}/terminal/")

    def open(self, inspection: str) -> None:
        """Go to an inspection."""
        self.get("page-inspections").click()
        self.page.locator(f'[data-testid=inspection][data-id="{inspection}"]').click()
        expect(self.get("inspection-page")).to_be_visible()

    def announce(self, inspection: str) -> None:
        """Plan an inspection, have it approved, and give notice."""
        self.open(inspection)
        self.begin_paper("PLAN")
        self.get("ask-approval").click()
        self.online()
        (asked,) = [
            each
            for each in rows(self.post, "paper-approvals")
            if each["inspection_id"] == inspection
        ]
        approve(self.post, asked["id"])
        expect(self.get("approval")).to_have_count(0, timeout=STEP_MS)
        self.fill()
        self.sign()
        self.issue(serve=False)
        self.begin_paper("INSPECT_NOTICE")
        self.sign()
        self.issue(serve=False)

    def enter(self, code: str) -> None:
        """Enter an enterprise by its code."""
        self.get("scan-typed").fill(code)
        self.get("enter-code").click()
        expect(self.get("inspection-page")).to_have_attribute("data-state", "on_site")

    def enter_without_code(self) -> None:
        """Enter an enterprise for a reason."""
        self.get("no-code").click()
        self.get("entry-reason").fill("事故处置")
        self.get("enter-reason").click()
        expect(self.get("inspection-page")).to_have_attribute("data-state", "on_site")

    def begin_paper(self, form: str) -> None:
        """Begin a paper and fill in what is not known."""
        button = self.page.locator(
            f"[data-testid=step][data-form={form}] [data-testid=begin-paper]"
        )
        if not button.count():
            self.get("all-papers").click()
        button.click()
        expect(self.get("paper-editor")).to_have_attribute("data-form", form)
        self.fill()

    def field(self, name: str) -> Locator:
        """Where a text field of a paper is written."""
        return self.page.locator(f"[data-testid=field][data-field={name}] .input")

    def begin_enquiry(self, person: str) -> None:
        """Enter, and begin a paper that needs no other before it."""
        self.enter_without_code()
        self.begin_paper("ENQUIRY")
        self.page.locator("[data-testid=field][data-field=questions] button").click()
        for box in self.field("questions").all():
            box.fill("有无操作证")
        self.field("person").fill(person)

    def find_hazard(self, text: str) -> None:
        """Write a hazard down; it is not taken over yet."""
        self.get("add-hazard").click()
        self.get("hazard-text").fill(text)

    def fill(self) -> None:
        """Give each field that is needed and empty a value."""
        for field in self.page.locator("[data-testid=field]:has(.needed)").all():
            name = field.get_attribute("data-field") or ""
            for box in field.locator("textarea, input[type=text]").all():
                if not box.input_value():
                    box.fill("1" if "number" in name else f"填写{name}")
            if field.get_by_test_id("now").count():
                field.get_by_test_id("now").click()
            choices = field.locator(".choices button")
            if choices.count() and not field.locator("[aria-pressed=true]").count():
                choices.first.click()

    def sign(self) -> None:
        """Go to the signatures and give each that is asked for."""
        self.get("to-sign").click()
        expect(self.get("signer").first).to_be_visible(timeout=FETCH_MS)
        for signer in self.get("signer").all():
            self.sign_one(signer)
        expect(self.get("issue")).to_be_enabled()

    def sign_one(self, signer: Locator) -> None:
        """Write a name where it is not known, and a stroke on the glass."""
        name = signer.locator("input.input")
        if name.count() and not name.first.input_value():
            name.first.fill("王某")
        self.press_pen(signer)
        self.page.mouse.up()
        expect(signer.locator(".chip")).to_be_visible()

    def press_pen(self, signer: Locator) -> None:
        """Write a stroke and leave the pen on the glass."""
        pad = signer.get_by_test_id("pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 120, box["y"] + 20)
        self.page.mouse.move(box["x"] + 200, box["y"] + 60)

    def issue(self, *, serve: bool) -> None:
        """Issue what is signed, hand it over, and go back to its inspection."""
        self.get("issue").click()
        issued = self.get("issued-paper")
        expect(issued).to_have_attribute("data-state", "issued")
        if serve:
            self.get("serve-handed").click()
            expect(issued).to_have_attribute("data-state", "served")
        self._back()

    def _back(self) -> None:
        """Go back to the inspection; the link may be drawn anew under a click on a busy machine."""
        there = self.get("inspection-page")
        self.get("back").click()
        with contextlib.suppress(AssertionError):
            expect(there).to_be_visible(timeout=8_000)
            return
        self.get("back").click()
        expect(there).to_be_visible()

    def check_access(self) -> None:
        """Check the page as it is now."""
        check_access(self.page)

    def online(self) -> None:
        """The network is back: wait until all has been sent."""
        self.context.set_offline(False)
        expect(self.get("queue-count")).to_have_count(0, timeout=FETCH_MS)


def approve(post: Demo, paper: str) -> None:
    """The commander agrees to a paper."""
    with api(post, "commander") as client:
        body = {"id": new_id(), "approve": True, "opinion": "同意"}
        client.post(f"/api/v1/papers/{paper}/approve", json=body).raise_for_status()
