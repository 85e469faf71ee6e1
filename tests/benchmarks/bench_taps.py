"""What one inspection costs an officer's hands: two hazards, an order to rectify.

Counted here: the pages are used in a browser as an officer uses them, from the gate to the order
handed over, and a script in the page counts presses (a text field that is entered is one) and
characters. Counted beside it, from the very same two papers: what is written on paper and typed
again in the office, and what an ODK form asks that has every printed field of both as one
question. Approval and notice come before the gate in all three and are left out; so are
signatures, which cost the same. Times follow the keystroke-level model, with `SECONDS`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, Post, open_context
from tests.browser.officer import Officer, picture
from tests.browser.test_inspections import code_of, papers_of, planned

SECONDS = {"press": 1.2, "typed": 0.8, "written": 1.6}
"""A press with a thumb, a character typed with a pinyin keyboard, one written by hand."""
COUNTER = """
  globalThis.presses = 0; globalThis.typed = 0;
  const lengths = new WeakMap();
  addEventListener('click', ({ isTrusted }) => { if (isTrusted) presses += 1; }, true);
  addEventListener('focusin', ({ target }) => {
    if (target.matches('textarea, input:not([type=file])')) presses += 1;
  }, true);
  addEventListener('input', ({ target }) => {
    const now = target.value?.length ?? 0;
    typed += Math.max(0, now - (lengths.get(target) ?? 0));
    lengths.set(target, now);
  }, true);
"""


def _hazard(officer: Officer, place: str, photo: Path) -> None:
    """Answer "does not" in the checklist: text, clause and measure of a hazard are filled in."""
    officer.get("open-checklist").click()
    question = officer.page.locator("[data-testid=question][data-answer='']").first
    question.get_by_role("button", name="不符合", exact=True).click()
    expect(officer.get("hazard-page")).to_be_visible()
    officer.get("hazard-place").fill(place)
    officer.get("photo-input").set_input_files(str(photo))
    expect(officer.get("photo")).to_have_count(1)
    officer.get("hazard-done").click()


def _here(folder: Path) -> tuple[int, int, dict[str, dict[str, Any]]]:
    """Return presses and characters from the gate on, and the papers."""
    command_post = Post(folder)
    try:
        post = command_post.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            context = open_context(post, browser, 412, 915)
            context.add_init_script(COUNTER)
            officer = Officer(post, context, "ht-01")
            officer.begin(typesetter=True)
            inspection = planned(post)
            officer.announce(inspection)
            officer.page.evaluate("presses = 0; typed = 0")
            officer.enter(code_of(post))
            for number, place in enumerate(("配电室", "磷酸罐区")):
                _hazard(officer, place, picture(folder / f"{number}.png", 90 + number))
                officer.open(inspection)
            for form in ("RECORD", "RECTIFY"):
                officer.begin_paper(form)
                officer.sign()
                officer.issue(serve=True)
            presses, typed = officer.page.evaluate("[presses, typed]")
            officer.online()
            browser.close()
        return presses, typed, papers_of(post, inspection)
    finally:
        command_post.stop()


def _texts(papers: dict[str, dict[str, Any]]) -> list[str]:
    """Return what the printed fields of record and order say."""
    found: list[str] = []
    for form in ("RECORD", "RECTIFY"):
        content = papers[form]["content"]
        found += [each["text"] for each in content["fields"] if each["text"]]
        found += [hazard["text"] for hazard in content["hazards"]]
    return found


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield presses, characters and minutes of the three ways."""
    with tempfile.TemporaryDirectory() as folder:
        presses, typed, papers = _here(Path(folder))
    texts = _texts(papers)
    written = sum(map(len, texts))
    once = sum(map(len, dict.fromkeys(texts)))
    questions = len(dict.fromkeys(texts))
    yield ("here: presses", presses, "presses", "-")
    yield ("here: characters typed", typed, "characters", "-")
    yield ("here", _minutes(press=presses, typed=typed), "min", "-")
    yield ("paper: written, then typed in the office", 2 * written, "characters", "-")
    yield ("paper", _minutes(written=written, typed=written), "min", "-")
    yield ("ODK form: presses, one question a field", 2 * questions, "presses", "-")
    yield ("ODK form: characters typed", once, "characters", "-")
    yield ("ODK form", _minutes(press=2 * questions, typed=once), "min", "-")


def _minutes(**counts: int) -> float:
    return sum(SECONDS[kind] * count for kind, count in counts.items()) / 60
